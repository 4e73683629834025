# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit of one account: each list is read once, and drift, numbers and risks all follow from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    EmailSecurityError,
    InputError,
    PlanError,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import read_document
from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.places import Placed
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.values import Entry
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings import report as changes
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.converge import warn_of_entries
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.impact import (
    OPTIONS as IMPACT_OPTIONS,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.ordering import stages
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.plan import Plan, plan
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.planning import Target
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.read import (
    document_entries,
    read_account,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import (
    read_policy,
    read_targets,
    settings_module,
)
from ansible_collections.cloudflare.email_security.plugins.module_utils._spec import Context, ModuleSpec

from .._risk.find import find_risks
from . import usage
from .facts import EntryFacts

_OWN = ("purge", "accepted_risks", "mail_providers", "monthly_report", *usage.OPTIONS)
# The role's variables, by option. Those without a word of their own are shared with the other roles.
OWN_VARIABLES: Mapping[str, str] = {name: f"email_security_audit_{name}" for name in _OWN}
# What an error's type says when the policy is at fault, and neither the account nor the connection.
POLICY_ERROR = "PolicyError"

Account = Mapping[str, Sequence[Entry]]


def look_spec() -> ModuleSpec:
    """A run that audits an account. It takes the policy as the module ``settings`` does."""
    others = {"purge_limit", *IMPACT_OPTIONS}
    options = {name: option for name, option in settings_module().options.items() if name not in others}
    return ModuleSpec(
        options={
            **options,
            "accepted_risks": {"type": "list", "elements": "raw", "default": []},
            "mail_providers": {"type": "list", "elements": "str", "default": []},
            "monthly_report": {"type": "bool", "default": False},
            **usage.OPTIONS,
        },
        run=look,
        writes=False,
    )


def look(context: Context) -> dict[str, Any]:
    """Read an account, and find its drift and its risks.

    :returns: ``found``, a record as :func:`report.build` takes it, without ``account_id``. Its ``error`` is a mistake
        of the policy.
    :raises EmailSecurityError: the account could not be read.
    """
    span = usage.span_of_usage(context)
    lists, problems = read_policy(context)
    targets: list[Target] = []
    written: dict[str, list[Placed]] = {}
    try:
        targets = read_targets(context, lists, problems)
        # What a mistaken policy says of risks counts for nothing either.
        written = lists
        problems = []
    except InputError as error:
        problems = list(error.problems)
    account = read_account(context, RESOURCES)
    found: dict[str, Any] = {"entries": {name: len(entries) for name, entries in account.items()}}
    facts = EntryFacts(account, written)
    if not problems:
        warn_of_entries(context, targets)
        try:
            found["drift"] = _drift(account, targets, facts)
        except PlanError as error:
            problems = list(error.problems)
    used, by_mail = usage.usage_of_account(context, span, account, found.get("drift", {}))
    if used:
        found["usage"] = used
    findings, found["not_judged"] = _judged(context, account, written, problems, by_mail)
    found["findings"] = [facts.of_finding(finding) for finding in findings]
    if used:
        usage.add_last_used(used, [*found["findings"], *found.get("drift", {}).get("changes", ())])
    if context.params["monthly_report"]:
        found["monthly_report"], found["not_judged"]["monthly_report"] = _monthly_report(context)
    if problems:
        found["error"] = policy_error(problems)
    return {"changed": False, "found": found}


def policy_error(problems: Sequence[str]) -> dict[str, Any]:
    """A mistake of the policy, as the ``error`` of a record."""
    return {"message": str(InputError(problems)), "type": POLICY_ERROR}


def _drift(account: Account, targets: Iterable[Target], facts: EntryFacts) -> dict[str, Any]:
    """:raises PlanError: the policy does not fit the account; holds the problems of all lists."""
    plans: list[Plan] = []
    problems: list[str] = []
    for target in targets:
        name = target.resource.name
        if name not in account:
            problems.append(f"{name}: this account does not have the list. Take it out of the account's policy.")
            continue
        try:
            made = plan(target.resource, account[name], target.desired, target.purge)
            stages(made)  # As an apply would be, it is refused where its changes have no order.
            plans.append(made)
        except PlanError as error:
            problems.extend(error.problems)
    if problems:
        raise PlanError(problems)
    planned = changes.in_order(change for made in plans for change in made.changes)
    rows = zip(changes.change_list(planned, {}), planned, strict=True)
    return {
        "summary": changes.summary(plans, planned),
        "changes": [facts.of_change(row, None if change.purge else change.where) for row, change in rows],
    }


def _judged(
    context: Context,
    account: Account,
    written: Mapping[str, Sequence[Placed]],
    problems: list[str],
    by_mail: Iterable[Mapping[str, Any]],
) -> tuple[list[Any], dict[str, Any]]:
    """The risks, and what no rule looked at. A mistake in what is accepted goes to the problems, and then no risk is
    known.
    """
    policy = {name: [placed.entry for placed in entries] for name, entries in written.items()}
    document, unread = _document(context, account)
    not_judged: dict[str, Any] = {
        "lists": [name for name in RESOURCES if name not in account],
        "entries": unread,
        "rules": [],
    }
    accepted, providers = (context.params[name] for name in ("accepted_risks", "mail_providers"))
    try:
        findings, missing = find_risks(document, context.now, policy, accepted, providers, map(dict, by_mail))
    except InputError as error:
        renamed = [_in_variables(problem) for problem in error.problems]
        if renamed == error.problems:
            raise EmailSecurityError(f"The account holds what no risk rule can read: {error}") from None
        problems.extend(renamed)
        return [], not_judged
    for rule, package in missing.items():
        in_part = rule == "public_mail_provider" and bool(providers)
        part = ", but for the domains in mail_providers," if in_part else ""
        context.client.warnings.append(
            f"The rule {rule} is left out{part} because the Python package {package} is missing."
        )
        not_judged["rules"].append({"rule": rule, "package": package, "in_part": in_part})
    return findings, not_judged


def _document(context: Context, account: Account) -> tuple[dict[str, list[Any]], list[dict[str, Any]]]:
    """What the rules check, and the entries that they cannot read.

    An entry that no policy can hold is still in force, so it is judged wherever a rule can interpret it.
    """
    document: dict[str, list[Any]] = {}
    unread: list[dict[str, Any]] = []
    for name, entries in account.items():
        resource = RESOURCES[name]
        if name == DOMAINS.name:
            # The read-only fields of domains hold their state.
            document[name] = list(entries)
            continue
        unfit: list[tuple[Entry, str]] = []
        document[name] = document_entries(resource, entries, context, unfit)
        for entry, reason in unfit:
            try:
                read_document({name: [entry]}, context.now)
            except InputError as error:
                label = resource.label(entry)
                unread.append({"list": name, "id": entry["id"], "label": label, "reason": str(error)})
            else:
                document[name].append(entry)
                context.client.warnings.append(
                    f"{name}: id {entry['id']} ({resource.label(entry)}) could not stand in a policy: {reason}"
                )
    return document, unread


def _monthly_report(context: Context) -> tuple[dict[str, dict[str, int]] | None, str | None]:
    """Messages by month and disposition, or why they could not be read."""
    try:
        months = context.client.messages.monthly_report()
    except EmailSecurityError as error:
        # It is an extra, and says nothing about drift or risks, so the audit goes on without it.
        context.client.warnings.append(f"The monthly report could not be read: {error}")
        return None, str(error)
    counts: dict[str, dict[str, int]] = {}
    for month, items in months.items():
        counts[month] = {}
        for item in items:
            name, total = str(item.get("disposition") or "").upper(), item.get("total")
            if name and isinstance(total, int):
                counts[month][name] = counts[month].get(name, 0) + total
    return counts, None


def _in_variables(problem: str) -> str:
    for option, variable in (("accepted", "accepted_risks"), ("mail_providers", "mail_providers")):
        if problem.startswith(option):
            return OWN_VARIABLES[variable] + problem.removeprefix(option)
    return problem
