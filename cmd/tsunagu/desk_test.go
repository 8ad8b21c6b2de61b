package main

import (
	"slices"
	"strings"
	"testing"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// TestTheDeskOfARunningServe walks what duty staff have beside the card, against
// the whole program: the shift is called, the home tab follows, a 定型文 goes out by
// way of the preview, and the trail says who looked.
func TestTheDeskOfARunningServe(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	f.duty("duty:\n  - {hours: {open24: true}, call: [UDUTY]}\n")
	stop := f.serve()
	defer stop()
	receipt := f.consults("死にたい気持ちです")
	var card slacktest.Message
	for _, m := range f.slack.Messages("C01") {
		if strings.Contains(m.Readable(), receipt) {
			card = m
		}
	}
	if got := card.Pings(); !slices.Contains(got, "UDUTY") || slices.Contains(got, "S01") {
		t.Errorf("the urgent card calls %v", got)
	}
	home := func() string {
		v, _ := f.slack.Home("UDUTY")
		return v.Readable()
	}
	if _, err := f.slack.OpenHome(t.Context(), "UDUTY"); err != nil {
		t.Fatal(err)
	}
	f.soon("the home tab", func() bool {
		return strings.Contains(home(), receipt) && strings.Contains(home(), "いま、あなたの担当はありません。")
	})

	f.presses(card.TS, "claim")
	f.soon("the button to answer", func() bool {
		m, _ := f.slack.MessageAt("C01", card.TS)
		_, has := m.Button("reply")
		return has
	})
	f.soon("the home tab follows", func() bool { return strings.Contains(home(), "1 件："+receipt) })
	f.presses(card.TS, "reply")
	top := func() slacktest.View {
		views := f.slack.Views("UDUTY")
		return views[len(views)-1]
	}
	if _, err := f.slack.ClickView(t.Context(), "UDUTY", top().ID, "canned", slacktest.WithValue("read"), slacktest.Typing(slacktest.One("text", "こんにちは。"))); err != nil {
		t.Fatal(err)
	}
	for range 2 { // to the preview, and out
		if _, err := f.slack.Submit(t.Context(), "UDUTY", top().ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	f.soon("the resident hears it", func() bool {
		return slices.ContainsFunc(f.line.Chats(), func(user string) bool {
			return slices.ContainsFunc(f.line.Resident(user).Heard(), func(e linetest.Entry) bool {
				return strings.Contains(e.Text, "こんにちは。\n書いてくださって、ありがとうございます。読みました。")
			})
		})
	})
	f.wants(0, []string{"program", "rules", "UDUTY", "home", receipt}, "audit", "--city", "hokuto")
	for _, c := range f.slack.Refused() {
		t.Errorf("Slack refused %s: %s %v", c.Method, c.Error, c.Messages)
	}
}
