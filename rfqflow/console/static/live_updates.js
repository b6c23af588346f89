// Keeps a page up to date: reads the stream of the page and replaces the parts that changed. Keeps what the reader did on
// the page: focus, selection, scroll position, typed text and open sections. Does not move the rows of a list by itself.
"use strict";

// -- input that is not saved yet ------------------------------------------------------------------------------------

const FIELDS = "input, select, textarea";

function edited(field) {
  if (field.type === "hidden" || field.disabled) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const marked = [...field.options].some((one) => one.defaultSelected);
    return [...field.options].some((one, at) => one.selected !== (marked ? one.defaultSelected : at === 0));
  }
  return field.value !== field.defaultValue;
}

function typing(field) {
  return field === document.activeElement && field.type !== "checkbox" && field.type !== "radio";
}

// An update leaves the whole form alone if one of its fields has input: the form must send the version on which the person
// typed, so that the server can find a conflict.
function held(field) {
  const fields = field.form ? [...field.form.elements].filter((one) => one.matches(FIELDS)) : [field];
  return fields.some((one) => edited(one) || typing(one));
}

function holds(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  return node.matches(FIELDS) ? held(node) : [...node.querySelectorAll(FIELDS)].some(held);
}

// -- announcements for screen readers -----------------------------------------------------------------------------------

// Announces the elements with data-say="Waiting" when their text changes: all changes together, and at most each 10 s.
const SAID_EACH = 10000;
const news = new Map();
let saidAt = 0;

function counts(root) {
  return new Map([...root.querySelectorAll("[data-say]")].map((one) => [one.dataset.say, one.textContent.trim().replace(/\s+/g, " ")]));
}

function sayNews() {
  const announcer = document.querySelector("[data-announcer]");
  if (!announcer || !news.size) return;
  announcer.textContent = [...news].map(([name, text]) => `${name}: ${text}`).join(". ");
  news.clear();
  saidAt = Date.now();
}

function note(before, after) {
  const waits = news.size > 0;
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) !== after.get(name)) news.set(name, after.get(name) ?? "none");
  }
  if (news.size && !waits) setTimeout(sayNews, Math.max(1000, saidAt + SAID_EACH - Date.now()));
}

// -- updating a part ------------------------------------------------------------------------------------------------

const callbacks = {
  beforeNodeMorphed(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    if ("deskLive" in old.dataset && !fresh.textContent) return false; // a screen reader may not have spoken it yet
    if (old.tagName === "TIME") return old.dateTime !== fresh.dateTime || old.dataset.show !== fresh.dataset.show;
    if ("hold" in old.dataset || (old.tagName === "DIALOG" && old.open)) return false; // an open editor or dialog stays unchanged
    return !(old.matches(FIELDS) && held(old));
  },
  // An update also keeps the error beside a form that could not be saved.
  beforeNodeRemoved: (old) => !["hold", "complaint"].some((name) => name in (old.dataset ?? {})) && !holds(old),
  // Keeps what the reader chose: open sections, the focus in a table, and the marks on what belongs to the pointed line or value.
  beforeAttributeUpdated: (name, old) => !(name === "open" && old.tagName === "DETAILS") && name !== "tabindex"
    && !(name === "class" && old.classList.contains("pointed")),
};

function morph(target, html, morphStyle = "innerHTML") {
  const inside = target.contains(document.activeElement) && document.activeElement !== target;
  const stops = inside ? [...target.querySelectorAll("a[href], button, summary")] : [];
  const at = stops.indexOf(document.activeElement);
  const before = counts(target);
  Idiomorph.morph(target, html, { morphStyle, callbacks, restoreFocus: true });
  note(before, counts(target));
  showTimes(target);
  if (inside && document.activeElement === document.body) { // the focused element is gone: focus the element that is now in its place
    const left = [...target.querySelectorAll("a[href], button, summary")];
    (left[Math.min(Math.max(at, 0), left.length - 1)] ?? document.getElementById("main")).focus({ preventScroll: true });
  }
}

