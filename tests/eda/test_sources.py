# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event sources as ansible-rulebook runs them: by their path, with a queue, until they are cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import runpy
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cloudflare.email_security.plugins.module_utils._errors import (
    AccessError,
    EmailSecurityError,
    InputError,
)
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events import feed as event_feed
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._events.checkpoint import CheckpointError

from eda.source import CHECKOUT, HOSTILE, SOURCES, ago
from simulator.handle import Account

FEEDS = {feed.source: feed for feed in (event_feed.MESSAGES, event_feed.PHISHGUARD_REPORTS)}
SECRET = "a-token-that-nobody-may-see"


class Engine:
    """The queue that ansible-rulebook gives to a source: it wraps another, which holds one event at a time."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)

    async def put(self, event: dict[str, Any]) -> None:
        await self.queue.put(event)

    async def take(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.queue.get(), 30)


Pause = Callable[[float], Awaitable[None]]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_ID", "API_TOKEN", "API_KEY", "EMAIL", "BASE_URL"):
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)


@pytest.fixture
def args(account: Account, tmp_path: Path) -> dict[str, Any]:
    """Options of a source: what a rulebook says, and no waiting for an API that is down."""
    return {
        "account_id": account.id,
        "api_token": account.read_token,
        "base_url": account.base_url,
        "checkpoint": str(tmp_path / "checkpoint.json"),
        "retry_timeout": 0,
        "feedback_timeout": 30,
    }


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(
    args: dict[str, Any], pause: Pause = no_pause, feed: event_feed.Feed = event_feed.MESSAGES
) -> AsyncIterator[tuple[Engine, asyncio.Task[None]]]:
    """A source at work, until it is killed."""
    engine = Engine()
    task = asyncio.create_task(event_feed.follow(engine, args, feed, pause))
    try:
        yield engine, task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def fails(args: dict[str, Any], feed: event_feed.Feed = event_feed.MESSAGES) -> EmailSecurityError:
    """What a source that cannot go on says."""
    with pytest.raises(EmailSecurityError) as raised:
        asyncio.run(event_feed.follow(Engine(), args, feed, no_pause))
    return raised.value


def ids_in(args: dict[str, Any]) -> list[str]:
    lines = Path(args["checkpoint"]).read_text().splitlines()
    return [json.loads(line)[0] for line in lines[1:]]


@pytest.mark.parametrize("source", FEEDS)
def test_a_source_run_by_its_path(account: Account, args: dict[str, Any], source: str) -> None:
    account.put_messages({"subject": "first"})
    account.put_phishguard_reports({"title": "first"})
    main = runpy.run_path(str(SOURCES / f"{source}.py"))["main"]
    assert asyncio.iscoroutinefunction(main)

    async def first() -> dict[str, Any]:
        engine = Engine()
        task = asyncio.create_task(main(engine, args))
        event = await engine.take()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return event

    event = asyncio.run(first())
    holds = FEEDS[source].holds
    assert sorted(event) == sorted(["account_id", holds])
    assert "first" in event[holds].values()


def test_an_event_counts_once_the_engine_has_it(account: Account, args: dict[str, Any]) -> None:
    """Killed while an event lies in the queue: it comes again. Killed after that: it does not."""
    given = [message["id"] for message in account.put_messages({"scanned_at": ago(minutes=2)}, {})]

    async def killed_with_one_in_the_queue() -> None:
        async with running(args) as (engine, task):
            await engine.take()
            while not engine.queue.full():
                await asyncio.sleep(0.01)
            assert not task.done()

    asyncio.run(killed_with_one_in_the_queue())
    assert ids_in(args) == given[:1]

    async def the_rest() -> list[str]:
        async with running(args) as (engine, _task):
            found = [(await engine.take())["message"]["id"]]
            while ids_in(args) != given:
                await asyncio.sleep(0.01)
            return found

    assert asyncio.run(the_rest()) == given[1:]


def test_with_feedback_the_engine_says_so(account: Account, args: dict[str, Any]) -> None:
    given = [message["id"] for message in account.put_messages({"scanned_at": ago(minutes=2)}, {})]

    async def work() -> None:
        feedback: asyncio.Queue[Any] = asyncio.Queue(1)
        async with running({**args, "feedback": True, "eda_feedback_queue": feedback}) as (engine, _task):
            event = await engine.take()
            await asyncio.sleep(0.3)
            assert ids_in(args) == []
            await feedback.put(event)
            event = await engine.take()
            assert ids_in(args) == given[:1]

    asyncio.run(work())


def test_without_the_feedback_it_asked_for_it_fails(account: Account, args: dict[str, Any]) -> None:
    account.put_messages({})

    async def work() -> None:
        await event_feed.follow(
            Engine(), {**args, "feedback": True, "feedback_timeout": 0.1, "eda_feedback_queue": asyncio.Queue(1)},
            event_feed.MESSAGES, no_pause,
        )  # fmt: skip

    with pytest.raises(EmailSecurityError, match="did not take an event within"):
        asyncio.run(work())
    assert ids_in(args) == []


def test_an_api_that_is_down_is_waited_for(
    account: Account, args: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    given = account.put_messages({})
    times = 12
    account.faults({"kind": "status_before", "arguments": {"status": 503}, "times": times})
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await no_pause(seconds)

    async def work() -> dict[str, Any]:
        async with running(args, pause) as (engine, _task):
            return await engine.take()

    assert asyncio.run(work())["message"]["id"] == given[0]["id"]
    # Less and less often, and never less than every five minutes.
    assert pauses[:times] == [120, 240, *[300] * (times - 2)]
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len([said for said in warnings if "HTTP 503" in said and "nothing is missed" in said]) == times
    assert warnings[-1] == "The API answers again."
    assert {record.name for record in caplog.records if "nothing is missed" in record.getMessage()} == {
        "cloudflare.email_security.messages"
    }


def test_the_rate_limit_is_waited_for(account: Account, args: dict[str, Any]) -> None:
    given = account.put_messages({})
    account.faults({"kind": "rate_limited", "arguments": {"retry_after": 1}})

    async def work() -> dict[str, Any]:
        async with running({**args, "retry_timeout": 60}) as (engine, _task):
            return await engine.take()

    assert asyncio.run(work())["message"]["id"] == given[0]["id"]
    assert [entry["status"] for entry in account.requests()][:2] == [429, 200]


def test_it_ends_at_once_while_it_waits_for_the_rate_limit(account: Account, args: dict[str, Any]) -> None:
    """The thread that waits for five minutes must not keep ansible-rulebook from ending."""
    account.faults({"kind": "rate_limited", "arguments": {"retry_after": 300}, "times": None})

    async def work() -> float:
        loop = asyncio.get_running_loop()
        async with running({**args, "retry_timeout": 900}):
            while not account.requests():
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.2)
        before = loop.time()
        await loop.shutdown_default_executor()
        return loop.time() - before

    # Not how fast it is, but whether it waits the rest of 300 seconds.
    assert asyncio.run(work()) < 100


def test_what_will_not_mend_ends_the_source(account: Account, args: dict[str, Any]) -> None:
    error = fails({**args, "api_token": SECRET})
    assert isinstance(error, AccessError)
    assert SECRET not in str(error)
    account.options(entitled=False)
    assert "subscription" in str(fails(args))


def test_a_damaged_checkpoint_ends_the_source(account: Account, args: dict[str, Any]) -> None:
    Path(args["checkpoint"]).write_text("{")
    error = fails(args)
    assert isinstance(error, CheckpointError)
    assert "is damaged" in str(error)
    assert account.requests() == []
    assert Path(args["checkpoint"]).read_text() == "{"


def test_two_sources_cannot_share_a_checkpoint(account: Account, args: dict[str, Any]) -> None:
    async def work() -> None:
        async with running(args):
            while not account.requests():
                await asyncio.sleep(0.01)
            with pytest.raises(CheckpointError, match="is in use"):
                await event_feed.follow(Engine(), args, event_feed.MESSAGES, no_pause)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"checkpoint": None}, "missing required arguments: checkpoint"),
        ({"checkpoint": ""}, "missing required arguments: checkpoint"),
        ({"interval": 1}, "interval must be at least 5 seconds"),
        ({"interval": "soon"}, "interval"),
        ({"interval": "nan"}, "interval must be at least 5 seconds"),
        ({"overlap": "long"}, "overlap must be a time"),
        ({"overlap": "2099-01-01"}, "overlap must be a span"),
        ({"start": "when"}, "start must be a time"),
        ({"final_disposition": "EVIL"}, "final_disposition"),
        ({"detections_only": "perhaps"}, "detections_only"),
        ({"check_point": "x"}, "check_point"),
        ({"account_id": "../a"}, "account_id must be the id of an account"),
        ({"api_token": None}, "credentials are missing"),
        ({"api_token": f"{SECRET}\n{SECRET}"}, "api_token holds characters"),
        ({"base_url": "http://elsewhere.example"}, "base_url must be https"),
    ],
)
def test_a_wrong_option_is_named(account: Account, args: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    error = fails({**args, **changes})
    assert isinstance(error, InputError)
    assert said in str(error)
    assert SECRET not in str(error)
    assert account.requests() == []


def test_reports_know_no_filters(args: dict[str, Any]) -> None:
    assert "domain" in str(fails({**args, "domain": "x.example"}, event_feed.PHISHGUARD_REPORTS))


def test_credentials_come_from_the_environment_too(
    account: Account, args: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.put_messages({})
    for name, value in {"ACCOUNT_ID": account.id, "API_TOKEN": account.token, "BASE_URL": account.base_url}.items():
        monkeypatch.setenv(f"CLOUDFLARE_{name}", value)
    for name in ("account_id", "api_token", "base_url"):
        args[name] = ""

    async def work() -> dict[str, Any]:
        async with running(args) as (engine, _task):
            return await engine.take()

    assert asyncio.run(work())["account_id"] == account.id


def test_no_secret_is_in_an_event_a_log_or_the_checkpoint(
    account: Account, args: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account.options(credentials={"tokens": {SECRET: "read"}})
    account.put_messages({})
    account.faults({"kind": "status_before", "arguments": {"status": 500}, "times": 3}, {"kind": "cut_before"})

    async def work() -> dict[str, Any]:
        async with running({**args, "api_token": SECRET}) as (engine, _task):
            return await engine.take()

    event = asyncio.run(work())
    assert caplog.text
    reported = json.dumps(event) + caplog.text + Path(args["checkpoint"]).read_text()
    assert SECRET not in reported


def evaluated(document: Any, folder: Path) -> bool:
    """Whether Ansible runs what stands in an event that a playbook looks at."""
    folder.mkdir()
    # As ansible-rulebook writes it.
    (folder / "extravars").write_text(yaml.dump({"ansible_eda": {"event": document}}))
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.debug": {"msg": "{{ ansible_eda.event | string | length }}"}}],
    }
    (folder / "look.yml").write_text(json.dumps([play]))
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-e", "@extravars", "look.yml"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return (folder / "run").exists()


def test_ansible_evaluates_nothing_in_an_event(tmp_path: Path) -> None:
    """What a sender wrote would be run, were it not made harmless."""
    document = [text for text in HOSTILE if "\ud800" not in text]
    assert evaluated(document[:1], tmp_path / "raw")
    assert not evaluated(event_feed.neutralize_templates(document), tmp_path / "harmless")


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_readable(text: str) -> None:
    found = event_feed.neutralize_templates({text: [text, 1, None, True, {"x": text}]})
    ((key, (value, *rest)),) = found.items()
    assert key == value
    assert rest == [1, None, True, {"x": value}]
    json.dumps(found).encode()
    json.dumps(found, ensure_ascii=False).encode()
    assert value.replace(" ", "").replace("\ufffd", "") == text.replace(" ", "").replace("\ud800", "")


# The documentation of the sources.


@pytest.fixture(params=FEEDS)
def documented(request: pytest.FixtureRequest) -> tuple[event_feed.Feed, dict[str, Any], str]:
    """A source, its documentation, and its examples."""
    namespace = runpy.run_path(str(SOURCES / f"{request.param}.py"))
    return FEEDS[request.param], yaml.safe_load(namespace["DOCUMENTATION"]), namespace["EXAMPLES"]


def test_the_documentation_names_the_options(documented: tuple[event_feed.Feed, dict[str, Any], str]) -> None:
    feed, documentation, _examples = documented
    assert documentation["name"] == feed.source
    options = event_feed.options(feed)
    assert set(documentation["options"]) == set(options)
    for name, option in options.items():
        reported = documentation["options"][name]
        for part in ("type", "default", "choices", "required"):
            assert reported.get(part) == option.get(part), (name, part)
        assert reported["description"]


def test_the_examples_are_accepted(
    documented: tuple[event_feed.Feed, dict[str, Any], str], args: dict[str, Any]
) -> None:
    feed, _documentation, examples = documented
    parsed = yaml.safe_load(examples)
    assert parsed
    for example in parsed:
        options = example[f"cloudflare.email_security.{feed.source}"]
        assert event_feed.settings(feed, {**args, **options}, event_feed._now())


def test_a_source_brings_its_own_collection(args: dict[str, Any], tmp_path: Path) -> None:
    """Installed anywhere, it imports what lies beside it, and not what another path happens to hold."""
    installed = tmp_path / "ansible_collections" / "cloudflare" / "email_security"
    for part in ("plugins", "extensions"):
        shutil.copytree(CHECKOUT / part, installed / part, ignore=shutil.ignore_patterns("__pycache__"))
    path = installed / "extensions" / "eda" / "plugins" / "event_source" / "messages.py"
    program = (
        "import asyncio, runpy, sys\n"
        f"main = runpy.run_path({str(path)!r})['main']\n"
        "try:\n"
        "    asyncio.run(main(asyncio.Queue(), {}))\n"
        "except Exception as error:\n"
        "    print(error)\n"
        "for name, module in sys.modules.items():\n"
        "    if name.startswith('ansible_collections.cloudflare.email_security.plugins.'):\n"
        "        print(module.__file__ or module.__path__[0])\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    first, *files = finished.stdout.splitlines()
    assert "checkpoint" in first
    assert len(files) > 5
    assert [file for file in files if not file.startswith(str(installed))] == []
