// The page asks /sim/overview every second or so and, when its version has changed, for the lists that are on screen.
// Text from the directory reaches the document as text nodes only.
"use strict";

const EVERY = 1200, PER_PAGE = 50;
const OUTCOMES = ["created", "updated", "unchanged", "deactivated", "failed", "ignored"];
const byId = (id) => document.getElementById(id);
const number = (n) => n.toLocaleString("en");

/** el makes an element: el("td.name", {title: "x"}, "text", child). */
function el(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split(".");
  const e = document.createElement(tag);
  e.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) e.setAttribute(name, value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

async function ask(path, query = {}) {
  const used = Object.entries(query).filter(([, v]) => v !== "" && v !== undefined);
  const response = await fetch(path + (used.length ? "?" + new URLSearchParams(used) : ""));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

let clock = Date.now(); // Okta's, by the last overview

function since(time) {
  const s = Math.max(0, (clock - Date.parse(time)) / 1000);
  if (s < 5) return "just now";
  if (s < 90) return `${Math.round(s)} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  if (s < 129600) return `${Math.round(s / 3600)} h ago`;
  return new Date(time).toISOString().slice(0, 10);
}

function lasted(from, to) {
  const s = (Date.parse(to) - Date.parse(from)) / 1000;
  if (s < 0.1) return "under 0.1 s";
  return s < 90 ? `${s < 10 ? s.toFixed(1) : Math.round(s)} s` : `${Math.round(s / 60)} min`;
}

const peopleOf = (n) => `${number(n)} ${n === 1 ? "person" : "people"}`;
const pill = (word) => el(`span.pill.${word}`, null, word);
const ago = (time) => el("time", { datetime: time, title: new Date(time).toLocaleString() }, since(time));
const link = (hash) => history.replaceState(null, "", hash || location.pathname);

/** chips shows one button for each choice [value, text], the chosen one pressed. */
function chips(box, choices, chosen, choose) {
  box.replaceChildren(...choices.map(([value, text]) =>
    el("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => choose(value) }, text)));
}

function pager(box, state, shown, matching, refresh) {
  box.hidden = matching <= PER_PAGE;
  const last = Math.max(0, Math.floor((matching - 1) / PER_PAGE) * PER_PAGE);
  const go = (text, label, offset, off) =>
    el("button", { type: "button", "aria-label": label, disabled: off ? "" : false, onclick: () => { state.offset = offset; refresh(); } }, text);
  box.replaceChildren(
    el("span", null, `${number(state.offset + 1)}–${number(state.offset + shown)} of ${number(matching)}`),
    go("«", "First page", 0, state.offset === 0), go("‹", "Previous page", Math.max(0, state.offset - PER_PAGE), state.offset === 0),
    go("›", "Next page", state.offset + PER_PAGE, state.offset >= last), go("»", "Last page", last, state.offset >= last));
}

// Overview

function tile(text, value, bad, ...more) {
  return el("div.tile" + (bad ? ".bad" : ""), null, el("b", null, ...[value].flat()), ...more, el("span", null, text));
}

function showOverview(o) {
  byId("source").textContent = o.identitySourceId;
  const { limit, remaining, reset } = o.rate;
  const calls = Object.values(o.calls).reduce((a, b) => a + b, 0);
  const tiles = [
    tile("active people", number(o.users.active)),
    tile("deactivated", number(o.users.deprovisioned)),
    tile("import sessions", number(o.sessionsEver)),
    tile("calls so far", number(calls)),
  ];
  if (limit > 0) {
    const wait = reset ? [" ", el("small", null, `anew in ${Math.max(0, Math.ceil((Date.parse(reset) - clock) / 1000))} s`)] : [];
    tiles.push(tile(`calls left of ${limit} a minute`, [number(remaining), ...wait], remaining === 0, el("progress", { max: limit, value: remaining, "aria-label": "calls left" })));
  }
  tiles.push(tile("calls refused with 429", number(o.throttled), o.throttled > 0));
  if (o.faults > 0) tiles.push(tile("faults ordered", number(o.faults), true));
  if (o.violations > 0) tiles.push(tile("rules broken by the client", number(o.violations), true));
  byId("tiles").replaceChildren(...tiles);
  showSessions(o);
}

// Import sessions

/** unsettled is how many people have no outcome: they are still to come, or the import failed before their turn. */
function unsettled(s) {
  return s.people - OUTCOMES.reduce((n, o) => n + s.counts[o], 0);
}

function bar(s) {
  const part = (word, n) => { const i = el(`i.${word}`); i.style.width = `${100 * n / s.people}%`; return i; };
  const parts = s.people ? OUTCOMES.filter((o) => s.counts[o]).map((o) => part(o, s.counts[o])) : [];
  const rest = { TRIGGERED: "pulse", ERROR: "failed" }[s.status];
  if (rest && unsettled(s)) parts.push(part(rest, unsettled(s)));
  return el("div.bar", { role: "img", "aria-label": `${number(s.people - unsettled(s))} of ${peopleOf(s.people)} done` }, ...parts);
}

function counts(s) {
  const words = OUTCOMES.filter((o) => s.counts[o]).map((o) => el(`span.${o}`, null, el("b", null, number(s.counts[o])), ` ${o}`));
  const rest = unsettled(s);
  if (!s.people) words.push(el("span", null, "nobody uploaded"));
  else if (s.status === "TRIGGERED" && rest) words.push(el("span.updated", null, el("b", null, number(rest)), " to go"));
  else if (s.status === "ERROR" && rest) words.push(el("span.failed", null, el("b", null, number(rest)), " not imported"));
  else if (rest) words.push(el("span", null, `${peopleOf(rest)} uploaded${s.status === "CREATED" || s.status === "IN_PROGRESS" ? "" : ", not imported"}`));
  if (s.triggered && s.ended) words.push(el("span.push", null, `took ${lasted(s.triggered, s.ended)}`));
  return el("div.counts", null, ...words);
}

function showSessions(o) {
  const focused = document.activeElement?.dataset?.session;
  byId("sessions").replaceChildren(...o.sessions.map((s) => el("li", null,
    el("button", { type: "button", "data-session": s.id, onclick: () => openSession(s.id) },
      el("div.row", null, el("span.name", null, `№ ${s.number}`), pill(s.status), el("span.push.sub", null, ago(s.created))),
      bar(s), counts(s)))));
  if (focused) byId("sessions").querySelector(`[data-session="${CSS.escape(focused)}"]`)?.focus();
  byId("sessions-empty").hidden = o.sessions.length > 0;
  byId("sessions-note").textContent = o.sessionsEver > o.sessions.length ? `the last ${o.sessions.length} of ${number(o.sessionsEver)}` : "";
}

const session = { id: "", outcome: "", q: "", offset: 0 };

function openSession(id) {
  Object.assign(session, { id, outcome: "", q: "", offset: 0 });
  byId("session-q").value = "";
  link("#session=" + encodeURIComponent(id));
  byId("session").showModal();
  run(refreshSession);
}

async function refreshSession() {
  const asked = JSON.stringify(session);
  const s = await ask("/sim/sessions/" + encodeURIComponent(session.id), { outcome: session.outcome, q: session.q, offset: session.offset, limit: PER_PAGE });
  if (asked !== JSON.stringify(session)) return;
  byId("session-title").textContent = `Import session № ${s.number}`;
  byId("session-status").replaceChildren(pill(s.status));
  const facts = [s.id, `created ${new Date(s.created).toLocaleString()}`, `${s.loads} upload${s.loads === 1 ? "" : "s"}, ${peopleOf(s.people)}`];
  if (s.triggered && s.ended) facts.push(`took ${lasted(s.triggered, s.ended)}`);
  byId("session-note").textContent = facts.join(" · ");
  chips(byId("session-outcome"), [["", `All ${number(s.people)}`], ...OUTCOMES.filter((o) => s.counts[o]).map((o) => [o, `${o} ${number(s.counts[o])}`])],
    session.outcome, (value) => { Object.assign(session, { outcome: value, offset: 0 }); run(refreshSession); });
  byId("session-people").replaceChildren(...s.outcomes.map((p) => el("tr", null,
    el("td", null, el("div.id", { dir: "auto" }, p.externalId), p.reason ? el("div.sub.narrow", { dir: "auto" }, p.reason) : null), el("td", null, p.delete ? "deactivate" : "upsert"),
    el("td", null, p.outcome ? pill(p.outcome) : "–"), el("td", { dir: "auto" }, p.reason ?? ""))));
  byId("session-empty").hidden = s.outcomes.length > 0;
  pager(byId("session-pager"), session, s.outcomes.length, s.matching, () => run(refreshSession));
}

// Directory

const people = { q: "", status: "", offset: 0 };
const STATUSES = [["", "All"], ["ACTIVE", "Active"], ["DEPROVISIONED", "Deactivated"]];

function nameOf(p) {
  return p.displayName || [p.firstName, p.lastName].filter(Boolean).join(" ") || p.userName || "";
}

/** clamped is a text of two lines at most; the rest is in its tip, and in the person's dialog. */
const clamped = (text) => el("div.clamp", { dir: "auto", title: text }, text);

async function refreshPeople() {
  const asked = JSON.stringify(people);
  const found = await ask("/sim/directory", { ...people, limit: PER_PAGE });
  if (asked !== JSON.stringify(people)) return;
  if (!found.users.length && people.offset > 0) { people.offset = 0; return refreshPeople(); }
  chips(byId("people-status"), STATUSES, people.status, (value) => { Object.assign(people, { status: value, offset: 0 }); run(refreshPeople); });
  byId("people").replaceChildren(...found.users.map((u) => {
    const p = u.profile;
    const show = (event) => { event.stopPropagation(); openPerson(u); };
    return el("tr.open" + (u.status === "ACTIVE" ? "" : ".out"), { onclick: show },
      el("td.name", null, el("button.clamp", { type: "button", dir: "auto", onclick: show }, nameOf(p) || u.externalId), el("div.sub", { dir: "auto", title: u.externalId }, u.externalId)),
      el("td", { dir: "auto", title: p.userName ?? "" }, p.userName ?? ""), el("td", null, clamped(p.title ?? "")),
      el("td", null, clamped([p.city, p.countryCode].filter(Boolean).join(", "))),
      el("td", null, pill(u.status)), el("td.sub", null, ago(u.lastUpdated)));
  }));
  const empty = byId("people-empty");
  empty.hidden = found.matching > 0;
  empty.textContent = people.q || people.status ? "Nobody matches." : "Nobody was imported yet.";
  pager(byId("people-pager"), people, found.users.length, found.matching, () => run(refreshPeople));
}

function openPerson(u) {
  byId("person-title").textContent = nameOf(u.profile) || u.externalId;
  byId("person-status").replaceChildren(pill(u.status));
  const line = (name, value) => [el("dt", null, name), el("dd", { dir: "auto" }, value)];
  byId("person-profile").replaceChildren(
    ...line("externalId", u.externalId), ...line("Okta id", u.id), ...line("created", new Date(u.created).toLocaleString()),
    ...line("last updated", new Date(u.lastUpdated).toLocaleString()), el("hr"),
    ...Object.entries(u.profile).flatMap(([name, value]) => line(name, value)));
  link("#person=" + encodeURIComponent(u.externalId));
  byId("person").showModal();
}

/** openLinked opens what the address names: #session=… or #person=…. */
async function openLinked() {
  const [kind, id] = location.hash.slice(1).split("=").map(decodeURIComponent);
  if (kind === "session" && id) openSession(id);
  if (kind !== "person" || !id) return;
  const found = await ask("/sim/directory", { id });
  if (found.users.length) openPerson(found.users[0]);
}

// Living

let version = "";

async function tick() {
  const o = await ask("/sim/overview");
  clock = Date.parse(o.now);
  showOverview(o);
  for (const time of document.querySelectorAll("time")) time.textContent = since(time.dateTime);
  if (o.version === version) return;
  await refreshPeople();
  if (byId("session").open) await refreshSession();
  version = o.version;
}

async function run(task) {
  const live = byId("live");
  try {
    await task();
    live.textContent = "live";
    live.className = "live on";
  } catch {
    live.textContent = "not reachable";
    live.className = "live off";
  }
}

async function live() {
  if (!document.hidden) await run(tick);
  setTimeout(live, EVERY);
}

function searching(input, state, refresh) {
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { Object.assign(state, { q: input.value.trim(), offset: 0 }); run(refresh); }, 150);
  });
}

searching(byId("people-q"), people, refreshPeople);
searching(byId("session-q"), session, refreshSession);
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => link(""));
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) run(tick); });
live().then(() => run(openLinked));
