# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules for settings on the API of the oldest description, which has no batch, creates no domain, and spells a
domain's status in lower case. The modules for messages have tests of their own on both dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.playbook import Step, options, put, run_steps
from modules.samples import domain
from modules.scenarios.table import READS, WRITES
from simulator.handle import Account

# What the oldest description does not have at all.
_NEWER = {resource.singular for resource in RESOURCES.values() if resource.optional}
_OLDEST = options(api="2026-05")


def _writing() -> Iterator[Step]:
    for module, scenario in WRITES.items():
        if module in _NEWER:
            yield Step(f"{module}: not offered", module, scenario.steps["create"].args, control=[_OLDEST])
            continue
        args = scenario.steps["create"].args
        control = [_OLDEST, put(scenario.before)]
        yield Step(f"{module}: check", module, args, check=True, control=control)
        yield Step(f"{module}: real", module, args)
        yield Step(f"{module}: again", module, args)


def test_writing(account: Account, tmp_path: Path) -> None:
    run = run_steps(account, tmp_path, list(_writing()))
    for outcome in run:
        module, _unused, step = outcome.step.name.partition(": ")
        # A domain that the account lacks is onboarded in the dashboard there, which only a write finds out.
        if step == "not offered" or module == "domain":
            assert outcome.failed is (step != "check"), outcome.step.name
            continue
        assert not outcome.failed, f"{outcome.step.name}: {outcome.msg}"
        assert outcome.changed is (step != "again"), outcome.step.name
        assert bool(outcome.writes) is (step == "real"), outcome.step.name
        assert not [path for _method, path, _body in outcome.writes if path.endswith("/batch")] or module == "settings"


def test_reading(account: Account, tmp_path: Path) -> None:
    domains = [domain("a.example", status="pending")]
    steps = [
        Step(module, module, {}, control=[_OLDEST, put({"domains": domains})])
        for module, scenario in READS.items()
        if scenario.collection and RESOURCES[scenario.collection].singular not in _NEWER
    ]
    run = run_steps(account, tmp_path, [*steps, Step("status", "domain_info", {"status": "PENDING"})])
    for outcome in run:
        assert not outcome.failed, f"{outcome.step.name}: {outcome.msg}"
    for name in ("domain_info", "status"):
        assert [entry["status"] for entry in run[name].returned["domains"]] == ["PENDING"]
