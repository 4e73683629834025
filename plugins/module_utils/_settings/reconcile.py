# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries plans out: in batches where that saves requests, and with another read whenever a write is unconfirmed.

A write is sent once. If no response comes, or somebody else was faster, the collection is read and planned again, and
only what is still missing is written. So nothing is created twice and nothing is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from .._api.client import Client
from .._api.pacing import MAX_ATTEMPTS, backoff
from .._api.settings import BATCH_SIZE, Batch
from .._errors import (
    ApiError,
    ConflictError,
    EmailSecurityError,
    NoAnswerError,
    NotFoundError,
    NotOfferedError,
    RefusedError,
)
from .._resources.schema import Resource
from .._resources.values import Entry
from .limits import Limits
from .ordering import Identity, batches, stages
from .plan import Change, Plan
from .planning import Target, read_plan

# Which part of a batch holds the changes of a kind. Nothing is sent as puts.
_PARTS = {"create": "posts", "update": "patches", "delete": "deletes"}


@dataclass(frozen=True)
class Done:
    """A step that was carried out, and the resulting entry: None for a delete; after a batch, only its id."""

    change: Change
    entry: Entry | None


@dataclass
class _Progress:
    """One collection in progress.

    :param tries: how often it was planned again since the last progress.
    :param unconfirmed: steps that were sent without a response.
    """

    target: Target
    plan: Plan
    done: list[Done] = field(default_factory=list)
    tries: int = 0
    unconfirmed: set[Identity] = field(default_factory=set)


