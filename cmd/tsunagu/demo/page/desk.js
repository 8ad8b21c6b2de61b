// The staff's side: channels, cards, threads, and who acts.
import { $, act, atEnd, grow, h, sync, toast, toEnd } from "./dom.js";
import { blocks, mrkdwn, plain } from "./blocks.js";
import * as modal from "./modal.js";

// What the visitor looks at; the server knows nothing of it.
const ui = { person: "UTOUBANA", channel: "", thread: "", chosen: false, world: 0, seen: {}, whispers: {}, closed: new Set() };
let shown = null, visible = () => true;

export function start(isVisible) {
  visible = isVisible;
  modal.start();
  const writer = (form, words, thread) => {
    const clear = grow($(words));
    $(form).addEventListener("submit", async (e) => {
      e.preventDefault();
      const text = $(words).value.trim();
      if (!text) return $(words).focus();
      if (await act("staff/say", { user: ui.person, channel: ui.channel, ts: thread(), text })) clear();
    });
  };
  writer("post", "post-words", () => "");
  writer("reply", "reply-words", () => ui.thread);
  $("thread-close").addEventListener("click", () => {
    const root = ui.thread;
    openThread("");
    document.querySelector(`#posts [data-key="${CSS.escape(root)}"] [data-focus="thread"]`)?.focus();
  });
  const type = (text) => h("button", { type: "button", class: "bare tiny", onclick: () => act("staff/say", { user: ui.person, channel: ui.channel, text }) }, text);
  $("commands").append(...["list", "mine", "help"].map((what) => type("/tsunagu " + what)),
    h("button", { type: "button", class: "bare tiny", onclick: () => { $("post-words").value = "/tsunagu find "; $("post-words").focus(); } }, "/tsunagu find …"),
    h("button", { type: "button", class: "bare tiny", onclick: () => act("world/drill") }, "デモ：訓練のカードを出す"));
  $("people").addEventListener("change", (e) => {
    ui.person = e.target.value;
    redraw();
    if (ui.channel === HOME) openHome();
  });
}

// HOME stands among the channels for the app's home tab.
const HOME = "home";
const redraw = () => shown && draw(shown);
const me = () => shown.slack.staff.find((p) => p.id === ui.person);
const newest = (c) => c.messages.reduce((most, m) => (m.ts > most ? m.ts : most), "");

// where is the channel that is shown.
export const where = () => ui.channel;

// open goes to a channel, as the visitor or the guide wants.
export function open(channel) {
  Object.assign(ui, { channel, thread: "", chosen: true });
  redraw();
  toEnd($("posts"));
}

// openHome goes to the app's home tab; Slack asks the program to draw it.
function openHome() {
  Object.assign(ui, { channel: HOME, thread: "", chosen: true });
  redraw();
  act("staff/home", { user: ui.person });
}

// show goes to the newest card of a channel.
export function show(channel) {
  if (channel !== ui.channel || ui.thread) open(channel);
  const card = [...document.querySelectorAll("#posts .post:has([data-action])")].at(-1);
  if (!card) return;
  card.tabIndex = -1;
  card.focus();
}

function openThread(ts) {
  ui.thread = ts;
  redraw();
  if (ts) $("thread-name").focus();
}

