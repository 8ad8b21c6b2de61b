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
		{"a tablet", func(p *tab) { p.card(); p.sound(); p.shoot("820-card") }, [2]int64{820, 1180}},
	} {
		t.Run(part.name, func(t *testing.T) { part.do(open(t, b, part.size[0], part.size[1])) })
	}
}

// story is what a stranger does in the first three minutes.
func story(p *tab) {
	narrow := p.is(`matchMedia("(max-width: 759px)").matches`)
	size := map[bool]string{true: "390", false: "1400"}[narrow]
	look := func(name string) {
		p.Helper()
		p.sound()
		p.shoot(size + "-" + name)
	}
	p.says("#talk .bubble", "相談の入口です")
	look("1-start")
	p.press("母の物忘れが心配です")
	p.says("#talk .bubble", "次のことで合っていますか")
	p.press("介護・高齢")
	p.says("#talk .tap", "電話をかける 0138-77-0000")
	p.press("電話をかける 0138-77-0000")
	p.says(".toast", "ここで電話がかかります")
	look("2-offices")
	p.press("職員に相談する")
	p.press("同意する（自分のこと）")
	p.says("#talk .bubble", "みかん-4821")
	p.says("#steps .current", "カードを引き受ける")
	p.inView("#talk .bot:last-child .bubble") // although the question before was longer than the screen
	look("3-receipt")
	if narrow {
		p.press("#soudan-elderly を見る")
	}
	p.says("#posts h4", "みかん-4821")
	look("4-card")
	p.press("引き受ける")
	p.says("#posts .mention", "@当番A")
	p.press("住民に送る")
	p.says("#modal h2", "住民に送る")
	p.press("つぎへ")
	p.says("#modal .wrong", "ここを書いて")
	p.fill("#in-text", "！！")
	p.press("つぎへ")
	p.says("#modal .wrong", "使えません")
	p.fill("#in-text", "お電話でくわしくうかがえます。")
	look("5-modal")
	p.press("つぎへ")
	p.says("#modal blockquote", "お電話でくわしくうかがえます。")
	look("6-preview")
	p.do(chromedp.Click(chromedp.CSS("#modal .primary")))
	p.until(`!document.getElementById("modal").open`)
	p.press("スレッドを見る（1件）")
	p.says("#replies .post", "LINEに渡しました")
	look("7-thread")
	p.do(chromedp.Click(chromedp.CSS("#thread-close")))
	p.press("終了")
	p.says("#hint", "ひととおり終わりました")
	if narrow {
		p.says(".tabs .badge", "1")
		p.do(chromedp.Click(chromedp.CSS(`.tabs [data-tab=phone]`)))
	}
	p.says("#talk .bubble", "福祉課からのお返事です")
	p.says("#talk .marks", "音なし")
	look("8-done")
}

// keyboard tells the story with Tab, Enter, arrows and Escape.
func keyboard(p *tab) {
	p.says("#talk .bubble", "相談の入口です")
	p.tabTo(`a.textContent === "住民の画面へ"`)
	p.key(kb.Enter)
	p.tabTo(`a.id === "talk"`) // a list that scrolls is reachable
	p.tabTo(`a.id === "words"`)
	p.key("yachin")
	p.key(kb.Enter)
	p.says("#talk .own", "yachin")
	p.says("#talk .bubble", "次のことで合っていますか")
	p.do(chromedp.Focus(chromedp.CSS("#talk")))
	p.tabTo(`a.textContent === "介護・高齢"`)
	p.key(kb.Enter)
	p.says("#quick", "職員に相談する")
	// Who chose by keyboard stays at the choices: the next Tab reaches the new ones.
	p.until(`document.activeElement.id === "quick"`)
	p.key(kb.Tab)
	p.until(`document.activeElement.textContent === "職員に相談する"`)
	p.key(kb.Enter)
	p.says("#quick", "同意する（自分のこと）")
	p.key(kb.Tab)
	p.key(kb.Enter)
	p.says("#posts h4", "みかん-4821")
	p.tabTo(`a.value === "UTOUBANA"`)
	p.key(kb.ArrowRight)
	p.until(`document.activeElement.value === "UTOUBANB" && document.activeElement.checked`)
	p.tabTo(`a.textContent === "引き受ける"`)
	p.key(kb.Enter)
	p.says("#posts .mention", "@当番B")
	p.until(`document.activeElement.closest("#posts .post")`) // the button is gone; the focus is still at the card
	p.tabTo(`a.textContent === "住民に送る"`)
	p.key(kb.Enter)
	p.until(`document.activeElement.id === "in-text"`)
	p.key(kb.Escape)
	p.until(`!document.getElementById("modal").open && document.activeElement.textContent === "住民に送る"`)
	p.key(kb.Enter)
	p.until(`document.activeElement.id === "in-text"`)
	p.key("ok")
	p.tabTo(`a.textContent === "つぎへ"`)
	p.key(kb.Enter)
	p.says("#modal h2", "この内容で送りますか")
	p.until(`document.activeElement.textContent === "送る"`)
	p.key(kb.Enter)
	p.says("#talk .bubble", "福祉課からのお返事です")
}

