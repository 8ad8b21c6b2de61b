package demo

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage drives the page as people do. One browser serves all; each part has a
// demo of its own.
func TestPage(t *testing.T) {
	b := browser(t)
	wide, phone := [2]int64{1400, 900}, [2]int64{390, 844}
	for _, part := range []struct {
		name string
		do   func(*tab)
		size [2]int64
	}{
		{"the whole story on a wide screen", story, wide},
		{"the whole story on a phone", story, phone},
		{"the whole story by keyboard alone", keyboard, wide},
		{"the resident's other deeds", resident, wide},
		{"two who press at once, a guest, talk and shortcuts", staffroom, wide},
		{"the clock", clock, wide},
		{"faults and restart", faults, wide},
		{"the tools on a phone", tools, phone},
		{"words that look like markup", markup, wide},
		{"a tablet", func(p *tab) { p.card(); p.sound(); p.Shoot("820-card") }, [2]int64{820, 1180}},
	} {
		t.Run(part.name, func(t *testing.T) { part.do(open(t, b, part.size[0], part.size[1])) })
	}
}

// story is what a stranger does in the first three minutes.
func story(p *tab) {
	narrow := p.Is(`matchMedia("(max-width: 759px)").matches`)
	size := map[bool]string{true: "390", false: "1400"}[narrow]
	look := func(name string) {
		p.Helper()
		p.sound()
		p.Shoot(size + "-" + name)
	}
	p.Says("#talk .bubble", "相談の入口です")
	look("1-start")
	p.press("母の物忘れが心配です")
	p.Says("#talk .bubble", "次のことで合っていますか")
	p.press("介護・高齢")
	p.Says("#talk .tap", "電話をかける 0138-77-0000")
	p.press("電話をかける 0138-77-0000")
	p.Says(".toast", "ここで電話がかかります")
	look("2-offices")
	p.press("職員に相談する")
	p.press("同意する（自分のこと）")
	p.Says("#talk .bubble", "みかん-4821")
	p.Says("#steps .current", "カードを引き受ける")
	p.inView("#talk .bot:last-child .bubble") // although the question before was longer than the screen
	look("3-receipt")
	if narrow {
		p.press("#soudan-elderly を見る")
	}
	p.Says("#posts h4", "みかん-4821")
	look("4-card")
	p.press("引き受ける")
	p.Says("#posts .mention", "@当番A")
	p.press("住民に送る")
	p.Says("#modal h2", "住民に送る")
	p.press("つぎへ")
	p.Says("#modal .wrong", "ここを書いて")
	p.fill("#in-text", "！！")
	p.press("つぎへ")
	p.Says("#modal .wrong", "使えません")
	p.fill("#in-text", "お電話でくわしくうかがえます。")
	look("5-modal")
	p.press("つぎへ")
	p.Says("#modal blockquote", "お電話でくわしくうかがえます。")
	look("6-preview")
	p.Do(chromedp.Click(chromedp.CSS("#modal .primary")))
	p.Until(`!document.getElementById("modal").open`)
	p.press("スレッドを見る（1件）")
	p.Says("#replies .post", "LINEに渡しました")
	look("7-thread")
	p.Do(chromedp.Click(chromedp.CSS("#thread-close")))
	p.press("終了")
	p.Says("#hint", "ひととおり終わりました")
	if narrow {
		p.Says(".tabs .badge", "1")
		p.Do(chromedp.Click(chromedp.CSS(`.tabs [data-tab=phone]`)))
	}
	p.Says("#talk .bubble", "福祉課からのお返事です")
	p.Says("#talk .marks", "音なし")
	look("8-done")
}

