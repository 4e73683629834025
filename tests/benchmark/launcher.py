# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python launcher.py RESULT SECONDS COMMAND...``: run a command and write down what it and all its children used.

A process of its own, because the kernel counts the memory of whoever starts a process as that process's peak. So this
must stay small, and imports little.
"""

import json
import os
import signal
import sys
import time


def main() -> int:
    result, seconds, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.fork()
    if not child:
        os.setsid()
        os.execv(command[0], command)
    signal.signal(signal.SIGALRM, lambda number, frame: os.killpg(child, signal.SIGKILL))
    signal.alarm(int(seconds))
    status, used = os.wait4(child, 0)[1:]
    wall = time.perf_counter() - started
    measured = {
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        # Linux counts in KiB, macOS in bytes.
        "memory": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    with open(result, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib would be the largest import here
        json.dump(measured, file)
    return os.waitstatus_to_exitcode(status) and 1


if __name__ == "__main__":
    sys.exit(main())
