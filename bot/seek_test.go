package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
)

// wordsIn counts how often a text stands in a thread.
func (d *desk) wordsIn(thread, text string) (n int) {
	for _, p := range d.order {
		if p.spot.Thread == thread && !p.gone {
			n += strings.Count(strings.Join(p.post.Words, "／"), text)
		}
	}
	return n
}

// handsOn lets the owner hand a case on; what runs at that moment is not waited for.
func (w *world) handsOn(k handoff.Case) {
	w.t.Helper()
	a := w.action("USTAFFa", handoff.HandOn, k, field("poverty"), reason("お金の話でした"))
	if err := w.bot.Act(w.ctx, a); err != nil {
		w.t.Error(err)
	}
}

func (w *world) movedOnly(k handoff.Case, old handoff.Spot, words string) {
	w.t.Helper()
	now := w.caseNow(k)
	if now.Card == old || w.desk.wordsIn(now.Card.TS, words) != 1 || w.desk.wordsIn(old.TS, words) != 0 {
		w.t.Errorf("the old thread has it %d times, the new one %d times", w.desk.wordsIn(old.TS, words), w.desk.wordsIn(now.Card.TS, words))
	}
}

func TestWordsWhosePostWasNeverAnsweredLeaveTheOldThread(t *testing.T) {
	for _, away := range []bool{false, true} {
		w := newWorld(t, openTown())
		k := story(w)
		old := k.Card
		w.desk.lose = 4 // the card's edits and both posts
		w.says("r", "himitsuなくした返事")
		w.clicks("USTAFFa", handoff.Reply, k, text("なくした送信"))
		w.desk.lose = 0
		w.desk.away = away
		w.handsOn(k)
		w.drain()
		w.pass(5 * time.Minute) // longer than a job waits
		w.desk.away = false
		w.pass(30 * time.Minute)
		w.movedOnly(k, old, "himitsuなくした返事")
		w.movedOnly(k, old, "なくした送信")
	}
}

func TestWordsThatAreBeingPostedWhenTheCaseGoesOnComeToTheNewThread(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	old := k.Card
	w.desk.during = func() { w.handsOn(k) }
	w.says("r", "himitsuその間のことば")
	w.pass(time.Minute)
	w.movedOnly(k, old, "himitsuその間のことば")
}

func TestForgettingTakesAwayWordsWhosePostWasNeverAnswered(t *testing.T) {
	w := newWorld(t)
	w.says("r", "介護")
	k := w.consults("r")
	w.desk.lose = 2 // the card's edit and the post
	w.says("r", "himitsuなくした返事")
	w.desk.lose = 0
	w.forget(k.Receipt)
	w.pass(time.Minute)
	if w.desk.wordsIn(k.Card.TS, "himitsuなくした返事") != 0 {
		t.Error("it still stands in Slack")
	}
	left, err := w.bot.Forgetting(w.ctx, k.Conversation)
	if err != nil || left != 0 {
		t.Errorf("%d are left, %v", left, err)
	}
}

func TestASecondCardThatNobodyClicksOnBecomesALineByItself(t *testing.T) {
	w, k, first := twins(t)
	w.desk.away = true
	w.pass(4 * time.Minute)
	w.desk.away = false
	w.pass(10 * time.Minute)
	if c := first.card; !c.Pointer || c.Title != "[desk.twin]" || len(c.Words)+len(c.Buttons)+len(c.Rows) > 0 {
		t.Errorf("the second card is %+v", c)
	}
	if n := w.caseNow(k); n.Card != k.Card || w.twinsLeft(k) != 1 || w.desk.cardAt(n.Card).Pointer {
		t.Errorf("the case is %+v", n)
	}
}

// Until a second card was looked for, forgetting is not over: it would take it away.
func TestForgettingWaitsForTheLookForASecondCard(t *testing.T) {
	w, k, _ := twins(t)
	left := func() int {
		t.Helper()
		n, err := w.bot.Forgetting(w.ctx, k.Conversation)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.forget(k.Receipt)
	if left() == 0 {
		t.Error("it is over before the look")
	}
	w.pass(10 * time.Minute)
	if n := left(); n != 0 {
		t.Errorf("%d are left", n)
	}
}
