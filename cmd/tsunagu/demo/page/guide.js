// Three steps for whoever sees the page for the first time.
import { $, h, sync } from "./dom.js";
import { say } from "./phone.js";

const names = ["住民として書く", "カードを引き受ける", "返事を送って終了"];
const examples = ["どこに相談したらいいか分かりません", "母の物忘れが心配です", "家賃が払えません"];

// found is the newest message with one of these buttons, and that button's label.
function found(state, actions) {
  let best = null;
  for (const c of state.slack.channels) {
    for (const m of c.messages) {
      for (const b of m.blocks || []) {
        const hit = b.type === "actions" && b.elements.find((e) => actions.includes(e.action_id));
        if (hit && (!best || m.ts > best.ts)) best = { ts: m.ts, channel: c, label: (hit.text || {}).text };
      }
    }
  }
  return best;
}

// draw shows how far the visitor has come. go(tab, channel) leads there; here is
// the channel on the screen.
export function draw(state, go, here) {
  const open = found(state, ["claim"]), taken = found(state, ["reply", "release"]), closed = found(state, ["reopen"]);
  const step = closed ? 3 : taken ? 2 : open ? 1 : 0;
  sync($("steps"), names.map((name, i) => ({ i, name, done: i < step, now: i === step })), (s) => String(s.i), (s) => h("li", {
    class: s.done ? "done" : s.now ? "current" : "", "aria-current": s.now ? "step" : null,
  }, h("span", { class: "number", "aria-hidden": "true" }, s.done ? "✓" : String(s.i + 1)), s.name, s.done ? h("span", { class: "sr" }, "（できました）") : null));
  sync($("hint"), [hint(state, step, open, taken, here)], (x) => x.id, (x) => h("div", {}, h("p", {}, x.text),
    (x.examples || []).map((e) => h("button", { type: "button", class: "example", onclick: () => { go("phone"); say(e); } }, e)),
    x.go ? h("button", { type: "button", class: "example go", onclick: () => go(x.go, x.channel) }, x.label) : null));
}

function hint(state, step, open, taken, here) {
  const wrote = state.phone.entries.some((e) => e.from === "resident");
  const see = (m) => (m.channel.id === here ? {} : { go: "desk", channel: m.channel.id, label: `#${m.channel.name} を見る` });
  switch (step) {
    case 0:
      if (!wrote) return { id: "write", text: "住民の電話で困りごとを書きます。例：", examples };
      return { id: "answer", text: "ボタンで答えていくと窓口が出ます。「職員に相談する」→「同意する」と進むと、職員にカードが届きます。" };
    case 1: return { id: "claim" + open.ts, text: `職員の画面に届いたカードの「${open.label}」を押します。押せるのは1人だけです。`, ...see(open) };
    case 2: return { id: "answer" + taken.ts, text: "「住民に送る」で返事を書き、確かめて送ります。話がついたら「終了」を押します。", ...see(taken) };
  }
  return { id: "done", text: "ひととおり終わりました。時計を夜や大みそかに動かす、LINEやSlackの障害を起こす、別の自治体を選ぶ、も試せます。" };
}
