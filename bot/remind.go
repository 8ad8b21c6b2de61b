package bot

import (
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// later is d of the office's time after from. Where staff hours are not
// configured the clock counts, day and night: nobody knows then who works when.
func (c *City) later(from time.Time, d time.Duration) time.Time {
	if at, ok := c.Directory.Calendar.AddOpenHours(from, d); ok {
		return at
	}
	return from.Add(d)
}

// next is the reminder that is due next on the case at hand.
func (t *turn) next() (handoff.Step, time.Time) {
	p := t.city.Patience
	p.Promise = t.city.Directory.Calendar.Answer
	return t.k.Next(p, t.city.later)
}

// watch plans the case's next reminder when it is another one than planned. The
// timer of the earlier plan finds another number and does nothing.
func (t *turn) watch() {
	step, due := t.next()
	w := &t.k.Watch
	if step == w.Step && due.Equal(w.Due) {
		return
	}
	w.Step, w.Due = step, due
	if step == "" {
		return
	}
	w.N++
	t.timers = append(t.timers, timer{Kind: timerWatch, Due: due, Arg: itoa(w.N)})
}

// remind does the reminder that is due. What it says stands in the thread, where
// somebody who is out finds it later.
func (t *turn) remind(arg string) {
	k := t.k
	if k == nil || arg != itoa(k.Watch.N) || k.Watch.Step == "" {
		return
	}
	t.kDirty = true
	step, due := t.next()
	if step != k.Watch.Step || t.now.Before(due) {
		k.Watch.Step, k.Watch.Due = "", time.Time{} // the rules changed: plan anew
		return
	}
	before := *k
	n := k.After(step, t.now)
	t.k, t.card = &n, true
	t.fact("reminded|" + string(step))
	urgent := ""
	if before.Urgent {
		urgent = t.desk("isurgent")
	}
	where := ""
	if at := before.Card.Channel; at != "" {
		where = "<#" + at + "> の"
	}
	key := "watch/" + arg
	who := orElse(before.Owner, "duty")
	switch step {
	case handoff.StepUnclaimed:
		t.notice(key, t.desk("unclaimed", "urgent", urgent), "")
	case handoff.StepMention:
		t.notice(key, t.desk("mention", "urgent", urgent), "duty")
	case handoff.StepGeneral:
		t.posts = append(t.posts, post{Key: key, Board: true, Post: handoff.Post{Kind: handoff.PostNotice, Case: n.ID, Mention: "duty",
			Text: t.desk("general", "urgent", urgent, "receipt", n.Receipt, "field", t.city.placeName(n.Field), "where", where)}})
	case handoff.StepStale:
		until := ""
		if d := t.city.Patience.AnswerBack; d > 0 {
			until = t.desk("stale.until", "by", directory.Moment(t.city.later(t.now, d), t.now))
		}
		t.posts = append(t.posts, post{Key: key, Post: handoff.Post{Kind: handoff.PostNotice, Case: n.ID, Text: t.desk("stale", "until", until),
			Mention: before.Owner, Button: handoff.Keep, Version: n.Version}})
	case handoff.StepBack:
		t.did(byProgram, "back", "")
		t.notice(key, t.desk("back"), before.Owner)
	case handoff.StepAlarm:
		t.notice(key, t.desk("alarm", "by", directory.Moment(n.Promised, t.now)), who)
	case handoff.StepBroken:
		t.notice(key, t.desk("broken"), who)
		if !before.Regretted && !t.lost && !n.Blocked {
			phone := t.townPhone()
			if phone != "" {
				phone = t.t("promise.phone", "phone", phone)
			}
			t.say(Speech{Kind: SpeechNotice, Bubbles: []Bubble{{Text: t.t("promise.broken", "receipt", n.Receipt, "phone", phone,
				"reading", t.reading())}}})
		}
	}
}
