package main

import (
	"os"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

func TestStopsWithinTenSecondsWhileNobodyAnswersAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	r := tn.line.Resident("")
	receipt := w.consent(r, "母の介護のことで困っています")
	card := w.card(tn, receipt)
	tn.line.Break(linetest.Fault{Hang: true})
	tn.slack.Break(slacktest.Fault{Kind: slacktest.Hang})
	other := tn.line.Resident("")
	w.say(other, "母の介護のことで困っています")
	w.say(r, "つづきのことばです")
	w.eventually("both sides are being spoken to", func() bool {
		return w.value(`lane_waiting{kind="say"}`) > 0 && w.value(`lane_waiting{kind="post"}`) > 0
	})
	began := time.Now()
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := w.cmd.Wait()
	w.cmd = nil
	if took := time.Since(began); err != nil || took > 10*time.Second {
		t.Errorf("it ended after %v: %v", took, err)
	} else {
		t.Logf("it ended after %v", took.Round(time.Millisecond))
	}
	tn.line.Mend()
	tn.slack.MendAll()
	w.start()
	w.eventually("the answer after the start", func() bool { return len(other.Heard()) > 0 })
	w.eventually("the words after the start", func() bool {
		for _, m := range tn.slack.Thread(tn.channel(), card.TS) {
			if containsAny(m.Readable(), []string{"つづきのことばです"}) {
				return true
			}
		}
		return false
	})
}
