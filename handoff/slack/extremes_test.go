package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// forged is what somebody writes who wants to call everybody, to be a link, or to
// look like the program. It is repeated until a text is as long as it may be.
const forged = "<!channel> <@UDUTY> <https://evil.example|市のページ> *太字* `x` &lt;!here&gt;\n担当：<@UDUTY> 引き受け済み 🏠"

func long(n int) string {
	first, _ := head(strings.Repeat(forged, n/40+1), n)
	return first
}

func many(n int, one string) []string { return slices.Repeat([]string{one}, n) }

// wideTown has as much of everything as a city can set: fields with long names,
// 定型文 of the greatest length, a home tab and lists that never end.
func wideTown(t *testing.T) *town {
	t.Helper()
	return newTown(t, func(o *Options) {
		for i := range 120 {
			o.Fields = append(o.Fields, Field{fmt.Sprint("field", i), fmt.Sprintf("%d番めの%s", i, strings.Repeat("とても長い分野の名前", 20))})
		}
		for i := range 20 {
			o.Canned = append(o.Canned, handoff.Canned{ID: fmt.Sprint("text", i), Title: strings.Repeat("題", 75), Text: strings.Repeat("𠮷", handoff.ReplyMax)})
		}
		o.Duty = func(time.Time) []string { return append(many(20, "U0123456789"), many(5, "S0123456789")...) }
		o.Warn = func(string) []string { return many(30, long(900)) }
		o.Preview = func(_ handoff.Case, a handoff.Action) string { return long(400) + a.Text }
		o.List = func(_ context.Context, user, _, _ string) (string, error) {
			return strings.Repeat("みかん-4821　"+strings.Repeat("長い分野", 20)+"　担当 <@"+user+"> "+forged+"\n", 100), nil
		}
		o.Home = func(_ context.Context, user, field string) (handoff.Home, error) {
			h := homeOf(user)
			h.Field, h.Delay = field, long(900)
			return h, nil
		}
	})
}

// fullCase has every part of a sheet as long as it comes, 40 offices among them.
func fullCase(owner string) handoff.Case {
	c := openCase()
	if owner != "" {
		c = claimedBy(owner)
	}
	offices := many(40, strings.Repeat("社会福祉法人とても長い名前の総合相談支援センター", 4))
	c.Sheet = handoff.Sheet{
		Urgency: "suicide", UrgencyWhy: long(900), Standing: long(300), Age: long(300), Main: long(900), Others: many(20, long(300)), Patterns: many(20, long(100)),
		District: long(300), Fields: many(25, strings.Repeat("とても長い分野の名前", 5)), Offices: offices, Why: many(40, long(200)), Wishes: many(10, long(100)),
		Consent: handoff.ConsentGiven{State: handoff.ConsentSelf, At: opened, Wording: long(100), To: offices, Items: offices}, Shown: offices, Meeting: long(300),
	}
	c.Urgent, c.Waiting, c.Promised, c.Lag = true, 900, opened, 50*time.Hour
	c.Pass = &handoff.Pass{To: offices}
	c.Helpers = many(20, "USECOND")
	for range 60 {
		c.History = append(c.History, handoff.Event{At: opened, Who: "UDUTY", What: "handon", Note: strings.Repeat("elderly", 50)})
	}
	return c
}

// faults are what Slack would refuse of a message.
func (m message) faults() []string {
	all := slacktest.CheckBlocks(m.blocks)
	if units(m.text) > 4000 || m.text == "" {
		all = append(all, fmt.Sprintf("a fallback of %d units", units(m.text)))
	}
	return all
}

