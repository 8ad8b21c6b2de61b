// The resident's phone.
import { $, act, atEnd, follow, grow, h, sync, toast, toEnd } from "./dom.js";
import { caption, flex, telephone } from "./flex.js";

let shown = null; // the newest state

export function start() {
  const clear = grow($("words"));
  $("write").addEventListener("submit", (e) => {
    e.preventDefault();
    const text = $("words").value.trim();
    if (!text) return $("words").focus();
    say(text);
    clear();
  });
  $("sticker").addEventListener("click", () => act("resident/sticker"));
  $("photo").addEventListener("click", () => act("resident/photo"));
  $("newer").addEventListener("click", () => {
    toEnd($("talk"));
    $("talk").focus();
  });
  $("talk").addEventListener("scroll", () => {
    const talk = $("talk");
    if (talk.scrollTop === talk.placed || talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80) $("newer").hidden = true;
  });
  $("block").addEventListener("click", () => act(shown.phone.blocked ? "resident/follow" : "resident/block"));
}

// say writes as the resident.
export function say(text) {
  follow($("talk"));
  return act("resident/say", { text });
}

export function draw(state) {
  shown = state;
  const { entries, blocked, replies, pushes, refused } = state.phone;
  const city = state.cities.find((c) => c.id === state.city);
  $("account").textContent = `${city ? city.name : ""} 相談窓口${blocked ? "（ブロック中）" : ""}`;
  $("block").textContent = blocked ? "友だち追加" : "ブロック";
  for (const id of ["words", "sticker", "photo"]) $(id).disabled = blocked;
  $("words").placeholder = blocked ? "ブロック中です" : "住民として書く";
  $("tally").textContent = `LINEの通数：返信 ${replies}（無料）・プッシュ ${pushes}${refused ? `・断られた ${refused}` : ""}`;
  const items = [];
  let day = "";
  entries.forEach((entry, i) => {
    if (entry.day !== day) items.push({ key: "day " + entry.day + entry.key, day: entry.day });
    day = entry.day;
    const { quick, ...bubble } = entry;
    items.push({ ...bubble, first: i === 0 || entries[i - 1].from !== entry.from });
  });
  const seen = atEnd($("talk"), () => {
    sync($("talk"), items, (i) => i.key, (i) => (i.day && !i.type ? h("p", { class: "day" }, h("span", {}, i.day)) : row(i)));
    drawQuick(entries[entries.length - 1], blocked);
  });
  if (!seen) $("newer").hidden = false;
}

function row(entry) {
  const own = entry.from === "resident";
  const marks = [];
  if (entry.silent) marks.push(h("span", { class: "tiny", title: "夜などに音を鳴らさず届いたもの" }, "音なし"));
  if (entry.push) marks.push(h("span", { class: "tiny", title: "住民の書きこみへの返信ではなく、あとから届けたもの" }, "プッシュ"));
  marks.push(h("time", {}, entry.time));
  if (own && entry.id && !entry.unsent) {
    marks.push(h("button", { type: "button", class: "bare tiny", "data-focus": "unsend", onclick: () => act("resident/unsend", { message: entry.id }),
      "aria-label": "このメッセージの送信を取り消す" }, "送信取消"));
  }
  return h("article", { class: `row ${own ? "own" : "bot"}${entry.first ? " first" : ""}`, "aria-label": own ? "住民" : "窓口" },
    own ? null : h("span", { class: "face", "aria-hidden": "true" }, "つ"),
    h("div", { class: "said" }, content(entry), h("div", { class: "marks" }, marks)));
}

function content(entry) {
  if (entry.unsent) return h("p", { class: "bubble faint" }, "送信を取り消しました");
  switch (entry.type) {
    case "text": return h("p", { class: "bubble" }, entry.text);
    case "flex": return card(entry);
    case "sticker": return h("p", { class: "bubble thing" }, "スタンプ");
    case "image":
      if (entry.from === "resident") return h("p", { class: "bubble thing" }, "写真");
      return h("img", { class: "picture", src: "/api/resident/picture/" + encodeURIComponent(entry.id), alt: "窓口からの写真", onerror: (e) => {
        e.target.replaceWith(h("p", { class: "bubble thing" }, "写真（もう見られません）"));
      }, onload: () => { if ($("talk").scrollHeight - $("talk").scrollTop - $("talk").clientHeight < 400) toEnd($("talk")); } });
    case "template":
      return h("div", { class: "card" }, h("p", { class: "text wrap part body" }, entry.text),
        h("div", { class: "part footer box vertical" }, (entry.buttons || []).map((b, i) => h("button", {
          type: "button", class: "tap secondary", "data-focus": "t" + i, onclick: () => tap(entry.id, i, false, b),
        }, caption(b.label, b.uri)))));
  }
  return h("p", { class: "bubble thing" }, entry.text || entry.type);
}

function card(entry) {
  try {
    return flex(entry.raw.contents, entry.text, (index, action) => tap(entry.id, index, false, action));
  } catch {
    return h("p", { class: "bubble" }, entry.text);
  }
}

// drawQuick shows the choices below the last message. Who chose with the keyboard
// stays at the choices when new ones come.
function drawQuick(last, blocked) {
  const box = $("quick");
  const choices = (!blocked && last && last.quick) || [];
  const inside = box.contains(document.activeElement);
  sync(box, choices.map((b, i) => ({ ...b, i, of: last.id })), (b) => b.of + "/" + b.i, (b) => h("button", {
    type: "button", class: "chip", onclick: () => tap(b.of, b.i, true, b),
  }, caption(b.label, b.uri)));
  if (inside && !box.contains(document.activeElement)) box.focus();
}

function tap(message, index, quick, action) {
  const number = telephone(action.uri);
  if (number) return toast(`（ここで電話がかかります）${number}`);
  if (action.type === "uri") return toast(`（ここでページが開きます）${host(action.uri)}`);
  if (action.type === "clipboard") return toast("（ここで文字がコピーされます）");
  follow($("talk"));
  return act("resident/tap", { message, index, quick });
}

function host(uri) {
  try {
    return new URL(uri).host;
  } catch {
    return "";
  }
}
