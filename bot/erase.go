package bot

import (
	"context"
	"errors"
	"slices"

	"tsunagu/handoff"
)

// expire wipes a closed case when its time is over: the words here and their
// copies in Slack. A case that was opened again meanwhile stays.
func (t *turn) expire() {
	if t.k == nil || t.k.State != handoff.Closed || t.now.Before(t.k.Closed.Add(t.city.Keep.Closed)) {
		return
	}
	t.fact("expired")
	t.did(byProgram, "expire", "")
	t.eraseCase()
	for _, p := range t.k.Left {
		if p.Notice {
			t.erase = append(t.erase, p.Spot)
		}
	}
	t.c.Cases = slices.DeleteFunc(t.c.Cases, func(id string) bool { return id == t.k.ID })
	t.kGone = true
	if t.c.Case == t.k.ID {
		t.c.Case = ""
		t.gone = len(t.c.Words) == 0 && len(t.c.Path) == 0
	}
}

// forget deletes all that is kept of one resident, also in Slack. Each case goes
// in a turn of its own. What stands there unknown is looked for, a little later while
// something may be on its way.
func (t *turn) forget(onItsWay bool) {
	t.onWay = onItsWay
	var looks []handoff.Search
	if t.k != nil {
		t.did(byProgram, "forget", "")
		t.eraseAt(placesOf(t.k))
		t.kGone = true
		looks = unplaced(t.k)
		t.onWay = t.onWay || len(looks) > 0
		looks = append(looks, under(t.k)...)
	}
	for i := range t.c.Words {
		m := &t.c.Words[i]
		t.eraseAt(m.places())
		unknown := t.unanswered(m) || m.Media != "" && m.Came == ""
		t.onWay = t.onWay || unknown && t.now.Sub(m.waited()) <= giveUpLine
	}
	for _, x := range looks {
		if t.onWay {
			t.seekLater(x, strayPause, t.now)
		} else {
			t.seeks = append(t.seeks, x)
		}
	}
	for _, id := range append(t.c.Cases, t.c.Case) {
		if id != "" && (t.k == nil || id != t.k.ID) {
			t.forgets = append(t.forgets, id)
		}
	}
	if !t.lost {
		t.fact("forgotten")
	}
	t.gone = true
}

// eraseCase drops the case's words and lists their copies for deletion.
func (t *turn) eraseCase() {
	id := t.k.ID
	for i := range t.c.Words {
		if t.c.Words[i].Case == id {
			t.eraseCopies(&t.c.Words[i])
		}
	}
	t.c.Words = slices.DeleteFunc(t.c.Words, func(m Message) bool { return m.Case == id })
}

// eraseCopies lists a message's copies for deletion, and has looked for the one that
// nobody knows of.
func (t *turn) eraseCopies(m *Message) {
	t.stray(m)
	t.eraseAt(m.places())
}

// eraseAt lists places for deletion, each once.
func (t *turn) eraseAt(places []handoff.Spot) {
	for _, at := range places {
		if !slices.Contains(t.erase, at) {
			t.erase = append(t.erase, at)
		}
	}
}

// remove deletes one message or file in Slack.
func (s *speech) remove(ctx context.Context) error {
	if err := s.town.Desk.Delete(ctx, *s.u.Erase); err != nil {
		return s.deskTrouble(ctx, err, &result{What: resUnerased, Spot: *s.u.Erase, Since: s.u.Since})
	}
	return s.done(ctx, nil)
}

// unerased tries a deletion again later, for a day.
func (t *turn) unerased(r result) {
	if t.now.Sub(r.Since) > giveUpLine {
		t.fact("unerased")
		return
	}
	t.timers = append(t.timers, timer{Kind: timerErase, Due: t.now.Add(again(t.now.Sub(r.Since))), Spot: &r.Spot, Since: r.Since})
}

// Forget has one resident's data deleted, by 受付番号. It returns once that is
// stored as a job; ErrNotFound when the city has no such case.
func (b *Bot) Forget(ctx context.Context, city, receipt string) (conversation string, err error) {
	k, err := b.Find(ctx, city, "receipt/"+receipt)
	if err != nil {
		return "", err
	}
	id := city + "/forget/" + b.token()
	body, err := b.keys.seal(id, thought{Conv: k.Conversation, Case: k.ID, Forget: true})
	if err != nil {
		return "", err
	}
	now := b.Now()
	err = b.store.Put(ctx, Job{ID: id, City: city, Lane: k.Conversation + laneThink, Kind: kindThink, Due: now, Made: now, Body: body})
	b.nudge(1)
	return k.Conversation, err
}

// Gone says whether nothing is kept under a conversation's ID.
func (b *Bot) Gone(ctx context.Context, conversation string) (bool, error) {
	_, err := b.store.Load(ctx, conversation)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return false, err
}

// Forgetting counts what is still to do of a Forget: cases to delete and copies
// to delete in Slack. It reads every job that waits.
func (b *Bot) Forgetting(ctx context.Context, conversation string) (n int, err error) {
	err = walk(ctx, b.store, func(p Page) error {
		for _, j := range p.Jobs {
			if laneOf(j.Lane) != conversation {
				continue
			}
			var th thought
			switch {
			case j.Kind == kindErase || j.Kind == kindSeek:
				n++
			case j.Kind != kindThink || b.keys.open(j.ID, j.Body, &th) != nil:
			case th.Forget, th.Timer != nil && th.Timer.takesAway(), th.Result != nil && th.Result.takesAway():
				n++
			}
		}
		return nil
	})
	return n, err
}

// placesOf lists all places in Slack where a case stands or stood, beside its
// threads.
func placesOf(k *handoff.Case) []handoff.Spot {
	out := cardsOf(k)
	for _, p := range k.Left {
		if p.Notice {
			out = append(out, p.Spot)
		}
	}
	return out
}

// cardsOf are the places of its cards, and of what is left of them.
func cardsOf(k *handoff.Case) (out []handoff.Spot) {
	if k.Card.TS != "" {
		out = append(out, k.Card)
	}
	for _, x := range k.Copies {
		if x.Spot.TS != "" {
			out = append(out, x.Spot)
		}
	}
	for _, p := range k.Left {
		if !p.Notice {
			out = append(out, p.Spot)
		}
	}
	return out
}

// takesAway says whether words in Slack wait for a timer to be deleted.
func (x *timer) takesAway() bool {
	return x.Kind == timerErase || x.Kind == timerSeek
}

// takesAway says whether what came of speaking leaves words in Slack to delete.
func (r *result) takesAway() bool {
	return r.What == resUnerased || r.What == resUnsought || r.What == resSought
}
