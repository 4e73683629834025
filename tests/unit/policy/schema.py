# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an editor says of a policy file: the published schema, and YAML as editors read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/schemas/policy.schema.json").read_text(encoding="utf-8")
)


class _Loader(yaml.SafeLoader):
    """A date is text in YAML 1.2, and the tag !unsafe says nothing of the text behind it."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [(tag, pattern) for tag, pattern in several if not tag.endswith(":timestamp")]
        for first, several in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def complaints(text: str) -> list[str]:
    """What the schema refuses in a file, each with its path."""
    document = yaml.load(text, Loader=_Loader)
    validator = jsonschema.Draft7Validator(SCHEMA)
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]
