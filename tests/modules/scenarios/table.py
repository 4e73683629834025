# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios by module. A module that is missing here fails a test."""

from __future__ import annotations

import importlib

from ansible_collections.cloudflare.email_security.plugins.module_utils._resources.resources import RESOURCES

from modules.scenario import ReadScenario, WriteScenario
from modules.scenarios import settings
from modules.scenarios.jobs import JOB_MODULES
from modules.scenarios.mail import ACTIONS, BY_ID, FILES, SEARCHES

# A file beside this one for each kind of entry.
ENTRIES = {one.singular: importlib.import_module(f"modules.scenarios.{one.singular}") for one in RESOURCES.values()}

WRITES: dict[str, WriteScenario] = {
    **{name: module.WRITES for name, module in ENTRIES.items()},
    "settings": settings.WRITES,
}
READS: dict[str, ReadScenario] = {f"{name}_info": module.READS for name, module in ENTRIES.items()}
# Read by a test of its own: what it returns is a document.
DOCUMENT_READERS = ("settings_info",)
# Read by a test of its own: what it returns comes of settings and messages.
EVIDENCE = "policy_usage_info"
# About messages: those that find by filters, act, save, and read by id; and those about bulk jobs.
MAIL_MODULES = (*SEARCHES, *ACTIONS, *FILES, BY_ID, *JOB_MODULES)
