# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look for bytes that the decoder of answers trips over: ``python tests/fuzz/envelope.py -max_total_time=300``.

Needs what ``atheris-requirements.txt`` beside it lists, and the checkout linked into the environment
(``python tests/link_checkout.py``). Arguments are libFuzzer's. Inputs found on the way are kept in a folder of the
machine's own for temporary files, unless a folder is named. One that crashes belongs into ``corpus.json``, which every
ordinary test run replays.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

with atheris.instrument_imports(
    include=["ansible_collections.cloudflare", "requests", "email", "json", "urllib"], enable_loader_override=False
):
    from fuzz.exchange import check

# What the decoder looks at, so that the fuzzer need not guess it letter by letter.
WORDS = [
    *("success", "true", "false", "null", "errors", "code", "message", "result", "result_info", "source", "pointer"),
    *(
        "429",
        "408",
        "500",
        "302",
        "202",
        "404",
        "971",
        "10001",
        "7003",
        "9109",
        "NaN",
        "1e999",
        "\\ud800",
        "internal error",
    ),
    *("Retry-After: ", "Location: ", "CF-Ray: ", "Content-Type: ", "charset=", "Content-Encoding: ", "gzip"),
    *("Ratelimit: ", "Ratelimit-Policy: ", ";r=", ";t=", ";q="),
]


def main() -> None:
    arguments = [sys.argv[0], *sys.argv[1:]]
    if not [argument for argument in sys.argv[1:] if not argument.startswith("-")]:
        arguments.append(tempfile.mkdtemp(prefix="envelope-"))
    seeds = Path(tempfile.mkdtemp(prefix="envelope-seeds-"))
    for text in json.loads((HERE / "corpus.json").read_text(encoding="utf-8")):
        data = text.encode("latin-1")
        (seeds / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    dictionary = seeds.with_suffix(".dict")
    dictionary.write_text("".join(f"{json.dumps(word)}\n" for word in WORDS), encoding="ascii")
    atheris.Setup([*arguments, str(seeds), f"-dict={dictionary}"], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
