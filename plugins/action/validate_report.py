# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports the findings of the role ``validate`` on all accounts: a line for each, on request JUnit, and one failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.findings import Finding
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.junit import junit
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._validate.lines import (
    FORMATS,
    closing,
    lines,
    merge,
)

_OPTIONS: dict[str, Any] = {
    "accounts": {"type": "dict", "required": True},
    "format": {"type": "str", "choices": list(FORMATS), "default": "text"},
    "junit": {"type": "path"},
    "strict": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars or {})
        options = self.validate_argument_spec(argument_spec=_OPTIONS)[1]
        accounts = options["accounts"]
        findings = merge({name: [Finding(**one) for one in result["findings"]] for name, result in accounts.items()})
        files = sorted({file for result in accounts.values() for file in result["files"]})
        failed = any(options["strict"] or finding.severity == "error" for finding in findings)
        summary = closing(findings, len(files), len(accounts))
        self._print(findings, options["format"])
        if not failed:
            # Otherwise the failure shows it.
            Display().display(summary)
        if options["junit"]:
            _write(Path(options["junit"]), junit(findings, files, strict=options["strict"]))
        return {"changed": False, "failed": failed, "msg": summary}

    def _print(self, findings: list[Finding], form: str) -> None:
        display = Display()
        colours = {"error": constants.COLOR_ERROR, "warning": constants.COLOR_WARN}
        for severity, line in lines(findings, form):
            # A colour code would precede the prefix by which GitHub recognizes an annotation.
            display.display(line, color=None if form == "github" else colours[severity])


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnsibleActionFail(f"{file} cannot be written: {error.strerror}") from None
