# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' files, whole: of each settings resource two, and one for each source in the other packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collection import COLLECTION, ROOT, UTILS, code, source
from entries import COMMON, RESOURCES, RETURNED, Entries
from layout import WIDTH, Flow, dump
from options import documented, options, renamed, sentences

# Packages whose sources describe one module each, beside the Python file that makes it.
PACKAGES = ("_settings", "_messages", "_evidence")
_CONNECTION = frozenset(code("module_utils._options").CONNECTION_OPTIONS)
_COMMON = source("_module.yml")
_IMPORT = f"from ansible_collections.{COLLECTION}.{UTILS.replace('/', '.')}"
_FILE = '''#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# {source}.

from __future__ import annotations

DOCUMENTATION = r"""
{documentation}"""

EXAMPLES = r"""
{examples}"""

RETURN = r"""
{returns}"""

{imports}

SPEC = {spec}


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
'''


def all_modules() -> Iterator[tuple[str, str]]:
    """The path and the text of every module."""
    for resource in RESOURCES.values():
        entries = Entries(resource)
        yield _path(resource.singular), _entry_module(entries)
        yield _path(f"{resource.singular}_info"), _info_module(entries)
    for package in PACKAGES:
        for file in sorted((ROOT / UTILS / package).glob("*.yml")):
            path = f"{package}/{file.name}"
            described = source(path)
            if "short_description" in described:
                yield _path(file.stem), _module(package, file.stem, path, described)


def _path(name: str) -> str:
    return f"plugins/modules/{name}.py"


def _entry_module(entries: Entries) -> str:
    resource = entries.resource
    spec = code("module_utils._settings.entry").entry_module(resource)
    documentation = {
        "short_description": f"Manage {entries.source['one']}",
        "description": [
            f"Create, change or remove {entries.source['one']} of Cloudflare Email Security.",
            entries.identity(),
            *entries.replaces(),
            *entries.source.get("description", []),
            *entries.lacking(),
        ],
        "notes": [COMMON["notes"]["entry"]],
        "options": entries.options(spec.options),
        "seealso": [f"{resource.singular}_info", "settings"],
    }
    returns = dict(COMMON["returns"])
    returns["entry"] = {**returns["entry"], "contains": entries.contains()}
    call = ("_settings.entry", "entry_module", resource.name.upper())
    examples = entries.source["examples"]["entry"]
    return _text(resource.singular, entries.path, spec, documentation, examples, returns, call)


def _info_module(entries: Entries) -> str:
    resource, many = entries.resource, entries.source["many"]
    spec = code("module_utils._settings.read").info_module(resource)
    documentation = {
        "short_description": f"Read {many}",
        "description": [
            f"Read {many} of Cloudflare Email Security, one by its id, or all"
            f"{' that match the filters' if resource.filters else ''}."
        ],
        "notes": [" ".join([COMMON["notes"]["info"], *([COMMON["notes"]["order"]] if resource.is_ordered else [])])],
        "options": entries.filters(spec.options),
        "seealso": [resource.singular, "settings_info"],
    }
    returns = {
        resource.name: {
            "description": "The entries found.",
            "type": "list",
            "elements": "dict",
            "returned": "success",
            "contains": entries.contains(),
        }
    }
    name, call = f"{resource.singular}_info", ("_settings.read", "info_module", resource.name.upper())
    return _text(name, entries.path, spec, documentation, entries.source["examples"]["info"], returns, call)


def _module(package: str, name: str, path: str, described: Mapping[str, Any]) -> str:
    """A module that is described in a file of its own."""
    place = f"{package}.{described['from']}"
    spec = getattr(code(f"module_utils.{place}"), f"{name}_module")()
    lists = {each: spec.options[each] for each in RESOURCES if each in spec.options}
    others = {each: option for each, option in spec.options.items() if each not in lists}
    common = _common(package)
    words = {name: text for name, text in common["options"].items() if name in others}
    found = options(others, {**words, **described.get("options", {})}, path)
    documentation = {
        "short_description": described["short_description"],
        "description": described["description"],
        "attributes": described.get("attributes"),
        "notes": described.get("notes"),
        # In the order in which they are declared.
        "options": {
            each: found[each] if each in found else _list(each, lists[each])
            for each in spec.options
            if each in {**found, **lists}
        },
        "seealso": described.get("seealso"),
    }
    call = (place, f"{name}_module", "")
    returns = {
        each: _resolved(common["returns"][each] if item == "common" else item, common["objects"])
        for each, item in described["returns"].items()
    }
    return _text(name, path, spec, documentation, described["examples"], returns, call)


