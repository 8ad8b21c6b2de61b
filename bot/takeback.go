package bot

import (
	"time"

	"tsunagu/handoff"
)

// unsend takes a message back: here, and by redrawing, in Slack.
func (t *turn) unsend(id string) {
	t.silent = true
	c := t.c
	m := c.find(id)
	if m == nil {
		c.Tombs = append(c.Tombs, id)
		if len(c.Tombs) > maxTombs {
			c.Tombs = c.Tombs[1:]
		}
		return
	}
	t.takeBack(m)
}

// takeBack drops a message and what staff see of it.
func (t *turn) takeBack(m *Message) {
	m.Text, m.Gone = "", true
	t.unhang(m)
	t.redraw(m)
	if m.File.File != "" {
		t.erase, m.File = append(t.erase, m.File), handoff.Spot{}
	}
}

// block wipes what is held. Words of an urgent open case stay for a while, as
// the consent text said.
func (t *turn) block(e Event) {
	t.silent = true
	for _, s := range t.c.Unsent {
		for _, id := range s.Messages {
			t.sent(id, handoff.MarkFailed+"（ブロック）")
		}
	}
	c := &Conversation{ID: t.c.ID, City: t.c.City, User: t.c.User, Seen: t.c.Seen, Step: t.c.Step, Stage: StageEnded,
		Words: t.c.Words, Case: t.c.Case, Cases: t.c.Cases, Redraw: t.c.Redraw, Repost: t.c.Repost, Blocked: true, BlockedAt: e.At}
	t.c = c
	keep := ""
	if t.openCase() {
		t.k.Blocked = true
		t.kDirty, t.card = true, true
		if t.k.Urgent {
			keep = t.k.ID
			t.timers = append(t.timers, timer{Kind: timerWipe, Due: t.now.Add(t.city.Keep.Emergency), Since: e.At})
		}
		urgent, who := "", t.k.Owner
		if t.k.Urgent {
			urgent = t.desk("blocked.urgent", "hours", itoa(int(t.city.Keep.Emergency/time.Hour)))
			who = orElse(who, "duty")
		}
		t.notice("blocked/"+itoa(c.Step), t.desk("blocked", "urgent", urgent), who)
	}
	t.wipe(keep)
	t.gone = t.k == nil
}

// wipe forgets all words, except those of the case keep, and redraws their
// copies.
func (t *turn) wipe(keep string) {
	for i := range t.c.Words {
		if m := &t.c.Words[i]; m.Case == "" || m.Case != keep {
			t.takeBack(m)
		}
	}
	t.c.dropLoose()
}

// wipeBlocked wipes an urgent case's words when the resident did not come back
// since that block.
func (t *turn) wipeBlocked(since time.Time) {
	if t.c.Blocked && t.c.BlockedAt.Equal(since) {
		t.wipe("")
	}
}

// unblock begins anew; an open case stays.
func (t *turn) unblock() {
	t.c.Blocked, t.c.Stage = false, StageNew
	if t.openCase() && t.k.Blocked {
		t.k.Blocked = false
		t.notice("unblocked/"+itoa(t.c.Step), t.desk("unblocked"), t.k.Owner)
		t.kDirty, t.card = true, true
		t.c.Aside = true
	}
}