func TestEveryCardAndPostStaysWithinSlacksLimits(t *testing.T) {
	tw := wideTown(t)
	words := many(60, long(5000))
	blocked, closed := fullCase("UDUTY"), fullCase("")
	blocked.Blocked = true
	closed.State, closed.Outcome, closed.Closed = handoff.Closed, "connected", opened
	helped := fullCase("UDUTY")
	helped.Copies = map[string]handoff.Companion{"child": {Why: long(900)}, "field1": {Why: long(900), Helper: "USECOND"}}
	cards := map[string]handoff.Card{
		"open": handoff.NewCard(fullCase(""), words), "claimed": handoff.NewCard(fullCase("UDUTY"), words), "blocked": handoff.NewCard(blocked, words),
		"closed": handoff.NewCard(closed, nil), "companion": handoff.NewCompanion(helped, "child", words), "companion with a helper": handoff.NewCompanion(helped, "field1", words),
		"pointer": handoff.NewPointer(closed, long(900)), "empty": {Case: "c"},
		"drill": {Case: "d", Receipt: "訓練", Title: long(900), Drill: true, Buttons: []handoff.Kind{handoff.Drill}},
	}
	for name, c := range cards {
		c.Alarm, c.Mention = long(900), true
		m := tw.desk.drawCard(c)
		for _, f := range m.faults() {
			t.Errorf("the card %s: %s", name, f)
		}
		if strings.Contains(m.text, "evil") {
			t.Errorf("the card %s carries words in its fallback", name)
		}
	}
	for _, kind := range []handoff.PostKind{handoff.PostWords, handoff.PostSent, handoff.PostNotice, ""} {
		for _, mention := range []string{"", "duty", "UDUTY"} {
			p := handoff.Post{Kind: kind, Case: caseID, Text: long(5000), Words: words, Mention: mention, By: "UDUTY", Button: handoff.Keep, Version: 1 << 30}
			for _, f := range tw.desk.drawPost(p).faults() {
				t.Errorf("a post %q: %s", kind, f)
			}
			for _, f := range tw.desk.drawPost(handoff.Post{Kind: kind}).faults() {
				t.Errorf("an empty post %q: %s", kind, f)
			}
		}
	}
}

func TestEveryFormAndAnswerStaysWithinSlacksLimits(t *testing.T) {
	tw := wideTown(t)
	c := tw.posted(t, fullCase("UDUTY"))
	for _, kind := range []string{"handon", "help", "misroute", "escalate", "close", "reply"} {
		view := tw.opens(t, "UDUTY", c, kind)
		if kind == "reply" {
			break // stays open, for what follows
		}
		if _, err := tw.CloseView(within(t), "UDUTY", view.ID); err != nil {
			t.Fatal(err)
		}
	}
	view := tw.chooses(t, "text7", strings.Repeat("あ", handoff.ReplyMax))
	// The longest texts that can be typed: two units a letter, and two bytes each
	// in what the form remembers.
	for _, letter := range []string{"𠮷", "\"", "\n。", "<"} {
		text, _ := head(strings.Repeat(letter, handoff.ReplyMax), handoff.ReplyMax)
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", "あ"+text[:len(text)-len(letter)])); err != nil {
			t.Errorf("a text of %q: %v", letter, err)
		}
		view = tw.Views("UDUTY")[len(tw.Views("UDUTY"))-1]
		if view.CallbackID != callbackConfirm {
			t.Fatalf("a text of %q came to %s %v", letter, view.CallbackID, view.Errors)
		}
		if _, err := tw.ClickView(within(t), "UDUTY", view.ID, actionRewrite); err != nil {
			t.Fatal(err)
		}
		if err := tw.WaitFor(within(t), func() bool { view = tw.Views("UDUTY")[len(tw.Views("UDUTY"))-1]; return view.CallbackID == "reply" }); err != nil {
			t.Fatal(err)
		}
	}
	for _, words := range []string{"list", "mine", "find x", "help", strings.Repeat("x", 3000)} {
		if _, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", words); err != nil {
			t.Errorf("%s: %v", words[:4], err)
		}
	}
	for user, at := range map[string]handoff.Spot{"UDUTY": {Channel: c.Card.Channel}, "USECOND": {Channel: c.Card.Channel, Thread: c.Card.TS}} {
		w := handoff.Whisper{User: user, Text: long(5000), Button: handoff.Correct, Case: c.ID, Version: 1 << 30, Source: c.Card.TS}
		if err := tw.desk.Whisper(within(t), at, w); err != nil {
			t.Error(err)
		}
	}
	if _, err := tw.OpenHome(within(t), "UDUTY"); err != nil {
		t.Fatal(err)
	}
	if err := tw.WaitFor(within(t), func() bool { _, ok := tw.Home("UDUTY"); return ok }); err != nil {
		t.Fatal(err)
	}
	tw.nothingRefused(t)
	for _, user := range []string{"UDUTY", "USECOND"} {
		for _, m := range tw.Ephemerals(user) {
			onlyNames(t, m.Blocks)
		}
	}
	home, _ := tw.Home("UDUTY")
	onlyNames(t, home.Blocks)
}

