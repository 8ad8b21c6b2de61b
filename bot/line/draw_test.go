package line

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

// show sends bubbles to a new resident and returns what stands on the phone.
// LINE's checks have passed then.
func (r *rig) show(bubbles ...bot.Bubble) ([]linetest.Entry, *linetest.Resident) {
	r.Helper()
	u := r.resident()
	if err := r.messenger.Reply(context.Background(), r.token(u), bubbles); err != nil {
		r.Fatalf("%v %+v", err, r.line.Counts().Refused)
	}
	return u.Heard(), u
}

const family = "👨‍👩‍👧‍👦"

func TestLongTextIsCutWhereALineEnds(t *testing.T) {
	r := newRig(t)
	apples := strings.Repeat("🍎", 2500)
	for name, c := range map[string]struct{ in, want string }{
		"5,000 units":    {apples, apples},
		"5,002 units":    {apples + "🍎", strings.Repeat("🍎", 2499) + "…"},
		"lines":          {strings.Repeat("あ", 4000) + "\n" + strings.Repeat("い", 2000), strings.Repeat("あ", 4000) + "…"},
		"one short line": {"あ\n" + strings.Repeat("い", 6000), "あ\n" + strings.Repeat("い", 4997) + "…"},
		"families":       {strings.Repeat(family, 500), strings.Repeat(family, 454) + "…"},
	} {
		heard, _ := r.show(bot.Bubble{Text: c.in})
		if len(heard) != 1 || heard[0].Text != c.want {
			t.Errorf("%s: %d units", name, units(heard[0].Text))
		}
	}
}

func TestButtonsStandUnderTheLastMessage(t *testing.T) {
	r := newRig(t)
	var buttons []bot.Button
	for i := range 14 {
		buttons = append(buttons, bot.Button{Label: fmt.Sprintf("%d番", i), Data: fmt.Sprintf("1:a:%d", i)})
	}
	buttons[1].Label = strings.Repeat(family, 21)
	buttons[2].Label = strings.Repeat("長", 20)
	buttons[3].Label = strings.Repeat("か゛", 25)
	buttons[4] = bot.Button{Label: "電話", Tel: "#9110"}
	buttons[5] = bot.Button{Label: "地図", URL: "https://example.jp/地図?q=北杜 市"}
	heard, u := r.show(bot.Bubble{Text: "1"}, bot.Bubble{}, bot.Bubble{Text: "2", Buttons: buttons}, bot.Bubble{Text: "3"})
	if len(heard) != 3 || heard[0].QuickReplies != nil || heard[1].QuickReplies != nil {
		t.Fatalf("%+v", heard)
	}
	q := heard[2].QuickReplies
	if len(q) != 13 {
		t.Fatalf("%d buttons", len(q))
	}
	for i, want := range []string{"0番", strings.Repeat(family, 19) + "…", strings.Repeat("長", 20), "", "電話", "地図"} {
		if want != "" && q[i].Label != want {
			t.Errorf("%d: %q", i, q[i].Label)
		}
		if n := linetest.Graphemes(q[i].Label); n > 20 {
			t.Errorf("%d: %d characters", i, n)
		}
	}
	if q[1].DisplayText != buttons[1].Label || q[1].Data != "1:a:1" {
		t.Errorf("%+v", q[1])
	}
	if q[4].URI != "tel:%239110" || q[5].URI != "https://example.jp/%E5%9C%B0%E5%9B%B3?q=%E5%8C%97%E6%9D%9C%20%E5%B8%82" {
		t.Errorf("%q %q", q[4].URI, q[5].URI)
	}
	if d := u.TapLabel("0番"); !d.OK() {
		t.Fatal(d.Err)
	}
	got := r.accepted()
	if e := got[len(got)-1]; e.Kind != bot.Tap || e.Data != "1:a:0" {
		t.Errorf("%+v", e)
	}
	if chat := u.Chat(); chat[len(chat)-1].Text != "0番" {
		t.Error("the chat does not show what was tapped")
	}
}