// draw shows the staff's side and returns how many messages are unread.
export function draw(state) {
  shown = state;
  if (state.world !== ui.world) Object.assign(ui, { world: state.world, channel: "", thread: "", chosen: false, seen: {}, whispers: {}, closed: new Set() });
  const mine = state.slack.channels.filter((c) => c.members.includes(ui.person));
  if (ui.channel !== HOME && !mine.some((c) => c.id === ui.channel)) Object.assign(ui, { channel: "", thread: "", chosen: false });
  if (!ui.chosen) follow(mine);
  $("away").hidden = !state.switches.slack;
  drawPeople(state.slack.staff);
  const unread = drawChannels(mine);
  const channel = mine.find((c) => c.id === ui.channel);
  drawHome();
  $("channel-name").textContent = channel ? "#" + channel.name : "";
  $("topic").textContent = channel ? channel.topic : "この人が入っているチャンネルはありません。";
  const messages = channel ? withWhispers(channel) : [];
  const roots = messages.filter((m) => !m.thread);
  const replies = (root) => messages.filter((m) => m.thread === root.ts && !m.whisper).length;
  atEnd($("posts"), () => sync($("posts"), roots.length ? roots.map((m) => ({ ...m, person: ui.person, replies: replies(m) })) : [{ ts: "none" }],
    (m) => m.ts, (m) => (m.ts === "none" ? empty() : post(m, false))));
  const inThread = messages.filter((m) => ui.thread && (m.ts === ui.thread || m.thread === ui.thread));
  $("thread").hidden = !inThread.length;
  $("desk").classList.toggle("threaded", inThread.length > 0);
  atEnd($("replies"), () => sync($("replies"), inThread.map((m) => ({ ...m, person: ui.person })), (m) => m.ts, (m) => post(m, true)));
  modal.draw(me(), state.slack.names);
  return unread;
}

function drawHome() {
  const here = ui.channel === HOME;
  $("home").hidden = !here;
  document.querySelector(".channel:not(.home)").hidden = here;
  if (!here) return;
  const view = me().home;
  const pen = { names: shown.slack.names, click: (action, value) => act("staff/viewclick", { user: ui.person, view: view.id, action, value }) };
  sync($("lists"), [{ id: "home", person: ui.person, hash: view ? view.hash : "" }], (x) => x.id,
    () => h("div", { class: "body" }, view ? blocks(view.blocks, pen) : h("p", { class: "faint" }, "開いています…")));
}

// follow goes where the newest card is, as long as the visitor chose nothing.
function follow(mine) {
  let best = mine[0];
  for (const c of mine) if (newest(c) > (best ? newest(best) : "")) best = c;
  if (best && best.id !== ui.channel) Object.assign(ui, { channel: best.id, thread: "" });
}

