// The pane of the open RFQ on the desk. Edits fields in their places, and saves forms without loading a page. When
// the person points at a value, marks the lines of the message that support it; at a line, the values that it supports. Without this script, the buttons and forms load pages.
"use strict";

const pane = () => document.querySelector(".desk-rfq");
const tell = (text) => { const live = document.querySelector("[data-desk-live]"); if (live && text) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); } };

// -- editing a field in its place -------------------------------------------------------------------------------------

const editForm = () => document.getElementById("desk-edit");
const openEditor = () => document.querySelector(".desk-rfq [data-editor]");
const placeOf = (path) => document.querySelector(`.desk-rfq [data-path="${CSS.escape(path)}"]`);
const valueOf = (button) => button.dataset.value ?? button.textContent.trim();

function nameOfLine(path) { // the form sends the description, since a later answer may have another line item with this number
  const line = /^(line_items\[\+?\d+\])/.exec(path)?.[1];
  const button = line && placeOf(`${line}.description`)?.querySelector("[data-edit]");
  return button ? valueOf(button) : "";
}

function open(path) {
  const place = placeOf(path);
  const button = place?.querySelector("[data-edit]");
  const template = document.querySelector(`.desk-rfq template[data-field="${CSS.escape(path.split(".").pop())}"]`);
  if (!button || !template) return false;
  const form = editForm(), old = valueOf(button), line = place.closest("tr")?.id.replace("item-", "");
  form.elements.path.value = path;
  form.elements.old.value = old;
  form.elements.of.value = path.endsWith(".description") ? old : nameOfLine(path);
  form.elements.version.value = pane().dataset.version;
  place.closedAs = place.innerHTML;
  place.replaceChildren(template.content.cloneNode(true));
  const input = place.querySelector("[data-input]");
  if (line) input.setAttribute("aria-label", `${input.getAttribute("aria-label")} of line ${line}`);
  if (input.tagName === "SELECT") for (const one of input.options) one.defaultSelected = one.value === old;
  input.value = input.defaultValue = old;
  // Live updates skip held elements, so that the form sends the version on which the person typed.
  place.dataset.hold = form.dataset.hold = "";
  input.focus();
  input.select?.();
  return true;
}

// Closes the editor and drops unsaved input. Only Cancel and Escape do this.
function close() {
  const editor = openEditor(), place = editor?.closest("[data-path]");
  if (!place) return;
  delete place.dataset.hold;
  delete editForm().dataset.hold;
  if (place.closedAs === undefined) { // the console rendered the editor, not this script
    if (putBy) sessionStorage.setItem(`put by ${pane().dataset.rfq}`, JSON.stringify(putBy));
    moving = true;
    location.href = pane().dataset.home;
    return;
  }
  place.innerHTML = place.closedAs; // safe: the console has rendered and escaped it
  showTimes(place);
  if (!goBackTo(putBy)) placed(place.dataset.path);
}

// The input of a field that the person opened while another field was being saved. If that save failed, this field opens
// again after the person has dealt with the failed one.
let putBy = null;

function goBackTo(begun) {
  if (begun === putBy) putBy = null;
  if (!begun || !open(begun.path)) return false;
  openEditor().querySelector("[data-input]").value = begun.value;
  for (const name of ["old", "of", "version"]) editForm().elements[name].value = begun[name];
  return true;
}

const isEdited = (editor) => { const input = editor.querySelector("[data-input]"); return input.value !== (input.tagName === "SELECT" ? [...input.options].find((one) => one.defaultSelected)?.value ?? "" : input.defaultValue) || editor.querySelector("[role=alert]") !== null; };

function placed(path) { // moves the focus to the field
  const button = placeOf(path)?.querySelector("[data-edit]");
  if (!button) return false;
  rove(button);
  button.focus();
  return true;
}

async function edit(path) {
  const editor = openEditor();
  if (editor?.closest("[data-path]").dataset.path === path) { editor.querySelector("[data-input]").focus(); return; }
  const onItsWay = sending.has(editor?.closest("[data-path]").dataset.path);
  if (editor && isEdited(editor) && !onItsWay) { if (!await submit(editForm(), null)) return; } else if (onItsWay) editor.remove(); else if (editor) close();
  open(path);
}

// -- saving a form without loading a page -------------------------------------------------------------------------------

let moving = false;
const sending = new Set(); // paths of the fields that are being saved
let saved = Promise.resolve(); // saves run one after the other, so that a click during a save is not lost

