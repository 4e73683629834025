# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/demo``: the main job on two simulated accounts, step by step, each step checked."""

from __future__ import annotations

import argparse
import html
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import lived_in  # noqa: E402

from simulator.handle import Account, Simulator  # noqa: E402

HOSTS = ("acme-emea", "acme-us")
PLAYBOOK = ["cloudflare.email_security.apply", "-i", "inventory.yml"]
PROGRAM = Path(sys.executable).with_name("ansible-playbook")
PURGE = ("-e", "@purge.yml")
IMPACT = ("-e", "email_security_apply_impact=30d")
# Only how the output looks.
DISPLAY = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_DIFF_CONTEXT": "8",
    "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() else "0",
    "ANSIBLE_NOCOWS": "1",
    "PYTHONUNBUFFERED": "1",
}
_RECIPIENTS = ("ada.bauer", "alan.costa", "amina.dubois", "olga.rossi", "yusuf.okafor")
# A row of the plan: the action, the entry, and last what it would have done to mail.
_EFFECT = re.compile(r"<tr><td>(\w+)</td><td><code>([^<]+)</code>.*<code>([^<]+)</code>")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Demo:
    """The story. A step that does not go as planned ends it."""

    def __init__(self, simulator: Simulator) -> None:
        self.accounts: dict[str, Account] = {host: simulator.account(lived_in.account_id(host)) for host in HOSTS}
        self.shown = {"CLOUDFLARE_API_TOKEN": Account.token, "CLOUDFLARE_BASE_URL": simulator.base_url}
        # A setting or a credential of the person who runs this has no business here.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CLOUDFLARE_"))}
        self.environment = {**own, **DISPLAY, **self.shown}
        self.steps = 0

    def step(self, heading: str, text: str = "") -> None:
        self.steps += 1
        say(f"\n{self.steps}. {heading}", "1")
        if text:
            say(textwrap.fill(text, 100))

    def command(self, *options: str) -> str:
        """The command as it is typed in the folder of the sample."""
        return " ".join([os.path.relpath(PROGRAM, lived_in.SAMPLE), *PLAYBOOK, *options])

    def apply(self, *options: str) -> dict[str, int]:
        """Run the playbook. Returns how many tasks of each account changed something."""
        for account in self.accounts.values():
            account.clear_requests()
        say(f"\n$ {self.command(*options)}\n", "36")
        run = subprocess.run(
            [str(PROGRAM), *PLAYBOOK, *options],
            cwd=lived_in.SAMPLE,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(textwrap.indent(run.stdout if run.returncode else news(run.stdout), "    "), end="\n\n", flush=True)
        if run.returncode:
            fail(f"ansible-playbook ended with {run.returncode}")
        plain = _COLOUR.sub("", run.stdout)
        return {host: int(count) for host, count in re.findall(r"^(\S+) +: ok=.* changed=(\d+)", plain, re.M)}

    def writes(self, host: str) -> int:
        return sum(request["method"] != "GET" for request in self.accounts[host].requests())

    def expect(self, changed: dict[str, int], expected: dict[str, int], writes: bool) -> None:
        if changed != expected:
            fail(f"changed tasks should be {expected}, and are {changed}")
        sent = {host: self.writes(host) for host in HOSTS}
        wrong = [host for host in HOSTS if bool(sent[host]) != (writes and bool(expected[host]))]
        if wrong:
            fail(f"the simulator counts these writes: {sent}")
        reads = sum(len(account.requests()) for account in self.accounts.values()) - sum(sent.values())
        say(f"As it should be: the simulator counts {reads} reads and {sum(sent.values())} writes.", "32")

    def show_environment(self) -> None:
        """What to type in a shell before the commands that are shown."""
        say(f"\n    cd {lived_in.SAMPLE}", "36")
        for name, value in self.shown.items():
            say(f"    export {name}={value}", "36")

    def run(self) -> None:
        say("Cloudflare Email Security as code, on a simulated Cloudflare", "1")
        say("Two accounts, as one finds them: clicked together over the years. The policy is in playbooks/sample.")
        say("The commands below are what is run, with these variables:")
        self.show_environment()
        for host, account in self.accounts.items():
            account.put(lived_in.account(host))
            account.put_messages(month={"count": 4000})

        both, none = dict.fromkeys(HOSTS, 1), dict.fromkeys(HOSTS, 0)
        self.step("Apply the policy", "Both accounts are brought in line, in parallel. Nothing is removed.")
        self.expect(self.apply(), both, writes=True)

        self.step("Apply it again", "Nothing differs, so nothing is written.")
        self.expect(self.apply(), none, writes=False)

        self.step("Purge", "purge.yml names the lists that lose what the policy does not name.")
        self.expect(self.apply(*PURGE), both, writes=True)

        self.step("Somebody changes acme-us in the dashboard")
        for line in tamper(self.accounts["acme-us"]):
            say(f"  - {line}")

        one = {"acme-emea": 0, "acme-us": 1}
        self.step(
            "Look for drift, and at the mail it is about",
            "Check mode reads for real and writes nothing. The diff shows what differs, and the plan what converging "
            "would have done to the mail of the last 30 days.",
        )
        with tempfile.TemporaryDirectory() as folder:
            plan = Path(folder) / "plan.md"
            report = ("-e", f"email_security_apply_report={plan}")
            self.expect(self.apply(*PURGE, *IMPACT, *report, "--check", "--diff"), one, writes=False)
            said = _EFFECT.findall(plan.read_text(encoding="utf-8"))
        if not said:
            fail("the plan says nothing of the mail")
        say("\nThe plan, which is a comment for a pull request, says what the changes would have done:")
        for action, entry, effect in said:
            say(f"  - {action} {entry}: {html.unescape(effect)}")

        self.step("Converge", "The same without --check: acme-us is as the policy says again.")
        self.expect(self.apply(*PURGE), one, writes=True)

        self.step("And once more", "Nothing is left to do.")
        self.expect(self.apply(*PURGE), none, writes=False)


def tamper(account: Account) -> list[str]:
    """Change the account behind its policy's back; returns what was done, in words."""
    state = account.state()
    policies, blocked = state["allow_policies"], state["block_senders"]
    policy = next(entry for entry in policies if entry["pattern"] == "billing@globex.example")
    policy["is_trusted_sender"] = True
    unblocked = next(entry for entry in blocked if entry["pattern"] == "acme-payroll.example")
    blocked.remove(unblocked)
    allowed = {"pattern": "cheap-loans.example", "pattern_type": "DOMAIN", "is_acceptable_sender": True}
    flags = {"is_regex": False, "is_trusted_sender": False, "is_exempt_recipient": False, "verify_sender": False}
    policies.append({**flags, **allowed, "comments": "asked for by phone"})
    account.put(state)
    # What the block stopped gets in from now on.
    clean = {"from": f"service@{unblocked['pattern']}", "subject": "Your payslip", "final_disposition": "NONE"}
    account.add_messages(*[{**clean, "client_recipients": [f"{name}@us.acme.example"]} for name in _RECIPIENTS])
    return [
        f"{policy['pattern']} becomes a trusted sender, so nothing from there is scanned any more",
        f"{unblocked['pattern']} is unblocked, and {len(_RECIPIENTS)} messages come in from there",
        f"{allowed['pattern']} is allowed, without sender verification",
    ]


def news(output: str) -> str:
    """Ansible's output without the tasks that only say ok."""
    blocks = [block.strip("\n") for block in output.split("\n\n")]
    kept: list[str] = []
    for block in filter(None, blocks):
        lines = _COLOUR.sub("", block).splitlines()
        quiet = all(re.match(r"(PLAY \[|TASK \[|ok: \[[^]]+\]( => \(item=.*\))?$)", line) for line in lines)
        if not quiet:
            kept.append(block)
    return "\n\n".join(kept)


def say(text: str, colour: str = "") -> None:
    print(f"\x1b[{colour}m{text}\x1b[0m" if colour and sys.stdout.isatty() else text, flush=True)


def fail(reason: str) -> None:
    say(f"\nNot as it should be: {reason}.", "31")
    sys.exit(1)


def next_steps(seconds: float) -> None:
    say(f"\nThat was it, in {seconds:.0f} seconds. With an account of your own:", "1")
    say("""
    export CLOUDFLARE_ACCOUNT_ID=...      # the account's overview page in the dashboard shows it
    export CLOUDFLARE_API_TOKEN=...       # with the permission Cloud Email Security: Write (Read for check mode)
    ansible-playbook cloudflare.email_security.apply -i localhost, \\
        -e email_security_policy_files=policy.yml --check --diff

README.md says how to install the collection and how to write policy.yml; docs/policy_as_code.md how to go on.""")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/demo", description=__doc__.partition(": ")[2])
    parser.add_argument("--keep", action="store_true", help="leave the simulator running at the end, to try more")
    arguments = parser.parse_args()
    started = time.monotonic()
    with Simulator() as simulator:
        demo = Demo(simulator)
        demo.run()
        next_steps(time.monotonic() - started)
        if arguments.keep:
            say("\nThe simulator goes on until Ctrl-C. In another terminal, type:", "1")
            demo.show_environment()
            say(f"    {demo.command(*PURGE, '--check', '--diff')}", "36")
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                pass


if __name__ == "__main__":
    main()
