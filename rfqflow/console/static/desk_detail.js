// The RFQ that is open on the desk: fields open where they stand, forms are saved without leaving the page, the lines of the
// message and what was read from them point at each other. Without this script the same buttons and forms load pages.
"use strict";

const pane = () => document.querySelector(".desk-rfq");
const tell = (text) => { const live = document.querySelector("[data-desk-live]"); if (live && text) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); } };

// -- a field, open where it stands ------------------------------------------------------------------------------------

const editForm = () => document.getElementById("desk-edit");
const openEditor = () => document.querySelector(".desk-rfq [data-editor]");
const placeOf = (path) => document.querySelector(`.desk-rfq [data-path="${CSS.escape(path)}"]`);
const valueOf = (button) => button.dataset.value ?? button.textContent.trim();

function nameOfLine(path) { // what the line is called: another answer of the model may have another line under this number
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
  // A live update leaves these alone: what is typed keeps the version it was typed on.
  place.dataset.hold = form.dataset.hold = "";
  input.focus();
  input.select?.();
  return true;
}

// What was typed and not saved is given up here alone, at the reader's own wish.
function close() {
  const editor = openEditor(), place = editor?.closest("[data-path]");
  if (!place) return;
  delete place.dataset.hold;
  delete editForm().dataset.hold;
  if (place.closedAs === undefined) { // the console itself had opened it
    if (putBy) sessionStorage.setItem(`put by ${pane().dataset.rfq}`, JSON.stringify(putBy));
    moving = true;
    location.href = pane().dataset.home;
    return;
  }
  place.innerHTML = place.closedAs; // as the console itself had rendered it
  showTimes(place);
  if (!goBackTo(putBy)) placed(place.dataset.path);
}

// A field that was begun while another one was on its way, which could not be saved: it comes again when that one is done with.
let putBy = null;

function goBackTo(begun) {
  if (begun === putBy) putBy = null;
  if (!begun || !open(begun.path)) return false;
  openEditor().querySelector("[data-input]").value = begun.value;
  for (const name of ["old", "of", "version"]) editForm().elements[name].value = begun[name];
  return true;
}

const isEdited = (editor) => { const input = editor.querySelector("[data-input]"); return input.value !== (input.tagName === "SELECT" ? [...input.options].find((one) => one.defaultSelected)?.value ?? "" : input.defaultValue) || editor.querySelector("[role=alert]") !== null; };

function placed(path) { // the focus goes to the field
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

// -- a form, saved in place ---------------------------------------------------------------------------------------------

let moving = false;
const sending = new Set(); // the fields whose values are on their way
let saved = Promise.resolve(); // one after the other: what is pressed while a form is on its way is not lost

function complain(form, text) { // beside the form that could not be saved, with what was typed still in it
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
  const sent = new URLSearchParams(new FormData(form, button?.form === form ? button : null)); // as it is now
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

// Who has logged in again, in another tab, has a new session: the forms of this page are of the old one.
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
      complain(form, `Not saved: ${page.querySelector("h1")?.textContent.trim() || "the console gave no answer"}. What you wrote is still here.`);
      return false;
    }
    await released(); // a click that has begun ends on the button where it began
    if (page.querySelector(".desk-rfq")?.dataset.rfq !== pane().dataset.rfq) {
        moving = !openEditor() && !typedElsewhere(form).length; // else the reader is asked whether to leave what he has typed
        location.href = reply.url;
        return false;
      }
    show(page, new URL(reply.url), form, reply.ok, path);
    return reply.ok;
  } catch {
    complain(form, "Not saved: the console does not answer. What you wrote is still here; try again.");
    return false;
  } finally {
    scope?.removeAttribute("aria-busy");
  }
}

