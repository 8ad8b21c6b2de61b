package demo

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is the browser's tab with the page of a demo of its own.
type tab struct {
	*testing.T
	d   *Demo
	ctx context.Context
}

// browser starts a headless Chromium for a test and its subtests.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("the demo page is tested in Chromium, and none is installed: `make parts` installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("lang", "ja"), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	// A page that is well writes nothing into the console.
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception.Description)
		case *log.EventEntryAdded:
			if !strings.Contains(ev.Entry.Text, "409") { // an act that was refused in words
				t.Errorf("the browser complains: %s %s", ev.Entry.Text, ev.Entry.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// open shows a new demo in the browser's tab, at the given size.
func open(t *testing.T, browser context.Context, width, height int64) *tab {
	t.Helper()
	d := running(t)
	b := &tab{t, d, browser}
	b.do(chromedp.EmulateViewport(width, height))
	b.load()
	t.Cleanup(func() { b.do(chromedp.Navigate("about:blank")) }) // before the demo ends
	return b
}

func (b *tab) load() {
	b.Helper()
	b.do(chromedp.Navigate(b.d.URL()))
	b.until(`document.body.hasAttribute("data-ready")`)
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	for _, a := range actions {
		if _, err := chromedp.Run(ctx, a); err != nil {
			b.shoot("failed-" + b.Name()[len("TestPage/"):][:9])
			b.Fatal(err)
		}
	}
}

// until waits for a condition of the page, looking at every frame.
func (b *tab) until(js string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	wait := `new Promise((ok) => { const look = () => (` + js + `) ? ok(true) : requestAnimationFrame(look); look(); })`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "-32000") {
			b.shoot("failed-" + b.Name()[len("TestPage/"):][:9])
			b.Fatalf("the page never came to %s: %v", js, err)
		}
		// The page was loaded anew meanwhile: look again.
	}
}

// says waits until a part of the page shows the words.
func (b *tab) says(selector, words string) {
	b.Helper()
	b.until(`[...document.querySelectorAll("` + selector + `")].some((n) => n.checkVisibility() && n.textContent.includes("` + words + `"))`)
}

// inView waits until the visitor can see an element, nothing lying over it.
func (b *tab) inView(selector string) {
	b.Helper()
	b.until(`((n) => { const r = n.getBoundingClientRect(); return n.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)); })(document.querySelector("` + selector + `"))`)
}

func (b *tab) is(js string) bool {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
	if err != nil {
		b.Fatalf("%s: %v", js, err)
	}
	return got
}

// press presses the newest visible button with these words, as a finger does:
// nothing may lie over it.
func (b *tab) press(words string) {
	b.Helper()
	b.says("button", words)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => {
		document.querySelectorAll("[data-pressed]").forEach((n) => n.removeAttribute("data-pressed"));
		const found = [...document.querySelectorAll("button")].filter((n) => n.checkVisibility() && n.textContent.includes("` + words + `")).at(-1);
		found.setAttribute("data-pressed", "");
		found.scrollIntoView({ block: "center", behavior: "instant" });
	})()`))
	b.inView("[data-pressed]")
	b.do(chromedp.Click(chromedp.CSS("[data-pressed]")))
}

// shoot keeps a picture of the page where SHOTS says so.
func (b *tab) shoot(name string) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		b.Logf("no picture: %v", err)
	}
}

func (b *tab) key(keys string) { b.Helper(); b.do(chromedp.KeyEvent(keys)) }

// tabTo presses Tab until the condition holds of the focused element a, which
// must be visible and show that it has the focus.
func (b *tab) tabTo(js string) {
	b.Helper()
	for range 80 {
		b.key(kb.Tab)
		if !b.is(`document.activeElement === document.body || document.activeElement.matches(":focus-visible") && document.activeElement.checkVisibility()`) {
			b.Errorf("the focus cannot be seen on the way to %s", js)
		}
		if b.is(`((a) => ` + js + `)(document.activeElement)`) {
			return
		}
	}
	b.shoot("failed-" + b.Name()[len("TestPage/"):][:9])
	b.Fatalf("Tab never comes to %s", js)
}

// fill writes into a field in place of what is there.
func (b *tab) fill(selector, words string) {
	b.Helper()
	b.until(`document.querySelector("` + selector + `")`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("`+selector+`").select()`), chromedp.SendKeys(chromedp.CSS(selector), words))
}

// card lets the resident consent, so that staff have a card.
func (b *tab) card() {
	b.Helper()
	b.press("介護・高齢")
	b.press("職員に相談する")
	b.press("同意する（自分のこと）")
	b.says("#posts h4", "みかん-4821")
}

// sound looks for what is wrong with any page: scrolling sideways, controls
// without a name, words that are hard to read (WCAG AA: 4.5 to 1, 3 to 1 where
// large).
func (b *tab) sound() {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	wrong, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`(() => {
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
	})()`))
	if err != nil {
		b.Fatal(err)
	}
	for _, w := range wrong {
		b.Error(w)
	}
}
