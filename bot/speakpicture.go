package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"tsunagu/handoff"
)

// picture fetches what staff chose and makes of it what a phone is shown. Its bytes
// go into the result: a think job hangs them, if nothing was taken back meanwhile.
func (s *speech) picture(ctx context.Context, _ handoff.Case, c *Conversation) error {
	var m *Message
	if c != nil {
		m = c.find(s.u.File)
	}
	if m == nil || m.Name != "" || m.Mark != handoff.MarkSending {
		return s.done(ctx, nil) // forgotten, or fetched in another round
	}
	came := &result{What: resFetched, Key: m.ID, Came: cameFailed, Since: s.u.Since}
	if m.Came == cameBack || !s.sendsPictures(s.town.City) || s.job.Takes-s.job.Tries > maxOverrun {
		return s.done(ctx, came)
	}
	select {
	case s.pickers <- struct{}{}:
		defer func() { <-s.pickers }()
	default:
		return s.store.Retry(ctx, s.job.token, s.job.ID, s.Now().Add(time.Second))
	}
	end, _ := ctx.Deadline()
	fetching, cancel := context.WithDeadline(ctx, end.Add(-roomToShow)) // decoding takes its time, too
	defer cancel()
	data, err := s.town.Desk.Fetch(fetching, m.Picture, s.town.City.Pictures.Max)
	var de *handoff.DeskError
	switch {
	case errors.As(err, &de) && de.Final:
		s.log.Warn("a picture of staff's could not be fetched", "city", s.job.City, "case", Alias(s.u.Case), "reason", de.Reason)
		return s.done(ctx, came)
	case err != nil:
		came.Came = cameLate
		return s.deskTrouble(ctx, err, came)
	}
	if came.Full, came.Small, came.Came = forPhone(data); came.Came == cameShown {
		came.Arg = pictureName()
	}
	return s.done(ctx, came)
}

// pictureName draws the secret part of an address: 160 bits.
func pictureName() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // crypto/rand never fails
	return short(b)
}
