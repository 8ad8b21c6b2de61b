// The modal in front of the person who acts.
import { $, act, h, toast } from "./dom.js";
import { block, options, textObject } from "./blocks.js";

let shown = ""; // ID, hash and errors of what is drawn

// draw shows the person's modal, or closes the one that is gone. What was typed
// stays while the view stays the same.
export function draw(person, names) {
  const dialog = $("modal");
  const view = person.view;
  const sign = view ? JSON.stringify([person.id, view.id, view.hash, view.errors || null]) : "";
  if (sign === shown) return;
  const same = view && shown && JSON.parse(shown)[1] === view.id && JSON.parse(shown)[2] === view.hash;
  shown = sign;
  if (!view) {
    if (dialog.open) dialog.close();
    return;
  }
  if (same) return faults(dialog, view.errors || {});
  dialog.replaceChildren(form(person, view, names));
  if (!dialog.open) dialog.showModal(); // the browser gives the focus back when it closes
  faults(dialog, view.errors || {});
  (dialog.querySelector("textarea, input, select") || dialog.querySelector("footer .primary") || dialog.querySelector("footer button")).focus();
}

export function start() {
  $("modal").addEventListener("cancel", (e) => {
    e.preventDefault();
    $("modal").querySelector("[data-close]")?.click();
  });
}

function form(person, view, names) {
  const typed = () => Object.fromEntries(Object.entries(read(node, view).values).filter(([, v]) => v.length));
  const pen = { names, click: (action, value) => act("staff/viewclick", { user: person.id, view: view.id, action, value, values: typed() }) };
  const close = () => act("staff/close", { user: person.id, view: view.id });
  const send = h("button", { type: "submit", class: "b-button primary" }, view.submit);
  const node = h("form", { novalidate: true },
    h("header", {}, h("h2", { id: "modal-name" }, view.title), h("p", { class: "faint" }, `${person.name}の画面`)),
    h("div", { class: "inside" }, view.blocks.map((b) => (b.type === "input" ? input(b, pen, person) : block(b, pen)))),
    h("footer", {}, h("button", { type: "button", class: "b-button", "data-close": true, onclick: close }, view.close || "閉じる"),
      view.submit ? send : null));
  node.addEventListener("submit", async (e) => {
    e.preventDefault();
    const { values, missing } = read(node, view);
    faults(node, missing);
    if (Object.keys(missing).length) return;
    send.disabled = true;
    await act("staff/submit", { user: person.id, view: view.id, values });
    send.disabled = false;
  });
  return node;
}

// input draws one input block. Its label is above, its hint and faults below.
function input(b, pen, person) {
  const id = "in-" + b.block_id;
  const e = b.element;
  const label = [textObject(b.label, pen), b.optional ? h("small", {}, "（任意）") : null];
  const notes = [b.hint ? h("p", { class: "faint", id: id + "-hint" }, textObject(b.hint, pen)) : null,
    h("p", { class: "wrong", id: id + "-wrong", hidden: true })];
  const described = `${b.hint ? id + "-hint " : ""}${id}-wrong`;
  if (e.type === "radio_buttons" || e.type === "checkboxes") {
    const first = (e.initial_options || [e.initial_option]).map((o) => o && o.value);
    const many = e.type === "checkboxes";
    return h("fieldset", { class: "input", "data-block": b.block_id, "aria-describedby": described }, h("legend", {}, label),
      e.options.map((o) => h("label", { class: "option" },
        h("input", { type: many ? "checkbox" : "radio", name: id, value: o.value, checked: first.includes(o.value) }), textObject(o.text, pen))), notes);
  }
  if (e.type === "file_input") {
    return h("div", { class: "input", "data-block": b.block_id }, h("label", { for: id }, label), ...chooser(e, id, described, person), notes);
  }
  const node = h("div", { class: "input", "data-block": b.block_id }, h("label", { for: id }, label), field(e, id, described), notes);
  if (e.type === "plain_text_input" && e.max_length) node.append(counter(node.querySelector("textarea, input"), e.max_length));
  return node;
}

