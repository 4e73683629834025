// Copyright (c) 2026, the cloudflare.email_security contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";

// Shows the entries of the embedded report. Whatever comes from an account becomes a text node, never markup.
(() => {
  const PAGE = 100;
  const PRINTED = 1000;
  const WORDS = { create: "missing", update: "changed", delete: "extra" };
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
  const number = new Intl.NumberFormat("en");

  const byId = (id) => document.getElementById(id);
  const report = JSON.parse(byId("report").textContent);
  const rules = new Map(report.rules.map((rule) => [rule.rule, rule]));
  const titleOf = (rule) => (rules.has(rule) ? rules.get(rule).title : rule);

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
        return element("li", "", same ? text : element("mark", "", text));
      });
      return element("ul", "values", ...items);
    }
    if (typeof one === "string" && typeof other === "string" && other) return marked(one, other);
    return code(typeof one === "object" ? JSON.stringify(one) : String(one));
  }

  function place(row) {
    return element("p", "place", element("bdi", "", shown(row.account)), " · ", row.entry.list);
  }

  // ---- Drift ----

  function cell(tag, className, unit, content) {
    const made = element(tag, className);
    if (unit) made.append(element("span", "unit", `${unit} `));
    made.append(content);
    return made;
  }

  function heading(text) {
    const made = element("th", "", text);
    made.scope = "col";
    return made;
  }

  function fieldTable(change) {
    const isUpdate = change.action === "update";
    const sides = { create: ["after"], update: ["before", "after"], delete: ["before"] }[change.action];
    const names = { before: "In the account", after: "The policy says" };
    const table = element("table", "fields");
    table.append(element("caption", "unseen", `Fields of ${change.label}`));
    const head = element("tr", "", heading("Field"), ...sides.map((side) => heading(names[side])));
    const rows = change.fields
      .filter((field) => isUpdate || sides.some((side) => field[side] !== null))
      .map((field) => {
        const name = element("th", "", field.field);
        name.scope = "row";
        const cells = sides.map((side) => {
          const other = isUpdate ? field[side === "before" ? "after" : "before"] : undefined;
          return cell("td", side, names[side], value(field[side], other));
        });
        return element("tr", "", name, ...cells);
      });
    table.append(element("thead", "", head), element("tbody", "", ...rows));
    return table;
  }

  function driftItem(row) {
    const word = WORDS[row.entry.action];
    const title = element("h3", "", element("span", `badge ${row.entry.action}`, word), " ", code(row.entry.label));
    if (["absent", "expired"].includes(row.entry.reason)) title.append(` (${row.entry.reason})`);
    return element("li", "card", element("div", "head", title, place(row)), fieldTable(row.entry));
  }

  function drawDrift(rows) {
    return rows.map((row) => driftItem(row));
  }

  // ---- Risks ----

  const groupOf = (row) => JSON.stringify([row.entry.severity, row.entry.rule, row.entry.what_to_do]);

  // What a finding says beyond the words of its rule, which the group says once.
  function detailOf(entry) {
    const why = rules.has(entry.rule) ? rules.get(entry.rule).why : "";
    return why && entry.why.endsWith(why) ? entry.why.slice(0, -why.length).trim() : entry.why;
  }

  function riskEntry(row) {
    const item = element("li", "", code(row.entry.label), place(row));
    const detail = detailOf(row.entry);
    if (detail) item.append(element("p", "detail", shown(detail)));
    if (row.entry.accepted !== null) {
      item.append(element("p", "accepted", element("b", "", "Accepted: "), element("bdi", "", shown(row.entry.accepted))));
    }
    item.tabIndex = -1;
    return item;
  }

  function drawRisks(rows, matching) {
    const sizes = new Map();
    for (const row of matching) sizes.set(groupOf(row), (sizes.get(groupOf(row)) || 0) + 1);
    const groups = new Map();
    for (const row of rows) {
      if (!groups.has(groupOf(row))) groups.set(groupOf(row), []);
      groups.get(groupOf(row)).push(row);
    }
    return Array.from(groups, ([key, members]) => {
      const { severity, rule, what_to_do: todo } = members[0].entry;
      const why = rules.has(rule) ? rules.get(rule).why : "";
      const chip = element("span", `chip ${severity}`, severity);
      const head = element("div", "head", element("h3", "", chip, " ", shown(titleOf(rule))));
      const size = sizes.get(key);
      head.append(element("p", "place", size === 1 ? "1 finding" : `${number.format(size)} findings`));
      const card = element("li", `card ${severity}`, head);
      if (why) card.append(element("p", "why", shown(why)));
      if (todo) card.append(element("p", "todo", element("b", "", "What to do: "), shown(todo)));
      card.append(element("ul", "entries", ...members.map(riskEntry)));
      return card;
    });
  }

  // ---- A list that can be filtered ----

  function everythingIn(entry) {
    const parts = [];
    const walk = (one) => {
      if (one && typeof one === "object") Object.values(one).forEach(walk);
      else if (one !== null) parts.push(String(one));
    };
    walk(entry);
    parts.push(WORDS[entry.action] || "", entry.rule ? titleOf(entry.rule) : "");
    return parts.join("\n").toLowerCase();
  }

  // `of` gives the value that a select filters by; `label` how an option reads.
  function listing({ name, noun, rows, draw, of, label }) {
    const form = byId(`${name}-filters`);
    if (!form) return null;
    const list = byId(`${name}-rows`);
    const count = byId(`${name}-count`);
    const more = byId(`${name}-more`);
    const search = form.querySelector("[data-filter=search]");
    const accepted = form.querySelector("[data-filter=accepted]");
    const selects = Array.from(form.querySelectorAll("select"));
    let limit = PAGE;

    for (const select of selects) {
      const read = of[select.dataset.filter];
      const found = new Map();
      for (const row of rows) found.set(read(row), (found.get(read(row)) || 0) + 1);
      for (const [option, times] of found) {
        select.add(new Option(`${label(select.dataset.filter, option)} (${number.format(times)})`, option));
      }
    }

    function matches() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = selects.filter((select) => select.value);
      const base = rows.filter((row) => !accepted || accepted.checked || row.entry.accepted === null);
      const matching = base.filter((row) => {
        if (chosen.some((select) => of[select.dataset.filter](row) !== select.value)) return false;
        row.text = row.text || `${everythingIn(row.entry)}\n${row.account.toLowerCase()}`;
        return words.every((word) => row.text.includes(word));
      });
      return { base, matching };
    }

    function update() {
      const { base, matching } = matches();
      const visible = matching.slice(0, limit);
      list.replaceChildren(...draw(visible, matching));
      const all = `${number.format(base.length)} ${base.length === 1 ? noun[0] : noun[1]}`;
      const part = matching.length === base.length ? all : `${number.format(matching.length)} of ${all}`;
      const rest = visible.length < matching.length ? `, the first ${number.format(visible.length)} shown` : "";
      count.textContent = `${part}${rest}`;
      more.parentElement.hidden = visible.length === matching.length;
      more.textContent = `Show ${number.format(Math.min(PAGE, matching.length - visible.length))} more`;
    }

    function start() {
      limit = PAGE;
      update();
    }

    form.hidden = false;
    form.addEventListener("input", start);
    form.addEventListener("submit", (event) => event.preventDefault());
    // The fields are cleared after this event.
    form.addEventListener("reset", () => setTimeout(start));
    more.addEventListener("click", () => {
      const first = limit;
      limit += PAGE;
      update();
      const items = list.querySelectorAll(name === "risks" ? ".entries > li" : ".card");
      items[first].tabIndex = -1;
      items[first].focus();
    });
    window.addEventListener("beforeprint", () => {
      limit = Math.max(limit, PRINTED);
      update();
    });
    window.addEventListener("afterprint", start);
    update();

    return {
      only(account) {
        form.reset();
        selects.find((select) => select.dataset.filter === "account").value = account;
        start();
        byId(name).scrollIntoView();
        byId(name).focus({ preventScroll: true });
      },
    };
  }

  const flat = (kind) =>
    report.accounts.flatMap((account) => account[kind].map((entry) => ({ account: account.account, entry, text: "" })));
  const severities = ["high", "medium", "low"];
  const order = Array.from(rules.keys());
  const rank = (row) => severities.indexOf(row.entry.severity) * 1000 + order.indexOf(row.entry.rule);

  const sections = {
    drift: listing({
      name: "drift",
      noun: ["drifted entry", "drifted entries"],
      rows: flat("changes"),
      draw: drawDrift,
      of: { account: (row) => row.account, list: (row) => row.entry.list, action: (row) => row.entry.action },
      label: (filter, option) => (filter === "action" ? WORDS[option] : option),
    }),
    risks: listing({
      name: "risks",
      noun: ["risk", "risks"],
      rows: flat("findings").sort((one, other) => rank(one) - rank(other)),
      draw: drawRisks,
      of: {
        account: (row) => row.account,
        list: (row) => row.entry.list,
        severity: (row) => row.entry.severity,
        rule: (row) => row.entry.rule,
      },
      label: (filter, option) => (filter === "rule" ? titleOf(option) : option),
    }),
  };

  for (const jump of document.querySelectorAll(".jump")) {
    jump.hidden = false;
    jump.addEventListener("click", (event) => {
      const section = sections[event.target.dataset.show];
      if (section) section.only(report.accounts[Number(jump.dataset.index)].account);
    });
  }

  // ---- Colours ----

  const KEY = "email-security-audit-theme";
  const theme = byId("theme");
  const remember = (chosen) => {
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Some browsers give files no storage; then the choice lasts as long as the page.
    }
  };
  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const paint = (chosen) => {
    document.documentElement.dataset.theme = chosen;
  };
  theme.hidden = false;
  theme.addEventListener("change", (event) => {
    paint(event.target.value);
    remember(event.target.value);
  });
  const before = theme.querySelector(`input[value="${remembered() === "dark" || remembered() === "light" ? remembered() : "auto"}"]`);
  before.checked = true;
  paint(before.value);
})();
