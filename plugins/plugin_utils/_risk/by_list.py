# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that are about one list and nothing else, as :mod:`checks` yields them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ansible_collections.cloudflare.email_security.plugins.module_utils._policy.document import Document, present_items
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_regex import Branch, parse
from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.java_syntax import JavaRegexError

from . import sender_regex
from .checks import Found, host_name
from .known_domains import KnownDomains


def found(document: Document, known: KnownDomains) -> Iterator[Found]:
    for name, check in _CHECKS.items():
        if name in document:
            yield from check(document, known)


def _registry(document: Document, known: KnownDomains) -> Iterator[Found]:
    if not any(present_items(document, "impersonation_registry")):
        yield "impersonation_registry_empty", None, ""


def _content(document: Document, known: KnownDomains) -> Iterator[Found]:
    for item in present_items(document, "content_policies"):
        if not item.fields["enabled"]:
            yield "content_policy_disabled", item, ""
        try:
            regex = parse(str(item.fields.get("pattern", "")))
        except JavaRegexError:
            yield "content_policy_pattern", item, "Java cannot read its expression."
            continue
        if regex and any(_matches_all_mail(branch) for branch in regex.branches):
            yield "content_policy_pattern", item, "It matches nearly every text, or an empty one."


def _matches_all_mail(branch: Branch) -> bool:
    # A part of the text is enough, so that only two anchors make it narrow.
    whole = branch.starts and branch.ends
    empty = all(node.kind in ("start", "end", "nothing") for node in branch.nodes)
    return empty or (branch.needs < sender_regex.FEW and (branch.wide or not whole))


def _restrictions(document: Document, known: KnownDomains) -> Iterator[Found]:
    for item in present_items(document, "sending_domain_restrictions"):
        host = host_name(str(item.fields.get("domain", "")))
        if known.is_mail_provider and known.is_mail_provider(host):
            yield "restricted_mail_provider", item, f"{host} is a public mail provider."


# What a URL may begin with, whatever follows.
_SCHEME = re.compile(r"\^?(?:https?\??|http\(s\)\?|\(https?\|https?\))?(?::(?://|\\/\\/)?)?")
# A host with nothing, or with anything, behind it.
_WHOLE_HOST = re.compile(r"(?:[\w*+?()|-]|\\?\.|\[[^\]]*\])*(?:\\?/\??)?(?:\(?\.[*+]\??\)?)?\$?")


def _url_patterns(document: Document, known: KnownDomains) -> Iterator[Found]:
    for item in present_items(document, "url_ignore_patterns"):
        pattern = str(item.fields.get("pattern", ""))
        scheme = _SCHEME.match(pattern)
        rest = pattern[scheme.end() :] if scheme else pattern
        if not re.search(r"[A-Za-z0-9]", re.sub(r"\\.|\[[^\]]*\]", "", rest)):
            yield "url_ignore_pattern_wide", item, "It matches nearly every URL."
        elif _WHOLE_HOST.fullmatch(rest):
            yield "url_ignore_pattern_wide", item, "It matches every URL of a host, or of a domain."


_CHECKS: dict[str, Callable[[Document, KnownDomains], Iterator[Found]]] = {
    "impersonation_registry": _registry,
    "content_policies": _content,
    "sending_domain_restrictions": _restrictions,
    "url_ignore_patterns": _url_patterns,
}
