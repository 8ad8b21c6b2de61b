package slack

import (
	"strings"
	"testing"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

func cannedTown(t *testing.T) (*town, handoff.Case) {
	t.Helper()
	tw := newTown(t, func(o *Options) {
		o.Canned = []handoff.Canned{{ID: "read", Title: "読みました", Text: "読みました。"}, {ID: "end", Title: "終わり", Text: "ここで終わりにしてもよいですか。"},
			{ID: "long", Title: "長い", Text: strings.Repeat("あ", handoff.ReplyMax)}}
		o.Warn = func(text string) []string {
			if strings.Contains(text, "読みました") {
				return []string{"注意の文"}
			}
			return nil
		}
	})
	return tw, tw.posted(t, claimedBy("UDUTY"))
}

// chooses takes a 定型文 in the form in front while something is typed there, and
// returns the form that comes.
func (tw *town) chooses(t *testing.T, id, typed string) slacktest.View {
	t.Helper()
	views := tw.Views("UDUTY")
	a, err := tw.ClickView(within(t), "UDUTY", views[len(views)-1].ID, "canned", slacktest.WithValue(id), slacktest.Typing(slacktest.One("text", typed)))
	if err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	views = tw.Views("UDUTY")
	return views[len(views)-1]
}

func TestACannedTextJoinsWhatIsWrittenAndGoesThroughThePreview(t *testing.T) {
	tw, c := cannedTown(t)
	tw.opens(t, "UDUTY", c, "reply")
	view := tw.chooses(t, "read", "こんにちは。\n")
	if len(tw.Views("UDUTY")) != 2 || view.CallbackID != "reply" || view.Close != "もどる" {
		t.Fatalf("the form is %+v", view)
	}
	for _, part := range []string{`"initial_value":"こんにちは。\n読みました。"`, `"block_id":"text"`, `"action_id":"text"`, `"max_length":1000`} {
		if !strings.Contains(string(view.Blocks), part) {
			t.Errorf("%s is missing in %s", part, view.Blocks)
		}
	}
	// Back: the form below stands as it was.
	if _, err := tw.CloseView(within(t), "UDUTY", view.ID); err != nil {
		t.Fatal(err)
	}
	tw.chooses(t, "read", "")
	view = tw.chooses(t, "end", "読みました。書きたして。")
	if len(tw.Views("UDUTY")) != 3 || strings.Contains(string(view.Blocks), `"canned"`) {
		t.Errorf("a third form offers a fourth: %s", view.Blocks)
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	views := tw.Views("UDUTY")
	view = views[len(views)-1]
	if view.CallbackID != "reply_confirm" || !strings.Contains(view.Readable(), "注意の文") {
		t.Fatalf("the preview is %s", view.Readable())
	}
	if len(tw.taken()) > 0 {
		t.Fatal("something was sent before the confirmation")
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	got := tw.taken()
	if len(got) != 1 || got[0].Kind != handoff.Reply || got[0].Text != "読みました。書きたして。\nここで終わりにしてもよいですか。" {
		t.Errorf("taken: %+v", got)
	}
	if n := len(tw.Views("UDUTY")); n != 0 {
		t.Errorf("%d forms are still open", n)
	}
	tw.nothingRefused(t)
}

func TestACannedTextThatDoesNotFitIsCutAndSaysSo(t *testing.T) {
	tw, c := cannedTown(t)
	tw.opens(t, "UDUTY", c, "reply")
	if view := tw.chooses(t, "long", "はじめに。"); !strings.Contains(view.Readable(), "1,000文字までを入れました") {
		t.Errorf("the form is %s", view.Readable())
	}
	tw.nothingRefused(t)
}

func TestWhereSlackOpensNoFormTheWriterIsTold(t *testing.T) {
	tw, c := cannedTown(t)
	view := tw.opens(t, "UDUTY", c, "reply")
	tw.Break(slacktest.Fault{Method: "views.push", Kind: slacktest.InternalError, Undone: true})
	if _, err := tw.ClickView(within(t), "UDUTY", view.ID, "canned", slacktest.WithValue("read")); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 1); !strings.Contains(got.Readable(), "画面を開けませんでした") {
		t.Errorf("told %q", got.Readable())
	}
}

func TestWithoutCannedTextsThereIsNoMenu(t *testing.T) {
	tw := newTown(t)
	view := tw.opens(t, "UDUTY", tw.posted(t, claimedBy("UDUTY")), "reply")
	if strings.Contains(string(view.Blocks), "static_select") {
		t.Errorf("the form is %s", view.Blocks)
	}
}
