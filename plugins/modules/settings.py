#!/usr/bin/python

# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by tools/generate. Changes made here are lost. The source is
# plugins/module_utils/_settings/settings.yml.

from __future__ import annotations

DOCUMENTATION = r"""
module: settings
short_description: Bring an account's settings in line with a document
version_added: 0.1.0
description:
  - Compares the settings of a Cloudflare Email Security account with a document, and changes what differs.
  - One plan for the whole document is made and checked before the first write. Where the API offers it, up to 1,000
    changes of a kind go out in one request.
  - A list that the document omits is not touched. Entries of the account that a list does not name stay, unless
    O(purge) includes the list.
  - Lists are written in the order of the options below, so that what protects comes before what makes exceptions. In
    each list, creates and updates come before deletes.
  - Some plans and older services lack some of the lists. A document that names such a list fails before any write.
author:
  - The cloudflare.email_security contributors (@cloudflare-email-security)
extends_documentation_fragment:
  - cloudflare.email_security.connection
  - cloudflare.email_security.attributes
  - cloudflare.email_security.attributes.settings
  - cloudflare.email_security.attributes.action_group
options:
  policy_files:
    description:
      - Files that hold policy, in addition to the lists of this task. What several files and the task say about a list
        is joined, in this order.
      - A file is YAML (C(.yml), C(.yaml)), JSON (C(.json)) or one of the dashboard's CSV files (C(.csv)), by its name.
        YAML and JSON hold a mapping with any of the lists. A CSV file is one list, identified by its header.
      - A folder means all such files in it, by name. Wildcards mean the files that match, by name.
      - Relative paths are looked for where Ansible looks for the files of a task, such as next to the playbook, and
        then in the working directory. Files are read on the controller, whatever the connection.
      - Files are data, and never templated. What looks like a template is refused unless it is marked C(!unsafe). A
        file whose name ends in C(.j2), such as C(policy.yml.j2), is rendered first, whole; review such a file as code.
      - Whole files and single values (C(!vault)) may be encrypted with Ansible Vault.
      - Every mistake in all files is reported at once, by file, line and column, before any request.
    type: list
    elements: path
  _policy:
    description:
      - Internal. What the collection's action plugin has read from O(policy_files); what a task gives here is ignored.
    type: raw
  domains:
    description:
      - Protected domains. Options that an entry omits stay as they are.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
        type: str
      domain:
        description:
          - Name of the domain.
          - 1 to 253 characters. Required unless O(domains[].id) is given. It cannot be changed.
        type: str
      allowed_delivery_modes:
        description:
          - Ways by which its mail may reach Email Security.
          - 1 to 10 items. Required for a new protected domain. If omitted, it stays as it is.
        type: list
        elements: str
        choices: [DIRECT, BCC, JOURNAL, API, RETRO_SCAN]
      drop_dispositions:
        description:
          - Dispositions whose mail is dropped.
          - An empty list drops none.
          - Up to 10 items. Required for a new protected domain. If omitted, it stays as it is.
        type: list
        elements: str
        choices: [MALICIOUS, MALICIOUS-BEC, SUSPICIOUS, SPOOF, SPAM, BULK, ENCRYPTED, EXTERNAL, UNKNOWN, NONE]
      folder:
        description:
          - Folder to scan.
          - If omitted, it stays as it is.
        type: str
        choices: [AllItems, Inbox]
      integration_id:
        description:
          - Integration that gives access to its mailboxes.
          - An empty text detaches the domain from it.
          - If omitted, it stays as it is.
        type: str
      ip_restrictions:
        description:
          - Addresses and blocks that may deliver its mail.
          - An empty list allows all.
          - Up to 100 items. Required for a new protected domain. If omitted, it stays as it is.
        type: list
        elements: str
      lookback_hops:
        description:
          - How many hops to look back to find the real sender.
          - 1 to 20. If omitted, it stays as it is.
        type: int
      regions:
        description:
          - Where to process its mail.
          - 1 to 10 items. Required for a new protected domain. If omitted, it stays as it is.
        type: list
        elements: str
        choices: [GLOBAL, AU, DE, IN, US]
      require_tls_inbound:
        description:
          - Whether mail must arrive over TLS.
          - If omitted, it stays as it is.
        type: bool
      require_tls_outbound:
        description:
          - Whether mail must leave over TLS.
          - If omitted, it stays as it is.
        type: bool
      transport:
        description:
          - Host to pass mail on to.
          - If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  impersonation_registry:
    description:
      - Impersonation registry, the people whose names are protected.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(impersonation_registry[].email) or O(impersonation_registry[].name) can be changed in place.
        type: str
      email:
        description:
          - Address that the person writes from, or a regular expression for all such addresses.
          - The host part is compared without regard to case.
          - It must not be empty. Required unless O(impersonation_registry[].id) is given.
        type: str
      name:
        description:
          - Display name to protect.
          - 1 to 1,024 characters. Required unless O(impersonation_registry[].id) is given.
        type: str
      is_email_regex:
        description:
          - Whether O(impersonation_registry[].email) is a regular expression. The API uses Java's syntax.
          - If omitted, it is V(false). With O(impersonation_registry[].id) and without
            O(impersonation_registry[].email), it stays as it is.
        type: bool
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      directory_id:
        description:
          - Directory that the entry belongs to.
          - If omitted, it stays as it is.
        type: int
      directory_node_id:
        description:
          - Node in that directory.
          - If omitted, it stays as it is.
        type: int
      external_directory_node_id:
        description:
          - Node, as the directory itself names it.
          - An empty text clears it.
          - If omitted, it stays as it is.
        type: str
      provenance:
        description:
          - Where the entry comes from. The API sets V(A1S_INTERNAL) for a new entry.
          - Entries with another value are synced from a directory. They cannot be changed or removed here.
          - If omitted, it stays as it is.
        type: str
        choices: [A1S_INTERNAL, SNOOPY-CASB_OFFICE_365, SNOOPY-OFFICE_365, SNOOPY-GOOGLE_DIRECTORY]
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  block_senders:
    description:
      - Blocked senders.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(block_senders[].pattern) can be changed in place.
        type: str
      pattern:
        description:
          - What to match.
          - Domains, the host part of an address, and the notation of an IP address are compared without regard to case.
          - 1 to 1,024 characters. Required unless O(block_senders[].id) is given.
        type: str
      pattern_type:
        description:
          - What kind of pattern O(block_senders[].pattern) is.
          - Required unless O(block_senders[].id) is given.
        type: str
        choices: [EMAIL, DOMAIN, IP]
      is_regex:
        description:
          - Whether O(block_senders[].pattern) is a regular expression. The API uses Java's syntax.
          - If omitted, it is V(false). With O(block_senders[].id) and without O(block_senders[].pattern), it stays as
            it is.
        type: bool
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  content_policies:
    description:
      - Content policies. A message that one of them matches is malicious. The dashboard calls them C(Blocked content).
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(content_policies[].name) can be changed in place.
        type: str
      name:
        description:
          - Name of the policy. Its case matters.
          - 1 to 256 characters. Required unless O(content_policies[].id) is given.
        type: str
      pattern:
        description:
          - Regular expression to look for. The API uses Java's syntax, such as C((?i)) to ignore case.
          - 1 to 2,048 characters. Required for a new content policy. If omitted, it stays as it is.
        type: str
      targets:
        description:
          - Parts of a message to look in. Their order does not matter.
          - 1 to 2 items. Required for a new content policy. If omitted, it stays as it is.
        type: list
        elements: str
        choices: [SUBJECT, BODY]
      enabled:
        description:
          - Whether the policy is at work.
        type: bool
        default: true
      notes:
        description:
          - A note, such as a ticket number. An empty text clears it.
          - Up to 4,096 characters. If omitted, it stays as it is.
        type: str
      expires_at:
        description:
          - Time at which the service ends the policy, where it offers that. An empty text clears it.
          - If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  sending_domain_restrictions:
    description:
      - Sending-domain restrictions. Mail from these domains must arrive over TLS. The dashboard calls them C(Partner
        domain TLS).
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(sending_domain_restrictions[].domain) can be changed in place.
        type: str
      domain:
        description:
          - Domain whose mail must arrive over TLS. Domains are compared without regard to case.
          - 1 to 253 characters. Required unless O(sending_domain_restrictions[].id) is given.
        type: str
      exclude:
        description:
          - Subdomains whose mail may arrive without TLS. Neither their order nor their case matters.
        type: list
        elements: str
        default: []
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  trusted_domains:
    description:
      - Trusted domains.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(trusted_domains[].pattern) can be changed in place.
        type: str
      pattern:
        description:
          - What to match.
          - Domains are compared without regard to case.
          - 1 to 1,024 characters. Required unless O(trusted_domains[].id) is given.
        type: str
      is_regex:
        description:
          - Whether O(trusted_domains[].pattern) is a regular expression. The API uses Java's syntax.
          - If omitted, it is V(false). With O(trusted_domains[].id) and without O(trusted_domains[].pattern), it stays
            as it is.
        type: bool
      is_recent:
        description:
          - Do not hold it against the domain that it was registered recently. The dashboard calls this C(New).
        type: bool
        default: false
      is_similarity:
        description:
          - Do not hold it against the domain that it is spelled like one of yours. The dashboard calls this
            C(Proximity).
        type: bool
        default: false
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  allow_policies:
    description:
      - Allow policies. What they match is exempt from detection.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(allow_policies[].pattern) can be changed in place.
        type: str
      pattern:
        description:
          - What to match.
          - Domains, the host part of an address, and the notation of an IP address are compared without regard to case.
          - 1 to 1,024 characters. Required unless O(allow_policies[].id) is given.
        type: str
      pattern_type:
        description:
          - What kind of pattern O(allow_policies[].pattern) is.
          - Required unless O(allow_policies[].id) is given.
        type: str
        choices: [EMAIL, DOMAIN, IP]
      is_regex:
        description:
          - Whether O(allow_policies[].pattern) is a regular expression. The API uses Java's syntax.
          - If omitted, it is V(false). With O(allow_policies[].id) and without O(allow_policies[].pattern), it stays as
            it is.
        type: bool
      is_trusted_sender:
        description:
          - Messages from this sender bypass all detections and link following.
        type: bool
        default: false
      is_exempt_recipient:
        description:
          - Messages to this recipient bypass all detections.
        type: bool
        default: false
      is_acceptable_sender:
        description:
          - Messages from this sender are exempt from the dispositions Spam, Spoof and Bulk, but not from Malicious and
            Suspicious.
        type: bool
        default: false
      verify_sender:
        description:
          - Apply the policy only to mail that passes DMARC, SPF or DKIM.
          - Without it, anyone can forge the sender and get through.
        type: bool
        default: true
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  url_ignore_patterns:
    description:
      - URL ignore patterns. URLs that they match are not rewritten, and so not checked when somebody clicks.
      - Each element is a mapping.
    type: list
    elements: raw
    suboptions:
      id:
        description:
          - Id of the entry. It identifies the entry in place of its key.
          - With it, O(url_ignore_patterns[].pattern) can be changed in place.
        type: str
      pattern:
        description:
          - Regular expression for URLs. The API uses Java's syntax. Patterns are compared letter by letter.
          - 1 to 1,024 characters. Required unless O(url_ignore_patterns[].id) is given.
        type: str
      comments:
        description:
          - A note, such as a ticket number or an owner. An empty text clears it.
          - Up to 1,024 characters. If omitted, it stays as it is.
        type: str
      state:
        description:
          - Whether the entry should exist.
        type: str
        choices: [present, absent]
        default: present
      expires:
        description:
          - A date (C(2026-12-31)) or a time (C(2026-12-31T18:00:00Z)). After it, the entry is treated as absent and is
            removed.
          - A date lasts until the end of its day. A time without an offset is in UTC.
        type: str
      accepted_risks:
        description:
          - Risks of this entry that are accepted, as a mapping of rules to reasons. The rules are those of
            P(cloudflare.email_security.risks#filter). Nothing in the account depends on it.
        type: dict
  purge:
    description:
      - Lists that may lose entries that the document does not name.
      - A list that the document omits is not purged. To empty a list, give it as C([]).
      - Domains, and entries that are synced from a directory, are never purged.
      - With purge, an entry that differs from a desired one only in C(pattern_type) or C(is_regex) is changed in place.
    type: list
    elements: str
    choices:
      - impersonation_registry
      - block_senders
      - content_policies
      - sending_domain_restrictions
      - trusted_domains
      - allow_policies
      - url_ignore_patterns
    default: []
  purge_limit:
    description:
      - If purge would delete more entries than this, over all lists, the task fails before it writes anything.
    type: int
    default: 100
  purge_scope:
    description:
      - A regular expression (Python's). Only entries whose C(comments), or whatever the list calls them, match it are
        ever purged, so several repositories can share an account.
    type: str
  change_limit:
    description:
      - If more entries than this would be updated or deleted, over all lists, the task fails before it writes anything,
        in check mode too. The message names the lists and how many entries of each.
      - It counts what O(purge) deletes as well. New entries do not count. If omitted, there is no limit.
    type: int
  impact:
    description:
      - A time. Each change of an allow policy or a blocked sender then says in RV(changes[].impact) what it would have
        done to the mail from then on, in check mode and before it is made. A time (C(2026-11-22T18:00:00Z)), a date, or
        a span before now (C(36h), C(7d), C(2w)). If omitted, no mail is examined.
      - It needs nothing but GET requests, and keeps no change from being made. What cannot be found out, says why.
    type: str
  impact_max_requests:
    description:
      - The most requests that are sent for O(impact). Reading all mail takes one for each 1,000 messages, however many
        changes there are. Changes about addresses alone may take less. See
        M(cloudflare.email_security.policy_usage_info).
    type: int
    default: 100
  impact_subjects:
    description:
      - Whether the examples of RV(changes[].impact) have the subjects of messages.
    type: bool
    default: false
seealso:
  - module: cloudflare.email_security.settings_info
  - module: cloudflare.email_security.policy_usage_info
"""