function complain(form, text) { // shows an error beside the form that could not be saved; the form keeps its input
  const at = (form.id === "desk-edit" && openEditor()) || (form.id === "desk-add" && document.querySelector(".desk-new .desk-row-acts")) || form;
  at.querySelector("[data-complaint]")?.remove();
  const line = document.createElement("span");
  line.className = "desk-error";
  line.dataset.complaint = "";
  line.setAttribute("role", "alert");
  line.textContent = text;
  at.append(line);
}

function submit(form, button) {
  const sent = new URLSearchParams(new FormData(form, button?.form === form ? button : null)); // read now, since the input may change before it is sent
  const path = form.id === "desk-edit" ? form.elements.path.value : null;
  sending.add(path);
  saved = saved.then(() => send(form, sent, path)).finally(() => sending.delete(path));
  return saved;
}

let pressed = false;
for (const name of ["pointerdown", "pointerup", "pointercancel"]) document.addEventListener(name, () => { pressed = name === "pointerdown"; }, true);

async function released() {
  const by = performance.now() + 2000;
  while (pressed && performance.now() < by) await new Promise((done) => setTimeout(done, 20));
}

async function sentTo(form, sent) {
  const reply = await fetch(form.action, { method: "POST", body: sent, redirect: "follow" });
  return [reply, new DOMParser().parseFromString(await reply.text(), "text/html")];
}

// After a login in another tab, the browser has a new session, but the forms of this page have the token of the old one.
async function renewed(sent) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const token = page.querySelector(".desk-rfq [name=form_token]")?.value;
  if (!token || token === sent.get("form_token")) return false;
  for (const one of document.querySelectorAll("[name=form_token]")) one.value = token;
  sent.set("form_token", token);
  return true;
}

async function send(form, sent, path) {
  const scope = document.querySelector(".desk");
  scope?.setAttribute("aria-busy", "true");
  try {
    let [reply, page] = await sentTo(form, sent);
    if (!page.querySelector(".desk") && await renewed(sent)) [reply, page] = await sentTo(form, sent);
    if (!page.querySelector(".desk")) {
      complain(form, `Not saved: ${page.querySelector("h1")?.textContent.trim() || "the console gave no answer"}. Your input is still here.`);
      return false;
    }
    await released(); // do not replace a button between the press and the release of the pointer
    if (page.querySelector(".desk-rfq")?.dataset.rfq !== pane().dataset.rfq) {
        moving = !openEditor() && !typedElsewhere(form).length; // or else the browser asks whether to leave the unsaved input
        location.href = reply.url;
        return false;
      }
    show(page, new URL(reply.url), form, reply.ok, path);
    return reply.ok;
  } catch {
    complain(form, "Not saved: the console does not answer. Your input is still here: try again.");
    return false;
  } finally {
    scope?.removeAttribute("aria-busy");
  }
}

// The unsaved input in other forms of the same RFQ, which moves into the new page.
function typedElsewhere(sent) {
  return [...document.querySelectorAll(".desk-rfq :is(input:not([type=hidden]), select, textarea)")]
    .filter((one) => one.form && (one.form.id || one.form.dataset.deskForm) !== (sent.id || sent.dataset.deskForm) && one.form.id !== "desk-edit" && ("hold" in one.form.dataset || one.value !== (one.tagName === "SELECT" ? [...one.options].find((each) => each.defaultSelected)?.value ?? one.value : one.defaultValue)))
    .map((one) => ({ form: one.form.id || one.form.dataset.deskForm, name: one.name, value: one.value, version: one.form.elements.version?.value, old: one.form.elements.old?.value }));
}

function begunSince(path) { // the field that the person opened while a form was being saved
  const editor = openEditor(), here = editor?.closest("[data-path]").dataset.path, form = editForm();
  if (!editor || here === path) return null;
  return { path: here, value: editor.querySelector("[data-input]").value, old: form.elements.old.value, of: form.elements.of.value, version: form.elements.version.value };
}

const keyOf = (form) => form.id || form.dataset.deskForm;
const formOf = (key) => document.getElementById(key) || document.querySelector(`.desk-rfq form[data-desk-form="${CSS.escape(key)}"]`);

function writtenElsewhere(sent) { // the form and the position of the cursor, if it is in another form than the saved one
  const one = document.activeElement;
  if (!one.matches(".desk-rfq :is(input, select, textarea)") || !one.form || one.form.id === "desk-edit" || keyOf(one.form) === keyOf(sent)) return null;
  return { form: keyOf(one.form), name: one.name, from: one.selectionStart, to: one.selectionEnd };
}

