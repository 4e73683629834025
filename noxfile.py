# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test and check; `make test` runs them all, `nox --session NAME` one, `nox --list` names them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox

TESTS = Path("tests")
RECORDINGS = Path(".nox/recordings")
# ansible-core to run ansible-test's sanity checks with; nox picks a Python that it runs on.
SANITY_VERSIONS = ("2.16", "2.19", "2.21")

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
# A Python that the machine lacks is skipped, and the summary says so.
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"


def find_pyenv_pythons() -> None:
    """Put the Pythons that pyenv holds first on PATH; pyenv's own shims fail for those it has not switched on."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folder = Path(".nox/pythons").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for python in sorted(versions.glob("3.*/bin/python3.[0-9]*")):
        if python.name.removeprefix("python3.").isdigit():
            link = folder / python.name
            link.unlink(missing_ok=True)
            link.symlink_to(python)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


find_pyenv_pythons()
# Byte code is made once, with the environment; without it every process starts slower.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["UV_COMPILE_BYTECODE"] = "1"

antsibull_nox.load_antsibull_nox_toml()


def install(session: nox.Session, *requirements: Path | str, ansible_core: str = "ansible-core") -> None:
    files = [TESTS / name for name in requirements]
    session.install(ansible_core, *(word for file in files for word in ("--requirement", str(file))))
    session.run("python", "tests/link_checkout.py", silent=True)


def test_requirements() -> list[Path]:
    """tests/requirements.txt and those of the tools below tests/, each of which lists its own beside it."""
    return [Path("requirements.txt"), *(file.relative_to(TESTS) for file in sorted(TESTS.glob("*/requirements.txt")))]


@nox.session
def code(session: nox.Session) -> None:
    """Run ruff and mypy over the whole checkout."""
    install(session, "lint-requirements.txt", *test_requirements())
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy", env={"MYPYPATH": session.virtualenv.location})


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog's fragments."""
    session.install("antsibull-changelog")
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "lint-changelog-yaml", "--no-semantic-versioning", "changelogs/changelog.yaml")


def _remove_sanity_leftovers() -> None:
    # antsibull-nox 1.10.0 stumbles over the sockets and dangling links that ansible-test leaves there.
    shutil.rmtree("tests/output/.tmp", ignore_errors=True)


for version in SANITY_VERSIONS:
    antsibull_nox.add_ansible_test_session(
        name=f"sanity-{version}",
        description=f"Run ansible-test sanity with ansible-core {version}.",
        ansible_core_version=version,
        ansible_core_source="pypi",
        ansible_test_params=["sanity", "--color", "no"],
        default=True,
        callback_after=_remove_sanity_leftovers,
    )


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit and module tests, and record what goes between the modules and the simulator."""
    install(session, *test_requirements())
    shutil.rmtree(RECORDINGS, ignore_errors=True)
    report = Path(session.create_tmp()) / "junit.xml"
    env = {"EMAIL_SECURITY_RECORD": str(RECORDINGS.absolute())}
    session.run("pytest", "--numprocesses", "2", f"--junit-xml={report}", *session.posargs, env=env)


@nox.session
def contract(session: nox.Session) -> None:
    """Check what the tests recorded against Cloudflare's OpenAPI description, named by EMAIL_SECURITY_OPENAPI."""
    description = os.environ.get("EMAIL_SECURITY_OPENAPI")
    if not description:
        session.warn("The contract check was NOT run: EMAIL_SECURITY_OPENAPI names no OpenAPI description.")
        session.skip("set EMAIL_SECURITY_OPENAPI; tests/README.md says where to get the file")
    if not RECORDINGS.exists():
        session.error("there are no recordings; run the tests session first")
    session.install("--requirement", "tests/contract/requirements.txt")
    session.run("python", "tests/contract", description, str(RECORDINGS))


if __name__ == "__main__":
    sys.exit(nox.main())
