package bot

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tsunagu/handoff"
)

// tokenLife is how long a reply token is trusted; LINE says a minute.
const tokenLife = 50 * time.Second

// lateQuestion is from when a question that has a successor is not sent any
// more.
const lateQuestion = 5 * time.Second

// speak does one call outside. It changes nothing; what came of it is put as a
// job that thinks.
func (b *Bot) speak(ctx context.Context, job *task) (next *task, err error) {
	u := job.utterance
	if u == nil {
		u = &utterance{}
		if err := b.keys.open(job.ID, job.Body, u); err != nil {
			return nil, err
		}
	}
	town, ok := b.towns[job.City]
	if !ok {
		return nil, errNoCity
	}
	if !u.whole(job.Kind) {
		return nil, errUnknownKind
	}
	s := speech{Bot: b, town: town, job: job, u: u}
	err = s.speak(ctx)
	return s.next, err
}

// speech is one speak job at work.
type speech struct {
	*Bot
	town Town
	job  *task
	u    *utterance
	next *task // what is left in the same hands
}

func (s *speech) speak(ctx context.Context) error {
	job, u, town := s.job, s.u, s.town
	switch job.Kind {
	case kindLeave:
		return s.leave(ctx)
	case kindSay:
		return s.say(ctx)
	case kindAsk:
		return s.inquire(ctx)
	case kindQuota:
		return s.measure(ctx)
	}
	if job.Kind == kindAlarm {
		return s.alarm(ctx)
	}
	if town.Desk == nil {
		if job.Kind == kindCard && u.New && u.Copy == "" {
			return s.done(ctx, &result{What: resUncarded, Since: u.Since})
		}
		return s.done(ctx, nil)
	}
	select {
	case s.desks <- struct{}{}:
		defer func() { <-s.desks }()
	default:
		// Slack hardly answers: hands must be left for LINE.
		s.vain.add(job.ID)
		return s.store.Retry(ctx, job.token, job.ID, s.Now().Add(time.Second))
	}
	switch job.Kind {
	case kindCard:
		switch {
		case u.Drill != "":
			return s.drillCard(ctx)
		case u.Point != nil:
			return s.told(ctx, s.point)
		case u.Copy != "":
			return s.told(ctx, s.companion)
		}
		return s.told(ctx, s.card)
	case kindPost:
		return s.told(ctx, s.post)
	case kindErase:
		return s.remove(ctx)
	case kindSeek:
		return s.seek(ctx)
	case kindFile:
		return s.told(ctx, s.file)
	case kindPicture:
		return s.told(ctx, s.picture)
	default:
		return s.whisper(ctx)
	}
}

// told does what tells of a case, unless that is gone; of a conversation that is
// gone there is nil.
func (s *speech) told(ctx context.Context, tell func(context.Context, handoff.Case, *Conversation) error) error {
	k, err := s.Case(ctx, s.job.City, s.u.Case)
	if errors.Is(err, ErrNotFound) {
		return s.done(ctx, nil)
	}
	if err != nil {
		return err
	}
	c, err := s.conversation(ctx)
	if err != nil {
		return err
	}
	return tell(ctx, k, c)
}

// doubtful says whether an earlier attempt may have arrived: one that ended
// otherwise than by being put back, or of which this process does not know that it
// came to nothing.
func (s *speech) doubtful() bool {
	return s.u.Again || s.job.Takes > s.job.Tries+1 || s.vain.of(s.job.ID) < s.job.Tries
}

// vain remembers of jobs how many attempts surely came to nothing, so that Slack
// is not searched for what cannot be there: it gives searching less room than
// posting. It is only a saving: after a restart every attempt is doubtful.
type vain struct {
	mu    sync.Mutex
	tries map[string]int
}

const maxVain = 10000

func (v *vain) of(id string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tries[id]
}

func (v *vain) add(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tries == nil || len(v.tries) >= maxVain {
		v.tries = map[string]int{}
	}
	v.tries[id]++
}

// done ends the job; res, when not nil, is thought next.
func (s *speech) done(ctx context.Context, res *result) error {
	// A turn has put what is said.
	ch := Change{Done: s.job.ID, Forget: s.job.Kind == kindSay}
	if res != nil {
		id := s.job.ID + "/r"
		now := s.Now()
		body, err := s.keys.seal(id, thought{Conv: s.u.Conv, Case: s.u.Case, Result: res})
		if err != nil {
			return err
		}
		ch.Put = []Job{{ID: id, City: s.job.City, Lane: s.u.Conv + laneThink, Kind: kindThink, Due: now, Made: now, Body: body}}
	}
	return s.end(ctx, ch)
}

func (s *speech) end(ctx context.Context, ch Change) (err error) {
	if s.job.said != nil {
		s.job.said <- struct{}{}
	}
	s.next, err = s.commit(ctx, s.job, ch)
	return err
}

// later retries within the lane's patience, else gives up with res.
func (s *speech) later(ctx context.Context, after time.Duration, res *result) error {
	wait := max(after, backoff(s.job.Tries))
	if s.Now().Add(wait).Sub(s.job.Made) > holdTime {
		return s.done(ctx, res)
	}
	return s.store.Retry(ctx, s.job.token, s.job.ID, s.Now().Add(wait))
}

// conversation is the conversation as it was thought a moment ago in the same
// hands, else as it is kept; nil when it is gone.
func (s *speech) conversation(ctx context.Context) (*Conversation, error) {
	if s.job.about != nil {
		return s.job.about, nil
	}
	c := &Conversation{}
	r, err := s.store.Load(ctx, s.u.Conv)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return c, s.keys.open(s.u.Conv, r.Body, c)
}