function goOn(writing) {
  const field = formOf(writing.form)?.elements[writing.name];
  if (!field?.focus) return false;
  field.focus();
  if (writing.from !== null && writing.from !== undefined) field.setSelectionRange?.(writing.from, writing.to);
  return true;
}

function bringBack(typed) {
  for (const each of typed) {
    const form = formOf(each.form);
    const field = form?.elements[each.name];
    if (!field || field instanceof RadioNodeList) continue;
    field.value = each.value;
    if (each.version !== undefined && form.elements.version) form.elements.version.value = each.version;
    if (each.old !== undefined && form.elements.old) form.elements.old.value = each.old;
  }
}

function show(page, url, form, saved, path) {
  const scrolls = () => document.querySelectorAll(".desk-rfq .scroll, .desk-lines");
  const was = [...scrolls()].map((one) => [one.scrollLeft, one.scrollTop]);
  const typed = typedElsewhere(form), begun = begunSince(path), writing = writtenElsewhere(form);
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) { part.innerHTML = fresh.innerHTML; part.fresh = null; } // safe: the console has rendered and escaped it
  }
  const at = url.searchParams.get("at");
  if (saved) tidy(url);
  showTimes(document);
  prepare();
  bringBack(typed);
  if (begun && !saved) putBy = begun;
  const goesOn = saved && goBackTo(begun ?? (form.id === "desk-edit" ? putBy : null));
  scrolls().forEach((one, index) => { [one.scrollLeft, one.scrollTop] = was[index] ?? [0, 0]; });
  const now = pane();
  tell(now.querySelector(".desk-said")?.textContent.trim());
  const same = now.querySelector(`form[data-desk-form="${CSS.escape(form.dataset.deskForm)}"]`);
  const title = now.querySelector("#desk-rfq-title");
  if (goesOn || (writing && goOn(writing))) return;
  if (!saved) (now.querySelector("[aria-invalid=true], .desk-editor [data-input]") ?? now.querySelector("[role=alert]")?.closest("form")?.querySelector("input:not([type=hidden]), textarea, select, button") ?? title).focus();
  else if (at && placed(at)) return;
  else if (form.id === "desk-add") now.querySelector(".desk-new [data-input]").focus();
  else (form.id === "desk-edit" ? title : same?.querySelector("button:not(:disabled)") ?? title).focus();
}

function tidy(url) { // removes the last action from the address, so that a reload does not show its message again
  for (const name of ["said", "at", "of", "edit"]) url.searchParams.delete(name);
  history.replaceState(null, "", url);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "desk-view" && event.submitter?.matches("[data-edit]")) { event.preventDefault(); edit(event.submitter.value); return; }
  if (!form.matches("[data-desk-form]")) return;
  event.preventDefault();
  submit(form, event.submitter);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-cancel]")) { event.preventDefault(); close(); }
});

addEventListener("beforeunload", (event) => { // warns about unsaved input in any form
  const editor = openEditor();
  if (!moving && (editor && isEdited(editor) || typedElsewhere(editForm()).length)) event.preventDefault();
});

// -- keys within the pane -------------------------------------------------------------------------------------------------

function rove(button) { // Tab stops once in the table, and arrow keys move between fields
  const grid = button.closest("[data-grid], .desk-lines");
  if (!grid) return;
  for (const one of grid.querySelectorAll("tbody [tabindex='0'], a[tabindex='0']")) one.tabIndex = -1;
  button.tabIndex = 0;
}

function prepare() { // runs again after a live update, since new elements must not become stops for Tab
  for (const each of document.querySelectorAll("[data-grid], .desk-lines")) {
    const stops = [...each.querySelectorAll("tbody :is([data-edit], .desk-row-acts > *:is(a, button)), a.desk-line-no")];
    for (const one of stops) if (!one.hasAttribute("tabindex")) one.tabIndex = -1;
    if (stops.length && !stops.some((one) => one.tabIndex === 0)) stops[0].tabIndex = 0;
  }
  for (const one of document.querySelectorAll("[data-copy][hidden]")) one.hidden = false;
  const editor = openEditor();
  if (editor) editor.closest("[data-path]").dataset.hold = editForm().dataset.hold = "";
}

