# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What modules can do, as attributes. A module names the fragment and the variant that is true for it."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing anything.
  diff_mode:
    description: Returns the details of what changed, or would change in check mode.
  idempotent:
    description: Run again with the same options, it changes nothing.
  platform:
    description: Where it runs.
    platforms: posix
    support: full
"""

    # Modules that change settings.
    SETTINGS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Reads for real, sends nothing but GET requests, and returns what the run would return,
        except for the ids of entries that do not exist yet.
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    support: N/A
    details:
      - This module never changes anything.
  idempotent:
    support: full
    details:
      - This module never changes anything.
"""

    ACTION_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/cloudflare.email_security.all) in C(module_defaults) to set the account once.
    support: full
    membership:
      - cloudflare.email_security.all
"""
