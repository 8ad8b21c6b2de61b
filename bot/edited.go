package bot

import (
	"context"
	"errors"
	"slices"

	"tsunagu/handoff"
)

// Edited hears that the message ts in a card's thread was changed or deleted. Only
// when it was sent to a resident by shortcut is anything stored: its sender hears
// that LINE cannot be changed, and may send a correction. gone is true when it, or
// its picture, was deleted: then that stands at its address no more. id names the
// change. ErrNotFound when no card stands there or did.
func (b *Bot) Edited(ctx context.Context, city, channel, thread, ts, id string, gone bool) error {
	k, err := b.Find(ctx, city, "thread/"+channel+"/"+thread)
	if errors.Is(err, ErrNotFound) {
		k, err = b.Find(ctx, city, "left/"+channel+"/"+thread)
	}
	if err != nil {
		return err
	}
	c, _, _, err := b.load(ctx, city, thought{Conv: k.Conversation, Case: k.ID}, nil)
	if err != nil || c.sentFrom(k.ID, ts) == nil {
		return err // mere talk: nothing of it is kept
	}
	now := b.Now()
	job := city + "/slack/edited/" + channel + "/" + ts + "/" + id
	body, err := b.keys.seal(job, thought{Conv: k.Conversation, Case: k.ID,
		Timer: &timer{Kind: timerEdited, Due: now, Arg: ts, Spot: &handoff.Spot{Channel: channel, Thread: thread}, Gone: gone}})
	if err != nil {
		return err
	}
	err = b.store.Put(ctx, Job{ID: job, City: city, Lane: k.Conversation + laneThink, Kind: kindThink, Due: now, Made: now, Body: body})
	b.nudge(1)
	return err
}

// sentFrom is the newest message to the resident that was made of a Slack message.
func (c *Conversation) sentFrom(id, ts string) *Message {
	for i := range slices.Backward(c.Words) {
		if m := &c.Words[i]; m.Case == id && m.Staff != "" && m.Source == ts && ts != "" {
			return m
		}
	}
	return nil
}

// edited tells the sender what an edit cannot do.
func (t *turn) edited(x timer) {
	if t.k == nil {
		return
	}
	m := t.c.sentFrom(t.k.ID, x.Arg)
	if m == nil {
		return
	}
	w, back := handoff.Whisper{User: m.Staff}, false
	for i := range t.c.Words {
		if o := &t.c.Words[i]; x.Gone && o.Case == t.k.ID && o.Source == x.Arg && t.unhang(o) {
			t.did(byProgram, string(handoff.TakeBack), "")
			back = true
		}
	}
	may := t.k.MayAnswer(m.Staff)
	if may {
		w.Button, w.Case, w.Version, w.Source = handoff.Correct, t.k.ID, t.k.Version, x.Arg
	}
	switch {
	case may && back:
		w.Text = t.desk("edited.picture")
	case may:
		w.Text = t.desk("edited")
	case back:
		w.Text = t.desk("edited.late.picture")
	default:
		w.Text = t.desk("edited.late")
	}
	t.whispers = append(t.whispers, whisper{*x.Spot, w})
}