func TestAButtonLINEWouldRefuseIsLeftOut(t *testing.T) {
	r := newRig(t)
	heard, _ := r.show(bot.Bubble{Text: "1", Buttons: []bot.Button{
		{Label: "", Data: "x"}, {Label: "\n", Data: "x"}, {Label: "空"}, {Label: "長", Data: strings.Repeat("x", 301)},
		{Label: "電話", Tel: "登録なし"}, {Label: "頁", URL: "http://example.jp"}, {Label: "頁", URL: "javascript:alert(1)"},
		{Label: "頁", URL: "https://example.jp/" + strings.Repeat("x", 1000)}, {Label: "残る", Data: strings.Repeat("x", 300)}}})
	if q := heard[0].QuickReplies; len(q) != 1 || q[0].Label != "残る" {
		t.Errorf("%+v", q)
	}
	heard, _ = r.show(bot.Bubble{Text: "1", Buttons: []bot.Button{{Label: "空"}}})
	if heard[0].QuickReplies != nil {
		t.Errorf("%+v", heard[0].QuickReplies)
	}
}

func TestAtMostFiveMessagesAreSent(t *testing.T) {
	r := newRig(t)
	many := []bot.Bubble{}
	for i := range 7 {
		many = append(many, bot.Bubble{Text: fmt.Sprint(i), Buttons: []bot.Button{{Label: fmt.Sprint(i), Data: "x"}}})
	}
	heard, _ := r.show(many...)
	if len(heard) != 5 || len(heard[4].QuickReplies) != 1 || heard[4].QuickReplies[0].Label != "6" {
		t.Errorf("%+v", heard)
	}
}

func TestAnOfficeIsACard(t *testing.T) {
	r := newRig(t)
	heard, u := r.show(bot.Bubble{Text: "近くの窓口です", Offices: []bot.OfficeCard{{
		Name: "地域包括支援センター", Lines: []string{"高齢の方の相談", "", "電話番号：0551-42-1333", "いま：開いています"},
		Call: "0551-42-1333", Map: "https://www.google.com/maps/search/?api=1&query=%E5%8C%97", Page: "https://example.jp/"}},
		Buttons: []bot.Button{{Label: "もどる", Data: "1:back"}}})
	if len(heard) != 2 || heard[1].Type != "flex" || len(heard[0].QuickReplies) != 0 || len(heard[1].QuickReplies) != 1 {
		t.Fatalf("%+v", heard)
	}
	card := heard[1]
	if want := "地域包括支援センター\n高齢の方の相談\n電話番号：0551-42-1333\nいま：開いています"; card.Text != want {
		t.Errorf("reads %q", card.Text)
	}
	if !strings.HasPrefix(card.Alt, "地域包括支援センター\n") || strings.Count(card.Alt, "0551-42-1333") != 1 {
		t.Errorf("alt %q", card.Alt)
	}
	want := [][2]string{{"電話をかける", "tel:0551421333"}, {"地図を見る", "https://www.google.com/maps/search/?api=1&query=%E5%8C%97"}, {"ホームページ", "https://example.jp/"}}
	for i, b := range card.Buttons {
		if b.Label != want[i][0] || b.URI != want[i][1] {
			t.Errorf("%+v", b)
		}
	}
	if len(card.Buttons) != 3 || len(u.Buttons()) != 4 {
		t.Errorf("%d buttons", len(card.Buttons))
	}
	var flex struct {
		Contents struct {
			Type string
			Body struct {
				Flex     int
				Contents []struct {
					Text, Size, Weight string
					Wrap, Scaling      bool
				}
			}
		}
	}
	if err := json.Unmarshal(card.Raw, &flex); err != nil {
		t.Fatal(err)
	}
	body := flex.Contents.Body
	if flex.Contents.Type != "bubble" || body.Flex != 1 || body.Contents[0].Weight != "bold" || body.Contents[0].Size != "lg" {
		t.Errorf("%+v", flex)
	}
	for _, c := range body.Contents {
		if !c.Wrap || !c.Scaling {
			t.Errorf("%+v", c)
		}
	}
}

