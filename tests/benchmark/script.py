# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python script.py read|calls|batches``: the job as a script on Cloudflare's own Python package.

It takes account and token from the same variables as the modules, and reads the same documents.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cloudflare import Cloudflare
from cloudflare.types.email_security.settings import BlockSenderListResponse

BATCH = 1000


def main() -> None:
    (way,) = sys.argv[1:]
    account = os.environ["CLOUDFLARE_ACCOUNT_ID"]
    senders = Cloudflare().email_security.settings.block_senders
    present: dict[str | None, BlockSenderListResponse] = {
        entry.pattern: entry for entry in senders.list(account_id=account, per_page=1000)
    }
    if way == "read":
        return
    desired = {entry["pattern"]: entry for entry in json.loads(Path(os.environ["BENCHMARK_DESIRED"]).read_bytes())}
    creates = [entry for pattern, entry in desired.items() if pattern not in present]
    updates = [
        {"id": present[pattern].id, "comments": entry["comments"]}
        for pattern, entry in desired.items()
        if pattern in present and present[pattern].comments != entry["comments"]
    ]
    deletes = [{"id": entry.id} for pattern, entry in present.items() if pattern not in desired]
    if way == "calls":
        for entry in creates:
            senders.create(account_id=account, **entry)
        for entry in updates:
            senders.edit(entry.pop("id"), account_id=account, **entry)
        for entry in deletes:
            senders.delete(entry["id"], account_id=account)
    else:
        for kind, steps in (("posts", creates), ("patches", updates), ("deletes", deletes)):
            for start in range(0, len(steps), BATCH):
                parts = {"posts": [], "patches": [], "puts": [], "deletes": [], kind: steps[start : start + BATCH]}
                senders.batch(account_id=account, **parts)


if __name__ == "__main__":
    main()
