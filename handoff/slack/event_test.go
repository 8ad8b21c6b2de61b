package slack

import (
	"strings"
	"testing"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

func TestEditsOfThreadTalk(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	talk, a, err := tw.Message(within(t), "UDUTY", "C02", secretWords, c.Card.TS)
	if err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	if _, err := tw.Edit(within(t), "UDUTY", "C02", talk.TS, "なおした @二番 A&B"); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.RetryLast(within(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Delete(within(t), "UDUTY", "C02", talk.TS); err != nil {
		t.Fatal(err)
	}
	lone, _, err := tw.Message(within(t), "UDUTY", "C02", "ひとり言", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Edit(within(t), "UDUTY", "C02", lone.TS, "なおした"); err != nil {
		t.Fatal(err)
	}
	own := `{"type":"event_callback","event":{"type":"message","subtype":"message_changed","channel":"C02",
		"message":{"ts":"2.1","thread_ts":"1.1","text":"b","bot_id":"B"},"previous_message":{"ts":"2.1","thread_ts":"1.1","text":"a","bot_id":"B"}}}`
	if a := tw.desk.event(within(t), []byte(own)); a.status != 0 {
		t.Errorf("our own post's change got %d", a.status)
	}
	here := "C02 " + c.Card.TS + " " + talk.TS + " "
	if len(tw.edits) != 3 || !strings.HasPrefix(tw.edits[0], here) || tw.edits[0] != tw.edits[1] ||
		!strings.HasPrefix(tw.edits[2], here) || tw.edits[2] == tw.edits[1] {
		t.Errorf("heard of %q", tw.edits)
	}
}

func TestACorrectionIsOfferedWhereItsSourceWasEdited(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	at := handoff.Spot{Channel: c.Card.Channel, Thread: c.Card.TS}
	w := handoff.Whisper{User: "UDUTY", Text: "LINEの文は変えられません", Button: handoff.Correct, Case: c.ID, Version: c.Version, Source: "1700000000.000100"}
	if err := tw.desk.Whisper(within(t), at, w); err != nil {
		t.Fatal(err)
	}
	m := tw.whispered(t, "UDUTY", 1)
	if _, err := tw.Click(within(t), "UDUTY", "C02", m.TS, "correct"); err != nil {
		t.Fatal(err)
	}
	view := tw.top(t, "UDUTY")
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.One("text", "正しくは9時です")); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	got := tw.taken()
	if len(got) != 1 || got[0].Kind != handoff.Correct || got[0].Text != "正しくは9時です" || got[0].Source != w.Source {
		t.Errorf("got %+v", got)
	}
}
