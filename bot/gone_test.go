package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// toForget counts what is still to do of forgetting a case's resident.
func (w *world) toForget(k handoff.Case) int {
	w.t.Helper()
	n, err := w.bot.Forgetting(w.ctx, k.Conversation)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Slack kept every post and answered none: no place is known, and all of them go. What
// stands beside them, of another resident, stays.
func TestForgettingTakesAwayWhatWasNeverAnswered(t *testing.T) {
	for name, away := range map[string]bool{"at once": false, "when Slack is back": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, openTown())
			w.says("s", "介護")
			other := w.consults("s")
			w.says("s", "himitsuほかの人")
			k := story(w)
			w.desk.lose = 1000
			w.clicks("USTAFFa", handoff.Help, k, field("poverty"))
			w.says("r", "himitsu答えのないことば")
			w.says("t", "介護")
			second := w.consults("t")
			if w.caseNow(k).Copies["poverty"].Spot.TS != "" || second.Card.TS != "" || len(w.desk.stood) != 4 {
				t.Fatalf("known: %+v and %+v of %d cards", w.caseNow(k).Copies, second.Card, len(w.desk.stood))
			}
			w.desk.lose, w.desk.away = 0, away
			w.forget(k.Receipt)
			w.forget(second.Receipt)
			if w.toForget(k) == 0 || w.toForget(second) == 0 {
				t.Error("it is over before anybody looked")
			}
			if away {
				w.pass(20 * time.Minute)
				if len(w.desk.deleted) > 0 || w.toForget(k) == 0 {
					t.Fatalf("while Slack was away: deleted %v, %d to do", w.desk.deleted, w.toForget(k))
				}
				w.desk.away = false
			}
			w.pass(20 * time.Minute)
			for _, s := range w.desk.stood {
				if gone := slices.Contains(w.desk.deleted, s.spot); gone == (s.card.Case == other.ID) {
					t.Errorf("the card of %s in %s: gone %v", s.card.Receipt, s.spot.Channel, gone)
				}
			}
			for _, p := range w.desk.order {
				if p.gone == (p.spot.Thread == other.Card.TS) {
					t.Errorf("the post %q: gone %v", p.post.Kind, p.gone)
				}
			}
			if n := w.toForget(k) + w.toForget(second); n != 0 {
				t.Errorf("%d to do", n)
			}
		})
	}
}

// The lines that the program wrote below a card say things about a person, too.
func TestForgettingTakesAwayTheProgramsOwnLines(t *testing.T) {
	town := openTown()
	w := newWorld(t, town)
	k := story(w)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("わけ"))
	w.pass(time.Minute)
	w.does("r", bot.Unfollow)
	w.pass(time.Minute)
	if got := w.desk.thread(); !strings.Contains(got, "[desk.blocked]") || !strings.Contains(got, "[desk.moved]") {
		t.Fatalf("there is nothing to take away:\n%s", got)
	}
	w.forget(k.Receipt)
	if got := w.desk.thread(); got != "" || w.toForget(k) > 0 {
		t.Errorf("%d to do, left:\n%s", w.toForget(k), got)
	}
	// Nothing was in doubt: that took no pause, and nothing was deleted twice.
	slices.SortFunc(w.desk.deleted, func(a, b handoff.Spot) int { return strings.Compare(a.TS, b.TS) })
	if all := len(w.desk.deleted); len(slices.Compact(w.desk.deleted)) != all {
		t.Errorf("deleted %v", w.desk.deleted)
	}
}

// A look that does not see all at once goes on, and begins anew after trouble.
func TestALookThatIsCutGoesOn(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	for range 5 { // each leaves a line
		w.clicks("USTAFFa", handoff.Close, k, outcome("informed"))
		w.clicks("USTAFFa", handoff.Reopen, k)
		w.clicks("USTAFFa", handoff.Claim, k)
	}
	w.desk.page = 2
	w.desk.lose = 2
	w.says("r", "himitsu答えのないことば")
	w.desk.lose = 0
	w.forget(k.Receipt)
	cut := 0
	w.desk.looks = func(x handoff.Search) error {
		if x.Next == "" {
			return nil
		}
		cut++
		return &handoff.DeskError{Reason: "invalid_cursor", Final: true}
	}
	w.pass(20 * time.Minute)
	if got := w.desk.thread(); got != "" || w.toForget(k) > 0 || cut == 0 {
		t.Errorf("%d to do, %d looks were cut, left:\n%s", w.toForget(k), cut, got)
	}
}

// A second card is one of the place that is known by its outbox ID, whatever else of the
// case is not known.
func TestASecondCardBecomesALineWhileAnotherPlaceIsNotKnown(t *testing.T) {
	w, k, first := twins(t)
	w.desk.lose = 1000
	w.clicks("USTAFFa", handoff.Claim, k)
	w.clicks("USTAFFa", handoff.Help, k, field("poverty"))
	w.pass(3 * time.Minute)
	if n := w.caseNow(k); n.Copies["poverty"].Spot.TS != "" {
		t.Fatalf("the companion is known: %+v", n.Copies)
	}
	if c := first.card; !c.Pointer || c.Title != "[desk.twin]" {
		t.Errorf("the second card is %+v", c)
	}
	w.desk.lose = 0
	w.pass(20 * time.Minute)
	orphan := w.desk.copies[k.ID+"/poverty"]
	if n := w.caseNow(k); n.Copies["poverty"].Spot != orphan.spot || orphan.card.Pointer || w.twinsLeft(k) != 1 {
		t.Errorf("the companion is %+v, left %+v", n.Copies, n.Left)
	}
}

// A companion that nobody knew of when it was not needed any more becomes a line.
func TestACompanionThatWasNeverAnsweredIsLeftWithTheOthers(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	w.desk.lose = 1000
	w.clicks("USTAFFa", handoff.Help, k, field("poverty"))
	w.desk.lose = 0
	w.clicks("USTAFFa", handoff.Close, k, outcome("informed"))
	w.pass(time.Minute)
	orphan := w.desk.copies[k.ID+"/poverty"]
	if c := orphan.card; !c.Pointer || c.Title != "[desk.ended]" || len(c.Words) > 0 {
		t.Errorf("it is %+v", c)
	}
	if n := w.caseNow(k); !n.LeftBehind(orphan.spot) {
		t.Errorf("left %+v", n.Left)
	}
}

// Whoever comes back while their first case is still being taken away in Slack is not
// thrown out with it.
func TestForgettingDoesNotShortenWhatComesAfterIt(t *testing.T) {
	w := newWorld(t, openTown())
	w.desk.lose = 1000
	first := w.consults("r")
	w.desk.lose = 0
	w.desk.looks = func(handoff.Search) error { return &handoff.DeskError{Reason: "away"} }
	w.forget(first.Receipt)
	k := w.consults("r")
	w.pass(5 * time.Minute)
	if w.toForget(first) == 0 {
		t.Fatal("nothing is left to do")
	}
	later := w.now.Add(10 * bot.DefaultKeep.Idle)
	if _, err := w.store.Sweep(w.ctx, later, w.now.Add(-time.Hour), later.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if gone, err := w.bot.Gone(w.ctx, k.Conversation); gone || err != nil {
		t.Errorf("gone %v, %v", gone, err)
	}
	w.desk.looks = nil
	w.pass(time.Hour)
	if n := w.caseNow(k); !slices.Equal(w.desk.deleted, []handoff.Spot{w.desk.stood[0].spot}) || len(n.Left) > 0 || w.toForget(first) > 0 {
		t.Errorf("deleted %v, the new case has left %v", w.desk.deleted, n.Left)
	}
}
