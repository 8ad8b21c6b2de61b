package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// called lists whom the posts with the resident's words called, in their order.
func (w *world) called() (all []string) {
	for _, p := range w.desk.order {
		if p.post.Kind == handoff.PostWords {
			all = append(all, p.post.Mention)
		}
	}
	return all
}

func TestTheFirstWordsAfterAnAnswerCallWhoHoldsTheCase(t *testing.T) {
	w := newWorld(t, openTown())
	k := w.consults("r")
	say := func(text string) {
		w.pass(3 * time.Minute)
		w.says("r", text)
		w.pass(10 * time.Second)
	}
	say("だれも引き受けていない")
	w.clicks("USTAFFa", "claim", k)
	say("一つ目")
	say("二つ目")
	w.clicks("USTAFFa", "reply", k, text("返事"))
	say("ありがとうございました")
	say("三つ目")
	w.clicks("USTAFFa", "release", k)
	say("四つ目")
	want := []string{"", "USTAFFa", "", "", "USTAFFa", ""}
	if got := w.called(); !slices.Equal(got, want) {
		t.Errorf("called %q, want %q", got, want)
	}
}

func TestDangerWrittenAgainCallsEveryTime(t *testing.T) {
	w := newWorld(t, openTown())
	k := w.consults("r")
	say := func(text string) {
		w.pass(3 * time.Minute)
		w.says("r", text)
		w.pass(10 * time.Second)
	}
	say("死にたい") // a notice calls for it
	say("やっぱり死にたい")
	w.clicks("USTAFFa", "claim", k)
	say("つらい")
	say("死にたい")
	want := []string{"", "duty", "USTAFFa", "USTAFFa"}
	if got := w.called(); !slices.Equal(got, want) {
		t.Errorf("called %q, want %q", got, want)
	}
}

func TestWhoHoldsTheCaseHearsOfABlockAndOfItsEnd(t *testing.T) {
	w := newWorld(t, openTown())
	w.says("r", "死にたい")
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.does("r", bot.Unfollow)
	has(t, w.desk.thread(), "[desk.blocked]", "@USTAFFa")
	w.does("r", bot.Follow)
	has(t, w.desk.thread(), "[desk.unblocked] @USTAFFa")
}

func TestALINEThatIsAwayIsLoggedOncePerMessage(t *testing.T) {
	w := newWorld(t)
	w.phone.down = true
	w.says("r", "死にたい")
	w.pass(30 * time.Second)
	if n := strings.Count(w.log.String(), "LINE did not take it yet"); n != 1 {
		t.Errorf("%d lines: %s", n, w.log.String())
	}
	has(t, w.log.String(), `"what":"crisis"`)
	hasNot(t, w.log.String(), "ERROR", "死にたい")
}
