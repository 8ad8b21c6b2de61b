package bot

import (
	"time"

	"tsunagu/handoff"
)

// timer is a think job for later.
type timer struct {
	Kind string
	Due  time.Time
	Arg  string
	Post *post `json:",omitempty"`
	// Spot is what to erase, asked for first at Since.
	Spot  *handoff.Spot    `json:",omitempty"`
	Point *handoff.Pointer `json:",omitempty"`
	Seek  *handoff.Search  `json:",omitempty"`
	Since time.Time
	Gone  bool `json:",omitempty"` // of timerEdited: deleted, or its picture was
}

// What timers do.
const (
	timerTaken  = "taken"  // tells the resident that the case was taken
	timerSecond = "second" // answers when the second opinion has not come
	timerWay    = "way"    // tells that a picture or file is on its way
	timerWatch  = "watch"  // reminds staff
	timerEdited = "edited" // whispers about a changed source; due at once
	timerExpire = "expire" // wipes a closed case
	timerWipe   = "wipe"   // wipes the words of a resident who blocked the account

	// These repeat what could not be delivered.
	timerSay   = "say"
	timerCard  = "card"
	timerCopy  = "copy"  // a companion
	timerPoint = "point" // a pointer where a card stood
	timerPost  = "post"
	timerErase = "erase"
	timerSeek  = "seek"  // also a first time
	timerFile  = "file"  // a resident's picture or file
	timerFetch = "fetch" // a picture of staff's
)

// timer does what was put off.
func (t *turn) timer(x timer) {
	switch x.Kind {
	case timerTaken:
		t.taken()
	case timerCard:
		t.c.Redraw = ""
		if t.k != nil {
			t.card, t.cardAgain = true, t.k.Card.TS == ""
		}
	case timerPost:
		if x.Post != nil && t.k != nil {
			t.posts = append(t.posts, *x.Post)
		} else {
			t.c.Repost = false
			t.repost()
		}
	case timerSay:
		t.sayAgain()
	case timerErase:
		t.erase, t.eraseSince = append(t.erase, *x.Spot), x.Since
	case timerSeek:
		t.seeks, t.eraseSince = append(t.seeks, *x.Seek), x.Since
	case timerExpire:
		t.expire()
	case timerWipe:
		t.wipeBlocked(x.Since)
	case timerSecond:
		t.settle(x.Arg, nil)
	case timerCopy:
		t.copyAgain(x.Arg)
	case timerPoint:
		t.points, t.eraseSince = append(t.points, *x.Point), x.Since
	case timerEdited:
		t.edited(x)
	case timerWatch:
		t.remind(x.Arg)
	case timerFile:
		t.fetchAgain(x.Arg)
	case timerWay:
		t.onItsWay(x.Arg)
	case timerFetch:
		if m := t.c.find(x.Arg); m != nil && m.Picture != "" && m.Came == "" {
			t.fetches = append(t.fetches, m.ID)
		}
	}
}

// sayAgain pushes what waits, until it is too old.
func (t *turn) sayAgain() {
	waiting := t.c.Unsent
	t.c.Unsent = nil
	for _, s := range waiting {
		if s.Kind == SpeechQuestion && s.Step < t.c.Step {
			continue
		}
		if t.now.Sub(s.Made) > giveUpLine {
			for _, id := range s.Messages {
				t.sent(id, handoff.MarkFailed+"（エラー）")
			}
			t.fact("unsaid")
			continue
		}
		t.say(s)
	}
}

// giveUpDesk and giveUpLine are how long what is the program's own and what
// people wrote is tried.
const (
	giveUpDesk = time.Hour
	giveUpLine = 24 * time.Hour
)

// again is the pause before the next round: a minute at first, ten later.
func again(since time.Duration) time.Duration {
	if since < 10*time.Minute {
		return time.Minute
	}
	return 10 * time.Minute
}