// keyboard tells the story with Tab, Enter, arrows and Escape.
func keyboard(p *tab) {
	p.Says("#talk .bubble", "相談の入口です")
	p.tabTo(`a.textContent === "住民の画面へ"`)
	p.key(kb.Enter)
	p.tabTo(`a.id === "talk"`) // a list that scrolls is reachable
	p.tabTo(`a.id === "words"`)
	p.key("yachin")
	p.key(kb.Enter)
	p.Says("#talk .own", "yachin")
	p.Says("#talk .bubble", "次のことで合っていますか")
	p.Do(chromedp.Focus(chromedp.CSS("#talk")))
	p.tabTo(`a.textContent === "介護・高齢"`)
	p.key(kb.Enter)
	p.Says("#quick", "職員に相談する")
	// Who chose by keyboard stays at the choices: the next Tab reaches the new ones.
	p.Until(`document.activeElement.id === "quick"`)
	p.key(kb.Tab)
	p.Until(`document.activeElement.textContent === "職員に相談する"`)
	p.key(kb.Enter)
	p.Says("#quick", "同意する（自分のこと）")
	p.key(kb.Tab)
	p.key(kb.Enter)
	p.Says("#posts h4", "みかん-4821")
	p.tabTo(`a.value === "UTOUBANA"`)
	p.key(kb.ArrowRight)
	p.Until(`document.activeElement.value === "UTOUBANB" && document.activeElement.checked`)
	p.tabTo(`a.textContent === "引き受ける"`)
	p.key(kb.Enter)
	p.Says("#posts .mention", "@当番B")
	p.Until(`document.activeElement.closest("#posts .post")`) // the button is gone; the focus is still at the card
	p.tabTo(`a.textContent === "住民に送る"`)
	p.key(kb.Enter)
	p.Until(`document.activeElement.id === "in-text"`)
	p.key(kb.Escape)
	p.Until(`!document.getElementById("modal").open && document.activeElement.textContent === "住民に送る"`)
	p.key(kb.Enter)
	p.Until(`document.activeElement.id === "in-text"`)
	p.key("ok")
	p.tabTo(`a.textContent === "つぎへ"`)
	p.key(kb.Enter)
	p.Says("#modal h2", "この内容で送りますか")
	p.Until(`document.activeElement.textContent === "送る"`)
	p.key(kb.Enter)
	p.Says("#talk .bubble", "福祉課からのお返事です")
}

func resident(p *tab) {
	p.press("お金・くらし")
	p.press("ここに聞く") // a button on a card
	p.Says("#talk .own", "ここに聞く")
	p.press("スタンプ")
	p.Says("#talk .bubble", "写真やスタンプは読むことができません")
	p.press("写真")
	p.Says("#talk .own", "写真")
	p.fill("#words", "取り消すことば")
	p.press("送る")
	p.Says("#talk .own", "取り消すことば")
	p.press("送信取消") // of the newest
	p.Says("#talk .own", "送信を取り消しました")
	if p.Is(`document.body.textContent.includes("取り消すことば")`) {
		p.Error("words that were taken back still stand on the page")
	}
	p.Do(chromedp.Evaluate[chromedp.Void](`document.getElementById("talk").scrollTop = 0`))
	p.Until(`document.getElementById("talk").scrollTop === 0`)
	if status, body, _ := ask(p.T, p.d, "POST", "/api/resident/sticker", "{}"); status != 200 {
		p.Fatal(status, body)
	}
	p.press("新しいメッセージへ")
	p.inView("#talk .bot:last-child .bubble")
	p.Until(`document.getElementById("newer").hidden`)
	p.press("ブロック")
	p.Says("#account", "ブロック中")
	p.Until(`document.getElementById("words").disabled`)
	p.press("友だち追加")
	p.Until(`!document.getElementById("words").disabled`)
	p.Says("#quick", "分からない（答えたくない）")
	p.press("はじめから")
	p.Until(`document.querySelectorAll("#talk .own").length === 0 && document.querySelectorAll("#talk .bot").length === 1`)
	p.Do(chromedp.Evaluate[chromedp.Void](`(() => { const city = document.getElementById("city"); city.value = "nonoichi"; city.dispatchEvent(new Event("change")); })()`))
	p.Says("#account", "野々市市 相談窓口")
	p.Until(`document.querySelectorAll("#channels button").length === 4`) // the home tab is one
}

