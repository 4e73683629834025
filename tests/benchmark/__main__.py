# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/benchmark``: how fast the collection is, beside what else does the same job."""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose modules are found as benchmark.NAME.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmark.command import main  # noqa: E402

if __name__ == "__main__":
    main(sys.argv[1:], __doc__.partition(": ")[2])
