# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site.

    .venv/bin/python docs/docsite/build.py [FOLDER]

Of FOLDER (docs/build), ``html/index.html`` is the first page. It needs tests/site/requirements.txt, and no network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
# Files that the guides, as they lie in the repository, link to or show.
MARKDOWN = (
    "*.md",
    "docs/*.md",
    "docs/images/*",
    "playbooks/*/*.md",
    "roles/*/*.md",
    "tests/*.md",
    "tests/*/*.md",
    "tools/*/*.md",
)


def build(folder: Path) -> Path:
    """Make the site anew.

    :returns: the folder with the pages.
    :raises subprocess.CalledProcessError: a warning of Sphinx is an error.
    """
    source, html = folder / "source", folder / "html"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    # antsibull-docs refuses a folder that others can write to.
    source.chmod(0o755)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    plugins = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    plugins += ["--dest-dir", str(source), "cloudflare.email_security"]
    subprocess.run(plugins, env=environment, check=True)  # noqa: S603 (our own words)
    shutil.copyfile(HERE / "guides.rst", source / "guides.rst")
    with (source / "index.rst").open("a", encoding="utf-8") as index:
        # Not as an extra document of antsibull-docs: its check would look for the guides beside guides.rst.
        index.write("\n.. toctree::\n   :caption: Guides\n\n   guides\n")
    for file in (file for pattern in MARKDOWN for file in CHECKOUT.glob(pattern)):
        copy = source / file.relative_to(CHECKOUT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-b", "html", "-c", str(HERE)]
    subprocess.run([*sphinx, str(source), str(html)], env=environment, check=True)  # noqa: S603 (our own words)
    return html


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else CHECKOUT / "docs" / "build"
    sys.stdout.write(f"{build(folder) / 'index.html'}\n")
