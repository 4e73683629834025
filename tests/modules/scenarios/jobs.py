# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules about bulk jobs, and about what is counted month by month, as data."""

from __future__ import annotations

from typing import Any

from modules.playbook import Control, options
from modules.scenarios.mail import put_mail

BULK, BULK_INFO, REPORT_INFO = JOB_MODULES = ("message_bulk", "message_bulk_info", "monthly_report_info")

JOB = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
SUBJECT = "Your parcel is waiting"
ARGS: dict[str, Any] = {
    "action": "MOVE",
    "destination": "JunkEmail",
    "comment": "INC-77",
    "search_params": {"exact_subject": SUBJECT, "start": "2026-01-01"},
}
BODY = {
    **ARGS,
    "search_params": {"detections_only": True, "exact_subject": SUBJECT, "start": "2026-01-01T00:00:00Z"},
}
SENDS = ("POST", "investigate/bulk", BODY)

_WAVE = [{"id": f"m{number}", "message_id": f"<{number}@phish.example>", "subject": SUBJECT} for number in range(4)]
# Jobs that the task does not mean: each differs in one thing.
_OTHERS = [
    {**BODY, "comment": "INC-78"},
    {**BODY, "destination": "Inbox"},
    {**BODY, "search_params": {**BODY["search_params"], "exact_subject": "Lunch"}},
]
MAIL: list[Control] = [put_mail(*_WAVE, {"subject": "Lunch"}), ("PUT", "/bulk_jobs", _OTHERS)]
UNDER_WAY: list[Control] = [
    options(bulk_progress="poll", bulk_outcomes={}, bulk_failure=None),
    *MAIL,
    ("PUT", "/bulk_jobs", [{**BODY, "job_id": JOB, "steps": 2}, *_OTHERS]),
]
AT_ONCE: list[Control] = [
    *UNDER_WAY[:1],
    *MAIL,
    options(bulk_progress="at_once", read_only=False),
]
# In two ways, a message is not done; and every counter and text of a job has something to say.
IN_PART: list[Control] = [
    *AT_ONCE,
    options(bulk_outcomes={"m1": "FAILED", "m2": "SKIPPED"}),
]
BROKEN: list[Control] = [*AT_ONCE, options(bulk_failure="processing")]
REPORT: list[Control] = [
    ("PUT", "/monthly_report", {"by_month": {"2026-10": [{"disposition": "MALICIOUS", "total": 412}], "2026-09": []}}),
]