EXAMPLES = r"""
- name: Bring the account in line
  cloudflare.email_security.settings:
    allow_policies:
      - pattern: billing@partner.example
        pattern_type: EMAIL
        is_acceptable_sender: true
        comments: Invoices, SEC-1234
      - pattern: events@conference.example
        pattern_type: EMAIL
        is_acceptable_sender: true
        expires: "2027-06-30"
    block_senders:
      - pattern: phish.example
        pattern_type: DOMAIN
      - pattern: newsletter@shop.example
        pattern_type: EMAIL
        state: absent
    impersonation_registry:
      - name: Jane Doe
        email: jane.doe@example.com

- name: Bring the account in line with the files of a folder
  cloudflare.email_security.settings:
    policy_files: policies/

- name: Block just what the threat feed lists, and nothing else that this team has made
  cloudflare.email_security.settings:
    block_senders: "{{ threat_feed }}"
    purge: [block_senders]
    purge_scope: ^threat-feed
    purge_limit: 500
"""

RETURN = r"""
summary:
  description:
    - For each list of the document, how many entries were created, updated, deleted and left unchanged, and how many
      have expired. In check mode, how many would be.
    - An expired entry is also counted as deleted if it was still in the account, and as unchanged if it was not.
  type: dict
  returned: success
  sample: {block_senders: {created: 2, updated: 0, deleted: 1, unchanged: 40, expired: 1}}
changes:
  description:
    - What was done, or would be done in check mode. After a failure, what had been done before it.
    - Of each list, at most 1,000 creates, 1,000 updates and 1,000 deletes. RV(changes_omitted) counts the others.
  type: list
  elements: dict
  returned: success, and failure while writing
  contains:
    list:
      description: List that the entry belongs to.
      type: str
      returned: always
      sample: block_senders
    action:
      description: C(create), C(update) or C(delete).
      type: str
      returned: always
      sample: update
    key:
      description: Fields that identify the entry.
      type: dict
      returned: always
      sample: {pattern: phish.example, pattern_type: DOMAIN, is_regex: false}
    id:
      description: Id of the entry. Null in check mode for an entry that does not exist yet.
      type: str
      returned: always
      sample: f174e90a-fafe-4643-bbbc-4a0ed4fc8415
    before:
      description: Its writable fields before the change. Null if it did not exist.
      type: dict
      returned: always
      sample: {pattern: phish.example, pattern_type: DOMAIN, is_regex: false, comments: ""}
    after:
      description: Its writable fields after the change. Null if it is deleted. For a new entry, what was sent.
      type: dict
      returned: always
      sample: {pattern: phish.example, pattern_type: DOMAIN, is_regex: false, comments: INC-77}
    reason:
      description: Why it is deleted. With C(absent), the document says so. With C(expired), the time in C(expires) has
        passed. With C(purge), the document does not name it. Null if it is not deleted.
      type: str
      returned: always
      sample: null
    impact:
      description:
        - What the change would have done to the mail since O(impact), and what the entry did that it ends. Null for
          lists other than C(allow_policies) and C(block_senders).
        - C(sentence) says it in words. C(reason) is null, or why not all of it is known; the numbers then count what
          was found, or are null.
        - C(messages) are those that the pattern is about, by their fields. C(dispositions) says how many have which
          disposition, C(senders) and C(recipients) how many there are, up to 1,000. C(examples) are up to five of the
          messages, with C(id), C(from) and C(scanned_at).
        - C(below) are messages from below the domain that the pattern names, which C(messages) does not count. Whether
          the pattern covers them is not published. Null where the pattern is no domain, or where they were not
          examined.
        - C(affected) are those of C(messages) that it would have treated otherwise, by disposition. For a blocked
          sender, these are all of them. For an allow policy, these are the ones from which it would have kept a
          disposition. C(verify_sender) and the policy's switches count.
        - C(decided) are messages that the service says the entry decided, as it is before the change. Null for a new
          entry.
        - Regular expressions are only evaluated where it is certain that Java reads them in the same way.
      type: dict
      returned: when O(impact) is given
      sample:
        sentence: It would have stopped 440 messages from 37 senders since 2026-10-26, 412 of them clean.
        reason: null
        messages: 440
        below: 0
        dispositions: {NONE: 412, BULK: 28}
        affected: {NONE: 412, BULK: 28}
        senders: 37
        recipients: 61
        decided: null
        examples:
          - id: 4Njp3P0STMz2c02Q-2026-11-20T10:00:00-12345678
            from: a@shop.example
            scanned_at: "2026-11-20T10:00:00Z"
    accepted_risks:
      description: Risks that the document's entry accepts, with the reason for each. Beside RV(changes[].impact) only.
      type: dict
      returned: when O(impact) is given and the entry has them
      sample: {block_hits_clean_mail: Newsletters that nobody asked for}
changes_omitted:
  description: How many more changes there are than RV(changes) lists, by list and action. Mostly empty.
  type: dict
  returned: success, and failure while writing
  sample: {}
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

from ansible_collections.cloudflare.email_security.plugins.module_utils._module import run_module
from ansible_collections.cloudflare.email_security.plugins.module_utils._settings.settings import settings_module

SPEC = settings_module()


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
