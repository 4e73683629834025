# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a run as Markdown: what others wrote is never markup, and a comment's limit holds."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from ansible_collections.cloudflare.email_security.plugins.module_utils._text import escape_hidden
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._plan.markdown import (
    SIZE,
    SMALLEST_SIZE,
    markdown,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._plan.report import account_report, plan_report
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

NOW = "2026-07-01T06:00:00Z"
# GitHub's own parser with its extensions, and another one that looks for more addresses than that.
RENDERERS: dict[str, Callable[[str], str]] = {
    "cmark-gfm": lambda text: str(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)),
    "markdown-it": lambda text: str(MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(text)),
}


class Page(HTMLParser):
    """The elements of a page in their order, and the texts in and outside of ``<code>``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.code: list[str] = []
        self.prose = ""
        self._in_code = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == [], f"<{tag}> has attributes: {attrs}"
        self.elements.append(tag)
        if tag == "code":
            self._in_code = True
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code[-1] += data
        else:
            self.prose += data


def change(text: str, action: str = "update", **more: Any) -> dict[str, Any]:
    key = {"pattern": text, "pattern_type": text, "is_regex": False}
    before = None if action == "create" else {**key, "comments": text}
    after = None if action == "delete" else {**key, "comments": f"{text}2"}
    return {"list": "block_senders", "action": action, "key": key, "id": "1", "before": before, "after": after, **more}


def report(*results: tuple[str, dict[str, Any]], names: tuple[str, ...] = ()) -> dict[str, Any]:
    accounts = [(name, account_report(result, None)) for name, result in results]
    return plan_report(accounts, names, NOW, check_mode=True)


def full_of(text: str) -> dict[str, Any]:
    """A report that shows a text wherever one of others can be."""
    changes = [change(text, "create"), change(text), change(text, "delete", reason=f"because of {text}")]
    # Each line of a message is shown for itself.
    failed = {"failed": True, "msg": f"It is {' '.join(text.splitlines())}"}
    return report((text, {"changes": changes}), (f"{text}3", failed), names=(f"{text}4",))


@pytest.mark.parametrize("renderer", RENDERERS)
@given(text=st.text(min_size=1, max_size=60))
@example(
    text="@octocat #1 owner/repo#2 GH-3 www.a.example http://b.example c@d.example 0123456789abcdef0123456789abcdef"
)
@example(
    text="</code></td></tr></table>\n\n# heading\n\n<img src=x onerror=y> [a](javascript:b) ![c](http://d.example)"
)
@example(text="| a | `b` ``c`` \\| ~~~ \n\n```\n--> <!-- &lt; &#64;d ]]> <details> $x$ :tada:")
def test_nothing_that_others_wrote_is_markup(renderer: str, text: str) -> None:
    plain, hostile = (Page(RENDERERS[renderer](markdown(full_of(each)))) for each in ("x", text))
    assert hostile.elements == plain.elements
    # Mentions, references and addresses are looked for outside of code alone.
    assert hostile.prose == plain.prose
    assert escape_hidden(text.encode("utf-8", "replace").decode()) in hostile.code


def test_what_a_report_says() -> None:
    changes = [
        change("new.example", "create"),
        change("old.example"),
        change("over.example", "delete", reason="expired"),
        change("gone.example", "delete", reason="purge"),
    ]
    text = markdown(report(("acme", {"changes": changes}), names=("acme", "later")))
    for part in (
        "## Email security: 1 to create, 1 to update, 2 to delete (2 accounts); 1 account not reached\n",
        "<tr><td><code>later</code></td><td>not reached</td><td>0</td><td>0</td><td>0</td></tr>",
        "<details><summary><code>block_senders</code>: 2 delete, 1 update, 1 create</summary>",
        "<code>comments</code>: <code>old.example</code> → <code>old.example2</code>",
        "its time is over",
        "the policy does not name it (purge)",
        "in check mode: nothing was changed",
    ):
        assert part in text
    assert text.index("over.example") < text.index("old.example") < text.index("new.example")
    assert "nothing to change (1 account)" in markdown(report(("acme", {"changes": []})))


@pytest.mark.parametrize("accounts", [1, 300])
@pytest.mark.parametrize("changes", [1, 300])
@pytest.mark.parametrize("size", [SMALLEST_SIZE, SIZE])
def test_a_comment_has_room_for_it(accounts: int, changes: int, size: int) -> None:
    if accounts * changes > 10_000:
        changes = 3
    # The longest that a character becomes.
    awkward = "\u200b" * 1024
    result = {"changes": [change(f"{awkward}{number}", "delete") for number in range(changes)]}
    many = report(*((f"{number}{awkward}", result) for number in range(accounts)))
    text = markdown(many, size)
    assert len(text.encode()) <= size
    assert f"{accounts * changes:,} to delete" in text
    assert text.count("<table>") == text.count("</table>")
    assert text.count("<details>") == text.count("</details>")
    if accounts == 300:
        assert "more account" in text


def test_changes_that_a_result_only_counts_are_counted() -> None:
    result = {"changes": [change("a.example", "create")], "changes_omitted": {"block_senders": {"create": 9000}}}
    text = markdown(report(("acme", result)))
    for part in ("9,001 to create", "<td>9,001</td>", "<code>block_senders</code>: 9,001 create", "9,000 more changes"):
        assert part in text


def test_what_a_change_would_do_to_mail_is_said() -> None:
    """With its risks, whose severity follows the number of messages; what is not known says why."""

    def impact(affected: dict[str, int], sentence: str, messages: int | None = 9) -> dict[str, Any]:
        return {"impact": {"affected": affected, "sentence": sentence, "messages": messages, "decided": 1200}}

    changes = [
        change("many.example", "create", **impact({"NONE": 412}, "It would have stopped 412 messages.")),
        change("few.example", "create", **impact({"NONE": 3, "SPAM": 900}, "It would have stopped 903 messages.")),
        change("gone.example", "delete", **impact({}, "It decided 1,200 messages.")),
        change("dark.example", "create", **impact({}, "Its effect is unknown: <b>403</b>.", None)),
        change("p.example", "create", **impact({"MALICIOUS-BEC": 3}, "It would have let 3 through."))
        | {"list": "allow_policies"},
        change("known.example", "create", **impact({"NONE": 20}, "It would have stopped 20 messages."))
        | {"accepted_risks": {"block_hits_clean_mail": "<b>Nobody</b> asked.", "wide_regex": "Not meant."}},
    ]
    made = report(("acme", {"changes": changes}))
    text = markdown(made)
    for part in (
        "<th>Messages</th><th>Effect on mail</th>",
        "<td>9</td><td>high risk, <code>block_hits_clean_mail</code><br><code>It would have stopped 412",
        "low risk, <code>block_hits_clean_mail</code>",
        "high risk, <code>allow_passes_malicious</code>",
        "<td>Accepted: medium risk, <code>block_hits_clean_mail</code>: <code>&lt;b&gt;Nobody&lt;/b&gt; asked.</code>",
        "<td>1,200</td><td><code>It decided 1,200 messages.</code></td>",
        "<td>not known</td><td><code>Its effect is unknown: &lt;b&gt;403&lt;/b&gt;.</code></td>",
    ):
        assert part in text
    risks = {one["key"]["pattern"]: [risk["rule"] for risk in one["risks"]] for one in made["accounts"][0]["changes"]}
    assert risks["dark.example"] == risks["gone.example"] == []
    assert "Effect on mail" not in markdown(report(("acme", {"changes": [change("old.example")]})))


def test_a_run_that_failed_says_what_was_done_and_why() -> None:
    failed = {"failed": True, "msg": "\n".join(f"problem {number}" for number in range(30)), "changes": [change("x")]}
    made = report(("acme", failed), ("none", {}))
    assert [account["status"] for account in made["accounts"]] == ["failed", "failed"]
    text = markdown(made)
    assert "<code>problem 0</code><br>" in text
    assert "and 10 more lines" in text
    assert "1 update" in text
    assert "It failed before its policy was looked at." in text
