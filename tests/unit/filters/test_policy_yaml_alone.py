# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters run inside Ansible's own process, which writes YAML too."""

from __future__ import annotations

import yaml
from ansible_collections.cloudflare.email_security.plugins.plugin_utils._policy import dump as policy_yaml


def test_the_dumper_leaves_yaml_s_own_as_it_is() -> None:
    assert policy_yaml is not None
    assert yaml.safe_dump({"a": ["b", 1]}) == "a:\n- b\n- 1\n"
    assert {str, dict, list} <= set(yaml.SafeDumper.yaml_representers)
