# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as one ASGI application: the API below /client/v4, the control side below /_simulator."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from accounts import Accounts
from api import Api
from control import control_routes
from messages.bulk import add_routes as add_bulk
from messages.operations import add_routes as add_messages
from messages.report import add_routes as add_report
from outages import Outages
from requestlog import Recorder
from routing import Router
from settings.operations import add_routes as add_settings


def make_app(accounts: Accounts, recorder: Recorder | None, outages: Outages) -> object:
    router = Router()
    add_settings(router)
    add_bulk(router)
    add_messages(router)
    add_report(router)
    api = Api(accounts, router, recorder, outages)
    control = Starlette(routes=control_routes(accounts, outages))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The API goes past Starlette, which would catch its errors and knows nothing that it needs.
        if scope["type"] == "http" and scope["path"].startswith("/client/v4/"):
            await api(scope, receive, send)
        else:
            await control(scope, receive, send)

    return app
