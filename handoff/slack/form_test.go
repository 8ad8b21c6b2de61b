package slack

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// opens clicks a button and returns the form that opened.
func (tw *town) opens(t *testing.T, user string, c handoff.Case, action string) slacktest.View {
	t.Helper()
	a, err := tw.Click(within(t), user, c.Card.Channel, c.Card.TS, action, slacktest.WithValue(value(c.ID, c.Version)))
	if err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	return tw.top(t, user)
}

func (tw *town) top(t *testing.T, user string) slacktest.View {
	t.Helper()
	views := tw.Views(user)
	if len(views) != 1 {
		t.Fatalf("%s has %d views open; refused: %v", user, len(views), tw.Refused())
	}
	return views[0]
}

func TestReplyGoesThroughThePreview(t *testing.T) {
	tw := newTown(t, func(o *Options) {
		o.Preview = func(c handoff.Case, a handoff.Action) string {
			return "北斗市 福祉課より（" + c.Receipt + "）\n" + a.Text
		}
		o.Warn = func(text string) []string {
			if strings.Contains(text, "大丈夫") {
				return []string{"「大丈夫」は約束に聞こえます。"}
			}
			return nil
		}
	})
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	if view.CallbackID != "reply" || !strings.Contains(view.PrivateMetadata, caseID) || !strings.Contains(view.Readable(), "みかん-4821") {
		t.Errorf("the form is %+v", view)
	}
	if !strings.Contains(string(view.Blocks), `"max_length":1000`) {
		t.Errorf("no limit in %s", view.Blocks)
	}
	words := "大丈夫です。<@UDUTY> *田中さん* 090-1234-5678 へ " + secretWords
	a, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", words))
	if err != nil || a.Response["response_action"] != "update" {
		t.Fatal(a.Response, err)
	}
	view = tw.top(t, "UDUTY")
	if view.CallbackID != "reply_confirm" || view.Submit != "送る" {
		t.Errorf("the preview is %q with %q", view.CallbackID, view.Submit)
	}
	for _, want := range []string{"北斗市 福祉課より（みかん-4821）\n" + words, "「大丈夫」は約束に聞こえます", "電話番号のような"} {
		if !strings.Contains(view.Readable(), want) {
			t.Errorf("the preview lacks %q:\n%s", want, view.Readable())
		}
	}
	if kinds := kindsWith(t, view.Blocks, "大丈夫です"); !slices.Equal(kinds, []string{"text"}) {
		t.Errorf("the text stands in %v", kinds)
	}
	if len(tw.taken()) != 0 {
		t.Fatal("sent before it was confirmed")
	}

	if a, err = tw.ClickView(within(t), "UDUTY", view.ID, "rewrite"); err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	if err := tw.WaitFor(within(t), func() bool { return tw.Views("UDUTY")[0].CallbackID == "reply" }); err != nil {
		t.Fatal("no way back from the preview")
	}
	if _, err = tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil { // the text still stands in it
		t.Fatal(err)
	}
	if a, err = tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil || !a.Acked() {
		t.Fatal(err)
	}
	got := tw.taken()
	if len(got) != 1 || got[0].Kind != handoff.Reply || got[0].Text != words || got[0].ID != view.ID || got[0].By != "UDUTY" || got[0].Spot != c.Card || got[0].Source != "" {
		t.Fatalf("got %+v", got)
	}
	if len(tw.Views("UDUTY")) != 0 {
		t.Error("the form is still open")
	}
	tw.nothingRefused(t)
}

func TestOnlyTheOwnerCanBegin(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	told := 0
	for action, hears := range map[string]string{"reply": "@当番 が引き受けています", "close": "@当番 が引き受けています", "handon": "@当番", "escalate": "@当番"} {
		if _, err := tw.Click(within(t), "USECOND", "C02", c.Card.TS, action, slacktest.WithValue(value(c.ID, c.Version))); err != nil {
			t.Fatal(err)
		}
		told++
		if got := tw.whispered(t, "USECOND", told).Readable(); !strings.Contains(got, hears) {
			t.Errorf("%s: heard %q", action, got)
		}
	}
	if len(tw.Views("USECOND")) > 0 {
		t.Error("a form opened")
	}
	if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "close", slacktest.WithValue(value(c.ID, 1))); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 1).Readable(); !strings.Contains(got, "新しくなって") {
		t.Errorf("a stale card: heard %q", got)
	}
}

