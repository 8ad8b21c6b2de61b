package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tsunagu/bot"
	"tsunagu/cmd/tsunagu/demo"
	"tsunagu/config"
)

// page is a browser's tab on the demo with the real program behind it.
type page struct {
	*testing.T
	ctx context.Context
}

func openDemo(t *testing.T) *page {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("the demo is tested in Chromium, and none is installed: `make parts` installs it")
	}
	cities := map[string]*bot.City{}
	var shown []demo.City
	for _, name := range config.BuiltIn() {
		c, faults := config.LoadCity(name)
		if config.Failed(faults) {
			t.Fatal(config.Report(faults))
		}
		cities[c.ID] = c
		shown = append(shown, demoCity(c))
	}
	d, err := demo.New(demo.Options{Cities: shown, City: "hokuto", Listen: "127.0.0.1:0", Start: demoStart(cities)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("lang", "ja"), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(time.Minute))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	err = chromedp.Listen(tab, func(ev any) {
		if ev, ok := ev.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw %s %v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception.Description)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t, tab}
	p.do(chromedp.EmulateViewport(1400, 900), chromedp.Navigate(d.URL()))
	p.until(`document.body.hasAttribute("data-ready")`)
	return p
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	for _, a := range actions {
		if _, err := chromedp.Run(ctx, a); err != nil {
			p.shoot("failed")
			p.Fatal(err)
		}
	}
}

// until waits for a condition of the page.
func (p *page) until(js string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	wait := `new Promise((ok) => { const look = () => (` + js + `) ? ok(true) : requestAnimationFrame(look); look(); })`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "-32000") {
			p.shoot("failed")
			p.Fatalf("the page never came to %s: %v", js, err)
		}
		// The page was loaded anew meanwhile: look again.
	}
}

func (p *page) says(selector, words string) {
	p.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((n) => n.checkVisibility() && n.textContent.includes(%q))`, selector, words))
}

// press presses the newest visible button below the selector with these words.
func (p *page) press(selector, words string) {
	p.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((n) => n.checkVisibility() && !n.disabled && n.textContent.includes(%q))`, selector+" button", words))
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`[...document.querySelectorAll(%q)].filter((n) => n.checkVisibility() && !n.disabled && n.textContent.includes(%q)).at(-1).click()`, selector+" button", words)))
}

func (p *page) fill(selector, words string) {
	p.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.do(chromedp.SendKeys(chromedp.CSS(selector), words))
}

// write sends words from the phone and waits until they stand in the talk and
// are answered.
func (p *page) write(words string) {
	p.Helper()
	p.until(`!document.body.hasAttribute("data-busy")`)
	const replies = `parseInt(document.querySelector("#tally").textContent.match(/返信 (\d+)/)?.[1] ?? "0")`
	p.do(chromedp.Evaluate[chromedp.Void](`window.before = ` + replies))
	p.fill("#words", words)
	p.press("#write", "送る")
	p.says("#talk", words)
	p.until(replies + ` > window.before`)
}

// shoot keeps a picture where SHOTS says so.
func (p *page) shoot(name string) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
}

// TestInTheBrowserEachCitysResidentIsAnsweredAndTheCaseClosed plays both sides
// on the demo page, with the program of serve behind it.
func TestInTheBrowserEachCitysResidentIsAnsweredAndTheCaseClosed(t *testing.T) {
	p := openDemo(t)
	for _, city := range config.BuiltIn() {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`(() => { window.last = true; const s = document.querySelector("#city"); if (s.value !== %q) { s.value = %q; s.dispatchEvent(new Event("change", { bubbles: true })); } })()`, city, city)))
		c, _ := config.LoadCity(city)
		p.until(fmt.Sprintf(`(%q === "hokuto" || !window.last) && document.body?.hasAttribute("data-ready")`, city))
		p.says("#account", c.Name)
		p.says("#talk", c.Name)
		p.says("#quick", "やめる")
		p.write("母の介護のことで困っています")
		p.write("職員に相談する")
		p.press("#quick", "同意する（自分のこと）")
		p.says("#talk", "受付番号")
		p.press("#channels", "soudan-elderly")
		p.says("#posts", "未対応")
		p.press("#posts", "引き受ける")
		p.says("#posts", "対応中")
		p.shoot(city + "-claimed")
		p.press("#posts", "住民に送る")
		p.fill("#modal textarea", "お話を聞かせてください。")
		p.press("#modal", "確認へ")
		p.says("#modal", "お話を聞かせてください。")
		p.press("#modal", "送る")
		p.says("#talk", "お話を聞かせてください。")
		p.shoot(city + "-answered")
		p.press("#posts", "終了")
		p.until(`document.querySelector("#modal select")`)
		p.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#modal select"); s.value = "connected"; s.dispatchEvent(new Event("change", { bubbles: true })); })()`))
		p.press("#modal", "決定")
		p.says("#posts", "窓口につながった")
	}
}

