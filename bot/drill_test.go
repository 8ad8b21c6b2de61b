package bot_test

import (
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
)

func TestADrillGoesToTheDeskAndBackAndIsNotCounted(t *testing.T) {
	w := newWorld(t)
	id, err := w.bot.Drill(w.ctx, "komachi", "")
	if err != nil {
		t.Fatal(err)
	}
	w.drain()
	s := w.desk.cards[id]
	if s == nil || !s.card.Drill || len(s.card.Buttons) != 1 || s.card.Buttons[0] != handoff.Drill {
		t.Fatalf("the card is %+v", s)
	}
	click := func(a, who string) {
		t.Helper()
		w.act(handoff.Action{ID: a, City: "komachi", Kind: handoff.Drill, Case: id, By: who, Spot: s.spot})
	}
	click("x1", "USTAFFa")
	click("x2", "USTAFFb")
	d, err := w.bot.Drilled(w.ctx, id)
	if err != nil || d.By != "USTAFFa" || d.Card != s.spot {
		t.Errorf("the drill is %+v, %v", d, err)
	}
	if s.card.Title != "確認しました" || len(s.card.Buttons) != 0 || s.posted != 1 {
		t.Errorf("the card is %+v", s.card)
	}
	facts, err := w.store.Facts(w.ctx, "komachi", "0000", "9999")
	if err != nil || len(facts) != 0 {
		t.Errorf("counted: %v %v", facts, err)
	}
	if h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", ""); err != nil || h.Groups[0].N+h.Groups[1].N != 0 {
		t.Errorf("the home tab counts it: %+v %v", h, err)
	}
	if err := w.bot.Act(w.ctx, handoff.Action{ID: "x3", City: "komachi", Kind: handoff.Drill, Case: "omachi/d/1", By: "USTAFFa"}); err == nil {
		t.Error("another city's drill was taken")
	}
}

func TestAWeeklyDrillThatDoesNotComeBackAlarms(t *testing.T) {
	for _, pressed := range []bool{true, false} {
		town := smallTown("komachi")
		town.Drill = true
		w := newWorld(t, town) // a Tuesday
		for range 3 {
			if err := w.bot.PlanDrills(w.ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(6 * 24 * time.Hour) // Monday, ten
		if len(w.desk.stood) != 1 {
			t.Fatalf("%d cards", len(w.desk.stood))
		}
		s := w.desk.stood[0]
		if pressed {
			w.act(handoff.Action{ID: "x1", City: "komachi", Kind: handoff.Drill, Case: s.card.Case, By: "USTAFFa", Spot: s.spot})
		}
		w.pass(5 * time.Hour)
		alarmed := strings.Contains(w.log.String(), `"level":"ERROR"`)
		if noticed := strings.Contains(w.desk.thread(), "@duty"); alarmed == pressed || noticed == pressed {
			t.Errorf("pressed %v: logged %v, noticed %v", pressed, alarmed, noticed)
		}
		if err := w.bot.PlanDrills(w.ctx); err != nil {
			t.Fatal(err)
		}
		w.pass(7 * 24 * time.Hour)
		if len(w.desk.stood) != 2 {
			t.Errorf("%d cards after a further week", len(w.desk.stood))
		}
	}
}