// -- lists whose rows stay in place -----------------------------------------------------------------------------------

function rowsOf(root) {
  return new Map([...root.querySelectorAll("tr[id]")].map((row) => [row.id, row]));
}

// Updates the rows of a list in their places. The list shows new rows, and drops old ones, only when the reader asks for it.
function hold(part, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html; // safe: the console has rendered and escaped it
  const here = rowsOf(part), there = rowsOf(fresh.content);
  const come = [...there.keys()].filter((id) => !here.has(id)).length;
  const gone = [...here.keys()].filter((id) => !there.has(id));
  if (!here.size || (!come && !gone.length)) { part.fresh = null; announce(part, 0, 0); morph(part, html); return; }
  for (const [id, row] of here) {
    if (there.has(id)) morph(row, there.get(id).outerHTML, "outerHTML");
    row.classList.toggle("gone", !there.has(id));
  }
  part.fresh = html;
  announce(part, come, gone.length);
}

function announce(part, come, gone) {
  const button = document.querySelector(`[data-news="${part.dataset.part}"]`);
  if (!button) return;
  const text = [come && `${come} new`, gone && `${gone} no longer here`].filter(Boolean).join(", ");
  if (text && button.textContent !== text) button.textContent = text;
  button.hidden = !text;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-news]");
  const part = button && document.querySelector(`[data-part="${button.dataset.news}"]`);
  if (!part?.fresh) return;
  const known = rowsOf(part);
  const html = part.fresh;
  part.fresh = null;
  morph(part, html);
  announce(part, 0, 0);
  const first = [...rowsOf(part)].find(([id]) => !known.has(id))?.[1] ?? part.querySelector("tr[id]");
  first?.querySelector("a")?.focus({ preventScroll: true });
});

// -- the stream: open only while the page is visible, since a browser opens few connections to a server -----------------

let stream = null;
let heard = Date.now(); // time of the last event; the console sends an event each 5 s
const SILENT = 20000;

function pulse(state, text) {
  if (!document.body.dataset.stream) return; // a page without a stream keeps the text of its time
  for (const one of document.querySelectorAll("[data-pulse]")) {
    one.dataset.state = state;
    if (one.textContent !== text) one.textContent = text;
  }
}

function hear(gone) {
  heard = Date.now();
  const lost = document.querySelector("[data-lost]");
  if (lost) lost.hidden = true;
  if (gone === true) pulse("lost", "No data");
  else if (gone === false) pulse("live", "Live");
}

// A browser raises no error if the console disappears without closing the connection, so watch for silence.
function listenForSilence() {
  const lost = document.querySelector("[data-lost]");
  if (!lost?.hidden || document.hidden || Date.now() - heard < SILENT) return;
  const at = new Date(heard);
  lost.querySelector("time").textContent = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())} ${zone(at)}`;
  lost.hidden = false;
  pulse("lost", "Connecting");
}

function follow() {
  const url = document.body.dataset.stream ?? document.body.dataset.health;
  if (!url || stream || document.hidden) return;
  stream = new EventSource(url);
  stream.addEventListener("data", (event) => hear(JSON.parse(event.data).gone));
  stream.addEventListener("error", () => {
    pulse("lost", "Connecting");
    if (stream && stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(follow, 5000); }
  });
  stream.addEventListener("ended", () => { // the session has ended; reload only if nothing is typed, so that the reader can copy it
    stream.close();
    pulse("lost", "Logged out");
    if (![...document.querySelectorAll(FIELDS)].some(edited)) location.reload();
  });
  stream.addEventListener("parts", (event) => {
    hear();
    for (const [name, html] of Object.entries(JSON.parse(event.data))) {
      const part = document.querySelector(`[data-part="${name}"]`);
      if (!part) continue;
      if ("holdRows" in part.dataset) hold(part, html);
      else morph(part, html);
    }
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) { stream?.close(); stream = null; } else { heard = Date.now(); follow(); showTimes(document); }
});
setInterval(listenForSilence, 1000);
follow();