// say speaks to the resident: by reply while the token lives, else by push.
func (s *speech) say(ctx context.Context) error {
	say := s.u.Say
	c, err := s.conversation(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	if c == nil || c.Blocked {
		return s.done(ctx, s.unsaid(handoff.MarkFailed+"（ブロック）", nil))
	}
	var bubbles []Bubble
	for _, w := range say.With {
		bubbles = append(bubbles, s.fill(c, w.Bubbles, now)...)
	}
	old := say.Kind == SpeechQuestion && say.Step < c.Step && (now.Sub(say.Made) > lateQuestion || s.job.Tries > 0)
	if !old {
		bubbles = append(bubbles, s.fill(c, say.Bubbles, now)...)
	}
	bubbles = squeeze(bubbles, callSize)
	if len(bubbles) == 0 {
		return s.done(ctx, s.unsaid(handoff.MarkFailed+"（取り消し）", nil))
	}
	no := s.deliver(ctx, c, bubbles)
	switch {
	case no == nil && len(say.all()) == 0:
		return s.done(ctx, nil)
	case no == nil:
		return s.done(ctx, &result{What: resSaid, Sent: say.all(), Mark: handoff.MarkHanded})
	case no.Trouble == Quota:
		s.log.Warn("LINE's monthly messages are used up", "city", s.job.City, "conversation", Alias(c.ID))
		return s.done(ctx, s.unsaid(handoff.MarkFailed+"（今月の上限）。住民がつぎに書いたときに届けます", say))
	case no.Trouble == Refused:
		s.log.Error("LINE refused a message", "city", s.job.City, "conversation", Alias(c.ID), "status", no.Status, "request", no.Request)
		return s.done(ctx, s.unsaid(handoff.MarkFailed+"（エラー）", nil))
	}
	if s.job.Tries == 0 { // once a message: the numbers count every attempt
		s.log.Warn("LINE did not take it yet", "city", s.job.City, "what", say.Kind, "conversation", Alias(c.ID), "reason", no.Trouble, "status", no.Status)
	}
	return s.later(ctx, no.After, s.unsaid(handoff.MarkSending+"（LINEが応答しません）", say))
}

// deliver replies while the token lives, else pushes; nil when LINE took it.
func (s *speech) deliver(ctx context.Context, c *Conversation, bubbles []Bubble) *SendError {
	if say := s.u.Say; say.Token != "" && s.Now().Sub(say.TokenAt) < tokenLife {
		no := s.tally("reply", s.town.Messenger.Reply(ctx, say.Token, bubbles))
		if no == nil || no.Trouble != TokenDead {
			return no
		}
	}
	return s.tally("push", s.push(ctx, c, bubbles))
}

// tally counts what came of a call to LINE; nil when it took the message.
func (s *speech) tally(how string, err error) (no *SendError) {
	outcome := "ok"
	if err != nil {
		if !errors.As(err, &no) {
			no = &SendError{Trouble: Doubtful}
		}
		outcome = string(no.Trouble)
	}
	s.meter.Sent.WithLabelValues(how, outcome).Inc()
	return no
}

// unsaid is the result for a speech that was not taken; keep is what waits for
// the next reply.
func (s *speech) unsaid(mark string, keep *Speech) *result {
	sent := s.u.Say.all()
	if keep == nil && len(sent) == 0 {
		return nil
	}
	if keep != nil && len(keep.With) == 0 {
		k := *keep
		k.Key = s.key()
		keep = &k
	}
	return &result{What: resUnsaid, Sent: sent, Mark: mark, Say: keep}
}

// key is the push's retry key: the same for whoever runs the job again, and for
// a later round.
func (s *speech) key() string { return orElse(s.u.Say.Key, uuidOf(s.job.ID)) }

// push sends unasked; at night without sound.
func (s *speech) push(ctx context.Context, c *Conversation, bubbles []Bubble) error {
	h := s.Now().Hour()
	return s.town.Messenger.Push(ctx, c.User, s.key(), h >= 21 || h < 7, bubbles)
}

// fill fills {words} and pictures from the conversation. A bubble that lives of what
// is gone is left out.
func (s *speech) fill(c *Conversation, in []Bubble, now time.Time) []Bubble {
	var out []Bubble
	for _, b := range in {
		if b.Picture != "" {
			m := c.find(b.Picture)
			if m == nil || m.Name == "" || !now.Before(m.Ends) || s.public == "" {
				continue
			}
			if n := len(out); n > 0 && len(out[n-1].Words) == 0 && out[n-1].Text != "" {
				out[n-1].Text += "\n\n" + b.Text
			}
			b.Text, b.Image, b.Preview = "", s.address(m.Name, false), s.address(m.Name, true)
		}
		if len(b.Words) > 0 {
			texts := c.texts(b.Words)
			all := strings.Join(texts, "\n")
			if m := c.find(b.Words[0]); len(texts) == 0 || (m != nil && m.Staff != "" && m.Gone) {
				continue
			}
			b.Text = strings.ReplaceAll(b.Text, "{words}", all)
			b.Words = nil
		}
		out = append(out, b)
	}
	return out
}

// uuidOf derives a UUID from a job's ID.
func uuidOf(id string) string {
	h := sha1.Sum([]byte("tsunagu push " + id))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func (s *speech) leave(ctx context.Context) error {
	if err := s.town.Messenger.Leave(ctx, s.u.Room, s.u.Group); err != nil {
		return s.later(ctx, 0, nil)
	}
	return s.done(ctx, nil)
}
