# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test and check: `make test-all` runs them all, `make test` some, `nox --session NAME` one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox

TESTS = Path("tests")
RECORDINGS = Path(".nox/recordings")
# ansible-core to run ansible-test's sanity checks with, the oldest and the newest; nox picks a Python that it runs on.
SANITY_VERSIONS = ("2.16", "2.21")
# (ansible-core, Python). Together, and with the session "tests", they cover ansible-core from the oldest promised to
# the newest, and every Python from 3.10 to 3.13.
UNITS = (("2.16", "3.10"),)
INTEGRATION = (("2.19", "3.12"),)
MATRIX = (("2.16", "3.10"), ("2.21", "3.13"))
# What the matrix runs: every module through both entry points, every module that writes or reads once more by its own
# process, what removes, a role by its playbook, and every role under every setting of Ansible. The session "tests" runs
# everything else too, on the fast path, with the newest ansible-core that the calling Python takes: 2.19 with Python
# 3.11.
MATRIX_TESTS = (
    "modules/test_entry_points.py",
    "modules/test_writes.py",
    "modules/test_reads.py",
    "modules/test_removal.py",
    "modules/test_apply_role.py",
    "reliability/test_role_settings.py",
)
# What the session "tests" runs, with a record for the contract check and without: there most requests are broken on
# purpose, which the contract has nothing to say about.
RECORDED = ("tests/unit", "tests/modules", "tests/examples")
NOT_RECORDED = ("tests/reliability",)
# What it leaves to the session "thorough".
THOROUGH = ("tests/hostile", "tests/benchmark", "tests/browser")
# Folders below tests/ with packages of their own, which the other tests' packages might not go along with.
APART = ("artifact", "awx", "eda", "official_client", "site")
# Read by ansible-test, not by us.
ANSIBLE_TESTS_OWN = ("integration", "unit")

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
            # Replaced in one step: another nox may be looking.
            link = folder / f"{python.name}.{os.getpid()}"
            link.symlink_to(python)
            link.replace(folder / python.name)
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
    files = [file.relative_to(TESTS) for file in sorted(TESTS.glob("*/requirements.txt"))]
    return [Path("requirements.txt"), *(file for file in files if file.parent.name not in APART + ANSIBLE_TESTS_OWN)]


def run_pytest(session: nox.Session, *arguments: str, report: str = "junit", env: dict[str, str] | None = None) -> None:
    """Run pytest, and leave a report for tests/run_all.py to count."""
    file = Path(session.create_tmp()) / f"{report}.xml"
    session.run("pytest", f"--junit-xml={file}", *arguments, *session.posargs, env=env)


@nox.session
def code(session: nox.Session) -> None:
    """Run ruff and mypy over the whole checkout, and see whether generated files are stale."""
    install(session, "lint-requirements.txt", *test_requirements())
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy", env={"MYPYPATH": session.virtualenv.location})
    session.run("python", "tools/generate", "--check")


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog's fragments."""
    session.install("antsibull-changelog")
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "lint-changelog-yaml", "--no-semantic-versioning", "changelogs/changelog.yaml")


def _remove_leftovers() -> None:
    # antsibull-nox 1.10.0 stumbles over the sockets and dangling links that ansible-test leaves there.
    shutil.rmtree("tests/output/.tmp", ignore_errors=True)


def add_ansible_test_session(name: str, core: str, *arguments: str) -> None:
    antsibull_nox.add_ansible_test_session(
        name=name,
        description=f"Run ansible-test {arguments[0]} with ansible-core {core}.",
        ansible_core_version=core,
        ansible_core_source="pypi",
        ansible_test_params=[*arguments, "--color", "no"],
        default=True,
        callback_after=_remove_leftovers,
    )


for version in SANITY_VERSIONS:
    add_ansible_test_session(f"sanity-{version}", version, "sanity")
