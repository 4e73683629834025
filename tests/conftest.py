# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tests share: one simulator for each test process, one account of it for each test, made-up examples.

How many examples hypothesis makes up is said here alone, by ``--hypothesis-profile``. They are the same each time, so
that no run fails by chance; ``random`` is for those who look for more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# pyproject.toml says so to pytest; ansible-test does not read it.
sys.path.insert(0, str(Path(__file__).parent))

from simulator.handle import Account, Simulator

# Neither how fast a machine is nor what hypothesis thinks of a fixture is anybody's mistake.
_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
for _name, _examples in {"quick": 15, "default": 60, "all": 300}.items():
    settings.register_profile(
        _name, max_examples=_examples, deadline=None, suppress_health_check=_SLOW, derandomize=True
    )
settings.register_profile("random", settings.get_profile("all"), derandomize=False)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks, which ansible-test reads nowhere else, and keep it from running each test in a fork.

    Forks cannot share what a session has, as a simulator.
    """
    config.addinivalue_line("markers", "thorough: run by `make test-all`, not by `make test`")
    if (plugin := config.pluginmanager.get_plugin("ansible_forked")) is not None:
        config.pluginmanager.unregister(plugin)


@pytest.fixture(scope="session")
def simulator(worker_id: str) -> Iterator[Simulator]:
    """A running simulator. EMAIL_SECURITY_RECORD names a folder to record its exchanges in, for the contract check."""
    arguments: list[str] = []
    if os.environ.get("EMAIL_SECURITY_RECORD"):
        folder = Path(os.environ["EMAIL_SECURITY_RECORD"])
        folder.mkdir(parents=True, exist_ok=True)
        arguments = ["--record", str(folder / f"{worker_id}.jsonl")]
    with Simulator(*arguments) as running:
        yield running


@pytest.fixture
def account(simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An empty account that no other test uses.

    It follows the newest description of the API; ``parametrize("account", dates, indirect=True)`` names others.
    """
    fresh = simulator.account()
    if date := getattr(request, "param", None):
        fresh.options(api=date)
    yield fresh
    fresh.forget()
