# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meant differences between what the client sends and what the collection sends, each with its reason.

One that nothing shows any more makes the tests fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from official_client.comparison import Finding


@dataclass(frozen=True)
class Difference:
    """One meant difference. All but the reason are regular expressions for the whole of a finding's parts."""

    pair: str
    place: str
    client: str
    collection: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        parts = (
            (self.pair, finding.pair),
            (self.place, finding.place),
            (self.client, finding.client),
            (self.collection, finding.collection),
        )
        return all(re.fullmatch(pattern, text) is not None for pattern, text in parts)


_LIST = r"settings\.\w+\.list (plain|by status)"
_MESSAGE = r"investigate/4Njp3P0STMz2c01Q-2026-01-20T10{}00{}00-12345671(/\w+)?"

DIFFERENCES = (
    Difference(
        _LIST,
        "query (order|direction)",
        "absent",
        "'(created_at|asc)'",
        "Oldest first, so that an entry made meanwhile comes last and moves no other to another page.",
    ),
    Difference(
        rf"{_LIST}|(submissions|phishguard\.reports|investigate\.bulk)\.list plain",
        "query page",
        "absent",
        "'1'",
        "The first page is asked for like every other.",
    ),
    Difference(
        rf"{_LIST}|(investigate(\.bulk)?|submissions|phishguard\.reports)\.list (plain|with moments)",
        "query per_page",
        "absent",
        "'1000'",
        "As few requests as the API allows: pages are as large as it gives them.",
    ),
    Difference(
        r"investigate\.list (plain|with moments)",
        "query detections_only",
        "absent",
        "'true'",
        "A module's default is said aloud, so that a search means the same should the API's own default change.",
    ),
    Difference(
        r"investigate\.list with moments",
        "query (start|end)",
        r"'2026-01-\d\dT10:00:00\+01:00'",
        r"'2026-01-\d\dT09:00:00Z'",
        "The same moment. Modules say times in UTC, with seconds.",
    ),
    Difference(
        r"investigate\..*",
        "path",
        _MESSAGE.format(":", ":"),
        _MESSAGE.format("%3A", "%3A"),
        "The same path (RFC 3986, 6.2.2): the modules escape all of an id that could mean something in a URL.",
    ),
    Difference(
        r"settings\.\w+\.edit null",
        "request",
        r"PATCH settings/\w+/[0-9a-f-]+",
        r"GET settings/\w+",
        "To a module and in a document, null says nothing: the field stays. A comment is emptied by an empty text.",
    ),
    Difference(
        r"investigate\.reclassify\.create one",
        "request",
        r"POST investigate/\S+/reclassify",
        r".*POST submissions",
        "Submissions replace the client's operation, which is deprecated; it is used where the API has no other.",
    ),
)

# Pairs whose task fails, with what it sends.
FAILING_TASKS: dict[str, str] = {}

# Operations of the client that no module uses.
NOT_USED = {
    r"investigate\.move\.create": "Messages are moved by the operation for several, however few they are.",
    r"settings\.domains\.update": "What a task leaves out stays as it is, and so only what changes is sent.",
}