for version, python in UNITS:
    add_ansible_test_session(
        f"units-{version}-{python}", version, "units", "--venv", "--python", python, "--num-workers", "2"
    )
for version, python in INTEGRATION:
    add_ansible_test_session(f"integration-{version}-{python}", version, "integration", "--venv", "--python", python)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but the thorough ones, and record what goes between the modules and the simulator."""
    install(session, *test_requirements())
    shutil.rmtree(RECORDINGS, ignore_errors=True)
    session.run("ansible", "--version")
    env = {"EMAIL_SECURITY_RECORD": str(RECORDINGS.absolute())}
    arguments = ("--numprocesses", "2", "-m", "not thorough")
    run_pytest(session, *arguments, *RECORDED, env=env)
    run_pytest(session, *arguments, *NOT_RECORDED, report="junit-others")


@nox.session
def thorough(session: nox.Session) -> None:
    """Run what the session "tests" leaves out: all faults, interrupts, hostile data, a browser, more examples."""
    install(session, *test_requirements())
    run_pytest(session, "--numprocesses", "2", "-m", "thorough", *RECORDED, *NOT_RECORDED)
    run_pytest(session, "--numprocesses", "2", *THOROUGH, report="junit-others")
    more = ("-m", "hypothesis and not thorough", "--hypothesis-profile", "all")
    run_pytest(session, "--numprocesses", "2", *more, *RECORDED, *NOT_RECORDED, report="junit-examples")


def add_matrix_session(core: str, python: str) -> None:
    @nox.session(name=f"matrix-{core}-{python}", python=python)
    def matrix(session: nox.Session) -> None:
        install(session, "requirements.txt", "simulator/requirements.txt", ansible_core=f"ansible-core~={core}.0")
        env = {"EMAIL_SECURITY_BY_MODULE": "yes"}
        run_pytest(session, "--numprocesses", "2", *(f"tests/{file}" for file in MATRIX_TESTS), env=env)

    matrix.__doc__ = f"Run the modules and a role with ansible-core {core} on Python {python}."


for version, python in MATRIX:
    add_matrix_session(version, python)


def add_apart_session(name: str) -> None:
    @nox.session(name=name)
    def apart(session: nox.Session) -> None:
        install(session, "requirements.txt", "simulator/requirements.txt", f"{name}/requirements.txt")
        run_pytest(session, f"tests/{name}")

    apart.__doc__ = f"Run the tests in tests/{name}."


for folder in APART:
    add_apart_session(folder)


@nox.session
def molecule(session: nox.Session) -> None:
    """Run the four playbooks whole, each twice, in molecule."""
    session.install("molecule", "--requirement", "requirements.txt")
    install(session, "simulator/requirements.txt")
    # molecule looks for the other programs of ansible-core on PATH, and for its shared configuration from here.
    session.run("molecule", "test", "--all", *session.posargs, env={"ANSIBLE_FORCE_COLOR": "0"})


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows, those that a guide shows, the forms for issues, and what pre-commit runs and offers."""
    session.install("check-jsonschema", "pre-commit", "pyyaml", "zizmor")
    shown = Path(session.create_tmp()) / "shown"
    session.run("python", "-m", "examples.shown_files", "docs/pipelines.md", str(shown), env={"PYTHONPATH": "tests"})
    files = sorted(map(str, [*Path(".github/workflows").glob("*.yml"), *shown.glob(".github/workflows/*.yml")]))
    forms = sorted(str(file) for file in Path(".github/ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    session.run("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(shown / ".gitlab-ci.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *forms)
    session.run("zizmor", "--offline", "--no-progress", *files)
    session.run("pre-commit", "validate-config", ".pre-commit-config.yaml", str(shown / ".pre-commit-config.yaml"))
    session.run("pre-commit", "validate-manifest")
    policies = sorted(map(str, Path("playbooks/sample/policies").glob("*.yml")))
    session.run("pre-commit", "try-repo", ".", "email-security-validate", "--files", *policies)


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
