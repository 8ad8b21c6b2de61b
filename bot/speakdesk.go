package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"tsunagu/handoff"
)

// card draws the newest state of a case: jobs say that, never what.
func (s *speech) card(ctx context.Context, k handoff.Case, c *Conversation) error {
	var words []string
	if c != nil {
		words = c.texts(k.Sheet.Words)
	}
	if k.Card.TS == "" && !s.u.New || k.Round != s.u.Round {
		// It was handed on meanwhile; or what came of the job that posts is still to be thought; after that the
		// card is drawn anew anyway.
		return s.done(ctx, nil)
	}
	if k.Card.TS == "" {
		k.Lag = s.Now().Sub(s.u.Since)
	}
	card := s.town.City.named(handoff.NewCard(k, words), k)
	if s.drawn.same(k.ID, card) && k.Card.TS != "" {
		return s.done(ctx, nil)
	}
	box := handoff.Outbox{ID: k.ID + rounded(k.Round), Since: s.u.Since, Doubtful: s.doubtful()}
	spot, err := s.town.Desk.Card(ctx, k.Card, card, box)
	if err != nil {
		return s.deskTrouble(ctx, err, &result{What: resUncarded, Since: s.u.Since})
	}
	s.drawn.set(k.ID, card)
	if k.Card.TS == "" {
		return s.done(ctx, &result{What: resCarded, Spot: spot, Round: k.Round})
	}
	return s.done(ctx, nil)
}

// post puts a message into the case's thread, or redraws one.
func (s *speech) post(ctx context.Context, k handoff.Case, c *Conversation) error {
	p := s.u.Post
	giveUp := &result{What: resUnposted, Post: p, Since: s.u.Since}
	at := handoff.Spot{Channel: k.Card.Channel, Thread: k.Card.TS}
	draw := p.Post
	edit := false
	ids := p.Words
	if len(ids) > 0 {
		if c == nil {
			return s.done(ctx, nil)
		}
		if p.Post.Kind == handoff.PostWords && !p.Edit {
			if ids = c.carried(p.Words[0]); len(ids) == 0 {
				return s.done(ctx, nil) // posted already, or another job carries them
			}
		}
		m := c.find(ids[0])
		if m == nil || p.Edit != (m.Spot.TS != "") {
			// Gone; or posted already; or what came of the first post is still to be
			// thought, which draws it anew.
			return s.done(ctx, nil)
		}
		if !p.Again && c.waits(m) {
			return s.done(ctx, giveUp) // words keep their order
		}
		if p.Edit {
			at, edit = m.Spot, true
		}
		draw.Words = c.texts(ids)
		if m.Staff == "" {
			draw.Text = handoff.Late(c.lag(ids, s.Now()))
		}
		if m.Staff != "" {
			draw.Text = m.Mark // the newest mark
			if m.Picture != "" {
				draw.Text = strings.TrimSpace(draw.Text + "\n" + s.town.City.pictureMark(m))
			}
			if m.Name != "" {
				draw.Button, draw.Version = handoff.TakeBack, k.Version
			}
		}
	}
	switch {
	case p.Board:
		at = handoff.Spot{}
	case p.At.Channel != "":
		at = p.At
	case k.Card.TS == "":
		s.vain.add(s.job.ID)
		return s.later(ctx, 0, giveUp)
	}
	box := handoff.Outbox{ID: k.ID + rounded(k.Round) + "/" + p.Key, Since: s.u.Since, Doubtful: s.doubtful()}
	spot, err := s.town.Desk.Post(ctx, at, draw, box)
	if err != nil {
		return s.deskTrouble(ctx, err, giveUp)
	}
	if p.Board || p.Kept {
		return s.done(ctx, &result{What: resBoarded, Spot: spot})
	}
	if edit || len(p.Words) == 0 {
		return s.done(ctx, nil)
	}
	return s.done(ctx, &result{What: resPosted, Post: p, Spot: spot, Sent: ids})
}

func (s *speech) whisper(ctx context.Context) error {
	w := s.u.Whisper
	if err := s.town.Desk.Whisper(ctx, w.Spot, w.Whisper); err != nil {
		return s.deskTrouble(ctx, err, nil)
	}
	return s.done(ctx, nil)
}

// deskTrouble tries again, or gives up with res.
func (s *speech) deskTrouble(ctx context.Context, err error, res *result) error {
	var de *handoff.DeskError
	if !errors.As(err, &de) {
		de = &handoff.DeskError{Reason: "unknown", Doubtful: true}
	}
	if de.Final {
		s.log.Error("Slack refused", "city", s.job.City, "kind", s.job.Kind, "case", Alias(s.u.Case), "reason", de.Reason)
		s.meter.GivenUp.WithLabelValues(s.job.Kind).Inc()
		return s.done(ctx, res)
	}
	if !de.Doubtful {
		s.vain.add(s.job.ID)
	}
	s.log.Warn("Slack did not take it yet", "city", s.job.City, "kind", s.job.Kind, "case", Alias(s.u.Case), "reason", de.Reason)
	return s.later(ctx, de.After, res)
}

