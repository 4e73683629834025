#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_messages/message_preview.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: message_preview
short_description: Save pictures of messages
version_added: 0.1.0
description:
  - Saves a picture (PNG) of what a message of Cloudflare Email Security looks like, without opening it anywhere.
  - For a message that was no detection, the API makes the picture on request. That needs the permission to write.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.action_group
attributes:
  check_mode:
    support: partial
    details:
      - Check mode does not ask the API to make a picture. An existing file is treated as that picture, and C(size) and
        C(sha256) are null.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - As far as the API makes the same picture again.
options:
  investigate_ids:
    description:
      - Ids of the messages, as M(cloudflare.email_security.investigate_info) returns them in C(id).
    type: list
    elements: str
    required: true
  dest:
    description:
      - A file, or a folder that gets one file for each message.
      - It is a folder when it is one already, when it ends in C(/), or when there are several messages. It is made
        where it is missing.
      - Names in a folder are made from the ids; characters that do not belong in a name are replaced.
    type: path
    required: true
  mode:
    description:
      - Permissions of the file, in octal digits. Quote them.
    type: raw
    default: "0600"
  fail_on_missing:
    description:
      - Whether to fail when a message is not found, rather than to name it in RV(missing).
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.message_raw
  - module: cloudflare.email_security.message_info
"""

EXAMPLES = r"""
- name: See what people saw
  cloudflare.email_security.message_preview:
    investigate_ids: ["{{ message_id }}"]
    dest: "{{ evidence_folder }}/"
"""

RETURN = r"""
files:
  description: The files, one for each message that was found.
  type: list
  elements: dict
  returned: success, and failure after the first request
  contains:
    investigate_id:
      description: Id of the message.
      type: str
      returned: always
      sample: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
    path:
      description: Where the file is.
      type: str
      returned: always
      sample: /evidence/4Njp3P0STMz2c02Q-2026-11-20T10_00_00-12345678-0a1b2c3d4e5f.eml
    size:
      description: Its size in bytes.
      type: int
      returned: always
      sample: 4096
    sha256:
      description: SHA-256 of its content.
      type: str
      returned: always
      sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    changed:
      description: Whether it was written, or would be in check mode.
      type: bool
      returned: always
      sample: true
missing:
  description: Ids that were not found.
  type: list
  elements: str
  returned: success, and failure after the first request
  sample: []
error:
  description:
    - What went wrong, for programs. C(type) is its kind. C(problem_count) counts what is wrong with a refused task; the
      message names it, a line each, up to twenty.
    - If the API refused the request, also C(request), C(http_status), C(api_errors) and C(cf_ray), which Cloudflare's
      support needs.
  type: dict
  returned: failure
  sample:
    type: RefusedError
    request: POST settings/block_senders
    http_status: 400
    api_errors: [{code: 10400, message: pattern must be a valid domain name}]
    cf_ray: 8d0c1e7c1a2b3c4d-FRA
"""

from ansible_collections.cloudflare.email_security.plugins.module_utils._messages.save import message_preview_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module

SPEC = message_preview_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