// TestInTheBrowserTheDeskHasItsHomeTabCommandsAndDrill plays several members of
// staff with what they have beside the card.
func TestInTheBrowserTheDeskHasItsHomeTabCommandsAndDrill(t *testing.T) {
	p := openDemo(t)
	as := func(id string) {
		p.Helper()
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('#people input[value=%q]').click()`, id)))
	}
	pick := func(selector, value string) {
		p.Helper()
		p.until(fmt.Sprintf(`document.querySelector(%q) && document.querySelector(%q).checkVisibility()`, selector+` option[value="`+value+`"]`, selector))
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", { bubbles: true })); })()`, selector, value)))
	}
	p.says("#quick", "やめる")
	p.write("母の介護のことで困っています")
	p.write("夜に何度も起こされて、仕事に行けません。お金のことも心配です")
	p.write("職員に相談する")
	p.press("#quick", "同意する（自分のこと）")
	p.says("#talk", "受付番号")
	p.press("#channels", "soudan-elderly")
	p.press("#posts", "デモ：当番AとBが同時に押す")
	p.says("#posts", "対応中")
	p.shoot("guide-card")

	// By keyboard: Enter opens the tab, Tab goes on to what can be pressed there.
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#channels button").focus()`), chromedp.KeyEvent(kb.Enter))
	p.says("#lists h4", "つなぐ")
	p.until(`document.activeElement.textContent.includes("つなぐ（ホーム）")`)
	for range 9 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if p.is(`document.activeElement.dataset.action === "home_refresh"`) {
			break
		}
	}
	if !p.is(`document.activeElement.dataset.action === "home_refresh" && document.activeElement.matches(":focus-visible")`) {
		t.Error("Tab does not come to the home tab's button")
	}
	p.says("#lists", "自分の担当")
	p.says("#lists .mention", "当番")
	pick("#lists select", "child")
	p.says("#lists", "いま、だれも担当していません。")
	pick("#lists select", "*")
	p.says("#lists .mention", "当番")
	p.shoot("1400-home")
	as("UGUEST")
	p.says("#lists", "ゲスト")

	p.press("#channels", "soudan-elderly")
	as("UKAKARI")
	p.press("#commands", "/tsunagu list")
	p.says("#posts .whisper", "担当")
	p.press("#commands", "/tsunagu help")
	p.says("#posts .whisper", "カードのボタン")
	p.shoot("1400-commands")

	as("UTOUBANA") // who may have lost the race
	if !p.is(`document.querySelector("#posts .mention").textContent === "@当番A"`) {
		as("UTOUBANB")
	}
	p.press("#posts", "住民に送る")
	pick("#modal select", "talk")
	p.until(`document.querySelector("#modal textarea")?.value.includes("電話か窓口で")`)
	p.shoot("1400-canned")
	p.press("#modal", "確認へ")
	p.says("#modal h2", "この内容で送りますか")
	p.shoot("guide-preview")
	p.press("#modal", "送る")
	p.says("#talk", "電話か窓口で、話を聞かせてもらう")
	p.press("#posts", "つなぎ直す")
	pick("#modal select", "poverty")
	p.fill("#modal textarea", "お金の話が主でした")
	p.press("#modal", "決定")
	p.says("#posts", "つなぎ直しました")
	p.press("#channels", "soudan-poverty")
	p.press("#posts", "引き受ける")
	p.says("#posts", "対応中")
	p.shoot("1400-handedon")
	p.press("#posts", "終了")
	pick("#modal select", "connected")
	p.press("#modal", "決定")
	p.says("#posts", "窓口につながった")
	p.shoot("guide-closed")

	p.press("#commands", "訓練のカードを出す")
	p.press("#channels", "soudan-default")
	p.says("#posts h4", "訓練")
	p.press("#posts", "確認")
	p.says("#posts h4", "確認しました")
	p.do(chromedp.EmulateViewport(390, 844))
	p.press(".tabs", "職員")
	p.shoot("390-drill")
	p.press("#channels", "つなぐ（ホーム）")
	p.says("#lists", "いま、だれも担当していません。")
	p.shoot("390-home")
	p.until(`document.documentElement.scrollWidth <= innerWidth`)
}

func (p *page) is(js string) bool {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
	if err != nil {
		p.Fatalf("%s: %v", js, err)
	}
	return got
}

// TestInTheBrowserAPictureGoesFromTheDeskToThePhone plays both sides of it.
func TestInTheBrowserAPictureGoesFromTheDeskToThePhone(t *testing.T) {
	p := openDemo(t)
	p.says("#quick", "やめる")
	p.write("母の介護のことで困っています")
	p.write("職員に相談する")
	p.press("#quick", "同意する（自分のこと）")
	p.says("#talk", "受付番号")
	p.press("#channels", "soudan-elderly")
	p.press("#posts", "引き受ける")
	p.says("#posts", "対応中")
	p.press("#posts", "住民に送る")
	p.fill("#modal textarea", "地図をお送りします。赤いしるしのところです。")
	p.press("#modal", "見本の地図をつける")
	p.says("#modal", "見本の地図をつけました")
	p.shoot("1400-picture-form")
	p.press("#modal", "確認へ")
	p.until(`[...document.querySelectorAll("#modal img.picture")].some((n) => n.naturalWidth === 640)`)
	p.says("#modal", "写っているものは")
	p.shoot("1400-picture-preview")
	p.press("#modal", "送る")
	p.until(`[...document.querySelectorAll("#talk img.picture")].some((n) => n.naturalWidth === 640)`)
	p.says("#talk", "赤いしるしのところです。")
	p.says("#talk", "まで見られます")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#posts [data-focus="thread"]').click()`))
	p.says("#replies", "写真 1 枚つき")
	p.shoot("1400-picture")
	p.press("#replies", "写真を取り下げる")
	p.press("dialog[open]", "取り下げる")
	p.says("#replies", "写真は、もう見られません")
	p.do(chromedp.Reload())
	p.until(`document.body?.hasAttribute("data-ready")`)
	p.says("#talk", "写真（もう見られません）")
	p.says("#talk", "赤いしるしのところです。")
}
