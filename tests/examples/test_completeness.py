# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No snippet is forgotten: each is run by a test, or left out for a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.documents import LEFT_OUT, RUN_BY
from examples.snippets import CHECKOUT, documents, snippets

_WITH_SNIPPETS = [document for document in documents() if any(snippets(document))]


def test_documents_are_found() -> None:
    assert {"README.md", "docs/policy_as_code.md", "roles/apply/README.md"} <= set(_WITH_SNIPPETS)
    assert set(RUN_BY) | set(LEFT_OUT) <= set(_WITH_SNIPPETS), "a document of the table is gone, or has no snippets"


@pytest.mark.parametrize("document", _WITH_SNIPPETS)
def test_every_snippet_is_run_or_left_out_for_a_reason(document: str) -> None:
    left_out = LEFT_OUT.get(document, {})
    titles = {snippet.title for snippet in snippets(document)}
    assert set(left_out) <= titles, "what is left out must be there"
    if document not in RUN_BY:
        forgotten = sorted(titles - set(left_out))
        assert not forgotten, f"{document}: say in tests/examples/documents.py who runs these, or why nobody does"
        return
    tests = CHECKOUT / RUN_BY[document]
    files = [tests] if tests.is_file() else sorted(tests.glob("**/*.py"))
    name = Path(document).name
    assert any(name in file.read_text(encoding="utf-8") for file in files), f"{tests} does not name {document}"
