package demo

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tsunagu/cmd/tsunagu/demo/browsertest"
)

// tab is the browser's tab with the page of a demo of its own.
type tab struct {
	*browsertest.Tab
	d *Demo
}

// browser starts a browser for a test and its subtests. A page that is well writes
// nothing into its console.
func browser(t *testing.T) *browsertest.Tab {
	t.Helper()
	b := browsertest.Open(t)
	b.Listen(func(ev any) {
		entry, ok := ev.(*log.EventEntryAdded)
		switch {
		case !ok:
		case strings.Contains(entry.Entry.Text, "409"): // an act that was refused in words
		case strings.Contains(entry.Entry.Text, "CONNECTION_REFUSED"): // a page that outlives its demo by a moment
		default:
			t.Errorf("the browser complains: %s %s", entry.Entry.Text, entry.Entry.URL)
		}
	})
	return b
}

// open shows a new demo in the browser's tab, at the given size.
func open(t *testing.T, browser *browsertest.Tab, width, height int64) *tab {
	t.Helper()
	b := &tab{browser.In(t), running(t)}
	b.Visit(b.d.URL(), width, height)
	t.Cleanup(func() { b.Do(chromedp.Navigate("about:blank")) }) // before the demo ends
	return b
}

// inView waits until the visitor can see an element, nothing lying over it.
func (b *tab) inView(selector string) {
	b.Helper()
	b.Until(`((n) => { const r = n.getBoundingClientRect(); return n.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)); })(document.querySelector("` + selector + `"))`)
}

// press presses the newest visible button with these words, as a finger does:
// nothing may lie over it.
func (b *tab) press(words string) {
	b.Helper()
	b.Says("button", words)
	b.Do(chromedp.Evaluate[chromedp.Void](`(() => {
		document.querySelectorAll("[data-pressed]").forEach((n) => n.removeAttribute("data-pressed"));
		const found = [...document.querySelectorAll("button")].filter((n) => n.checkVisibility() && n.textContent.includes("` + words + `")).at(-1);
		found.setAttribute("data-pressed", "");
		found.scrollIntoView({ block: "center", behavior: "instant" });
	})()`))
	b.inView("[data-pressed]")
	b.Do(chromedp.Click(chromedp.CSS("[data-pressed]")))
}

func (b *tab) key(keys string) { b.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// tabTo presses Tab until the condition holds of the focused element a, which
// must be visible and show that it has the focus.
func (b *tab) tabTo(js string) {
	b.Helper()
	for range 80 {
		b.key(kb.Tab)
		if !b.Is(`document.activeElement === document.body || document.activeElement.matches(":focus-visible") && document.activeElement.checkVisibility()`) {
			b.Errorf("the focus cannot be seen on the way to %s", js)
		}
		if b.Is(`((a) => ` + js + `)(document.activeElement)`) {
			return
		}
	}
	b.Shoot("failed-tab")
	b.Fatalf("Tab never comes to %s", js)
}

// fill writes into a field in place of what is there.
func (b *tab) fill(selector, words string) {
	b.Helper()
	b.Until(`document.querySelector("` + selector + `")`)
	b.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("`+selector+`").select()`), chromedp.SendKeys(chromedp.CSS(selector), words))
}

// card lets the resident consent, so that staff have a card.
func (b *tab) card() {
	b.Helper()
	b.press("介護・高齢")
	b.press("職員に相談する")
	b.press("同意する（自分のこと）")
	b.Says("#posts h4", "みかん-4821")
}

// sound looks for what is wrong with any page: scrolling sideways, controls
// without a name, words that are hard to read (WCAG AA: 4.5 to 1, 3 to 1 where
// large).
func (b *tab) sound() {
	b.Helper()
	wrong := browsertest.Eval[[]string](b.Tab, `(() => {
		const wrong = [];
		if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
		for (const n of document.querySelectorAll("button, input, select, textarea, summary, a, dialog, [role]")) {
			if (!n.checkVisibility()) continue;
			const labelled = (n.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent).join("");
			if (!(n.getAttribute("aria-label") || labelled || [...(n.labels || [])].map((l) => l.textContent).join("") || n.textContent || "").trim() &&
				!["status"].includes(n.getAttribute("role"))) wrong.push("no name: " + n.outerHTML.slice(0, 80));
		}
		const rgba = (s) => { const v = s.match(/[\d.]+/g).map(Number); return [v[0], v[1], v[2], v[3] ?? 1]; };
		const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
		const light = (c) => { const [r, g, b] = c.map((x) => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
		const ground = (n) => { const back = []; for (; n; n = n.parentElement) back.push(rgba(getComputedStyle(n).backgroundColor)); return back.reverse().reduce((under, c) => over(c, under), [255, 255, 255, 1]); };
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (texts.nextNode()) {
			const n = texts.currentNode.parentElement;
			if (!texts.currentNode.textContent.trim() || !n.checkVisibility() || n.closest(":disabled, .sr, noscript, option")) continue;
			const style = getComputedStyle(n), back = ground(n), front = over(rgba(style.color), back);
			const [dark, bright] = [light(front), light(back)].sort((x, y) => x - y);
			const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
			const ratio = (bright + 0.05) / (dark + 0.05);
			if (ratio < (large ? 3 : 4.5)) wrong.push(ratio.toFixed(2) + " to 1: " + n.textContent.trim().slice(0, 40));
		}
		return [...new Set(wrong)].slice(0, 10);
	})()`)
	for _, w := range wrong {
		b.Error(w)
	}
}
