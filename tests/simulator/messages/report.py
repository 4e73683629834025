# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET …/analytics/monthly_report: how many messages of each disposition there were, month by month."""

from __future__ import annotations

from collections import Counter

from answers import Answer, success
from queries import check_names
from routing import Call, Router

from .mail import Mail
from .message import Fields
from .times import DAY, now, seconds_text

_MONTHS = 12


def add_routes(router: Router) -> None:
    router.add("GET", "analytics/monthly_report", _monthly_report, offered=["monthly_report"])


def _monthly_report(call: Call) -> Answer:
    if call.options.strict:
        check_names(call.request.query, ())
    said = call.account.mail.monthly_report
    return success(counted(call.account.mail, now()) if said is None else said)


def counted(mail: Mail, at: int) -> Fields:
    """The report of the twelve months up to now: this one, and those before it that have mail."""
    year, month = map(int, seconds_text(at)[:7].split("-"))
    first, final = f"{year - 1 + month // _MONTHS}-{month % _MONTHS + 1:02}", f"{year}-{month:02}"
    days = Counter((message.at // DAY, str(message.value("final_disposition"))) for message in mail.order)
    counts: dict[str, Counter[str]] = {final: Counter()}
    for (day, word), total in days.items():
        name = seconds_text(day * DAY)[:7]
        if first <= name <= final:
            counts.setdefault(name, Counter())[word] += total
    return {
        "by_month": {
            name: [{"disposition": word, "total": total} for word, total in sorted(counts[name].items())]
            for name in sorted(counts)
        }
    }