// Text typed in other forms of the same RFQ moves into the new page.
function typedElsewhere(sent) {
  return [...document.querySelectorAll(".desk-rfq :is(input:not([type=hidden]), select, textarea)")]
    .filter((one) => one.form && (one.form.id || one.form.dataset.deskForm) !== (sent.id || sent.dataset.deskForm) && one.form.id !== "desk-edit" && ("hold" in one.form.dataset || one.value !== (one.tagName === "SELECT" ? [...one.options].find((each) => each.defaultSelected)?.value ?? one.value : one.defaultValue)))
    .map((one) => ({ form: one.form.id || one.form.dataset.deskForm, name: one.name, value: one.value, version: one.form.elements.version?.value, old: one.form.elements.old?.value }));
}

function begunSince(path) { // a field opened while another form was being sent
  const editor = openEditor(), here = editor?.closest("[data-path]").dataset.path, form = editForm();
  if (!editor || here === path) return null;
  return { path: here, value: editor.querySelector("[data-input]").value, old: form.elements.old.value, of: form.elements.of.value, version: form.elements.version.value };
}

const keyOf = (form) => form.id || form.dataset.deskForm;
const formOf = (key) => document.getElementById(key) || document.querySelector(`.desk-rfq form[data-desk-form="${CSS.escape(key)}"]`);

function writtenElsewhere(sent) { // the form with the cursor, while another form was being sent
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
    if (fresh) { part.innerHTML = fresh.innerHTML; part.fresh = null; } // rendered and escaped by the console itself
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

function tidy(url) { // what was just done is no part of the address
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

addEventListener("beforeunload", (event) => { // typed, and not saved: a field, a new line, a note
  const editor = openEditor();
  if (!moving && (editor && isEdited(editor) || typedElsewhere(editForm()).length)) event.preventDefault();
});

// -- keys within the pane -------------------------------------------------------------------------------------------------

function rove(button) { // one stop for Tab in the table; arrows go from field to field
  const grid = button.closest("[data-grid], .desk-lines");
  if (!grid) return;
  for (const one of grid.querySelectorAll("tbody [tabindex='0'], a[tabindex='0']")) one.tabIndex = -1;
  button.tabIndex = 0;
}

function prepare() { // also after a live update: what is new is no stop of its own
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

const MAIL_MOST = 2000; // characters of a mailto: address, as in rfqflow/core/drafting/mail.py

function mailOf(link) { // with what is typed by now
  const form = link.closest("form"), line = (text) => encodeURIComponent(text);
  const head = `mailto:${encodeURIComponent(link.dataset.mailto).replace("%40", "@")}?subject=${line(form.elements.subject.value.replace(/\s+/g, " ").trim())}`;
  const whole = `${head}&body=${line(form.elements.value.value.replace(/\r?\n/g, "\r\n"))}`;
  return whole.length <= MAIL_MOST ? whole : head;
}

async function copied(field) {
  try { await navigator.clipboard.writeText(field.value); } catch { // without https a browser has no clipboard for us
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
  if (button) tell(await copied(button.form.elements.value) ? "Copied." : "Not copied: press Ctrl+C in the text.");
});

document.addEventListener("click", (event) => { // to the field of the item, or to the line, with the focus
  const link = event.target.closest(".desk-cite, a.desk-line-no");
  const there = link && document.getElementById(link.hash.slice(1));
  if (!there) return;
  event.preventDefault();
  there.scrollIntoView({ block: "center" });
  const stop = there.querySelector("[data-edit], a");
  if (stop) { rove(stop); stop.focus({ preventScroll: true }); }
});

// -- what points at what ---------------------------------------------------------------------------------------------------

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
    if (list && list.scrollHeight > list.clientHeight) { // within its own box: the page stays where it is
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
document.addEventListener("DOMContentLoaded", () => { // once the page's other scripts have set the focus
  const left = pane() && sessionStorage.getItem(`put by ${pane().dataset.rfq}`);
  if (!left) return;
  sessionStorage.removeItem(`put by ${pane().dataset.rfq}`);
  goBackTo(JSON.parse(left));
});
if (new URLSearchParams(location.search).has("said") && pane()) {
  pane().querySelector("#desk-rfq-title").focus();
  tidy(new URL(location));
}
