# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API of one account by operation name. How requests are sent is hidden below."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .http import Http
from .paging import Pager

if TYPE_CHECKING:
    from .jobs import JobOperations
    from .messages import MessageOperations
    from .settings import SettingsOperations


class Client:
    """The one handle through which everything above calls the API. Operations raise what :class:`Http` raises.

    Each group of operations is imported when it is first used: a module's process pays for each import.

    :param warnings: collects what the user should know although nothing failed.
    """

    def __init__(self, http: Http, warnings: list[str] | None = None) -> None:
        self.http = http
        self.warnings: list[str] = [] if warnings is None else warnings
        self._pager = Pager(http, self.warnings)

    @cached_property
    def settings(self) -> SettingsOperations:
        from .settings import SettingsOperations

        return SettingsOperations(self.http, self._pager)

    @cached_property
    def messages(self) -> MessageOperations:
        from .messages import MessageOperations

        return MessageOperations(self.http, self._pager)

    @cached_property
    def jobs(self) -> JobOperations:
        from .jobs import JobOperations

        return JobOperations(self.http, self._pager)