// TestForgedWordsAreShownAsTheyWereWritten lets a resident's words stand wherever
// words can stand: they call nobody, link nowhere and are never read as markup.
func TestForgedWordsAreShownAsTheyWereWritten(t *testing.T) {
	tw := wideTown(t)
	words := many(3, forged)
	c := fullCase("UDUTY")
	c.Sheet.Urgency, c.Sheet.UrgencyWhy = "", "" // the alarm's words are the program's own
	helped := c
	helped.Copies = map[string]handoff.Companion{"child": {}}
	shown := map[string]message{
		"card":      tw.desk.drawCard(handoff.NewCard(c, words)),
		"companion": tw.desk.drawCard(handoff.NewCompanion(helped, "child", words)),
		"joined":    tw.desk.drawPost(handoff.Post{Kind: handoff.PostWords, Words: words}),
		"sent":      tw.desk.drawPost(handoff.Post{Kind: handoff.PostSent, Words: words, By: "UDUTY"}),
		"preview":   {text: "-", blocks: confirmForm(memo{}, forged, nil).Blocks.BlockSet},
	}
	for name, m := range shown {
		raw, err := json.Marshal(m.blocks)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range kindsWith(t, raw, "evil.example") {
			if kind != "text" && kind != "plain_text" {
				t.Errorf("%s: words stand in %s", name, kind)
			}
		}
		if n := len(kindsWith(t, raw, "担当：<@UDUTY> 引き受け済み")); n == 0 {
			t.Errorf("%s: the words are not as they were written: %s", name, raw)
		}
		onlyNames(t, raw)
		// What is the program's own stands outside the bar at the words' side.
		for _, block := range m.blocks {
			one, err := json.Marshal(block)
			if err != nil {
				t.Fatal(err)
			}
			kinds := kindsWith(t, one, "引き受け済み")
			if len(kinds) > 0 && !strings.Contains(string(one), "rich_text_quote") && !strings.Contains(string(one), `"style":{"bold":true}`) {
				t.Errorf("%s: words stand outside the bar: %s", name, one)
			}
		}
	}
}

// onlyNames wants every token of the mrkdwn in blocks to name a person or a group.
func onlyNames(t *testing.T, blocks json.RawMessage) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if s, is := v["text"].(string); is && v["type"] == "mrkdwn" {
				for _, m := range token.FindAllString(s, -1) {
					if !strings.HasPrefix(m, "<@") && !strings.HasPrefix(m, "<!subteam^S") {
						t.Errorf("a token %s in %q", m, cut(s, 200))
					}
				}
			}
			if kind, is := v["type"].(string); is && slices.Contains([]string{"link", "broadcast", "user", "usergroup", "channel"}, kind) {
				t.Errorf("an element of the kind %s: %v", kind, v)
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(v[k])
			}
		}
	}
	var all any
	if err := json.Unmarshal(blocks, &all); err != nil {
		t.Fatal(err)
	}
	walk(all)
}
