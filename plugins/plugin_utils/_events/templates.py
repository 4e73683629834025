# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What senders write, made fit for variables of playbooks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.cloudflare.email_security.plugins.module_utils._text import replace_surrogates


def neutralize_templates(value: Any) -> Any:
    """What a sender wrote, so that it stays data wherever it goes.

    ansible-rulebook gives events to playbooks as variables, and Ansible evaluates templates in variables: the subject
    of a message could run a program. So a space parts what begins a template, and what changes how one begins.
    """
    if isinstance(value, str):
        text = re.sub(r"\{(?=[{%#])", "{ ", value)
        text = re.sub(r"^#(?=jinja2:)", "# ", text, flags=re.I)
        return replace_surrogates(text)
    if isinstance(value, Mapping):
        return {neutralize_templates(str(key)): neutralize_templates(each) for key, each in value.items()}
    if isinstance(value, list):
        return [neutralize_templates(each) for each in value]
    return value
