# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that save a message's EML or its preview as a file.

The content of a message is data: it is written unchanged, never templated, and never part of a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._api.messages import MessageOperations
from .._errors import EmailSecurityError, InputError
from .._signals import held_back
from .._spec import Context, ModuleSpec
from .read import refuse_missing, unique_ids

_MAX_NAME_LENGTH = 120


@dataclass(frozen=True)
class Kind:
    """What to save.

    :param suffix: of the file names.
    :param fetch: (api, id, whether it may write) -> content; None if the message does not exist.
    """

    suffix: str
    fetch: Callable[[MessageOperations, str, bool], bytes | None]


class OnlyByWritingError(Exception):
    """The content requires a request that check mode does not send."""


def message_raw_module() -> ModuleSpec:
    kind = Kind(".eml", lambda api, message_id, may_write: api.raw(message_id))
    return _file_module(kind, writes=False)


def message_preview_module() -> ModuleSpec:
    return _file_module(Kind(".png", _preview), writes=True)


def safe_name(message_id: str) -> str:
    """A file name for an id: letters, digits, dot, dash and underscore; never hidden, and unique to the id."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", message_id).lstrip(".-")[:_MAX_NAME_LENGTH] or "message"
    # A name that ends in a hash, as those made here do, could collide with another id's.
    if name == message_id and not re.search(r"-[0-9a-f]{12}$", name):
        return name
    return f"{name}-{hashlib.sha256(message_id.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _file_module(kind: Kind, writes: bool) -> ModuleSpec:
    return ModuleSpec(
        options={
            "investigate_ids": {"type": "list", "elements": "str", "required": True},
            "dest": {"type": "path", "required": True},
            "mode": {"type": "raw", "default": "0600"},
            "fail_on_missing": {"type": "bool", "default": False},
        },
        run=lambda context: _save_all(kind, context),
        writes=writes,
    )


def _preview(api: MessageOperations, message_id: str, may_write: bool) -> bytes | None:
    image = api.preview(message_id)
    if image is not None:
        return image
    message = api.details(message_id)
    if message is None:
        return None
    if not may_write:
        raise OnlyByWritingError
    return api.generate_preview(message_id, str(message.get("postfix_id") or message_id))


def _save_all(kind: Kind, context: Context) -> dict[str, Any]:
    ids = unique_ids(context.params["investigate_ids"])
    mode = _mode(context.params["mode"])
    places = _places(context.params["dest"], ids, kind.suffix)
    api = context.client.messages
    files: list[dict[str, Any]] = []
    missing: list[str] = []
    result = {"changed": False, "files": files, "missing": missing}
    for message_id, place in places.items():
        try:
            saved = _save_one(kind, api, message_id, place, mode, context.check)
        except EmailSecurityError as error:
            error.partial = result
            raise
        if saved is None:
            missing.append(message_id)
        else:
            files.append(saved)
            result["changed"] = result["changed"] or saved["changed"]
    refuse_missing(context, missing, result)
    return result


def _save_one(
    kind: Kind, api: MessageOperations, message_id: str, place: Path, mode: int, check: bool
) -> dict[str, Any] | None:
    saved: dict[str, Any] = {"investigate_id": message_id, "path": str(place), "size": None, "sha256": None}
    try:
        content = kind.fetch(api, message_id, not check)
    except OnlyByWritingError:
        # A real run would generate it; an existing file is assumed to have that content.
        return {**saved, "changed": not _is_file(place) or _mode_of(place) != mode}
    if content is None:
        return None
    try:
        changed = _write(place, content, mode, check)
    except OSError as error:
        raise EmailSecurityError(f"{place} cannot be written: {error.strerror or type(error).__name__}.") from None
    return {**saved, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "changed": changed}


def _places(named: str, ids: list[str], suffix: str) -> dict[str, Path]:
    """The file of each message: ``dest`` itself for a single message, else a file in that folder."""
    dest = Path(named)
    # Unlike Path, these return False if a path is inaccessible; the write then reports why.
    if len(ids) == 1 and not os.path.isdir(named) and not named.endswith("/"):  # noqa: PTH112
        return {ids[0]: dest}
    if os.path.exists(named.rstrip("/")) and not os.path.isdir(named):  # noqa: PTH110, PTH112
        raise InputError([f"dest must be a folder, since it ends in / or there are several messages: {dest} is a file"])
    return {message_id: dest / f"{safe_name(message_id)}{suffix}" for message_id in ids}


def _mode(value: Any) -> int:
    try:
        mode = value if isinstance(value, int) and not isinstance(value, bool) else int(str(value), 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777:
        raise InputError([f"mode must be octal permissions such as '0600', not {str(value)[:20]!r}"])
    return mode


def _write(place: Path, content: bytes, mode: int, check: bool) -> bool:
    """Write the content atomically. Returns whether content or permissions changed."""
    if _is_file(place):
        same_content = place.stat().st_size == len(content) and place.read_bytes() == content
        same_mode = _mode_of(place) == mode
        if same_content and same_mode:
            return False
        if same_content:
            if not check:
                place.chmod(mode)
            return True
    if check:
        return True
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Until the file is in its place, so that no partial file is left behind.
    with held_back():
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, mode)  # noqa: PTH101 - name is a text
            os.replace(name, place)  # noqa: PTH105 - name is a text
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - name is a text
            raise
    return True


def _is_file(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()


def _mode_of(place: Path) -> int:
    return place.stat().st_mode & 0o777
