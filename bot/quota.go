package bot

import (
	"context"
	"errors"
	"strconv"
	"time"

	"tsunagu/handoff"
)

// LINE lets an account send so many messages a month unasked. Each city's own
// lane asks every hour how many are left, and tells staff once at each mark.

// quotaMarks are the parts of the month's messages, in percent, at which staff
// are told.
var quotaMarks = []int64{80, 100}

// quotaKeep is how long a month is remembered.
const quotaKeep = 62 * 24 * time.Hour

// Month is what is known of a city's messages in a month.
type Month struct {
	At   time.Time // when LINE was asked last
	Told int64     // the highest mark that staff were told of
	Allowance
}

// quotaStep is the body of a job about a month: what LINE says, or the mark that
// staff were told of.
type quotaStep struct {
	Says *Allowance `json:"s,omitempty"`
	Told int64      `json:"t,omitempty"`
}

func monthID(city string, at time.Time) string { return city + "/q/" + at.In(tokyo).Format("2006-01") }

// Month reads what is known of a city's present month; ErrNotFound until LINE
// was asked.
func (b *Bot) Month(ctx context.Context, city string) (m Month, err error) {
	id := monthID(city, b.Now())
	r, err := b.store.Load(ctx, id)
	if err != nil {
		return m, err
	}
	return m, b.keys.open(id, r.Body, &m)
}

// quotaJob makes a job in the city's own lane for its month.
func (b *Bot) quotaJob(id, city, lane, kind string, body any) (Job, error) {
	sealed, err := b.keys.seal(id, body)
	now := b.Now()
	return Job{ID: id, City: city, Lane: city + "/quota" + lane, Kind: kind, Due: now, Made: now, Body: sealed}, err
}

// PlanQuota lets each city ask once in the present hour; put again it changes
// nothing.
func (b *Bot) PlanQuota(ctx context.Context) error {
	var errs []error
	for city := range b.towns {
		j, err := b.quotaJob(city+"/quota/"+b.Now().Format("2006-01-02T15"), city, laneLine, kindQuota, utterance{Since: b.Now()})
		if err == nil {
			err = b.store.Put(ctx, j)
		}
		errs = append(errs, err)
	}
	b.nudge(len(errs))
	return errors.Join(errs...)
}

// measure asks LINE. When it does not say, the next hour asks again.
func (s *speech) measure(ctx context.Context) error {
	says, err := s.town.Messenger.Quota(ctx)
	if err != nil {
		s.log.Warn("LINE did not say how many messages are left", "city", s.job.City, "error", err)
		return s.done(ctx, nil)
	}
	return s.monthly(ctx, quotaStep{Says: &says})
}

// tellQuota tells all staff, in the default channel.
func (s *speech) tellQuota(ctx context.Context) error {
	says, mark := s.u.Quota.Says, s.u.Quota.Told
	if s.town.Desk == nil {
		return s.done(ctx, nil)
	}
	text := s.town.City.Texts.say(false, "desk.quota"+strconv.FormatInt(mark, 10), "used", strconv.FormatInt(says.Used, 10), "limit", strconv.FormatInt(says.Limit, 10))
	id := monthID(s.job.City, s.u.Since)
	// An earlier hour may have posted it and not have heard so.
	box := handoff.Outbox{ID: id + "/" + strconv.FormatInt(mark, 10), Since: s.u.Since.Add(-24 * time.Hour), Doubtful: true}
	if _, err := s.town.Desk.Post(ctx, handoff.Spot{}, handoff.Post{Kind: handoff.PostNotice, Case: id, Text: text}, box); err != nil {
		return s.deskTrouble(ctx, err, nil)
	}
	return s.monthly(ctx, quotaStep{Told: mark})
}

// monthly ends the job; what it learnt of the month is thought next.
func (s *speech) monthly(ctx context.Context, q quotaStep) error {
	j, err := s.quotaJob(s.job.ID+"/r", s.job.City, laneThink, kindThink, thought{Quota: &q})
	if err != nil {
		return err
	}
	return s.end(ctx, Change{Done: s.job.ID, Put: []Job{j}})
}

// quota takes in what is known of the month.
func (b *Bot) quota(ctx context.Context, city *City, job *task, q *quotaStep) (next *task, err error) {
	m, err := b.Month(ctx, city.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	now := b.Now()
	ch := Change{Done: job.ID}
	m.Told = max(m.Told, q.Told)
	if q.Says != nil {
		m.At, m.Allowance = now, *q.Says
		if mark := m.mark(); mark > m.Told {
			j, err := b.quotaJob(job.ID+"/1", city.ID, laneThread, kindAlarm, utterance{Quota: &quotaStep{Says: q.Says, Told: mark}, Since: now})
			if err != nil {
				return nil, err
			}
			ch.Put = append(ch.Put, j)
		}
	}
	r := Record{ID: monthID(city.ID, now), City: city.ID, Touched: now, Expires: now.Add(quotaKeep)}
	if r.Body, err = b.keys.seal(r.ID, m); err != nil {
		return nil, err
	}
	ch.Records = []Record{r}
	return b.commit(ctx, job, ch)
}

// mark is the highest mark that the month has reached, 0 = none.
func (m *Month) mark() (mark int64) {
	for _, percent := range quotaMarks {
		if m.Limited && m.Used*100 >= m.Limit*percent {
			mark = percent
		}
	}
	return mark
}