func TestTwelveOfficesOfManyWordsFit(t *testing.T) {
	r := newRig(t)
	for name, long := range map[string]string{
		"あ": strings.Repeat("とても長い説明です。", 150), "<": strings.Repeat("<&>", 500), "family": strings.Repeat(family, 100),
	} {
		for _, n := range []int{1, 3, 12, 14} {
			var offices []bot.OfficeCard
			for i := range n {
				lines := make([]string, 30)
				for j := range lines {
					lines[j] = long
				}
				offices = append(offices, bot.OfficeCard{Name: fmt.Sprintf("窓口%d%s", i, long), Lines: lines, Call: "0551-42-1333",
					Map: "https://example.jp/" + strings.Repeat("&", 981), Page: "https://example.jp/" + strings.Repeat("x", 981)})
			}
			heard, _ := r.show(bot.Bubble{Offices: offices})
			if len(heard) != 1 {
				t.Fatalf("%s %d: %d messages", name, n, len(heard))
			}
			card := heard[0]
			calls := 0
			for _, b := range card.Buttons {
				if b.Label == "電話をかける" {
					calls++
				}
			}
			if calls != min(n, 12) || strings.Count(card.Text, "窓口") != min(n, 12) {
				t.Errorf("%s %d: %d calls", name, n, calls)
			}
			if !strings.Contains(card.Alt, "窓口0") || linetest.UTF16(card.Alt) > 1500 {
				t.Errorf("%s %d: alt of %d", name, n, linetest.UTF16(card.Alt))
			}
		}
	}
}

func TestACardIsNeverLargerThanItsShare(t *testing.T) {
	o := bot.OfficeCard{Name: "窓口", Lines: []string{strings.Repeat("長", 900), strings.Repeat("い", 900)}, Call: "119",
		Map: "https://example.jp/" + strings.Repeat("&", 981), Page: "https://example.jp/" + strings.Repeat("&", 981)}
	for _, size := range []int{maxCardBytes, 15_000, 13_500, maxCardsSize / maxCards} {
		if c := drawCard(o, size); !fits(c, size) {
			t.Errorf("more than %d bytes", size)
		}
	}
}

func TestAltTextOfLongCardsStillSaysWhomToCall(t *testing.T) {
	var offices []bot.OfficeCard
	for i := range 12 {
		offices = append(offices, bot.OfficeCard{Name: fmt.Sprintf("窓口%02d", i), Lines: []string{strings.Repeat("説明", 300)}, Call: fmt.Sprintf("0551-42-13%02d", i)})
	}
	alt := altText(offices)
	for _, o := range offices {
		if !strings.Contains(alt, o.Name+" "+o.Call) {
			t.Errorf("%s is not in %q", o.Name, alt)
		}
	}
}

func TestOfficesOfWhichNothingIsKnown(t *testing.T) {
	r := newRig(t)
	heard, _ := r.show(bot.Bubble{Offices: []bot.OfficeCard{{}, {Name: "窓口", Lines: []string{" "}}}})
	if len(heard) != 1 || len(heard[0].Buttons) != 0 || !strings.Contains(heard[0].Text, "窓口") {
		t.Errorf("%+v", heard)
	}
	if heard, _ = r.show(bot.Bubble{Offices: []bot.OfficeCard{{}}}); heard[0].Alt == "" {
		t.Error("no alt text")
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{
		"0551-42-1333": "tel:0551421333", "０５５１－４２－１３３３": "tel:0551421333", "(0551)42-1333": "tel:0551421333",
		"0551(42)1333": "tel:0551421333", "0120 279 338": "tel:0120279338", "090ー1234ー5678": "tel:09012345678",
		"119": "tel:119", "#9110": "tel:%239110", "＃８０００": "tel:%238000", "+81-551-42-1333": "tel:+81551421333",
		"0551-42-1333 内線12": "tel:0551421333", "0551-42-1333（内線12）": "tel:0551421333", "0551-42-1333(12)": "tel:0551421333",
		"119（24時間）": "tel:119", "119 24時間": "tel:119", "0120-279-338 9時から": "tel:0120279338", "110または119": "tel:110",
		"0551-42-1333～5": "tel:0551421333", "*9110": "tel:*9110",
		"": "", "登録なし": "", "内線12": "", "03-1234-56789-0": "", "12": "", "1234567890123456": "",
	} {
		if got := telURI(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
