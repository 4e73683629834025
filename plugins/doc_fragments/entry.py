# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options and notes that the modules for one settings entry share."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether the entry is to be in the account.
    type: str
    choices: [present, absent]
    default: present
notes:
  - The whole list is read to find the entry, since the API does not say how its filters treat upper and lower case.
    To manage many entries, use M(cloudflare.email_security.settings), which reads each list once.
"""

    # Modules that read one list.
    INFO = r"""
options:
  direction:
    description:
      - Whether to sort from low to high or from high to low.
    type: str
    choices: [asc, desc]
  search:
    description:
      - Only entries that this text is found in. What it is compared with is up to the API.
    type: str
notes:
  - All pages are read. Without O(order) entries come by age, oldest first.
"""