func TestOtherForms(t *testing.T) {
	for kind, x := range map[handoff.Kind]struct {
		values slacktest.Values
		want   handoff.Action
	}{
		handoff.Close:    {slacktest.One("outcome", "connected"), handoff.Action{Outcome: "connected"}},
		handoff.HandOn:   {slacktest.Values{"field": {"child"}, "reason": {" 子どものこと "}}, handoff.Action{Field: "child", Reason: "子どものこと"}},
		handoff.Help:     {slacktest.One("field", "child"), handoff.Action{Field: "child"}},
		handoff.Misroute: {slacktest.One("field", "child"), handoff.Action{Field: "child"}},
		handoff.Escalate: {slacktest.One("reason", "重なっている"), handoff.Action{Reason: "重なっている"}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			tw := newTown(t)
			c := tw.posted(t, claimedBy("UDUTY"))
			view := tw.opens(t, "UDUTY", c, string(kind))
			if view.CallbackID != string(kind) || view.Title != kind.Label() {
				t.Errorf("the form is %q, %q", view.CallbackID, view.Title)
			}
			if strings.Contains(view.Readable(), "高齢") {
				t.Error("its own field is on offer")
			}
			if a, err := tw.Submit(within(t), "UDUTY", view.ID, x.values); err != nil || !a.Acked() {
				t.Fatal(a.Status, err)
			}
			got := tw.taken()
			if len(got) != 1 {
				t.Fatalf("%d actions", len(got))
			}
			a := got[0]
			if a.Kind != kind || a.ID != view.ID || a.Version != 2 || a.Outcome != x.want.Outcome || a.Field != x.want.Field || a.Reason != x.want.Reason {
				t.Errorf("got %+v", a)
			}
			if len(tw.Views("UDUTY")) > 0 {
				t.Error("the form is still open")
			}
			tw.nothingRefused(t)
		})
	}
}

// TestASubmissionIsAuthorisedAgain takes somebody off duty between the two.
// Who closes sees before what the resident will hear, and that an answer is owed.
func TestTheClosingFormSaysWhatTheResidentHears(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.ClosedNotice = true })
	c := claimedBy("UDUTY")
	c.Waiting = 2
	got := tw.opens(t, "UDUTY", tw.posted(t, c), "close").Readable()
	if !strings.Contains(got, "知らせが1通行きます") || !strings.Contains(got, "まだ返事をしていません") {
		t.Error(got)
	}
	for name, change := range map[string]func(*handoff.Case){
		"blocked": func(c *handoff.Case) { c.Blocked = true },
		"again":   func(c *handoff.Case) { c.History = append(c.History, handoff.Event{What: "close", Who: "UDUTY"}) },
	} {
		tw := newTown(t, func(o *Options) { o.ClosedNotice = true })
		c := claimedBy("UDUTY")
		change(&c)
		got := tw.opens(t, "UDUTY", tw.posted(t, c), "close").Readable()
		if !strings.Contains(got, "住民には、何も行きません") || strings.Contains(got, "まだ返事を") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestASubmissionIsAuthorisedAgain(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	reply := tw.opens(t, "UDUTY", c, "reply")
	tw.desk.rosters = kept[map[string]bool]{} // five minutes later
	tw.AddGroup(slacktest.Group{ID: "S01", Members: []string{"USECOND"}})
	if _, err := tw.Submit(within(t), "UDUTY", reply.ID, slacktest.One("text", "あ")); err != nil {
		t.Fatal(err)
	}
	if view := tw.top(t, "UDUTY"); view.CallbackID != "notice" || !strings.Contains(view.Readable(), noDuty) || len(tw.taken()) > 0 {
		t.Errorf("shown %q, %d actions", view.Readable(), len(tw.taken()))
	}
}

func TestALostCaseWhileWriting(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	tw.put(claimedBy("USECOND"))
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", "あ")); err != nil {
		t.Fatal(err)
	}
	if got := tw.top(t, "UDUTY"); got.CallbackID != "notice" || !strings.Contains(got.Readable(), "@二番") {
		t.Errorf("shown %q", got.Readable())
	}
}

func TestATextThatCannotBeTaken(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	for _, text := range []string{" \n ", strings.Repeat("\x01", 1000)} {
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", text)); err != nil {
			t.Fatal(err)
		}
		if v := tw.top(t, "UDUTY"); v.CallbackID != "reply" || v.Errors["text"] == "" {
			t.Errorf("%.10q was taken", text)
		}
	}
}

