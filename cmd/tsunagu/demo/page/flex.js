// Draws LINE's Flex Messages from their JSON. Buttons are counted in the order an
// eye meets them, as the server counts them.
import { h } from "./dom.js";

const gap = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
const letter = { xxs: 11, xs: 12, sm: 13, md: 15, lg: 17, xl: 20, xxl: 24, "3xl": 28, "4xl": 32, "5xl": 36 };
const width = { nano: 130, micro: 170, deca: 220, hecto: 240, kilo: 250, mega: 290, giga: 330 };
const place = { "flex-start": "flex-start", center: "center", "flex-end": "flex-end", "space-between": "space-between",
  "space-around": "space-around", "space-evenly": "space-evenly" };

const px = (v, words) => (v in words ? words[v] + "px" : /^\d+(\.\d+)?(px|%)$/.test(v || "") ? v : "");
const color = (v) => (/^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$/.test(v || "") ? v : "");

// telephone is the number of a tel: address, else empty.
export const telephone = (uri) => ((uri || "").startsWith("tel:") ? decodeURIComponent(uri.slice(4)) : "");

const digits = (s) => (s || "").replace(/[^0-9#]/g, "");

// caption is what a button says: one that calls also says which number, written
// as the card's words write it.
export function caption(label, uri, words) {
  const number = telephone(uri);
  if (!number || digits(label).includes(digits(number))) return label;
  const written = (words || "").match(/[0-9#][0-9-]+[0-9]/g) || [];
  return `${label || "電話をかける"} ${written.find((w) => digits(w) === digits(number)) || number}`;
}

// flex draws a container whose words are given; tap(index, action) is called for
// what is tapped.
export function flex(container, words, tap) {
  const pen = { next: 0, words, tap };
  if (container.type !== "carousel") return bubble(container, pen);
  const cards = h("div", { class: "carousel", role: "group", tabindex: "0", "aria-label": `${container.contents.length}枚のカード。横に動かせます` });
  for (const one of container.contents) cards.append(bubble(one, pen));
  return cards;
}

function bubble(b, pen) {
  const card = h("div", { class: "card" });
  card.style.width = (width[b.size] || width.mega) + "px";
  touch(card, b.action, pen);
  for (const part of ["header", "hero", "body", "footer"]) {
    if (!b[part]) continue;
    const node = component(b[part], pen, "vertical");
    node.classList.add("part", part);
    const style = (b.styles || {})[part] || {};
    if (color(style.backgroundColor)) node.style.backgroundColor = style.backgroundColor;
    if (style.separator) node.classList.add("ruled");
    card.append(node);
  }
  return card;
}

const drawers = { box, text, button, separator, filler: () => h("div", { class: "filler" }), image: picture, icon: picture, video: picture };

function component(c, pen, layout) {
  const node = (drawers[c.type] || picture)(c, pen);
  const side = layout === "vertical" ? "marginTop" : "marginLeft";
  if (c.margin) node.style[side] = px(c.margin, gap);
  const share = c.flex ?? (layout === "vertical" || c.type === "separator" ? null : 1);
  if (typeof share === "number" && layout !== "vertical") {
    node.style.flex = share === 0 ? "0 0 auto" : `${share} ${share} 0`;
    node.style.minWidth = "0";
  }
  return node;
}

function box(c, pen) {
  const layout = c.layout === "vertical" ? "vertical" : c.layout;
  const node = h("div", { class: "box " + layout });
  touch(node, c.action, pen);
  const s = node.style;
  if (color(c.backgroundColor)) s.backgroundColor = c.backgroundColor;
  if (c.borderWidth) s.border = `${px(c.borderWidth, { none: 0, light: 1, normal: 1, "semi-bold": 2, bold: 3 })} solid ${color(c.borderColor) || "#c9c5bb"}`;
  if (c.cornerRadius) s.borderRadius = px(c.cornerRadius, { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 });
  if (c.paddingAll) s.padding = px(c.paddingAll, { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 });
  for (const [key, side] of [["paddingTop", "paddingTop"], ["paddingBottom", "paddingBottom"], ["paddingStart", "paddingLeft"], ["paddingEnd", "paddingRight"]]) {
    if (c[key]) s[side] = px(c[key], gap);
  }
  if (c.justifyContent in place) s.justifyContent = place[c.justifyContent];
  if (c.alignItems in place) s.alignItems = place[c.alignItems];
  if (c.width) s.width = px(c.width, {});
  if (c.spacing) s.gap = px(c.spacing, gap);
  for (const one of c.contents || []) node.append(component(one, pen, layout));
  return node;
}

function text(c, pen) {
  const node = h("p", { class: c.wrap ? "text wrap" : "text" });
  touch(node, c.action, pen);
  if (c.contents && c.contents.length) for (const span of c.contents) node.append(inked(h("span", {}, span.text || ""), span));
  else node.textContent = c.text || "";
  if (c.align) node.style.textAlign = { start: "left", center: "center", end: "right" }[c.align] || "";
  return inked(node, c);
}

function inked(node, c) {
  if (c.size) node.style.fontSize = px(c.size, letter);
  if (c.weight === "bold") node.style.fontWeight = "700";
  if (c.style === "italic") node.style.fontStyle = "italic";
  if (color(c.color)) node.style.color = c.color;
  if (c.decoration === "underline" || c.decoration === "line-through") node.style.textDecoration = c.decoration;
  return node;
}

function button(c, pen) {
  const action = c.action || {};
  const index = pen.next++;
  const node = h("button", {
    type: "button", class: `tap ${c.style || "link"} ${c.height || "md"}`, "data-focus": "flex" + index,
    onclick: () => pen.tap(index, action),
  }, caption(action.label, action.uri, pen.words));
  if (color(c.color)) {
    if (c.style === "primary" || c.style === "secondary") node.style.backgroundColor = c.color;
    else node.style.color = c.color;
  }
  return node;
}

function separator(c) {
  const node = h("hr", { class: "rule" });
  if (color(c.color)) node.style.borderColor = c.color;
  return node;
}

// picture stands for what would be loaded from outside.
function picture(c, pen) {
  const node = h("div", { class: "picture" }, c.type === "icon" ? "・" : "（画像）");
  touch(node, c.action, pen);
  return node;
}

// touch makes something that is no button tappable, by keyboard too.
function touch(node, action, pen) {
  if (!action) return;
  const index = pen.next++;
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  node.classList.add("touch");
  if (action.label) node.setAttribute("aria-label", caption(action.label, action.uri, pen.words));
  const go = (e) => {
    if (e.type === "keydown" && (e.target !== node || e.key !== "Enter" && e.key !== " ")) return;
    if (e.type === "click" && e.target.closest("button")) return;
    e.preventDefault();
    e.stopPropagation();
    pen.tap(index, action);
  };
  node.addEventListener("click", go);
  node.addEventListener("keydown", go);
}
