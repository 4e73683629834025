# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many messages a bulk job would find, counted by a search before the job starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import PlanError
from .._spec import Context
from .match import count_reasons, matcher
from .read import split_query


def count_matching(context: Context, search_params: Mapping[str, Any], most: int | None) -> dict[str, Any] | None:
    """How many messages match. Operation: Search email messages.

    :param search_params: of the job. The search takes fewer, so the others are evaluated here.
    :param most: stop once there are more than this.
    :returns: ``total``, as the service searches; ``strict``, how many match the criteria exactly; ``left_out``, why the
        others do not; ``truncated``, whether there may be more. None if the search cannot count them.
    """
    if search_params.get("submissions"):
        return None
    query, evaluated_here = split_query(search_params)
    is_found = matcher(evaluated_here)
    found, more = context.client.messages.search(
        query, None if most is None else most + 1, lambda message: not is_found(message)
    )
    matching = [message for message in found if not is_found(message)]
    mismatch = matcher(search_params)
    reasons = [reason for message in matching if (reason := mismatch(message))]
    return {
        "total": len(matching),
        "strict": len(matching) - len(reasons),
        "left_out": count_reasons(reasons),
        "truncated": more,
    }


def refuse_more(matching: Mapping[str, Any] | None, most: int | None) -> None:
    """:raises PlanError: more messages match than the task allows, or their number is unknown."""
    if most is None:
        return
    if matching is None:
        raise PlanError(
            ["max_messages cannot be enforced: the search does not count submissions. Leave out one of the two"]
        )
    if matching["total"] > most:
        number = f"more than {most:,}" if matching["truncated"] else f"{matching['total']:,}"
        raise PlanError(
            [f"{number} messages match, and max_messages allows {most:,}. Narrow search_params, or raise max_messages"]
        )
    if matching["truncated"]:
        raise PlanError(
            ["max_messages cannot be enforced: the search did not say how many messages match. Narrow search_params"]
        )
