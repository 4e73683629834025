// Copyright (c) 2026, the cloudflare.email_security contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";

// Draws drift and findings. Whatever comes from an account becomes a text node, never markup.
const draw = (() => {
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
  const DAY = 86400000;
  const number = new Intl.NumberFormat("en");
  const WORDS = { create: "missing", update: "changed", delete: "extra" };

  // ---- Building elements ----

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  // Text in which characters that nobody sees, or that turn the order of others around, are spelled out.
  function shown(text) {
    const whole = document.createDocumentFragment();
    let run = "";
    for (const character of text) {
      if (!HIDDEN.test(character)) {
        run += character;
        continue;
      }
      const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      whole.append(run, element("span", "hidden-character", `U+${code}`));
      run = "";
    }
    whole.append(run);
    return whole;
  }

  function code(text) {
    return element("code", "", shown(text));
  }

  function scalar(value) {
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  // The part of a text that differs from the other one, marked.
  function marked(text, other) {
    const mine = Array.from(text);
    const theirs = Array.from(other);
    const most = Math.min(mine.length, theirs.length);
    let start = 0;
    while (start < most && mine[start] === theirs[start]) start += 1;
    let end = 0;
    while (end < most - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) end += 1;
    const until = mine.length - end;
    const middle = mine.slice(start, until).join("");
    const made = element("code", "", shown(mine.slice(0, start).join("")));
    if (middle) made.append(element("mark", "", shown(middle)));
    made.append(shown(mine.slice(until).join("")));
    return made;
  }

  // One side of a field: `other` is the other side, undefined where there is none.
  function value(one, other) {
    if (one === null || one === undefined) return element("span", "nothing", "not set");
    if (one === "" || (Array.isArray(one) && !one.length)) return element("span", "nothing", "empty");
    if (Array.isArray(one)) {
      const known = new Set((Array.isArray(other) ? other : []).map(scalar));
      const items = one.map((item) => {
        const text = code(scalar(item));
        const same = other === undefined || known.has(scalar(item));
        return element("span", "item", same ? text : element("mark", "", text));
      });
      return element("span", "values", ...items);
    }
    if (typeof one === "string" && typeof other === "string" && other) return marked(one, other);
    return code(typeof one === "object" ? JSON.stringify(one) : String(one));
  }

  // ---- What stands beside every entry ----

  function age(since, now) {
    const days = Math.round((Date.parse(now.slice(0, 10)) - Date.parse(since.slice(0, 10))) / DAY);
    for (const [size, unit] of [[365, "year"], [30, "month"], [1, "day"]]) {
      const times = Math.floor(days / size);
      if (times >= 1) return ` (${number.format(times)} ${unit}${times === 1 ? "" : "s"})`;
    }
    return "";
  }

  function fact(name, ...content) {
    return element("span", "fact", element("span", "key-word", `${name} `), ...content);
  }

  // Comment, owner, age, place in the policy, id, and where the dashboard shows it; what is not known is left out.
  function facts(row, now) {
    const { entry } = row;
    const made = element("p", "facts");
    if (entry.new) made.append(element("span", "badge new", "new"));
    if (entry.comment) made.append(element("q", "comment", element("bdi", "", shown(entry.comment))));
    if (entry.owner) made.append(fact("owner", element("bdi", "", shown(entry.owner))));
    if (entry.created_at) made.append(fact("created", shown(entry.created_at.slice(0, 10)), shown(age(entry.created_at, now))));
    if (entry.first_seen) made.append(fact("first seen", shown(entry.first_seen.slice(0, 10))));
    if (entry.last_used) made.append(fact("last used", shown(entry.last_used.slice(0, 10))));
    if (entry.place) made.append(fact("policy", code(entry.place)));
    if (entry.id) made.append(fact("id", code(entry.id)));
    const link = element("a", "", "Dashboard");
    link.href = row.url;
    link.rel = "noreferrer";
    made.append(element("span", "fact", link));
    return made;
  }

  function place(row) {
    return element("span", "place", element("bdi", "", shown(row.account)), " · ", row.entry.list);
  }

  // ---- Drift: an entry in a line or two ----

  function difference([name, before, after], action) {
    const made = element("span", "diff", element("span", "key-word", `${name}: `));
    if (action !== "create") made.append(element("span", "before", value(before, action === "update" ? after : undefined)));
    if (action === "update") made.append(element("span", "unseen", " is to be "), element("span", "arrow", " → "));
    if (action !== "delete") made.append(element("span", "after", value(after, action === "update" ? before : undefined)));
    return made;
  }

  function drift(rows, matching, now) {
    return rows.map((row) => {
      const { entry } = row;
      const title = element("h3", "", element("span", `badge ${entry.action}`, WORDS[entry.action]), " ", code(entry.label));
      if (["absent", "expired"].includes(entry.reason)) title.append(` (${entry.reason})`);
      const fields = entry.fields.map((field) => difference(field, entry.action));
      const line = element("div", "line", title, place(row));
      if (fields.length) line.append(element("p", "diffs", ...fields));
      return element("li", "row", line, facts(row, now));
    });
  }

  // ---- Risks: what a rule says, once; its findings below it ----

  const groupOf = (row) => JSON.stringify([row.entry.severity, row.entry.rule, row.entry.what_to_do || ""]);

  function riskEntry(row, now) {
    const line = element("div", "line", code(row.entry.label), place(row));
    if (row.entry.detail) line.append(element("span", "detail", shown(row.entry.detail)));
    if (row.entry.accepted) {
      line.append(element("span", "accepted", element("b", "", "Accepted: "), element("bdi", "", shown(row.entry.accepted))));
    }
    return element("li", "row", line, facts(row, now));
  }

  function risks(rows, matching, now, rules) {
    const sizes = new Map();
    for (const row of matching) sizes.set(groupOf(row), (sizes.get(groupOf(row)) || 0) + 1);
    const groups = new Map();
    for (const row of rows) {
      if (!groups.has(groupOf(row))) groups.set(groupOf(row), []);
      groups.get(groupOf(row)).push(row);
    }
    return Array.from(groups, ([key, members]) => {
      const { severity, rule, what_to_do: own } = members[0].entry;
      const [title, why, todo] = rules[rule] || [rule, "", ""];
      const head = element("div", "head", element("h3", "", element("span", `chip ${severity}`, severity), " ", shown(title)));
      const size = sizes.get(key);
      head.append(element("p", "place", size === 1 ? "1 finding" : `${number.format(size)} findings`));
      const card = element("li", `card ${severity}`, head);
      if (why) card.append(element("p", "why", shown(why)));
      if (own || todo) card.append(element("p", "todo", element("b", "", "What to do: "), shown(own || todo)));
      card.append(element("ul", "entries", ...members.map((row) => riskEntry(row, now))));
      return card;
    });
  }

  return { drift, risks, element, number, WORDS };
})();
