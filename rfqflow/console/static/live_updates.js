// Keeps a page up to date: follows its stream and puts what has changed into it. What a person does there stays: focus,
// selection, scroll, typed text, what is unfolded; rows of a list that is being read do not jump.
"use strict";

// -- what a person has begun ----------------------------------------------------------------------------------------

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

// A form counts as one: with what is typed stays the version it was typed on, so that the server can tell what happened since.
function held(field) {
  const fields = field.form ? [...field.form.elements].filter((one) => one.matches(FIELDS)) : [field];
  return fields.some((one) => edited(one) || typing(one));
}

function holds(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return false;
  return node.matches(FIELDS) ? held(node) : [...node.querySelectorAll(FIELDS)].some(held);
}

// -- announcements for screen readers -----------------------------------------------------------------------------------

// Counts that a page marks with data-say="Waiting": said when they have changed, all at once, and no more often than is bearable.
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

// -- putting it in --------------------------------------------------------------------------------------------------

const callbacks = {
  beforeNodeMorphed(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    if ("deskLive" in old.dataset && !fresh.textContent) return false; // a screen reader may not have spoken it yet
    if (old.tagName === "TIME") return old.dateTime !== fresh.dateTime || old.dataset.show !== fresh.dataset.show;
    if ("hold" in old.dataset || (old.tagName === "DIALOG" && old.open)) return false; // a field that is open as a whole
    return !(old.matches(FIELDS) && held(old));
  },
  // What could not be saved, and why, stays beside the form as well.
  beforeNodeRemoved: (old) => !["hold", "complaint"].some((name) => name in (old.dataset ?? {})) && !holds(old),
  // The reader's own choice, the place that he has reached in a table, and what it points at.
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
  if (inside && document.activeElement === document.body) { // what had the focus is gone: to what stands in its place
    const left = [...target.querySelectorAll("a[href], button, summary")];
    (left[Math.min(Math.max(at, 0), left.length - 1)] ?? document.getElementById("main")).focus({ preventScroll: true });
  }
}

// -- a list that is being read ----------------------------------------------------------------------------------------

function rowsOf(root) {
  return new Map([...root.querySelectorAll("tr[id]")].map((row) => [row.id, row]));
}

// Rows that stand there are brought up to date where they are; what comes or goes waits for the reader.
function hold(part, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html; // rendered and escaped by the console itself
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

// -- the stream: only while the page is seen, since a browser allows a server few connections ---------------------------

let stream = null;
let heard = Date.now(); // the last word of the console, which says one each 5 s
const SILENT = 20000;

function pulse(state, text) {
  if (!document.body.dataset.stream) return; // it goes on saying as of when it is
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

// A console that has gone without a word raises no error in a browser.
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
  stream.addEventListener("ended", () => { // logged out, here or elsewhere: what is typed stays to be copied
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
