# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of one account, by name: what can be asked of it, without saying how it is asked."""

from __future__ import annotations

from .http import Http
from .jobs import JobOperations
from .messages import MessageOperations
from .paging import Pager
from .settings import SettingsOperations


class Client:
    """The one handle that everything above asks the API through. Operations raise what :class:`Http` raises.

    :param warnings: gets what the user should know though nothing failed.
    """

    def __init__(self, http: Http, warnings: list[str] | None = None) -> None:
        self.http = http
        self.warnings: list[str] = [] if warnings is None else warnings
        pager = Pager(http, self.warnings)
        self.settings = SettingsOperations(http, pager)
        self.messages = MessageOperations(http, pager)
        self.jobs = JobOperations(http, pager)