func staffroom(p *tab) {
	p.card()
	p.Do(chromedp.Click(chromedp.CSS("[value=UGUEST]")))
	p.press("引き受ける")
	p.Says("#posts .whisper", "ゲストは操作できません。")
	p.Says("#posts .whisper", "あなただけに表示")
	p.Shoot("1400-guest")
	p.Do(chromedp.Click(chromedp.CSS("[value=UKAKARI]")))
	p.Until(`!document.querySelector("#posts .whisper")`)
	p.press("同時に押す")
	p.Says("#posts .mention", "@当番")
	loser := "UTOUBANB"
	if p.Is(`document.querySelector("#posts .mention").textContent === "@当番B"`) {
		loser = "UTOUBANA"
	}
	p.Says(".people .dot", "")
	p.Do(chromedp.Click(chromedp.CSS("[value=" + loser + "]")))
	p.Says("#posts .whisper", "が担当しています")
	p.fill("#post-words", "<b>電話</b>しました")
	p.Do(chromedp.Click(chromedp.CSS("#post button")))
	p.Says("#posts .post", "<b>電話</b>しました")
	p.press("住民に送る…")
	p.Says("#modal h2", "住民に送る")
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Until(`!document.getElementById("modal").open`)
	p.press("編集")
	p.fill("#posts .body textarea", "書き直し")
	p.press("保存")
	p.Says("#posts .post", "（編集済み）")
	p.press("削除")
	p.Until(`!document.querySelector("#posts").textContent.includes("書き直し")`)
	p.Do(chromedp.Click(chromedp.CSS("[value=UHOUKATSU]")))
	p.Until(`document.querySelectorAll("#channels button").length === 2`) // the home tab is one
}

func clock(p *tab) {
	p.fill("#words", "いま")
	p.press("送る")
	p.press("大みそか")
	p.Says("#now", "12月31日")
	p.Says("#now", "10:00")
	p.fill("#words", "いま")
	p.press("送る")
	p.Says("#talk .bubble", "-12-31 10:0")
	p.Says("#talk .day", "12月31日")
	p.Until(`document.querySelectorAll("#talk .day").length === 2`) // what was said before keeps its day
	p.press("+1時間")
	p.Says("#now", "11:0")
	p.Until(`document.querySelectorAll("#talk .own").length === 2`) // forward nothing is lost
	p.press("いまにもどす")
	p.Says(".toast", "はじめから")
	p.Until(`document.querySelectorAll("#talk .own").length === 0`)
}

func faults(p *tab) {
	p.press("LINEが断る")
	p.Until(`document.querySelector("[data-switch=line]").getAttribute("aria-checked") === "true"`)
	p.press("スタンプ")
	p.Says("#tally", "断られた 1")
	p.press("LINEが断る")
	p.Until(`document.querySelector("[data-switch=line]").getAttribute("aria-checked") === "false"`)
	p.press("知らせが2回届く")
	p.Until(`document.querySelector("[data-switch=twice]").getAttribute("aria-checked") === "true"`)
	p.press("スタンプ")
	p.Says(".toast", "2回届けました")
	p.Until(`document.querySelectorAll("#talk .bot").length === 2`) // the greeting and one answer
	p.press("知らせが2回届く")
	p.card()
	p.press("Slackが不通")
	p.Says("#away", "Slackにつながりません")
	p.press("引き受ける")
	p.Says(".toast.bad", "いまSlackにつながりません")
	p.Shoot("1400-away")
	p.press("Slackが不通")
	p.Until(`document.getElementById("away").hidden`)
	p.press("引き受ける")
	p.Says("#posts .mention", "@当番A")
	p.press("再起動")
	p.Says(".toast", "もう一度起動しました")
	p.Do(chromedp.Click(chromedp.CSS("[value=UTOUBANB]")))
	p.press("住民に送る") // the program answers again
	p.Says("#modal h2", "住民に送る")
}

func tools(p *tab) {
	p.press("時計と障害")
	p.Says("#tools button", "大みそか")
	p.sound()
	p.Shoot("390-tools")
	p.press("つぎの朝9時")
	p.Says("#now", "09:0")
}

// markup: what people write stays what they wrote.
func markup(p *tab) {
	p.fill("#words", `<img src=x onerror=document.title=1> *b* <@UTOUBANA>`)
	p.press("送る")
	p.Says("#talk .own", "<img src=x")
	if p.Is(`!!document.querySelector("#talk img") || document.title === "1"`) {
		p.Error("words became markup")
	}
}
