package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"tsunagu/handoff"
)

// card draws the newest state of a case: jobs say that, never what.
func (s *speech) card(ctx context.Context, k handoff.Case, c *Conversation) error {
	var words []string
	if c != nil {
		words = c.texts(k.Sheet.Words)
	}
	if k.Card.TS == "" && !s.u.New || k.Round != s.u.Round {
		// It was handed on meanwhile; or what came of the job that posts is still to
		// be thought, which draws the card anew.
		return s.done(ctx, nil)
	}
	if k.Card.TS == "" {
		k.Lag = s.Now().Sub(s.u.Since)
	}
	card := s.town.City.named(handoff.NewCard(k, words), k)
	if s.drawn.same(k.ID, card) && k.Card.TS != "" {
		return s.done(ctx, nil)
	}
	box := handoff.Outbox{ID: cardBox(&k, k.Round), Since: s.u.Since, Doubtful: s.doubtful()}
	spot, err := s.town.Desk.Card(ctx, k.Card, card, box)
	if err != nil {
		return s.deskTrouble(ctx, err, &result{What: resUncarded, Since: s.u.Since})
	}
	s.drawn.set(k.ID, card)
	if k.Card.TS == "" {
		return s.done(ctx, &result{What: resCarded, Spot: spot, Round: k.Round, Seek: twins(spot, box)})
	}
	return s.done(ctx, nil)
}

// post puts a message into the case's thread, or redraws one.
func (s *speech) post(ctx context.Context, k handoff.Case, c *Conversation) error {
	p := s.u.Post
	giveUp := &result{What: resUnposted, Post: p, Since: s.u.Since}
	at := handoff.Spot{Channel: k.Card.Channel, Thread: k.Card.TS}
	draw := p.Post
	ids, first := s.shows(c)
	switch {
	case len(p.Words) == 0:
	case first == nil:
		return s.done(ctx, nil)
	case !p.Again && c.waits(first):
		return s.done(ctx, giveUp) // words keep their order
	case !p.Edit && first.Staff == "" && first.Media == "" && c.outrun(first, s.Now()):
		s.vain.add(s.job.ID) // a picture comes first
		return s.store.Retry(ctx, s.job.token, s.job.ID, s.Now().Add(inTurnLook))
	default:
		s.fillPost(&draw, k, c, ids, first)
		if p.Edit {
			at = first.Spot
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
	box := handoff.Outbox{ID: boxOf(k, p.Key), Since: s.u.Since, Doubtful: s.doubtful()}
	spot, err := s.town.Desk.Post(ctx, at, draw, box)
	switch {
	case err != nil:
		return s.deskTrouble(ctx, err, giveUp)
	case p.Board || p.Kept:
		return s.done(ctx, &result{What: resBoarded, Spot: spot})
	case p.Edit || len(p.Words) == 0:
		return s.done(ctx, nil)
	}
	return s.done(ctx, &result{What: resPosted, Post: p, Spot: spot, Sent: ids})
}

// shows are the messages that a post shows, and the first of them; nil when they are
// gone or posted already, when another job carries them, or when what came of the
// first post is still to be thought, which draws it anew.
func (s *speech) shows(c *Conversation) (ids []string, first *Message) {
	p := s.u.Post
	if c == nil || len(p.Words) == 0 {
		return nil, nil
	}
	ids = p.Words
	if p.Post.Kind == handoff.PostWords && !p.Edit {
		ids = c.carried(p.Words[0])
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if m := c.find(ids[0]); m != nil && p.Edit == (m.Spot.TS != "") {
		return ids, m
	}
	return nil, nil
}

// fillPost fills a post with the words of its messages, and what is said beside them.
func (s *speech) fillPost(draw *handoff.Post, k handoff.Case, c *Conversation, ids []string, first *Message) {
	draw.Words = c.texts(ids)
	if first.Staff == "" {
		draw.Mention = s.town.City.calls(k, c, ids)
		draw.Text = strings.TrimSpace(c.written(ids) + "　" + handoff.Late(c.lag(ids, s.Now())))
		return
	}
	draw.Text = strings.TrimSpace(c.written(ids) + "　" + first.Mark) // the newest mark
	if first.Picture != "" {
		draw.Text = strings.TrimSpace(draw.Text + "\n" + s.town.City.pictureMark(first))
	}
	if first.Name != "" {
		draw.Button, draw.Version = handoff.TakeBack, k.Version
	}
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
