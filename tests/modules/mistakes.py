# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The most frequent mistakes and their messages. ``docs/policy_as_code.md`` shows the same as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FILES = "email_security_policy_files"
_ENTRY = "  - pattern: phish.example\n    pattern_type: DOMAIN\n"
_BLOCKED = f"block_senders:\n{_ENTRY}"
_ONE = "block_senders: [{{pattern: {}, pattern_type: DOMAIN, is_regex: true}}]\n"
_CSV = b"Pattern,Pattern Type,Regex,Notes\nphish.example,DOMAIN,false,gr\xfcn\n"
# Sent in place of what the test knows.
EXPIRED = "a URL whose certificate has expired"
BUNDLE = "that certificate"
CLOSED = "a URL where nothing listens"


@dataclass(frozen=True)
class Mistake:
    """One mistake in an otherwise good run of the role ``apply``.

    :param reported: what the message says: each text in a line of its own. What … stands for is of no matter here.
    :param files: policy files, by name; the run is given all of them, in this order.
    :param variables: of the role, beside what the run needs; None for one that is left out.
    :param requests: how many requests it takes to find out.
    """

    name: str
    reported: tuple[str, ...]
    files: Mapping[str, str | bytes] = field(default_factory=lambda: {"policy.yml": _BLOCKED})
    variables: Mapping[str, Any] = field(default_factory=dict)
    requests: int = 0

    def row(self) -> str:
        """Of the guide's table."""
        said = "<br>".join(f"`{text}`" for text in self.reported)
        return f"| {self.name} | {said.replace('|', chr(92) + '|')} |"


MISTAKES = [
    Mistake(
        "a field misspelt",
        ("policy.yml:4:5: phish.example DOMAIN: unknown field 'coment'; did you mean comments?",),
        {"policy.yml": f"{_BLOCKED}    coment: INC-1\n"},
    ),
    Mistake(
        "a list misspelt",
        ("policy.yml:1:1: unknown list 'block_sender'; did you mean block_senders?",),
        {"policy.yml": f"block_sender:\n{_ENTRY}"},
    ),
    Mistake(
        "a variable misspelt",
        ("email_security_purge_scop is no variable of this collection; did you mean email_security_purge_scope?",),
        variables={"email_security_purge_scop": "^ours:"},
    ),
    Mistake(
        "tabs",
        ("policy.yml:2:1: this is not YAML: this is a tab, and YAML is indented with spaces only; …",),
        {"policy.yml": "block_senders:\n\t- pattern: x\n"},
    ),
    Mistake(
        "the same entry in two files",
        ("two.yml:2:5: phish.example DOMAIN: the same entry as one.yml:2:5; keep one of them",),
        {"one.yml": _BLOCKED, "two.yml": _BLOCKED},
    ),
    Mistake(
        "a key twice",
        ("policy.yml:4:1: duplicate key block_senders, first used in line 1; merge the two lists",),
        {"policy.yml": f"{_BLOCKED}block_senders: []\n"},
    ),
    Mistake(
        "a mapping where a list belongs",
        ("policy.yml:2:3: block_senders must be a list of entries, not a mapping; write '- ' in front of each entry",),
        {"policy.yml": "block_senders:\n  pattern: phish.example\n  pattern_type: DOMAIN\n"},
    ),
    Mistake(
        "a date as people write it",
        (
            "policy.yml:4:5: phish.example DOMAIN: expires must be a date (2026-12-31) or a time "
            "(2026-12-31T18:00:00Z), not '30.06.2035'",
        ),
        {"policy.yml": f"{_BLOCKED}    expires: 30.06.2035\n"},
    ),
    Mistake(
        "`purge: true`",
        ("email_security_purge must be a list, such as [impersonation_registry], not true",),
        variables={"email_security_purge": True},
    ),
    Mistake(
        "a trailing space",
        ("policy.yml:1:18: phish.example  DOMAIN true: pattern must not begin or end with white space",),
        {"policy.yml": _ONE.format("'phish.example '")},
    ),
    Mistake(
        "a regular expression in double quotes",
        (
            "policy.yml:1:33: this is not YAML: between double quotes a backslash begins an escape; put the text in "
            "single quotes instead",
        ),
        {"policy.yml": _ONE.format(r'"phish\.example"')},
    ),
    Mistake(
        "an unclosed regular expression",
        (
            "policy.yml:1:18: (phish DOMAIN true: pattern is no regular expression that Java can read: a ( without "
            "its ) …",
        ),
        {"policy.yml": _ONE.format("'(phish'")},
    ),
    Mistake(
        "a file that is not there",
        ("policies/policy.yml: there is no such file; correct the path; it was looked for in …",),
        variables={_FILES: ["policies/policy.yml"]},
    ),
    Mistake(
        "a CSV file with another header",
        ("senders.csv:1:1: this is no header of the dashboard's CSV files …",),
        {"senders.csv": "address,kind\nphish.example,DOMAIN\n"},
    ),
    Mistake(
        "a CSV file in code page 1252",
        ("senders.csv:2:30: this is not UTF-8: the byte 0xFC is 'ü' in code page 1252; save it as UTF-8",),
        {"senders.csv": _CSV},
    ),
    Mistake(
        "a wrong token",
        ("The credentials are wrong or may not do this. Check them, and that the token has the permission …",),
        variables={"email_security_api_token": "nobody-s"},
        requests=1,
    ),
    Mistake(
        "no token",
        (
            "credentials are missing: set email_security_api_token, or CLOUDFLARE_API_TOKEN in the environment "
            "(or email_security_api_key and email_security_api_email)",
        ),
        variables={"email_security_api_token": None},
    ),
    Mistake(
        "no account",
        (
            "email_security_account_id is missing: set it, or CLOUDFLARE_ACCOUNT_ID in the environment. The dashboard "
            "shows it on the account's overview page",
        ),
        variables={"email_security_account_id": None},
    ),
    Mistake(
        "an account's name in place of its id",
        (
            "email_security_account_id of the host acme must be the id of an account (32 hexadecimal characters), not "
            "its name",
        ),
        variables={"email_security_account_id": "acme"},
    ),
    Mistake(
        "an empty account id",
        (
            "email_security_account_id of the host acme is empty; write the id of its account, or leave the variable "
            "out to mean the account of CLOUDFLARE_ACCOUNT_ID",
        ),
        variables={"email_security_account_id": ""},
    ),
    Mistake(
        "a host that cannot be reached",
        ("GET settings/block_senders got no answer from 127.0.0.1: Connection refused. …",),
        variables={"email_security_base_url": CLOSED, "email_security_retry_timeout": 0},
    ),
    Mistake(
        "a certificate that has expired",
        ("the certificate of 127.0.0.1 was not accepted (certificate has expired). …",),
        variables={"email_security_base_url": EXPIRED, "email_security_ca_path": BUNDLE},
    ),
    Mistake(
        "more to purge than meant",
        (
            "purge would delete 2 entries (2 of block_senders), and email_security_purge_limit allows 1. Nothing was "
            "changed. …",
        ),
        {"policy.yml": "block_senders: []\n"},
        {"email_security_purge": ["block_senders"], "email_security_purge_limit": 1},
        requests=1,
    ),
]