func resident(p *tab) {
	p.press("お金・くらし")
	p.press("ここに聞く") // a button on a card
	p.says("#talk .own", "ここに聞く")
	p.press("スタンプ")
	p.says("#talk .bubble", "写真やスタンプは読むことができません")
	p.press("写真")
	p.says("#talk .own", "写真")
	p.fill("#words", "取り消すことば")
	p.press("送る")
	p.says("#talk .own", "取り消すことば")
	p.press("送信取消") // of the newest
	p.says("#talk .own", "送信を取り消しました")
	if p.is(`document.body.textContent.includes("取り消すことば")`) {
		p.Error("words that were taken back still stand on the page")
	}
	p.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("talk").scrollTop = 0`))
	p.until(`document.getElementById("talk").scrollTop === 0`)
	if status, body, _ := ask(p.T, p.d, "POST", "/api/resident/sticker", "{}"); status != 200 {
		p.Fatal(status, body)
	}
	p.press("新しいメッセージへ")
	p.inView("#talk .bot:last-child .bubble")
	p.until(`document.getElementById("newer").hidden`)
	p.press("ブロック")
	p.says("#account", "ブロック中")
	p.until(`document.getElementById("words").disabled`)
	p.press("友だち追加")
	p.until(`!document.getElementById("words").disabled`)
	p.says("#quick", "分からない（答えたくない）")
	p.press("はじめから")
	p.until(`document.querySelectorAll("#talk .own").length === 0 && document.querySelectorAll("#talk .bot").length === 1`)
	p.do(chromedp.Evaluate[chromedp.Void](`(() => { const city = document.getElementById("city"); city.value = "nonoichi"; city.dispatchEvent(new Event("change")); })()`))
	p.says("#account", "野々市市 相談窓口")
	p.until(`document.querySelectorAll("#channels button").length === 4`) // the home tab is one
}

func staffroom(p *tab) {
	p.card()
	p.do(chromedp.Click(chromedp.CSS("[value=UGUEST]")))
	p.press("引き受ける")
	p.says("#posts .whisper", "ゲストは操作できません。")
	p.says("#posts .whisper", "あなただけに表示")
	p.shoot("1400-guest")
	p.do(chromedp.Click(chromedp.CSS("[value=UKAKARI]")))
	p.until(`!document.querySelector("#posts .whisper")`)
	p.press("同時に押す")
	p.says("#posts .mention", "@当番")
	loser := "UTOUBANB"
	if p.is(`document.querySelector("#posts .mention").textContent === "@当番B"`) {
		loser = "UTOUBANA"
	}
	p.says(".people .dot", "")
	p.do(chromedp.Click(chromedp.CSS("[value=" + loser + "]")))
	p.says("#posts .whisper", "が担当しています")
	p.fill("#post-words", "<b>電話</b>しました")
	p.do(chromedp.Click(chromedp.CSS("#post button")))
	p.says("#posts .post", "<b>電話</b>しました")
	p.press("住民に送る…")
	p.says("#modal h2", "住民に送る")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!document.getElementById("modal").open`)
	p.press("編集")
	p.fill("#posts .body textarea", "書き直し")
	p.press("保存")
	p.says("#posts .post", "（編集済み）")
	p.press("削除")
	p.until(`!document.querySelector("#posts").textContent.includes("書き直し")`)
	p.do(chromedp.Click(chromedp.CSS("[value=UHOUKATSU]")))
	p.until(`document.querySelectorAll("#channels button").length === 2`) // the home tab is one
}

func clock(p *tab) {
	p.fill("#words", "いま")
	p.press("送る")
	p.press("大みそか")
	p.says("#now", "12月31日")
	p.says("#now", "10:00")
	p.fill("#words", "いま")
	p.press("送る")
	p.says("#talk .bubble", "-12-31 10:0")
	p.says("#talk .day", "12月31日")
	p.until(`document.querySelectorAll("#talk .day").length === 2`) // what was said before keeps its day
	p.press("+1時間")
	p.says("#now", "11:0")
	p.until(`document.querySelectorAll("#talk .own").length === 2`) // forward nothing is lost
	p.press("いまにもどす")
	p.says(".toast", "はじめから")
	p.until(`document.querySelectorAll("#talk .own").length === 0`)
}

func faults(p *tab) {
	p.press("LINEが断る")
	p.until(`document.querySelector("[data-switch=line]").getAttribute("aria-checked") === "true"`)
	p.press("スタンプ")
	p.says("#tally", "断られた 1")
	p.press("LINEが断る")
	p.until(`document.querySelector("[data-switch=line]").getAttribute("aria-checked") === "false"`)
	p.press("知らせが2回届く")
	p.until(`document.querySelector("[data-switch=twice]").getAttribute("aria-checked") === "true"`)
	p.press("スタンプ")
	p.says(".toast", "2回届けました")
	p.until(`document.querySelectorAll("#talk .bot").length === 2`) // the greeting and one answer
	p.press("知らせが2回届く")
	p.card()
	p.press("Slackが不通")
	p.says("#away", "Slackにつながりません")
	p.press("引き受ける")
	p.says(".toast.bad", "いまSlackにつながりません")
	p.shoot("1400-away")
	p.press("Slackが不通")
	p.until(`document.getElementById("away").hidden`)
	p.press("引き受ける")
	p.says("#posts .mention", "@当番A")
	p.press("再起動")
	p.says(".toast", "もう一度起動しました")
	p.do(chromedp.Click(chromedp.CSS("[value=UTOUBANB]")))
	p.press("住民に送る") // the program answers again
	p.says("#modal h2", "住民に送る")
}

func tools(p *tab) {
	p.press("時計と障害")
	p.says("#tools button", "大みそか")
	p.sound()
	p.shoot("390-tools")
	p.press("つぎの朝9時")
	p.says("#now", "09:0")
}

// markup: what people write stays what they wrote.
func markup(p *tab) {
	p.fill("#words", `<img src=x onerror=document.title=1> *b* <@UTOUBANA>`)
	p.press("送る")
	p.says("#talk .own", "<img src=x")
	if p.is(`!!document.querySelector("#talk img") || document.title === "1"`) {
		p.Error("words became markup")
	}
}
