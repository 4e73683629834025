# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the Python that runs this find the checkout as a collection.

    .venv/bin/python tests/link_checkout.py

PREFIX/ansible_collections/cloudflare/email_security becomes a link to the checkout (mypy reads it there), and
site-packages shows it to everything else. So ansible-playbook, ansible-doc and pytest find the collection by its
full name, with no variable set and wherever the checkout lies.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def symlink(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)


def main() -> None:
    if sys.prefix == sys.base_prefix:
        sys.exit("This changes site-packages; run it with the Python of a virtual environment.")
    tree = Path(sys.prefix).resolve() / "ansible_collections"
    (tree / "cloudflare").mkdir(parents=True, exist_ok=True)
    symlink(tree / "cloudflare" / "email_security", CHECKOUT)
    symlink(Path(sysconfig.get_path("purelib")) / "ansible_collections", tree)


if __name__ == "__main__":
    main()
