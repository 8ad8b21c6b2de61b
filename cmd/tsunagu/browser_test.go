package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tsunagu/bot"
	"tsunagu/cmd/tsunagu/demo"
	"tsunagu/cmd/tsunagu/demo/browsertest"
	"tsunagu/config"
)

// card is the newest card in a channel. The guide for staff shows it (guide-*.png), the
// README the first town's claimed case; SHOTS=DIR writes all pictures anew.
const card = "#posts > .post:has(.b-header)"

// page is a browser's tab on the demo with the real program behind it.
type page struct{ *browsertest.Tab }

func openDemo(t *testing.T) *page {
	t.Helper()
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
	p := &page{browsertest.Open(t)}
	p.Visit(d.URL(), 1400, 960)
	return p
}

// press presses the newest visible button below the selector with these words.
func (p *page) press(selector, words string) {
	p.Helper()
	p.Until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((n) => n.checkVisibility() && !n.disabled && n.textContent.includes(%q))`, selector+" button", words))
	p.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`[...document.querySelectorAll(%q)].filter((n) => n.checkVisibility() && !n.disabled && n.textContent.includes(%q)).at(-1).click()`, selector+" button", words)))
}

func (p *page) fill(selector, words string) {
	p.Helper()
	p.Until(fmt.Sprintf(`document.querySelector(%q)`, selector))
	p.Do(chromedp.SendKeys(chromedp.CSS(selector), words))
}

// write sends words from the phone and waits until they stand in the talk and
// are answered.
func (p *page) write(words string) {
	p.Helper()
	p.Until(`!document.body.hasAttribute("data-busy")`)
	const replies = `parseInt(document.querySelector("#tally").textContent.match(/返信 (\d+)/)?.[1] ?? "0")`
	p.Do(chromedp.Evaluate[chromedp.Void](`window.before = ` + replies))
	p.fill("#words", words)
	p.press("#write", "送る")
	p.Says("#talk", words)
	p.Until(replies + ` > window.before`)
}

// TestInTheBrowserEachCitysResidentIsAnsweredAndTheCaseClosed plays both sides
// on the demo page, with the program of serve behind it.
func TestInTheBrowserEachCitysResidentIsAnsweredAndTheCaseClosed(t *testing.T) {
	p := openDemo(t)
	for _, city := range config.BuiltIn() {
		p.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`(() => { window.last = true; const s = document.querySelector("#city"); if (s.value !== %q) { s.value = %q; s.dispatchEvent(new Event("change", { bubbles: true })); } })()`, city, city)))
		c, _ := config.LoadCity(city)
		p.Until(fmt.Sprintf(`(%q === "hokuto" || !window.last) && document.body?.hasAttribute("data-ready")`, city))
		p.Says("#account", c.Name)
		p.Says("#talk", c.Name)
		p.Says("#quick", "やめる")
		p.write("母の介護のことで困っています")
		p.write("職員に相談する")
		p.press("#quick", "同意する（自分のこと）")
		p.Says("#talk", "受付番号")
		p.press("#channels", "soudan-elderly")
		p.Says("#posts", "未対応")
		p.press("#posts", "引き受ける")
		p.Says("#posts", "対応中")
		p.Shoot(city + "-claimed")
		p.press("#posts", "住民に送る")
		p.fill("#modal textarea", "お話を聞かせてください。")
		p.press("#modal", "確認へ")
		p.Says("#modal", "お話を聞かせてください。")
		p.press("#modal", "送る")
		p.Says("#talk", "お話を聞かせてください。")
		p.Shoot(city + "-answered")
		p.press("#posts", "終了")
		p.Until(`document.querySelector("#modal select")`)
		p.Do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("#modal select"); s.value = "connected"; s.dispatchEvent(new Event("change", { bubbles: true })); })()`))
		p.press("#modal", "決定")
		p.Says("#posts", "窓口につながった")
	}
}