function along(event) {
  const cell = event.target.closest("td");
  const row = cell?.parentElement;
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!row || !step) return;
  const stop = (one) => one?.querySelector("[data-edit], a, button");
  let next;
  if (step[0]) {
    let other = row;
    do { other = step[0] < 0 ? other.previousElementSibling : other.nextElementSibling; } while (other && !stop(other.cells[cell.cellIndex]));
    next = stop(other?.cells[cell.cellIndex]);
  } else {
    const stops = [...row.querySelectorAll("[data-edit], .desk-row-acts > :is(a, button)")];
    next = stops[stops.indexOf(event.target.closest("a, button")) + step[1]];
  }
  if (!next) return;
  event.preventDefault();
  rove(next);
  next.focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (!(target instanceof Element) || !target.closest(".desk-rfq")) return;
  const editor = target.closest("[data-editor]");
  if (editor && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
  if (editor && event.key === "Enter" && !event.isComposing && target.matches("[data-input]") && !event.shiftKey) { event.preventDefault(); editForm().requestSubmit(); return; }
  if (target.closest("[data-grid] tbody") && target.matches("a, button")) { along(event); return; }
  if (target.matches(".desk-line-no") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const lines = [...document.querySelectorAll(".desk-lines a.desk-line-no")];
    const next = lines[lines.indexOf(target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); rove(next); next.focus(); }
  }
}, true);

// -- the draft of a reply ------------------------------------------------------------------------------------------------

const MAIL_MOST = 2000; // a mailto: link has at most this many characters, as in rfqflow/core/drafting/mail.py

function mailOf(link) { // a mailto: link with the text that is in the form now
  const form = link.closest("form"), line = (text) => encodeURIComponent(text);
  const head = `mailto:${encodeURIComponent(link.dataset.mailto).replace("%40", "@")}?subject=${line(form.elements.subject.value.replace(/\s+/g, " ").trim())}`;
  const whole = `${head}&body=${line(form.elements.value.value.replace(/\r?\n/g, "\r\n"))}`;
  return whole.length <= MAIL_MOST ? whole : head;
}

async function copied(field) {
  try { await navigator.clipboard.writeText(field.value); } catch { // browsers offer the clipboard only over HTTPS
    const at = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    at?.focus();
    return done;
  }
  return true;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-mailto]"), button = event.target.closest("[data-copy]");
  if (link) link.href = mailOf(link);
  if (button) tell(await copied(button.form.elements.value) ? "Copied." : "Not copied: select the text and press Ctrl+C.");
});

document.addEventListener("click", (event) => { // moves to the cited line, or to the item that cites the line
  const link = event.target.closest(".desk-cite, a.desk-line-no");
  const there = link && document.getElementById(link.hash.slice(1));
  if (!there) return;
  event.preventDefault();
  there.scrollIntoView({ block: "center" });
  const stop = there.querySelector("[data-edit], a");
  if (stop) { rove(stop); stop.focus({ preventScroll: true }); }
});

// -- marking lines and values that belong together -------------------------------------------------------------------------

let shown = [];

function point(from) {
  for (const one of shown) one.classList.remove("pointed");
  shown = [];
  const line = from?.closest(".desk-lines li");
  if (line) {
    const number = line.value;
    shown = [...document.querySelectorAll(".desk-rfq [data-lines]")].filter((one) => one.dataset.lines.split(" ").includes(String(number)));
  } else {
    const about = from?.closest("[data-cites], [data-lines]");
    if (!about || !about.closest(".desk-rfq")) return;
    shown = (about.dataset.cites ?? about.dataset.lines).split(" ").map((number) => document.getElementById(`line-${number}`)).filter(Boolean);
    const list = shown[0]?.closest("ol");
    if (list && list.scrollHeight > list.clientHeight) { // scrolls only the list, not the page
      const first = shown[0], top = first.offsetTop - list.offsetTop;
      if (top < list.scrollTop || top + first.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3;
    }
  }
  for (const one of shown) one.classList.add("pointed");
}

document.addEventListener("mouseover", (event) => { if (event.target.closest(".desk-rfq")) point(event.target); });
document.addEventListener("focusin", (event) => { if (event.target.closest(".desk-rfq")) point(event.target); });

new MutationObserver(prepare).observe(document.querySelector("[data-part=desk_detail]") ?? document.body, { childList: true, subtree: true, attributeFilter: ["hidden"] });
prepare();
document.addEventListener("DOMContentLoaded", () => { // after the other scripts of the page have set the focus
  const left = pane() && sessionStorage.getItem(`put by ${pane().dataset.rfq}`);
  if (!left) return;
  sessionStorage.removeItem(`put by ${pane().dataset.rfq}`);
  goBackTo(JSON.parse(left));
});
if (new URLSearchParams(location.search).has("said") && pane()) {
  pane().querySelector("#desk-rfq-title").focus();
  tidy(new URL(location));
}
