// Small tools for drawing: elements, lists that keep what has not changed, and
// the way to the server.

export const $ = (id) => document.getElementById(id);

// h makes an element. Properties that start with "on" are listeners; null and
// false are left out.
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

// sync makes a parent's children those of the items. A child whose item has not
// changed stays as it is, so that focus, scrolling and screen readers keep calm.
export function sync(parent, items, keyOf, draw) {
  const old = new Map();
  const wanted = new Set(items.map(keyOf));
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) old.set(child.dataset.key, child);
    else child.remove();
  }
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    const sign = JSON.stringify(item);
    let node = old.get(key);
    if (!node || node.sign !== sign) {
      const fresh = draw(item);
      fresh.dataset.key = key;
      fresh.sign = sign;
      if (node) swap(node, fresh);
      node = fresh;
    }
    const place = before ? before.nextSibling : parent.firstChild;
    if (place !== node) parent.insertBefore(node, place);
    before = node;
  }
}

// swap replaces a node; whoever had the focus inside keeps it as far as possible.
function swap(old, fresh) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!active) return;
  const same = active.dataset.focus && fresh.querySelector(`[data-focus="${CSS.escape(active.dataset.focus)}"]`);
  if (same) return same.focus();
  fresh.tabIndex = -1;
  fresh.focus();
}

// atEnd runs a change and follows the newest of a scrolled list. It returns false
// when there is something new that the visitor, scrolled away, does not see.
export function atEnd(list, change) {
  const follows = list.scrollTop === list.placed || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const [tall, high, last] = [list.scrollHeight, list.clientHeight, list.lastElementChild];
  change();
  if (follows && (tall !== list.scrollHeight || high !== list.clientHeight || last !== list.lastElementChild)) toEnd(list);
  return follows || last === list.lastElementChild;
}

// keep lets lists that follow their newest do so when their size changes, too.
export function keep(...lists) {
  const sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) if (target.clientHeight && target.scrollTop === target.placed) toEnd(target);
  });
  for (const list of lists) sizes.observe(list);
}

// follow goes on following the newest from here, as when the visitor acts.
export const follow = (list) => { list.placed = list.scrollTop; };

// toEnd shows the newest of a list; of one that is too long its beginning.
export function toEnd(list) {
  const last = list.lastElementChild;
  const long = last && last.offsetHeight > list.clientHeight;
  list.scrollTop = long ? last.offsetTop - list.offsetTop - 6 : list.scrollHeight;
  list.placed = list.scrollTop;
}

// act tells the server what somebody did. It returns whether it was done.
export async function act(path, body) {
  try {
    const response = await fetch("/api/" + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}),
    });
    const got = await response.json();
    if (got.error) toast(got.error, true);
    else if (got.note) toast(got.note);
    return response.ok;
  } catch {
    toast("デモのサーバーにつながりません。", true);
    return false;
  }
}

// toast shows a sentence for a while.
export function toast(text, bad) {
  const box = $("toasts");
  const gone = () => one.remove();
  const one = h("div", { class: bad ? "toast bad" : "toast" }, h("p", {}, text),
    h("button", { type: "button", class: "bare", "aria-label": "この知らせを閉じる", onclick: gone }, "閉じる"));
  box.append(one);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(gone, bad ? 10000 : 6000);
}

// grow lets a text box grow with its words and sends on Enter; Shift+Enter and
// Enter while a Japanese word is being converted do not send.
export function grow(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight + 2, 140) + "px";
  };
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    area.form.requestSubmit();
  });
  return () => { area.value = ""; fit(); };
}
