# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of requests. Concurrent ones reach the simulator in any order, which no test may rely on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any


def settled(requests: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Requests as they came, but for neighbours that may have gone out concurrently: these by page and content.

    Concurrent are the pages of one list, reads of several messages, and single writes of a kind to one list.
    """
    groups = itertools.groupby(requests, key=_kind)
    return [dict(request) for _kind_of_group, group in groups for request in sorted(group, key=_place)]


def _kind(request: Mapping[str, Any]) -> tuple[str, list[str]]:
    first, *rest = request["path"].split("/")
    return request["method"], [first, *rest[:1]] if first == "settings" else [first]


def _place(request: Mapping[str, Any]) -> tuple[int, str]:
    method, path, query = request["method"], request["path"], request.get("query") or {}
    a_search = "/" not in path  # Each of its pages has the cursor to the next.
    a_write = method != "GET" and (not path.startswith("settings/") or path.endswith("/batch"))
    content = "" if a_search or a_write else json.dumps([path, query, request.get("body")], sort_keys=True)
    return int(query.get("page", 0)), content
