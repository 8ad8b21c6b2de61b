// Draws Slack's Block Kit from its JSON: messages and modals.
import { $, h } from "./dom.js";

// plain takes back what Slack escapes.
export const plain = (s) => s.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const safe = (url) => (/^https?:\/\//.test(url) ? url : null);
const link = (url, label) => (safe(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url) : label || url);

// pen knows the names of people and what a click does.
// pen = {names, click(action_id, value, confirm)}

// mrkdwn draws Slack's markup.
export function mrkdwn(text, pen) {
  const out = [];
  const lines = (text || "").split("\n");
  lines.forEach((line, i) => {
    const quoted = /^(&gt;|>)\s?/.exec(line);
    const parts = tokens(quoted ? line.slice(quoted[0].length) : line, pen);
    if (quoted) out.push(h("span", { class: "quoted" }, parts));
    else out.push(...parts);
    if (i < lines.length - 1 && !quoted) out.push(h("br"));
  });
  return out;
}

function tokens(line, pen) {
  const out = [];
  for (const part of line.split(/(<[^<>\n]+>)/)) {
    if (part.startsWith("<") && part.endsWith(">")) out.push(token(part.slice(1, -1), pen));
    else out.push(...styled(part));
  }
  return out;
}

function token(body, pen) {
  const [target, label] = body.split("|");
  const id = target.slice(target.startsWith("!subteam^") ? 9 : 1);
  if (target.startsWith("@") || target.startsWith("#") || target.startsWith("!subteam^")) return mention(id, pen);
  if (target.startsWith("!date^")) return plain(label || "");
  if (target.startsWith("!")) return h("b", { class: "mention" }, "@" + id);
  return link(plain(target), label && plain(label));
}

const mention = (id, pen) => h("b", { class: "mention" }, pen.names[id] || "@" + id);

const marks = [["*", "b"], ["_", "i"], ["~", "s"], ["`", "code"]];

function styled(text) {
  const out = [];
  const rule = /(^|[\s（「、。・：])([*_~`])(\S(?:[^\n]*?\S)?)\2(?=$|[\s（）「」、。・：!?！？])/;
  let rest = text;
  for (let found = rule.exec(rest); found; found = rule.exec(rest)) {
    const [all, before, mark, inner] = found;
    out.push(plain(rest.slice(0, found.index) + before));
    const tag = marks.find(([m]) => m === mark)[1];
    out.push(h(tag, {}, mark === "`" ? plain(inner) : styled(inner)));
    rest = rest.slice(found.index + all.length);
  }
  if (rest) out.push(plain(rest));
  return out;
}

export function textObject(t, pen) {
  if (!t) return [];
  return t.type === "mrkdwn" ? mrkdwn(t.text, pen) : lined(t.text);
}

function lined(text) {
  const out = [];
  (text || "").split("\n").forEach((line, i) => out.push(...(i ? [h("br"), line] : [line])));
  return out;
}

// blocks draws all of a message's blocks, or of a modal's but its inputs.
export function blocks(list, pen) {
  return (list || []).map((b) => block(b, pen)).filter(Boolean);
}

export function block(b, pen) {
  switch (b.type) {
    case "header": return h("h4", { class: "b-header" }, textObject(b.text, pen));
    case "divider": return h("hr", { class: "b-divider" });
    case "section": return section(b, pen);
    case "context":
      return h("p", { class: "b-context" }, b.elements.map((e) => h("span", {}, e.type === "image" ? e.alt_text : textObject(e, pen))));
    case "actions": return h("div", { class: "b-actions" }, b.elements.map((e) => element(e, pen)));
    case "rich_text": return h("div", { class: "b-rich" }, b.elements.map((e) => rich(e, pen)));
    case "markdown": return h("div", { class: "b-section" }, h("p", {}, lined(b.text)));
    case "image":
      if (b.slack_file) return h("p", {}, h("img", { class: "picture", src: "/api/staff/picture/" + encodeURIComponent(b.slack_file.id), alt: b.alt_text }));
      return h("p", { class: "b-context" }, `（画像：${b.alt_text}）`);
  }
  return null;
}

function section(b, pen) {
  const node = h("div", { class: "b-section" });
  if (b.text) node.append(h("p", {}, textObject(b.text, pen)));
  if (b.fields) node.append(h("div", { class: "b-fields" }, b.fields.map((f) => h("p", {}, textObject(f, pen)))));
  if (b.accessory) node.append(h("div", { class: "b-actions" }, element(b.accessory, pen)));
  return node;
}

function rich(e, pen) {
  const inner = (list) => (list || []).map((x) => richElement(x, pen)).flat();
  switch (e.type) {
    case "rich_text_quote": return h("blockquote", {}, inner(e.elements));
    case "rich_text_preformatted": return h("pre", {}, inner(e.elements));
    case "rich_text_list":
      return h(e.style === "ordered" ? "ol" : "ul", {}, e.elements.map((item) => h("li", {}, inner(item.elements))));
  }
  return h("p", {}, inner(e.elements));
}

function richElement(x, pen) {
  switch (x.type) {
    case "user": return mention(x.user_id, pen);
    case "usergroup": return mention(x.usergroup_id, pen);
    case "channel": return mention(x.channel_id, pen);
    case "broadcast": return h("b", { class: "mention" }, "@" + x.range);
    case "link": return link(x.url, x.text);
    case "emoji": return `:${x.name}:`;
    case "date": return x.fallback || "";
  }
  let nodes = lined(x.text);
  for (const [style, tag] of [["bold", "b"], ["italic", "i"], ["strike", "s"], ["code", "code"], ["underline", "u"]]) {
    if ((x.style || {})[style]) nodes = [h(tag, {}, nodes)];
  }
  return nodes;
}

function element(e, pen) {
  switch (e.type) {
    case "button":
      return h("button", {
        type: "button", class: "b-button " + (e.style || ""), "data-focus": e.action_id, "data-action": e.action_id,
        "aria-label": e.accessibility_label, onclick: () => press(e, "", pen),
      }, e.text.text);
    case "static_select":
    case "overflow": {
      const label = e.placeholder ? e.placeholder.text : "えらぶ";
      const pick = h("select", { class: "b-select", "aria-label": label, "data-focus": e.action_id },
        h("option", { value: "" }, label), options(e));
      if (e.initial_option) pick.value = e.initial_option.value;
      pick.addEventListener("change", () => pick.value && press(e, pick.value, pen));
      return pick;
    }
    case "image": return h("span", {}, e.alt_text);
  }
  return h("span", { class: "faint" }, "（この部品はデモでは使えません）");
}

export function options(e) {
  const one = (o) => h("option", { value: o.value }, o.text.text);
  if (e.option_groups) return e.option_groups.map((g) => h("optgroup", { label: g.label.text }, g.options.map(one)));
  return (e.options || []).map(one);
}

async function press(e, value, pen) {
  if (e.confirm && !(await ask(e.confirm, pen))) return;
  pen.click(e.action_id, value);
}

// ask shows a button's confirm dialog.
function ask(confirm, pen) {
  const dialog = $("ask");
  return new Promise((answer) => {
    const button = (label, value, kind) => h("button", { type: "button", class: "b-button " + kind, onclick: () => dialog.close(value) }, label);
    dialog.replaceChildren(h("h2", { id: "ask-name" }, textObject(confirm.title, pen)), h("p", {}, textObject(confirm.text, pen)),
      h("footer", {}, button(confirm.deny.text, "", ""), button(confirm.confirm.text, "yes", confirm.style || "primary")));
    dialog.returnValue = "";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