// drawn remembers how cards were drawn last, to leave out what changes nothing.
// It is only a saving: after a restart a card is drawn once more.
type drawn struct {
	mu   sync.Mutex
	sums map[string][32]byte
}

const maxDrawn = 10000

func newDrawn() *drawn { return &drawn{sums: map[string][32]byte{}} }

func sumOf(card handoff.Card) [32]byte {
	b, err := json.Marshal(card)
	if err != nil {
		return [32]byte{}
	}
	return sha256.Sum256(b)
}

func (d *drawn) same(id string, card handoff.Card) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sums[id] == sumOf(card)
}

func (d *drawn) set(id string, card handoff.Card) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sums) >= maxDrawn {
		clear(d.sums)
	}
	d.sums[id] = sumOf(card)
}

// result lets a turn take in what came of speaking.
func (t *turn) result(r result) {
	switch r.What {
	case resCarded:
		if t.k == nil { // forgotten meanwhile
			t.erase = append(t.erase, r.Spot)
			return
		}
		if r.Round != t.k.Round { // handed on while it was on its way
			t.leave(r.Spot, t.k.Field)
			return
		}
		t.k.Card, t.k.Lag = r.Spot, t.now.Sub(t.k.Since())
		t.kDirty, t.card = true, true
		t.repost()
	case resCopied:
		t.copied(r)
	case resUncopied:
		t.timers = append(t.timers, timer{Kind: timerCopy, Due: t.now.Add(again(t.now.Sub(r.Since))), Arg: r.Key, Since: r.Since})
	case resUnpoint:
		if t.now.Sub(r.Since) < giveUpLine {
			t.timers = append(t.timers, timer{Kind: timerPoint, Due: t.now.Add(again(t.now.Sub(r.Since))), Point: r.Point, Since: r.Since})
		}
	case resBoarded:
		if t.k == nil { // forgotten meanwhile
			t.erase = append(t.erase, r.Spot)
		} else {
			t.k.Left = append(t.k.Left, handoff.Pointer{Spot: r.Spot, Notice: true})
			t.kDirty = true
		}
	case resUncarded:
		// A consented case must reach staff: tried again and again, longer and
		// longer apart, and the operator sees it in the log.
		if t.k != nil && t.c.Redraw != t.k.ID {
			t.c.Redraw = t.k.ID
			t.timers = append(t.timers, timer{Kind: timerCard, Due: t.now.Add(again(t.now.Sub(r.Since)))})
		}
	case resPosted:
		t.posted(r)
	case resUnposted:
		t.unposted(r)
	case resUnerased:
		t.unerased(r)
	case resFiled:
		t.filed(r)
	case resFetched:
		t.fetched(r)
	case resGuessed:
		t.opinion(*r.Inquiry, r.Guess)
	case resSaid:
		for _, id := range r.Sent {
			t.sent(id, r.Mark)
		}
	case resUnsaid:
		for _, id := range r.Sent {
			t.sent(id, r.Mark)
		}
		if r.Say != nil {
			for _, w := range r.Say.With {
				t.unsent(w)
			}
			own := *r.Say
			own.With = nil
			t.unsent(own)
		}
	}
}

// unsent keeps a speech for the next reply, and for a push later on. Of questions
// only the newest is kept.
func (t *turn) unsent(s Speech) {
	c := t.c
	if t.lost || c.Blocked {
		return
	}
	if s.Kind == SpeechQuestion {
		if s.Step < c.Step {
			return
		}
		c.Unsent = slices.DeleteFunc(c.Unsent, func(o Speech) bool { return o.Kind == SpeechQuestion })
	}
	if len(c.Unsent) >= maxUnsent {
		for _, id := range s.Messages {
			t.sent(id, handoff.MarkFailed+"（エラー）")
		}
		t.fact("unsaid")
		return
	}
	if len(c.Unsent) == 0 {
		t.timers = append(t.timers, timer{Kind: timerSay, Due: t.now.Add(again(t.now.Sub(s.Made)))})
	}
	c.Unsent = append(c.Unsent, s)
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

// Kinds of timers that repeat what could not be delivered.
const (
	timerCard = "card"
	timerPost = "post"
	timerSay  = "say"
	// timerErase repeats a deletion, timerExpire wipes a closed case, timerWipe the
	// words of a resident who blocked the account.
	timerErase  = "erase"
	timerExpire = "expire"
	timerWipe   = "wipe"
	// timerSecond answers when the second opinion has not come.
	timerSecond = "second"
	// timerCopy posts a companion again, timerPoint marks a place again that a card
	// has left, timerWatch reminds.
	timerCopy  = "copy"
	timerPoint = "point"
	timerWatch = "watch"
	// timerFile shows a picture or file again, timerWay tells that it is on its way.
	timerFile = "file"
	timerWay  = "way"
	// timerFetch fetches a picture that staff sent again.
	timerFetch = "fetch"
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
	case timerExpire:
		t.expire()
	case timerWipe:
		t.wipeBlocked(x.Since)
	case timerSecond:
		t.waited(x.Arg)
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