// TestInTheBrowserTheDeskHasItsHomeTabCommandsAndDrill plays several members of
// staff with what they have beside the card.
func TestInTheBrowserTheDeskHasItsHomeTabCommandsAndDrill(t *testing.T) {
	p := openDemo(t)
	as := func(id string) {
		p.Helper()
		p.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('#people input[value=%q]').click()`, id)))
	}
	pick := func(selector, value string) {
		p.Helper()
		p.Until(fmt.Sprintf(`document.querySelector(%q) && document.querySelector(%q).checkVisibility()`, selector+` option[value="`+value+`"]`, selector))
		p.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", { bubbles: true })); })()`, selector, value)))
	}
	p.Says("#quick", "やめる")
	p.write("母の介護のことで困っています")
	p.write("夜に何度も起こされて、仕事に行けません。お金のことも心配です")
	p.write("職員に相談する")
	p.press("#quick", "同意する（自分のこと）")
	p.Says("#talk", "受付番号")
	p.press("#channels", "soudan-elderly")
	p.press("#posts", "デモ：当番AとBが同時に押す")
	p.Says("#posts", "対応中")
	p.ShootPart("guide-card", card)

	// By keyboard: Enter opens the tab, Tab goes on to what can be pressed there.
	p.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#channels button").focus()`), chromedp.KeyEvent(kb.Enter))
	p.Says("#lists h4", "つなぐ")
	p.Until(`document.activeElement.textContent.includes("つなぐ（ホーム）")`)
	for range 9 {
		p.Do(chromedp.KeyEvent(kb.Tab))
		if p.Is(`document.activeElement.dataset.action === "home_refresh"`) {
			break
		}
	}
	if !p.Is(`document.activeElement.dataset.action === "home_refresh" && document.activeElement.matches(":focus-visible")`) {
		t.Error("Tab does not come to the home tab's button")
	}
	p.Says("#lists", "自分の担当")
	p.Says("#lists .mention", "当番")
	pick("#lists select", "child")
	p.Says("#lists", "いま、だれも担当していません。")
	pick("#lists select", "*")
	p.Says("#lists .mention", "当番")
	p.Shoot("1400-home")
	as("UGUEST")
	p.Says("#lists", "ゲスト")

	p.press("#channels", "soudan-elderly")
	as("UKAKARI")
	p.press("#commands", "/tsunagu list")
	p.Says("#posts .whisper", "担当")
	p.press("#commands", "/tsunagu help")
	p.Says("#posts .whisper", "カードのボタン")
	p.Shoot("1400-commands")

	as("UTOUBANA") // who may have lost the race
	if !p.Is(`document.querySelector("#posts .mention").textContent === "@当番A"`) {
		as("UTOUBANB")
	}
	p.press("#posts", "住民に送る")
	pick("#modal select", "talk")
	p.Until(`document.querySelector("#modal textarea")?.value.includes("電話か窓口で")`)
	p.Shoot("1400-canned")
	p.press("#modal", "確認へ")
	p.Says("#modal h2", "この内容で送りますか")
	p.ShootPart("guide-preview", "#modal")
	p.press("#modal", "送る")
	p.Says("#talk", "電話か窓口で、話を聞かせてもらう")
	p.press("#posts", "つなぎ直す")
	pick("#modal select", "poverty")
	p.fill("#modal textarea", "お金の話が主でした")
	p.press("#modal", "決定")
	p.Says("#posts", "つなぎ直しました")
	p.press("#channels", "soudan-poverty")
	p.press("#posts", "引き受ける")
	p.Says("#posts", "対応中")
	p.Shoot("1400-handedon")
	p.press("#posts", "終了")
	pick("#modal select", "connected")
	p.press("#modal", "決定")
	p.Says("#posts", "窓口につながった")
	p.ShootPart("guide-closed", card)

	p.press("#commands", "訓練のカードを出す")
	p.press("#channels", "soudan-default")
	p.Says("#posts h4", "訓練")
	p.press("#posts", "確認")
	p.Says("#posts h4", "確認しました")
	p.Do(chromedp.EmulateViewport(390, 844))
	p.press(".tabs", "職員")
	p.Shoot("390-drill")
	p.press("#channels", "つなぐ（ホーム）")
	p.Says("#lists", "いま、だれも担当していません。")
	p.Shoot("390-home")
	p.Until(`document.documentElement.scrollWidth <= innerWidth`)
}

// TestInTheBrowserAPictureGoesFromTheDeskToThePhone plays both sides of it.
func TestInTheBrowserAPictureGoesFromTheDeskToThePhone(t *testing.T) {
	p := openDemo(t)
	p.Says("#quick", "やめる")
	p.write("母の介護のことで困っています")
	p.write("職員に相談する")
	p.press("#quick", "同意する（自分のこと）")
	p.Says("#talk", "受付番号")
	p.press("#channels", "soudan-elderly")
	p.press("#posts", "引き受ける")
	p.Says("#posts", "対応中")
	p.press("#posts", "住民に送る")
	p.fill("#modal textarea", "地図をお送りします。赤いしるしのところです。")
	p.press("#modal", "見本の地図をつける")
	p.Says("#modal", "見本の地図をつけました")
	p.Shoot("1400-picture-form")
	p.press("#modal", "確認へ")
	p.Until(`[...document.querySelectorAll("#modal img.picture")].some((n) => n.naturalWidth === 640)`)
	p.Says("#modal", "写っているものは")
	p.Shoot("1400-picture-preview")
	p.press("#modal", "送る")
	p.Until(`[...document.querySelectorAll("#talk img.picture")].some((n) => n.naturalWidth === 640)`)
	p.Says("#talk", "赤いしるしのところです。")
	p.Says("#talk", "まで見られます")
	p.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector('#posts [data-focus="thread"]').click()`))
	p.Says("#replies", "写真 1 枚つき")
	p.Shoot("1400-picture")
	p.press("#replies", "写真を取り下げる")
	p.press("dialog[open]", "取り下げる")
	p.Says("#replies", "写真は、もう見られません")
	p.Do(chromedp.Reload())
	p.Until(`document.body?.hasAttribute("data-ready")`)
	p.Says("#talk", "写真（もう見られません）")
	p.Says("#talk", "赤いしるしのところです。")
}
