// Copyright (c) 2026, the cloudflare.email_security contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists the entries of the embedded report, by filters that stand in the page's address.
(() => {
  const PAGE = 100;
  const PRINTED = 1000;
  const { element, number, WORDS } = draw;

  const byId = (id) => document.getElementById(id);
  const report = JSON.parse(byId("report").textContent);
  const titleOf = (rule) => (report.rules[rule] ? report.rules[rule][0] : rule);

  // ---- The address: #at=risks&risks.severity=high&drift.search=partner ----

  const address = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");

  function remember(section, choices) {
    const params = address();
    for (const name of [...params.keys()]) if (name.startsWith(`${section}.`)) params.delete(name);
    for (const [name, choice] of Object.entries(choices)) if (choice) params.set(`${section}.${name}`, choice);
    params.set("at", section);
    const filtered = Array.from(params.keys()).length > 1;
    try {
      history.replaceState(null, "", filtered ? `#${params}` : `#${section}`);
    } catch {
      // A page without an address of its own cannot be linked to.
    }
  }

  // ---- A list that can be filtered ----

  function everythingIn(row) {
    const parts = [row.account, WORDS[row.entry.action] || "", ...(report.rules[row.entry.rule] || [])];
    const walk = (one) => {
      if (one && typeof one === "object") Object.values(one).forEach(walk);
      else if (one !== null) parts.push(String(one));
    };
    walk(row.entry);
    return parts.join("\n").toLowerCase();
  }

  // `of` gives the value that a select filters by; `label` how an option reads.
  function listing({ name, noun, rows, of, label }) {
    const form = byId(`${name}-filters`);
    if (!form) return null;
    const list = byId(`${name}-rows`);
    const count = byId(`${name}-count`);
    const more = byId(`${name}-more`);
    const all = byId(`${name}-all`);
    const controls = new Map(Array.from(form.querySelectorAll("[data-filter]"), (one) => [one.dataset.filter, one]));
    const isOn = (filter) => controls.has(filter) && controls.get(filter).checked;
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
      const words = controls.get("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = selects.filter((select) => select.value);
      const accepted = isOn("accepted");
      const base = rows.filter((row) => accepted || row.entry.accepted === undefined);
      const matching = base.filter((row) => {
        if (chosen.some((select) => of[select.dataset.filter](row) !== select.value)) return false;
        if (isOn("new") && !row.entry.new) return false;
        row.text = row.text || everythingIn(row);
        return words.every((word) => row.text.includes(word));
      });
      return { base, matching };
    }

    function update() {
      const { base, matching } = matches();
      const visible = matching.slice(0, limit);
      const left = matching.length - visible.length;
      list.replaceChildren(...draw[name](visible, matching, report.generated_at, report.rules));
      // Not before: what goes would be laid out once more, all of it.
      list.classList.toggle("long", visible.length > 2 * PAGE);
      if (base.length && !matching.length) {
        list.append(element("li", "empty", "Nothing matches these filters. Clear them to see everything."));
      }
      const whole = `${number.format(base.length)} ${base.length === 1 ? noun[0] : noun[1]}`;
      const part = matching.length === base.length ? whole : `${number.format(matching.length)} of ${whole}`;
      count.textContent = `${part}${left ? `, the first ${number.format(visible.length)} shown` : ""}`;
      more.parentElement.hidden = !left;
      more.textContent = `Show ${number.format(Math.min(PAGE, left))} more`;
      all.textContent = `Show all ${number.format(matching.length)}`;
    }

    function start() {
      limit = PAGE;
      update();
    }

    function changed() {
      start();
      const choices = {};
      for (const [filter, one] of controls) choices[filter] = one.type === "checkbox" ? (one.checked ? "yes" : "") : one.value;
      remember(name, choices);
    }

    function grow(size) {
      const first = Math.min(limit, rows.length);
      limit = size;
      update();
      const items = list.querySelectorAll(".row");
      items[first].tabIndex = -1;
      items[first].focus();
    }

    form.hidden = false;
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    // The fields are cleared after this event.
    form.addEventListener("reset", () => setTimeout(changed));
    more.addEventListener("click", () => grow(limit + PAGE));
    all.addEventListener("click", () => grow(rows.length));
    window.addEventListener("beforeprint", () => {
      limit = Math.max(limit, PRINTED);
      update();
    });
    window.addEventListener("afterprint", start);
    update();

    // What the address says; a choice that this report does not have is shown as it is, and matches nothing.
    return (params) => {
      for (const [filter, one] of controls) {
        const choice = params.get(`${name}.${filter}`) || "";
        if (one.type === "checkbox") one.checked = choice === "yes";
        else if (one.tagName === "SELECT" && choice && !Array.from(one.options).some((each) => each.value === choice)) {
          one.add(new Option(`${label(filter, choice)} (0)`, choice));
          one.value = choice;
        } else one.value = choice;
      }
      start();
    };
  }

  const flat = (kind) =>
    report.accounts.flatMap(({ account, dashboard_url: url, [kind]: rows }) => rows.map((entry) => ({ account, url, entry, text: "" })));
  const severities = ["high", "medium", "low"];
  const order = Object.keys(report.rules);
  const rank = (row) => severities.indexOf(row.entry.severity) * 1000 + order.indexOf(row.entry.rule);

  const sections = {
    drift: listing({
      name: "drift",
      noun: ["drifted entry", "drifted entries"],
      rows: flat("changes"),
      of: { account: (row) => row.account, list: (row) => row.entry.list, state: (row) => WORDS[row.entry.action] },
      label: (filter, option) => option,
    }),
    risks: listing({
      name: "risks",
      noun: ["risk", "risks"],
      rows: flat("findings").sort((one, other) => rank(one) - rank(other)),
      of: {
        account: (row) => row.account,
        list: (row) => row.entry.list,
        severity: (row) => row.entry.severity,
        rule: (row) => row.entry.rule,
      },
      label: (filter, option) => (filter === "rule" ? titleOf(option) : option),
    }),
  };

  function follow() {
    const params = address();
    const at = params.get("at");
    if (!sections[at]) return;
    for (const apply of Object.values(sections)) if (apply) apply(params);
    byId(at).scrollIntoView();
    byId(at).focus({ preventScroll: true });
  }

  window.addEventListener("hashchange", follow);
  follow();

  // ---- Colours ----

  const KEY = "email-security-audit-theme";
  const theme = byId("theme");
  const keep = (chosen) => {
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
    keep(event.target.value);
  });
  const before = theme.querySelector(`input[value="${remembered() === "dark" || remembered() === "light" ? remembered() : "auto"}"]`);
  before.checked = true;
  paint(before.value);
})();
