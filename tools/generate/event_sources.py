# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the event sources: their own, filters as the module that searches describes them, the connection's."""

from __future__ import annotations

from typing import Any

from collection import ROOT, code, read
from modules import words_of_options
from options import complete, documented, sentences
from sections import connection_options

_OWN = read(ROOT / "plugins/plugin_utils/_events/feed.yml")["options"]


def event_source_options(feed_name: str, items: str, module: str) -> dict[str, Any]:
    """The options of one source.

    :param feed_name: the feed's name in the code.
    :param items: what it makes events of.
    :param module: the module that searches with the same filters.
    """
    events = code("plugin_utils._events.feed")
    declared: dict[str, Any] = events.options(getattr(events, feed_name))
    connection = connection_options(event_source=True)
    searched = words_of_options("_messages", module)
    words = {
        name: [text.replace("{items}", items) for text in sentences(_OWN[name])] for name in _OWN if name in declared
    }
    own = {
        name: documented(option, words[name] if name in words else searched[name])
        for name, option in declared.items()
        if name not in connection
    }
    complete(own, {*own, *words}, "plugins/plugin_utils/_events/feed.yml")
    return {**{name: own[name] for name in words}, **own, **connection}
