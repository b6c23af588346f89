// Shows times in the reader's time zone, and handles keys. live_updates.js keeps the page up to date.
"use strict";

const pad = (n) => String(n).padStart(2, "0");

function ago(seconds) {
  const s = Math.max(0, seconds);
  if (s < 5) return "now";
  if (s < 60) return `${Math.floor(s)} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return `${Math.floor(s / 86400)} d ago`;
}

function ahead(seconds) {
  if (seconds < 60) return `in ${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `in ${Math.ceil(seconds / 60)} min`;
  return `in ${Math.ceil(seconds / 3600)} h`;
}

// The time zone of a time, such as "UTC" or "GMT+2".
const ZONES = new Intl.DateTimeFormat("en", { timeZoneName: "short" });
function zone(at) {
  return ZONES.formatToParts(at).find((one) => one.type === "timeZoneName").value;
}

function showTimes(root) {
  for (const one of root.querySelectorAll("time[datetime]:not([data-show=day])")) {
    const at = new Date(one.dateTime);
    const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
    const past = (Date.now() - at.getTime()) / 1000;
    let text;
    if (one.dataset.show === "time") text = `${clock} ${zone(at)}`;
    else if (one.dataset.show === "full") text = `${at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" })}, ${clock} ${zone(at)}`;
    else text = past >= 0 ? ago(past) : ahead(-past);
    if (one.textContent !== text) one.textContent = text;
    if (one.titled === one.dateTime) continue;
    one.titled = one.dateTime;
    one.title = `${at.toLocaleString()} ${zone(at)}`;
  }
}

// -- keys ------------------------------------------------------------------------------------------------------------

const places = { i: "/desk", o: "/", r: "/rfqs", d: "/failures", b: "/budgets", p: "/plots", s: "/settings", a: "/audit", v: "/prompts" };
let after = "";

// Moves to the next or the previous RFQ if one is open beside the list, else to the next or the previous row.
function move(step) {
  const onward = document.querySelector(step > 0 ? "[data-next]" : "[data-previous]");
  if (document.querySelector("[data-next], [data-previous]")) { onward?.click(); return; }
  const links = [...document.querySelectorAll("[data-rows] li > a, [data-rows] .from a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))];
  next.focus();
  next.closest("tr, li").scrollIntoView({ block: "nearest" });
}

// Activates the element with data-key="e" for the key e: focuses a field, opens what is folded, clicks a button or a link.
function press(key) {
  const one = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && !each.disabled);
  if (!one) return false;
  const folded = one.closest("details");
  if (folded) folded.open = true;
  const field = one.tagName === "SUMMARY" ? folded.querySelector("input:not([type=hidden]), select, textarea, button") : one;
  field.focus();
  if (field.matches("input, textarea")) field.select();
  else if (field.matches("button, a")) field.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const field = target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
  if (event.key === "Escape" && field) { target.blur(); return; }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (after === "g" && places[event.key]) { location.href = places[event.key]; return; }
  after = event.key;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") document.getElementById("help")?.showModal();
  else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) { search.focus(); search.select(); } else location.href = "/rfqs#search";
    event.preventDefault();
  } else if (/^[a-z]$/.test(event.key) && press(event.key)) event.preventDefault(); // or else the field would get the key as text
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) document.getElementById("help")?.showModal();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    for (const one of document.querySelectorAll("input[name=rfq_id]")) one.checked = event.target.checked;
  }
});

// Shift and a click select all rows from the last clicked row to this row.
let chosen = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest("input[type=checkbox][name=rfq_id]");
  if (!box) return;
  const boxes = [...document.querySelectorAll("input[type=checkbox][name=rfq_id]")];
  const from = boxes.indexOf(chosen), to = boxes.indexOf(box);
  if (event.shiftKey && from >= 0) {
    for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
  }
  chosen = box;
});

// Keeps the scroll position of a list when an RFQ opens beside it. After a return to the list, focuses the row of this RFQ.
function settle(list) {
  const open = list.querySelector("tr[aria-current]");
  const place = `scroll ${list.dataset.scroll}`, opened = `opened ${list.dataset.scroll}`;
  list.scrollTop = Number(sessionStorage.getItem(place)) || 0;
  if (open) {
    const row = open.getBoundingClientRect(), box = list.getBoundingClientRect();
    if (row.top < box.top) list.scrollTop -= box.top - row.top;
    else if (row.bottom > box.bottom) list.scrollTop += row.bottom - box.bottom;
    sessionStorage.setItem(opened, open.id);
  } else {
    document.getElementById(sessionStorage.getItem(opened))?.querySelector("a").focus({ preventScroll: true });
  }
  addEventListener("pagehide", () => sessionStorage.setItem(place, list.scrollTop));
}

for (const list of document.querySelectorAll("[data-scroll]")) settle(list);
document.querySelector("[data-begin]")?.focus({ preventScroll: true });
if (location.hash === "#search") document.querySelector("[data-search]")?.focus();
showTimes(document);
setInterval(() => showTimes(document), 1000);