function field(e, id, described) {
  const common = { id, "aria-describedby": described, placeholder: e.placeholder ? e.placeholder.text : null };
  if (e.type.endsWith("static_select")) {
    const many = e.type.startsWith("multi");
    const pick = h("select", { ...common, multiple: many }, many ? null : h("option", { value: "" }, e.placeholder ? e.placeholder.text : "えらぶ"), options(e));
    for (const o of e.initial_options || [e.initial_option]) for (const x of pick.options) if (o && x.value === o.value) x.selected = true;
    return pick;
  }
  if (e.type === "plain_text_input" && e.multiline) {
    const area = h("textarea", { ...common, rows: 6, maxlength: e.max_length });
    area.value = e.initial_value || "";
    return area;
  }
  const kinds = { datepicker: "date", timepicker: "time", number_input: "number", email_text_input: "email", url_text_input: "url" };
  return h("input", { ...common, type: kinds[e.type] || "text", maxlength: e.max_length, value: e.initial_value || e.initial_date || e.initial_time || "" });
}

// chooser lets a person choose a file, or the sample; the hidden input holds its ID once
// Slack has it.
function chooser(e, id, described, person) {
  const chosen = h("input", { type: "hidden" });
  const says = h("p", { class: "faint", role: "status" });
  const upload = async (file) => {
    chosen.value = "";
    says.textContent = "送っています…";
    const response = await fetch(`/api/staff/picture?user=${encodeURIComponent(person.id)}&name=${encodeURIComponent(file ? file.name : "")}`, { method: "POST", body: file || "" });
    const got = await response.json();
    if (!response.ok) {
      says.textContent = "";
      return toast(got.error, true);
    }
    chosen.value = got.id;
    says.textContent = file ? `${file.name} をつけました` : "見本の地図をつけました";
  };
  return [
    h("input", { id, type: "file", "aria-describedby": described, accept: (e.filetypes || []).map((t) => "." + t).join(","),
      onchange: (ev) => ev.target.files[0] && upload(ev.target.files[0]) }),
    h("button", { type: "button", class: "b-button", onclick: () => upload(null) }, "デモ：見本の地図をつける"), chosen, says,
  ];
}

function counter(area, most) {
  const node = h("p", { class: "count faint" });
  const count = () => { node.textContent = `${area.value.length} / ${most}文字`; };
  area.addEventListener("input", count);
  count();
  return node;
}

// read takes the values out of the form, and what has to be filled in still.
function read(node, view) {
  const values = {}, missing = {};
  for (const b of view.blocks) {
    if (b.type !== "input") continue;
    const place = node.querySelector(`[data-block="${CSS.escape(b.block_id)}"]`);
    const picked = [...place.querySelectorAll("input, textarea, select")].flatMap((one) => {
      if (one.type === "file") return []; // its ID stands beside it
      if (one.type === "radio" || one.type === "checkbox") return one.checked ? [one.value] : [];
      if (one.multiple) return [...one.selectedOptions].map((o) => o.value);
      return [one.value];
    }).filter((v) => v.trim() !== "");
    values[b.block_id] = picked;
    if (!picked.length && !b.optional) missing[b.block_id] = "ここを書いてから送ってください。";
  }
  return { values, missing };
}

// faults writes what is wrong below the inputs and goes to the first of them.
function faults(node, wrong) {
  let first = null;
  for (const place of node.querySelectorAll("[data-block]")) {
    const text = wrong[place.dataset.block] || "";
    const said = place.querySelector(".wrong");
    said.textContent = text;
    said.hidden = !text;
    const one = place.querySelector("input, textarea, select");
    if (text) one.setAttribute("aria-invalid", "true");
    else one.removeAttribute("aria-invalid");
    if (text && !first) first = one;
  }
  if (first) first.focus();
  if (!first && Object.keys(wrong).length) toast(Object.values(wrong)[0], true);
}
