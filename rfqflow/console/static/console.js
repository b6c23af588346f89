// What a page does by itself: follow its stream, show times as the reader's own, and listen to a few keys.
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

function showTimes(root) {
  for (const one of root.querySelectorAll("time[datetime]")) {
    const at = new Date(one.dateTime);
    const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
    const past = (Date.now() - at.getTime()) / 1000;
    let text;
    if (one.dataset.show === "time") text = clock;
    else if (one.dataset.show === "full") text = `${at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" })}, ${clock}`;
    else text = past >= 0 ? ago(past) : ahead(-past);
    if (one.textContent !== text) one.textContent = text;
    one.title = at.toLocaleString();
  }
}

// -- the stream: only while the page is seen, since a browser allows a server few connections ------------------------

let stream = null;

function follow() {
  const url = document.body.dataset.stream;
  const pulse = document.querySelector("[data-pulse]");
  if (!url || stream || document.hidden) return;
  stream = new EventSource(url);
  stream.addEventListener("open", () => { if (pulse) { pulse.classList.add("on"); pulse.textContent = "Live"; } });
  stream.addEventListener("error", () => {
    if (pulse) { pulse.classList.remove("on"); pulse.textContent = "Connecting"; }
    if (stream && stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(follow, 5000); }
  });
  stream.addEventListener("parts", (event) => {
    for (const [name, html] of Object.entries(JSON.parse(event.data))) {
      const part = document.querySelector(`[data-part="${name}"]`);
      if (!part || typing(part)) continue;
      const index = [...part.querySelectorAll("a")].indexOf(document.activeElement);
      part.innerHTML = html; // rendered and escaped by the console itself
      showTimes(part);
      if (index >= 0) part.querySelectorAll("a")[index]?.focus();
    }
  });
}

// What somebody is typing is not taken from under his hands.
function typing(part) {
  return [...part.querySelectorAll("input:not([type=hidden]), select")].some((one) => one === document.activeElement || (one.type !== "checkbox" && one.value));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) { stream?.close(); stream = null; } else { follow(); showTimes(document); }
});

// -- keys ------------------------------------------------------------------------------------------------------------

const places = { o: "/", r: "/rfqs", d: "/dead", b: "/budgets", p: "/plots", t: "/routes", v: "/prompts" };
let after = "";

function move(step) {
  const links = [...document.querySelectorAll("[data-rows] li > a, [data-rows] .from a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))].focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  const field = target.closest("input:not([type=checkbox]), select, textarea");
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
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    for (const one of document.querySelectorAll("input[name=rfq_id]")) one.checked = event.target.checked;
  }
});

document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // on a phone it may be beyond the edge
if (location.hash === "#search") document.querySelector("[data-search]")?.focus();
showTimes(document);
setInterval(() => showTimes(document), 1000);
follow();