// TestEveryThousandFits submits a thousand of what takes the most room.
func TestEveryThousandFits(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	for _, text := range []string{strings.Repeat("あ", 1000), strings.Repeat("<", 1000), strings.Repeat("a\n", 499) + "a", strings.Repeat("🏠", 500)} {
		view := tw.opens(t, "UDUTY", c, "reply")
		for range 2 {
			if _, err := tw.Submit(within(t), "UDUTY", view.ID, map[bool]slacktest.Values{true: slacktest.One("text", text)}[tw.top(t, "UDUTY").CallbackID == "reply"]); err != nil {
				t.Fatalf("%.4q: %v", text, err)
			}
		}
		got := tw.taken()
		if len(got) == 0 || got[len(got)-1].Text != text {
			t.Errorf("%.4q was not sent as it is", text)
		}
	}
	tw.nothingRefused(t)
}

func TestSendingThatCannotBeStored(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", "あ")); err != nil {
		t.Fatal(err)
	}
	tw.refuse = errors.New("down")
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	if v := tw.top(t, "UDUTY"); v.CallbackID != callbackConfirm || !strings.Contains(v.Readable(), sayLater) || strings.Contains(v.Readable(), "書き直す") {
		t.Errorf("shown %q", v.Readable())
	}
	tw.refuse = nil
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got := tw.taken(); len(got) != 1 || got[0].Text != "あ" || got[0].ID != view.ID {
		t.Errorf("got %+v", got)
	}
}

func TestAFormThatDoesNotOpen(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	tw.Break(slacktest.Fault{Method: "views.open", Kind: slacktest.ServerError})
	if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "reply"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 1).Readable(); got != sayNoForm {
		t.Errorf("heard %q", got)
	}
}

func TestShortcut(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	m, _, err := tw.Message(within(t), "UDUTY", "C02", "@二番 あす10時に #soudan で。 <b>A&B</b> https://city.example.jp/a をごらんください @here", c.Card.TS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Shortcut(within(t), "UDUTY", "C02", m.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	view := tw.top(t, "UDUTY")
	if strings.Contains(view.Readable(), sayAnothers) {
		t.Error("one's own words are called another's")
	}
	for range 2 {
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	got := tw.taken()
	if len(got) != 1 || got[0].Source != m.TS || got[0].Text != "あす10時に で。 <b>A&B</b> https://city.example.jp/a をごらんください" {
		t.Fatalf("got %+v", got)
	}
	if got[0].Spot.Thread != c.Card.TS {
		t.Errorf("its spot is %+v", got[0].Spot)
	}

	anothers, _, err := tw.Message(within(t), "USECOND", "C02", "母親と話しました", c.Card.TS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Shortcut(within(t), "UDUTY", "C02", anothers.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	if view := tw.top(t, "UDUTY"); !strings.Contains(view.Readable(), sayAnothers) {
		t.Errorf("it is not said whose words these are: %s", view.Readable())
	} else if _, err := tw.CloseView(within(t), "UDUTY", view.ID); err != nil {
		t.Fatal(err)
	}

	lone, _, err := tw.Message(within(t), "UDUTY", "C02", "ひとり言", "")
	if err != nil {
		t.Fatal(err)
	}
	talk, _, err := tw.Message(within(t), "UDUTY", "C02", "返事", lone.TS)
	if err != nil {
		t.Fatal(err)
	}
	for i, ts := range []string{c.Card.TS, lone.TS, talk.TS} {
		if _, err := tw.Shortcut(within(t), "UDUTY", "C02", ts, "send_to_resident"); err != nil {
			t.Fatal(err)
		}
		if got := tw.whispered(t, "UDUTY", i+1).Readable(); !strings.Contains(got, "スレッド") {
			t.Errorf("heard %q", got)
		}
	}
	if _, err := tw.Shortcut(within(t), "USECOND", "C02", m.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "USECOND", 1).Readable(); !strings.Contains(got, "@当番") {
		t.Errorf("somebody else heard %q", got)
	}
	if _, err := tw.Shortcut(within(t), "UOTHER", "C02", m.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UOTHER", 1).Readable(); got != noDuty {
		t.Errorf("somebody off duty heard %q", got)
	}
}
