package bot_test

import (
	"slices"
	"testing"
	"time"

	"tsunagu/handoff"
)

// twins is a case whose card was posted, not heard of, not found and posted again.
func twins(t *testing.T) (w *world, k handoff.Case, first *standing) {
	t.Helper()
	w = newWorld(t, openTown())
	w.says("r", "母が歩けなくなりました")
	w.says("r", "職員に相談する")
	w.desk.lose, w.desk.blind = 1, true
	w.taps("r", "同意する（自分のこと）")
	first = w.desk.stood[0]
	w.pass(time.Minute)
	w.desk.blind = false
	if k = w.caseOf("r"); len(w.desk.stood) != 2 || k.Card != w.desk.stood[1].spot || len(first.card.Words) == 0 {
		t.Fatalf("%d cards, the case's is %+v", len(w.desk.stood), k.Card)
	}
	return w, k, first
}

func (w *world) twinsLeft(k handoff.Case) (n int) {
	for _, p := range w.caseNow(k).Left {
		if p.Twin {
			n++
		}
	}
	return n
}

func TestASecondCardBecomesAPointerWhenSomebodyClicksOnIt(t *testing.T) {
	for _, x := range []struct {
		kind  handoff.Kind
		owner string
	}{{handoff.Claim, "USTAFFa"}, {handoff.Lost, ""}} {
		w, k, first := twins(t)
		w.clicks("USTAFFa", x.kind, k, at(first.spot))
		if c := first.card; !c.Pointer || c.Title != "[desk.twin]" || len(c.Words)+len(c.Buttons)+len(c.Rows) > 0 {
			t.Fatalf("after %s the second card is %+v", x.kind, c)
		}
		has(t, w.desk.whispersTo("USTAFFa"), "二重です。"+k.Receipt)
		if n := w.caseNow(k); n.Card != k.Card || n.Owner != x.owner || w.desk.cardAt(n.Card).Owner != x.owner {
			t.Errorf("after %s the case is %+v", x.kind, n)
		}
		// A pointer is no card of the case, and goes with it.
		w.clicks("USTAFFb", handoff.Lost, k, at(first.spot))
		if n := w.twinsLeft(k); n != 1 {
			t.Errorf("it was left %d times", n)
		}
		w.forget(k.Receipt)
		if !slices.Contains(w.desk.deleted, first.spot) {
			t.Error("forgetting leaves it")
		}
	}
}

// Of the card in use, its companion and what stands in the thread nothing is taken
// for a second card.
func TestWhatIsInItsPlaceIsNoSecondCard(t *testing.T) {
	w, k, first := twins(t)
	w.clicks("USTAFFa", handoff.Claim, k, at(handoff.Spot{Channel: "Cnewname", TS: k.Card.TS}))
	w.clicks("USTAFFa", handoff.Reply, k, text("お待ちください。"), at(handoff.Spot{Channel: k.Card.Channel, TS: "9.9", Thread: k.Card.TS}))
	w.desk.away = true
	w.clicks("USTAFFa", handoff.Help, k, field("poverty"))
	w.clicks("USTAFFb", handoff.Lost, k, at(first.spot)) // it could be the companion
	w.desk.away = false
	w.pass(time.Minute)
	w.clicks("USTAFFb", handoff.Claim, k, at(w.caseNow(k).Copies["poverty"].Spot))
	if n := w.caseNow(k); w.twinsLeft(k) > 0 || len(n.Helpers) != 1 {
		t.Errorf("left %+v, helpers %v", n.Left, n.Helpers)
	}
}

func TestACardThatComesAfterAnotherWasTakenBecomesAPointer(t *testing.T) {
	w := newWorld(t, openTown())
	w.says("r", "職員に相談する")
	w.desk.lose, w.desk.blind = 1, true
	w.taps("r", "同意する（自分のこと）")
	k, first := w.caseOf("r"), w.desk.stood[0]
	w.desk.carding = func() { // the first is claimed while the second is being posted
		a := w.action("USTAFFa", handoff.Claim, k, at(first.spot))
		if err := w.bot.Act(w.ctx, a); err != nil {
			t.Error(err)
		}
		if _, err := w.bot.Drain(w.ctx, 50); err != nil {
			t.Error(err)
		}
	}
	w.pass(time.Minute)
	if len(w.desk.stood) != 2 {
		t.Fatalf("%d cards", len(w.desk.stood))
	}
	if n := w.caseNow(k); n.Card != first.spot || n.Owner != "USTAFFa" || !w.desk.stood[1].card.Pointer || w.desk.cardAt(n.Card).Owner != "USTAFFa" {
		t.Errorf("the case is %+v, the second card %+v", n, w.desk.stood[1].card)
	}
}

// cardAt is the card that stands there now, at is that drawn as text.
func (d *desk) cardAt(at handoff.Spot) handoff.Card {
	for _, s := range d.stood {
		if s.spot == at {
			return s.card
		}
	}
	return handoff.Card{}
}

func (d *desk) at(at handoff.Spot) string { return drawn(&standing{card: d.cardAt(at)}) }