class Reconciler:
    """Makes an account as desired.

    :param limits: how much one run may change, over all collections.
    """

    def __init__(self, client: Client, targets: Sequence[Target], limits: Limits) -> None:
        self.client = client
        self.targets = targets
        self.limits = limits
        self.done: list[Done] = []
        self._without_batch: set[str] = set()

    def carry_out(self, plans: Sequence[Plan]) -> list[Done]:
        """Write the plans, one list after the other. Returns the steps done.

        :raises EmailSecurityError: a step failed; ``self.done`` holds those that were done.
        """
        for target, made in zip(self.targets, plans, strict=True):
            progress = _Progress(target, made)
            try:
                self._converge(progress)
            finally:
                self.done.extend(progress.done)
        return self.done

    def _converge(self, progress: _Progress) -> None:
        while progress.plan.changes:
            before, due = len(progress.done), len(progress.plan.changes)
            try:
                self._write(progress)
                return
            except (NoAnswerError, NotFoundError, ConflictError) as error:
                if isinstance(error, NoAnswerError):
                    # The server may still be processing the request.
                    self.client.http.sleep(backoff(progress.tries + 1))
                    max_attempts = MAX_ATTEMPTS
                else:
                    max_attempts = 1
                known = _ids(progress.plan)
                self._read_again(progress, error)
                # Fewer steps left is progress, even if somebody else did them.
                progressed = len(progress.done) > before or len(progress.plan.changes) < due
                progress.tries = 0 if progressed else progress.tries + 1
                if progress.tries > max_attempts and progress.plan.changes:
                    if isinstance(error, NoAnswerError):
                        error.advise("Gave up. Run again later: what is done stays done.")
                    raise
                if isinstance(error, NotFoundError) and _ids(progress.plan) == known:
                    # No entry is gone, so the 404 may be about the batch endpoint itself.
                    self._without_batch.add(progress.target.resource.name)

    def _read_again(self, progress: _Progress, error: EmailSecurityError) -> None:
        """Plan again. Steps no longer needed were done: by this run if unconfirmed, else by somebody else."""
        try:
            fresh = read_plan(self.client, progress.target)
        except EmailSecurityError as second:
            second.after(error, "reading again")
            raise
        changed = (done.change for done in [*self.done, *progress.done])
        self.limits.check([fresh], changed, started=True)
        reported = {done.change.identity for done in progress.done}
        due = {change.identity for change in fresh.changes}
        by_id = {entry["id"]: entry for entry in fresh.matched.values()}
        by_key = {fresh.resource.key_of(entry): entry for entry in fresh.matched.values()}
        for change in progress.plan.changes:
            if change.identity in reported or change.identity in due or change.identity not in progress.unconfirmed:
                continue
            if change.action == "delete":
                progress.done.append(Done(change, None))
            else:
                entry = by_id.get(change.id) if change.id else by_key.get(fresh.resource.key_of(change.entry))
                if entry is not None:
                    progress.done.append(Done(change, entry))
        progress.plan = fresh

    def _write(self, progress: _Progress) -> None:
        """Send all steps of the plan, and record each one as soon as it is confirmed."""
        made = progress.plan
        if self._takes_batch(made.changes) and self._write_batches(progress, batches(made, BATCH_SIZE)):
            return
        for stage in stages(made.without(_identities(progress.done))):
            groups = [stage[start : start + BATCH_SIZE] for start in range(0, len(stage), BATCH_SIZE)]
            # A batch may not take every kind of change.
            if not (self._takes_batch(stage) and self._write_batches(progress, groups)):
                done = _identities(progress.done)
                self._write_concurrently(progress, [change for change in stage if change.identity not in done])

    def _takes_batch(self, changes: Sequence[Change]) -> bool:
        """Whether there are several changes, and the list has a batch for all of them."""
        if len(changes) < 2 or changes[0].resource.name in self._without_batch:
            return False
        return {_PARTS[change.action] for change in changes} <= set(changes[0].resource.batch)

    def _write_batches(self, progress: _Progress, groups: Sequence[list[Change]]) -> bool:
        """Send batches. Returns False if the API does not offer them; some steps may then remain."""
        try:
            for group in groups:
                self._write_group(progress, group)
        except NotOfferedError:
            self._without_batch.add(progress.target.resource.name)
            return False
        return True

    def _write_concurrently(self, progress: _Progress, stage: list[Change]) -> None:
        """Send single calls concurrently. After the first failure, no further call is sent."""
        failed = threading.Event()

        def attempt(change: Change) -> Done | EmailSecurityError | None:
            if failed.is_set():
                return None
            try:
                return self._write_one(change)
            except EmailSecurityError as error:
                failed.set()
                if isinstance(error, NoAnswerError):
                    progress.unconfirmed.add(change.identity)
                return error

        progress_label = f"{stage[0].resource.name} {stage[0].action}d"
        outcomes = self.client.http.map_concurrent(attempt, stage, progress_label)
        progress.done.extend(each for each in outcomes if isinstance(each, Done))
        errors = [each for each in outcomes if isinstance(each, EmailSecurityError)]
        if errors:
            # An unconfirmed write takes precedence: it requires another read, which also shows the other outcomes.
            raise min(errors, key=lambda error: not isinstance(error, NoAnswerError))

    def _write_group(self, progress: _Progress, group: list[Change]) -> None:
        """Send one batch; if it is refused without naming an entry, send its halves."""
        resource = progress.target.resource
        try:
            done = [self._write_one(group[0])] if len(group) == 1 else self._write_batch(resource, group)
            progress.done.extend(done)
        except NoAnswerError:
            progress.unconfirmed.update(change.identity for change in group)
            raise
        except (RefusedError, ConflictError) as error:
            if len(group) == 1 or (isinstance(error, ConflictError) and not progress.tries):
                raise  # Somebody else may have been faster: another read will show.
            if not resource.atomic:
                # Part of it may have been done. Single calls do the rest, and find the refused entry.
                progress.unconfirmed.update(change.identity for change in group)
                self._without_batch.add(resource.name)
                raise NoAnswerError(str(error)) from error
            blamed = _blamed(group, error)
            if blamed is not None:
                error.about(f"{blamed.subject} cannot be {blamed.action}d, and nothing of its batch was done")
                raise
            # The API does not say which entry it refuses. Bisecting finds it, and applies the valid ones on the way.
            middle = len(group) // 2
            self._write_group(progress, group[:middle])
            self._write_group(progress, group[middle:])
        else:
            self.client.http.report_progress(f"{len(progress.done):,} changes of {resource.name} written.")

    def _write_one(self, change: Change) -> Done:
        client = self.client
        try:
            if change.action == "create":
                return Done(change, client.settings.create(change.resource, dict(change.sends)))
            entry_id = str(change.id)
            if change.action == "update":
                return Done(change, client.settings.update(change.resource, entry_id, dict(change.sends)))
            client.settings.delete(change.resource, entry_id)
            return Done(change, None)
        except NotOfferedError as error:
            if change.action == "create" and change.resource.create_hint:
                error.about(
                    "the account does not have it, and this API does not create it: "
                    f"{change.resource.create_hint}, then run again"
                )
            error.about(f"{change.subject} cannot be {change.action}d")
            raise
        except ApiError as error:
            error.about(f"{change.subject} cannot be {change.action}d")
            raise
        except NoAnswerError as error:
            error.about(f"{change.subject}: it is not known whether it was {change.action}d")
            raise

    def _write_batch(self, resource: Resource, group: list[Change]) -> list[Done]:
        kinds: dict[str, list[Change]] = {"create": [], "update": [], "delete": []}
        for change in group:
            kinds[change.action].append(change)
        made = self.client.settings.batch(
            resource,
            Batch(
                creates=[dict(change.sends) for change in kinds["create"]],
                updates=[{"id": change.id, **change.sends} for change in kinds["update"]],
                deletes=[str(change.id) for change in kinds["delete"]],
            ),
        )
        by_key = {resource.key_of(entry): entry for entry in made.creates}
        # The server may normalize a key; the order in which entries were sent then identifies them.
        in_order = dict(enumerate(made.creates)) if len(made.creates) == len(kinds["create"]) else {}
        created = {
            change.identity: by_key.get(resource.key_of(change.entry)) or in_order.get(position) or {}
            for position, change in enumerate(kinds["create"])
        }
        nameless = [change for change in kinds["create"] if created[change.identity].get("id") is None]
        if nameless:
            raise NoAnswerError(f"The batch's response does not name {nameless[0].subject}.")
        return [Done(change, {"id": created[change.identity]["id"]}) for change in kinds["create"]] + [
            Done(change, {"id": change.id} if change.action == "update" else None)
            for change in group
            if change.action != "create"
        ]


def _identities(steps: Sequence[Done]) -> set[Identity]:
    return {step.change.identity for step in steps}


def _ids(plan: Plan) -> set[str]:
    return {change.id for change in plan.changes if change.id}


def _blamed(group: list[Change], error: ApiError) -> Change | None:
    """The step that the API's error pointer names in a refused batch."""
    pointer = error.pointer()
    if pointer is None:
        return None
    array, index = pointer
    of_kind = [change for change in group if _PARTS[change.action] == array]
    return of_kind[index] if index < len(of_kind) else None