def words_of_options(package: str, name: str) -> dict[str, Any]:
    """What a module's options mean, by their names."""
    return {**_common(package)["options"], **source(f"{package}/{name}.yml").get("options", {})}


def _common(package: str) -> dict[str, Any]:
    """What the modules of a package share, if they do."""
    empty: dict[str, Any] = {"options": {}, "objects": {}, "returns": {}}
    return empty | source(f"{package}/common.yml") if (ROOT / UTILS / package / "common.yml").exists() else empty


def _resolved(item: Mapping[str, Any], objects: Mapping[str, Any]) -> dict[str, Any]:
    """What is returned, with the fields of the object that it is."""
    found = {key: value for key, value in item.items() if key not in ("object", "contains")}
    fields = {**objects.get(item.get("object", ""), {}), **item.get("contains", {})}
    if fields:
        found["contains"] = {name: _ordered(field) for name, field in fields.items()}
    return found


def _ordered(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field of an object. Most are returned when the API returns them, so sources do not say that."""
    sample = {"sample": field["sample"]} if "sample" in field else {}
    return {**{k: v for k, v in field.items() if k != "sample"}, "returned": field.get("returned", RETURNED), **sample}


def _list(name: str, option: Mapping[str, Any]) -> dict[str, Any]:
    """The option of `settings` that takes the entries of one resource."""
    entries = Entries(RESOURCES[name])
    declared = code("module_utils._settings.entry").entry_module(entries.resource).options
    suboptions = renamed(entries.suboptions(declared), declared, lambda each: f"{name}[].{each}")
    return documented(option, [entries.source["list"], "Each element is a mapping."], suboptions=suboptions)


def _text(
    name: str,
    path: str,
    spec: Any,
    documentation: Mapping[str, Any],
    examples: str,
    returns: Mapping[str, Any],
    call: tuple[str, str, str],
) -> str:
    written = {
        "module": name,
        "short_description": documentation["short_description"],
        "version_added": documentation.get("version_added", _COMMON["version_added"]),
        "description": sentences(documentation["description"]),
        "author": _COMMON["author"],
        "extends_documentation_fragment": [f"{COLLECTION}.{each}" for each in _fragments(spec, documentation)],
        "attributes": documentation.get("attributes"),
        "notes": documentation.get("notes"),
        "options": documentation["options"],
        "seealso": [{"module": f"{COLLECTION}.{each}"} for each in documentation.get("seealso") or []],
    }
    place, function, argument = call
    imported = {"_module": "run_module", place: function}
    if argument:
        imported[f"_resources.{argument.lower()}"] = argument
    return _FILE.format(
        source=f"{UTILS}/{path}",
        documentation=dump({key: value for key, value in written.items() if value}),
        examples=examples,
        returns=dump({key: _samples(value) for key, value in {**returns, **_COMMON["returns"]}.items()}),
        imports="\n".join(_import(*each) for each in sorted(imported.items())),
        spec=f"{function}({argument})",
    )


def _import(place: str, name: str) -> str:
    line = f"{_IMPORT}.{place} import {name}"
    return line if len(line) <= WIDTH else f"{_IMPORT}.{place} import (\n    {name},\n)"


def _fragments(spec: Any, documentation: Mapping[str, Any]) -> list[str]:
    # What a module says of itself is not said by a fragment.
    special = ["attributes.settings" if spec.writes else "attributes.info"] * (not documentation.get("attributes"))
    return ["connection", "attributes", *special, "attributes.action_group"]


def _samples(item: Any) -> Any:
    """A RETURN block whose samples stand on one line where they fit."""
    if not isinstance(item, Mapping) or isinstance(item, Flow):
        return item
    found = dict(item)
    if "sample" in found and not isinstance(found["sample"], Flow):
        found["sample"] = Flow(found["sample"])
    if "contains" in found:
        found["contains"] = {name: _samples(each) for name, each in found["contains"].items()}
    return found
