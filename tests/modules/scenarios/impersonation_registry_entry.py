# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``impersonation_registry_entry`` and ``impersonation_registry_entry_info``."""

from __future__ import annotations

from typing import Any

from modules.scenario import REFUSED, Change, ReadScenario, ReadStep, WriteScenario

_KEY = {"name": "Jane Doe", "email": "jane.doe@example.com"}
_DIRECTORY = {"directory_id": 12, "directory_node_id": 34, "external_directory_node_id": "8f1c"}


def _person(name: str, email: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "email": email, "is_email_regex": False, "comments": None, **fields}


WRITES = WriteScenario(
    collection="impersonation_registry",
    before={
        "impersonation_registry": [
            _person("John Roe", "john.roe@example.com", **_DIRECTORY),
            _person("Synced", "synced@example.com", provenance="SNOOPY-OFFICE_365"),
            _person("Jane Doe", "jane@home.example"),
        ]
    },
    steps={
        "create": Change(
            args={**_KEY, "name": "Jane Roe", "comments": "CEO"},
            sends=[
                (
                    "POST",
                    "settings/impersonation_registry",
                    {**_KEY, "name": "Jane Roe", "is_email_regex": False, "comments": "CEO"},
                )
            ],
            leaves={"impersonation_registry": {"Jane Roe": {"comments": "CEO", "provenance": "A1S_INTERNAL"}}},
        ),
        "update": Change(
            args={
                "name": "Jane Roe",
                "email": "jane.doe@EXAMPLE.com",
                "directory_id": 12,
                "external_directory_node_id": "9a2d",
                "comments": "CEO until 2027",
            },
            sends=[
                (
                    "PATCH",
                    "settings/impersonation_registry/{Jane Roe}",
                    {"comments": "CEO until 2027", "directory_id": 12, "external_directory_node_id": "9a2d"},
                )
            ],
            leaves={"impersonation_registry": {"Jane Roe": {"comments": "CEO until 2027", "directory_id": 12}}},
        ),
        "update, clearing the node": Change(
            args={"name": "John Roe", "email": "john.roe@example.com", "external_directory_node_id": ""},
            sends=[("PATCH", "settings/impersonation_registry/{John Roe}", {"external_directory_node_id": None})],
            leaves={
                "impersonation_registry": {"John Roe": {"external_directory_node_id": None, "directory_node_id": 34}}
            },
        ),
        "update in place, by id": Change(
            args={"id": "{John Roe}", "email": r"^john\.roe@(mail|home)\.example$", "is_email_regex": True},
            sends=[
                (
                    "PATCH",
                    "settings/impersonation_registry/{John Roe}",
                    {"email": r"^john\.roe@(mail|home)\.example$", "is_email_regex": True},
                )
            ],
            leaves={"impersonation_registry": {"John Roe": {"is_email_regex": True}}},
        ),
        "absent": Change(
            args={"name": "Jane Roe", "email": "jane.doe@example.com", "state": "absent"},
            sends=[("DELETE", "settings/impersonation_registry/{Jane Roe}", None)],
            leaves={"impersonation_registry": {}},
        ),
    },
    refused={"name": REFUSED, "email": "nobody@example.com"},
)

READS = ReadScenario(
    collection="impersonation_registry",
    before=[
        _person("B", "b@example.com", comments="board"),
        _person("A", "c@example.com", provenance="SNOOPY-GOOGLE_DIRECTORY", **_DIRECTORY),
        _person("C", "a@example.com"),
    ],
    steps=[
        ReadStep({}, {}, ["B", "A", "C"]),
        ReadStep({"provenance": "A1S_INTERNAL"}, {"provenance": "A1S_INTERNAL"}, ["B", "C"]),
        ReadStep({"search": "board"}, {"search": "board"}, ["B"]),
        ReadStep({"order": "name"}, {"order": "name"}, ["A", "B", "C"]),
        ReadStep({"order": "email", "direction": "desc"}, {"order": "email", "direction": "desc"}, ["A", "B", "C"]),
    ],
    many=_person("Person {number}", "{number}@example.com"),
)