function withWhispers(channel) {
  const whispers = (me().whispers || []).filter((m) => m.channel === channel.id && !ui.closed.has(m.ts)).map((m) => ({ ...m, whisper: true }));
  if (visible()) for (const w of me().whispers || []) ui.whispers[ui.person] = w.ts;
  return [...channel.messages, ...whispers].sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

function drawPeople(staff) {
  const box = $("people");
  const items = staff.map((p) => {
    const last = (p.whispers || []).at(-1);
    return { id: p.id, name: p.name, role: p.role, on: p.id === ui.person, news: !!last && p.id !== ui.person && last.ts > (ui.whispers[p.id] || "") };
  });
  if (!box.querySelector(".list")) box.append(h("div", { class: "list" }));
  sync(box.querySelector(".list"), items, (i) => i.id, (i) => h("label", { class: "person", title: i.role },
    h("input", { type: "radio", name: "person", value: i.id, checked: i.on, "data-focus": "pick", "aria-description": i.role }), h("span", {}, i.name),
    i.news ? h("span", { class: "dot", role: "img", "aria-label": "この人だけへの知らせがあります" }) : null));
}

function drawChannels(mine) {
  let all = 0;
  const items = mine.map((c) => {
    const here = c.id === ui.channel;
    if (here && visible()) ui.seen[ui.person + c.id] = newest(c);
    const seen = ui.seen[ui.person + c.id] || "";
    const unread = c.messages.filter((m) => m.ts > seen && m.user !== ui.person).length;
    all += unread;
    return { id: c.id, name: c.name, topic: c.topic, here, unread };
  });
  items.unshift({ id: HOME, name: "つなぐ（ホーム）", topic: "未対応・自分の担当・約束", here: ui.channel === HOME });
  sync($("channels"), items, (i) => i.id, (i) => h("button", {
    type: "button", class: i.unread ? "unread" : "", "aria-current": i.here ? "page" : null, "data-focus": "go", onclick: () => (i.id === HOME ? openHome() : open(i.id)),
  }, h("span", { class: "name" }, i.id === HOME ? i.name : "# " + i.name), h("small", {}, i.topic),
  i.unread ? h("span", { class: "badge" }, String(i.unread), h("span", { class: "sr" }, "件の未読")) : null));
  return all;
}

function empty() {
  return h("div", { class: "empty" }, h("p", {}, "まだ相談は届いていません。"),
    h("p", {}, "住民が「同意する」を押すと、ここにカードが1枚届きます。名前やLINEのIDは届きません。"));
}

function post(m, inThread) {
  const bot = m.user === shown.slack.bot;
  const own = m.user === ui.person;
  const name = bot ? "つなぐ" : (shown.slack.names[m.user] || m.user).replace(/^@/, "");
  const pen = { names: shown.slack.names, click: (action, value) => act("staff/click", { user: ui.person, channel: m.channel, ts: m.ts, action, value }) };
  const body = m.gone ? [h("p", { class: "faint" }, "このメッセージは削除されました。")]
    : m.blocks ? blocks(m.blocks, pen) : [h("div", { class: "b-section" }, h("p", {}, mrkdwn(m.text, pen)))];
  return h("article", { class: `post${m.whisper ? " whisper" : ""}${bot ? " bot" : ""}`, "aria-label": `${name} ${m.time}` },
    m.whisper ? h("p", { class: "only" }, "あなただけに表示されています",
      h("button", { type: "button", class: "bare tiny", onclick: () => { ui.closed.add(m.ts); redraw(); } }, "閉じる")) : null,
    h("span", { class: bot ? "face app" : "face", "aria-hidden": "true" }, name.slice(0, 1) === "当" ? name.slice(-1) : name.slice(0, 1)),
    h("div", { class: "content" },
      h("p", { class: "by" }, h("b", {}, name), bot ? h("span", { class: "app-mark" }, "アプリ") : null,
        h("time", {}, `${m.day} ${m.time}`), m.edited ? h("small", {}, "（編集済み）") : null),
      h("div", { class: "body" }, body), m.whisper || m.gone ? null : deeds(m, own, bot, inThread)));
}

// deeds are what Slack's own client offers on a message.
function deeds(m, own, bot, inThread) {
  const on = (path, more) => () => act(path, { user: ui.person, channel: m.channel, ts: m.ts, ...more });
  const small = (label, focus, onclick) => h("button", { type: "button", class: "bare tiny", "data-focus": focus, onclick }, label);
  const list = [];
  if (!inThread && !m.thread) {
    list.push(small(m.replies ? `スレッドを見る（${m.replies}件）` : "スレッドで話す", "thread", () => openThread(m.ts)));
  }
  if (!bot) list.push(small("住民に送る…", "send", on("staff/shortcut")));
  if (own) list.push(small("編集", "edit", () => edit(m)), small("削除", "delete", on("staff/delete")));
  if (bot && JSON.stringify(m.blocks || "").includes('"action_id":"claim"')) {
    list.push(small("デモ：当番AとBが同時に押す", "race", async () => {
      const done = await act("staff/race", { channel: m.channel, ts: m.ts, action: "claim", users: ["UTOUBANA", "UTOUBANB"] });
      if (done) toast("2人が同時に「引き受ける」を押しました。担当になるのは1人だけで、もう1人には本人だけに知らせが出ます。");
    }));
  }
  return list.length ? h("p", { class: "deeds" }, list) : null;
}

// edit changes a message in place.
function edit(m) {
  const at = document.querySelector(`#${ui.thread ? "replies" : "posts"} [data-key="${CSS.escape(m.ts)}"] .body`);
  if (!at) return;
  const area = h("textarea", { rows: 2, "aria-label": "メッセージを編集", maxlength: 4000 });
  area.value = plain(m.text);
  const form = h("form", { class: "write" }, area, h("button", { type: "submit" }, "保存"));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    await act("staff/edit", { user: ui.person, channel: m.channel, ts: m.ts, text: area.value });
  });
  at.replaceChildren(form);
  area.focus();
}
