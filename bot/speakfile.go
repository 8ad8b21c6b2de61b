package bot

import (
	"context"
	"errors"
	"time"

	"tsunagu/handoff"
)

const (
	// maxPickers is how many pictures and files are in memory at once.
	maxPickers = 2
	// roomToShow and roomToStore are what is left of a job's time after fetching and
	// after showing.
	roomToShow  = 5 * time.Second
	roomToStore = time.Second
	// maxOverrun is how often a job may end without a word, by a crash or because it
	// took too long, until it counts as one that cannot be shown.
	maxOverrun = 3
)

// file shows staff a picture or file of the resident. Its bytes stand in no other
// place than here.
func (s *speech) file(ctx context.Context, k handoff.Case, c *Conversation) error {
	came := func(how cameOf, at handoff.Spot) *result {
		return &result{What: resFiled, Key: s.u.File, Came: how, Spot: at, Round: s.u.Round, Since: s.u.Since}
	}
	var m *Message
	if c != nil {
		m = c.find(s.u.File)
	}
	switch {
	case m != nil && m.File.File != "":
		return s.done(ctx, nil) // another round was faster
	case k.Card.TS == "" && k.Round == s.u.Round:
		s.vain.add(s.job.ID)
		return s.later(ctx, 0, came(cameLate, handoff.Spot{}))
	case k.Round != s.u.Round:
		return s.done(ctx, nil) // handed on: it is shown there
	}
	stem := k.Receipt
	if m != nil {
		stem = fileStem(k.Receipt, m.Nr)
	}
	end, _ := ctx.Deadline()
	at := handoff.Spot{Channel: k.Card.Channel, Thread: k.Card.TS}
	if m != nil && s.doubtful() {
		showing, cancel := context.WithDeadline(ctx, end.Add(-roomToShow-roomToStore))
		defer cancel()
		spot, err := s.town.Desk.FindFile(showing, at, stem, s.u.Since)
		if err != nil {
			return s.deskTrouble(ctx, err, came(cameLate, handoff.Spot{}))
		}
		if spot.File != "" {
			return s.done(ctx, came(cameShown, spot)) // a think job deletes it, if it was taken back
		}
	}
	if m == nil || m.Gone {
		return s.done(ctx, nil)
	}
	limits := s.town.City.Attachments
	if !limits.takes(m.Media) { // turned off meanwhile
		return s.done(ctx, came(cameKind, handoff.Spot{}))
	}
	if s.job.Takes-s.job.Tries > maxOverrun {
		return s.done(ctx, came(cameFailed, handoff.Spot{}))
	}
	select {
	case s.pickers <- struct{}{}:
		defer func() { <-s.pickers }()
	default:
		s.vain.add(s.job.ID)
		return s.store.Retry(ctx, s.job.token, s.job.ID, s.Now().Add(time.Second))
	}
	fetching, cancel := context.WithDeadline(ctx, end.Add(-roomToShow))
	defer cancel()
	data, err := s.town.Messenger.Fetch(fetching, m.ID, limits.Max)
	if err != nil {
		return s.fetchTrouble(ctx, err, came)
	}
	ext, data, how := clean(data, limits.Kinds)
	if how != cameShown {
		return s.done(ctx, came(how, handoff.Spot{}))
	}
	showing, cancel := context.WithDeadline(ctx, end.Add(-roomToStore))
	defer cancel()
	spot, err := s.town.Desk.File(showing, at, handoff.File{Stem: stem, Ext: ext, Data: data})
	if err != nil {
		return s.deskTrouble(ctx, err, came(cameLate, handoff.Spot{}))
	}
	return s.done(ctx, came(cameShown, spot))
}

// fetchTrouble says what came of a picture or file that LINE did not give.
func (s *speech) fetchTrouble(ctx context.Context, err error, came func(cameOf, handoff.Spot) *result) error {
	var se *SendError
	if !errors.As(err, &se) {
		se = &SendError{Trouble: Busy}
	}
	s.vain.add(s.job.ID) // nothing was shown
	switch se.Trouble {
	case Gone:
		return s.done(ctx, came(cameFailed, handoff.Spot{}))
	case TooBig:
		return s.done(ctx, came(cameBig, handoff.Spot{}))
	case Refused:
		s.log.Error("LINE refused a picture or file", "city", s.job.City, "case", Alias(s.u.Case), "status", se.Status, "request", se.Request)
		return s.done(ctx, came(cameFailed, handoff.Spot{}))
	}
	return s.later(ctx, se.After, came(cameLate, handoff.Spot{}))
}
