# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python reading.py CONCURRENCY``: read all blocked senders with the engine, without Ansible."""

from __future__ import annotations

import os
import sys

from ansible_collections.cloudflare.email_security.plugins.module_utils._api.client import Client
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.connection import Connection
from ansible_collections.cloudflare.email_security.plugins.module_utils._api.http import Http
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.block_senders import BLOCK_SENDERS


def main() -> None:
    connection = Connection(
        base_url=os.environ["CLOUDFLARE_BASE_URL"],
        account_id=os.environ["CLOUDFLARE_ACCOUNT_ID"],
        headers={"Authorization": f"Bearer {os.environ['CLOUDFLARE_API_TOKEN']}"},
        concurrency=int(sys.argv[1]),
    )
    with Http(connection, read_only=True) as http:
        Client(http).settings.entries(BLOCK_SENDERS)


if __name__ == "__main__":
    main()
