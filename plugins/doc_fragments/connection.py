# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that speaks to the API: which account, as whom, and how long to try."""

    DOCUMENTATION = r"""
options:
  account_id:
    description:
      - Id of the Cloudflare account, 32 hexadecimal characters.
      - When left out, the environment variable E(CLOUDFLARE_ACCOUNT_ID) is used.
    type: str
  api_token:
    description:
      - API token. It needs the permission Cloud Email Security Read to read,
        and Cloud Email Security Write for everything else.
      - When left out, the environment variable E(CLOUDFLARE_API_TOKEN) is used.
      - A token wins over O(api_key) and O(api_email), wherever it comes from.
    type: str
  api_key:
    description:
      - Global API key of a user, together with O(api_email). A token is the better choice, since it can do less.
      - When left out, the environment variable E(CLOUDFLARE_API_KEY) is used.
    type: str
  api_email:
    description:
      - E-mail address of the user whom O(api_key) belongs to.
      - When left out, the environment variable E(CLOUDFLARE_EMAIL) is used.
    type: str
  base_url:
    description:
      - Where the API is. It must be C(https), except on this machine's own loopback address
        or with O(allow_http).
      - When left out, the environment variable E(CLOUDFLARE_BASE_URL) is used,
        and without that C(https://api.cloudflare.com/client/v4).
    type: str
  allow_http:
    description:
      - Whether O(base_url) may be C(http) on another host than this machine.
        Credentials and mail then travel unencrypted.
    type: bool
    default: false
  validate_certs:
    description:
      - Whether to check the certificate of the server. Turn this off only for tests.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder with the certificate authorities to trust, instead of those that C(requests) comes with.
      - When left out, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are used.
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for each piece of an answer.
    type: float
    default: 30
  retry_timeout:
    description:
      - Seconds that one request may spend on waiting and trying again.
      - Reads are tried again after a rate limit, and up to eight times after connection errors, 408 and 5xx.
        Writes are tried again only after a rate limit, when the API has not carried them out.
        When a write gets no answer, the module reads again and writes only what is still missing.
      - The API blocks for five minutes when its rate limit is exceeded. The default outlasts that.
    type: float
    default: 900
  concurrency:
    description:
      - How many requests may be under way side by side, from 1 to 16.
    type: int
    default: 4
requirements:
  - requests
notes:
  - A task that runs on this machine, as the same user and with the same Python as Ansible is done without starting a
    module process, and the items of a loop share their connections. Results are the same. Set the variable
    C(cloudflare_email_security_fast_path), or the environment variable E(CLOUDFLARE_EMAIL_SECURITY_FAST_PATH), to
    V(false) to start a module process for each task nevertheless.
  - The proxies that the environment names (E(HTTPS_PROXY), E(HTTP_PROXY), E(NO_PROXY)) are used. A C(~/.netrc) is not.
"""
