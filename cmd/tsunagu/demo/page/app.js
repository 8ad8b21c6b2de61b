// The page: takes the state from the server and lets each part draw itself.
import { $, act, h, keep, sync, toast, toEnd } from "./dom.js";
import * as desk from "./desk.js";
import * as guide from "./guide.js";
import * as phone from "./phone.js";

let state = null, notice = 0, skew = 0, told = 0, heard = 0;

const narrow = matchMedia("(max-width: 759px)");
const tab = () => document.body.dataset.tab;
const showing = (name) => !narrow.matches || tab() === name;

function go(name, channel) {
  turn(name);
  if (channel) desk.show(channel);
  else if (name === "phone") $("words").focus();
}

// turn goes to the other screen, where only one fits.
function turn(name) {
  document.body.dataset.tab = name;
  draw();
  for (const list of ["talk", "posts", "replies"]) if (narrow.matches) toEnd($(list));
}

function draw() {
  if (!state) return;
  phone.draw(state);
  const unread = desk.draw(state);
  guide.draw(state, go, showing("desk") && desk.where());
  document.body.toggleAttribute("data-wrote", state.phone.entries.some((e) => e.from === "resident"));
  const said = state.phone.entries.filter((e) => e.from === "bot").length;
  if (showing("phone") || said < heard) heard = said;
  for (const button of document.querySelectorAll(".tabs button")) {
    const mine = button.dataset.tab;
    button.setAttribute("aria-current", mine === tab() ? "page" : "false");
    const n = mine === "desk" ? unread : said - heard;
    const badge = button.querySelector(".badge");
    badge.hidden = !n || mine === tab();
    badge.replaceChildren(String(n), h("span", { class: "sr" }, "件の新しい知らせ"));
  }
}

function drawTop() {
  sync($("city"), state.cities, (c) => c.id, (c) => h("option", { value: c.id }, c.name));
  $("city").value = state.city;
  $("to-now").hidden = state.offset === 0;
  for (const button of document.querySelectorAll("[data-switch]")) button.setAttribute("aria-checked", String(!!state.switches[button.dataset.switch]));
  document.body.toggleAttribute("data-busy", !!state.busy);
  if (state.world !== told && state.fault) toast("プログラムが起動しませんでした：" + state.fault, true);
  told = state.world;
  if (state.notice.number > notice && notice >= 0) toast(state.notice.text);
  notice = state.notice.number;
}

const clock = new Intl.DateTimeFormat("ja-JP", { timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" });

function tick() {
  if (!state) return;
  const now = new Date(Date.now() + skew);
  const text = state.busy ? state.busy + "…" : clock.format(now);
  if ($("now").textContent !== text) $("now").textContent = text;
}

function listen() {
  const source = new EventSource("/api/events");
  source.onmessage = (e) => {
    const first = !state;
    state = JSON.parse(e.data);
    if (first) notice = state.notice.number;
    skew = state.now - Date.now();
    document.body.removeAttribute("data-lost");
    drawTop();
    draw();
    tick();
    document.body.setAttribute("data-ready", "");
  };
  source.onerror = () => {
    document.body.setAttribute("data-lost", "");
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

function controls() {
  // Another city is another page: nothing of the last one stays half open.
  $("city").addEventListener("change", async () => { if (await act("world/city", { city: $("city").value })) location.reload(); });
  $("fresh").addEventListener("click", () => act("world/fresh"));
  $("restart").addEventListener("click", () => act("world/restart"));
  for (const button of document.querySelectorAll("[data-to]")) button.addEventListener("click", () => act("world/clock", { to: button.dataset.to }));
  $("when").addEventListener("submit", (e) => {
    e.preventDefault();
    if (!$("at").value) return;
    act("world/clock", { to: $("at").value });
    $("pick").open = false;
    $("pick").querySelector("summary").focus();
  });
  $("pick").addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    $("pick").open = false;
    $("pick").querySelector("summary").focus();
  });
  for (const button of document.querySelectorAll("[data-switch]")) {
    button.addEventListener("click", () => act("world/switch", { name: button.dataset.switch, on: button.getAttribute("aria-checked") !== "true" }));
  }
  for (const button of document.querySelectorAll(".tabs button")) button.addEventListener("click", () => turn(button.dataset.tab));
  $("more").addEventListener("click", () => {
    const open = $("tools").classList.toggle("open");
    $("more").setAttribute("aria-expanded", String(open));
  });
  narrow.addEventListener("change", draw);
}

phone.start();
desk.start(() => showing("desk"));
controls();
keep($("talk"), $("posts"), $("replies"));
listen();
setInterval(tick, 1000);
