package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// A drill posts a 訓練 card by the way that every card goes, and waits for
// somebody on duty to press its button. It is no case, and nothing counts it.

// drillLate is how long a weekly drill waits in the office's time, drillKeep how
// long a drill is kept.
const (
	drillLate = 4 * time.Hour
	drillKeep = 30 * 24 * time.Hour
)

// DrillState is how far a drill has come.
type DrillState struct {
	Made  time.Time
	To    string       // Slack user ID of the only one who sees it, "" = a card for all
	Shown bool         // Slack took it
	Card  handoff.Spot // where it was posted
	By    string       // Slack user ID of who pressed the button, "" = nobody yet
	At    time.Time    // when
}

// drillStep is the body of a job about a drill.
type drillStep struct {
	ID     string       `json:"i"`
	Do     string       `json:"d"` // begin, carded, click, late
	Weekly bool         `json:"w,omitempty"`
	To     string       `json:"o,omitempty"`
	Spot   handoff.Spot `json:"s"`
	By     string       `json:"b,omitempty"`
}

func drillID(city, name string) string { return city + "/d/" + name }

// drillJob makes a job of a drill's step; lane is what speaks or thinks.
func (b *Bot) drillJob(id, city, lane, kind string, due time.Time, body any) (Job, error) {
	sealed, err := b.keys.seal(id, body)
	return Job{ID: id, City: city, Lane: city + "/drill" + lane, Kind: kind, Due: due, Made: b.Now(), Body: sealed}, err
}

// Drill begins a drill; a running serve of that city posts the card, or shows the
// button to one member of staff alone when to is a Slack user ID.
func (b *Bot) Drill(ctx context.Context, city, to string) (id string, err error) {
	id = drillID(city, b.token())
	j, err := b.drillJob(id+"/begin", city, laneThink, kindThink, b.Now(), thought{Drill: &drillStep{ID: id, Do: "begin", To: to}})
	if err != nil {
		return "", err
	}
	return id, b.store.Put(ctx, j)
}

// Drilled says how far a drill has come; ErrNotFound until serve has begun it.
func (b *Bot) Drilled(ctx context.Context, id string) (s DrillState, err error) {
	r, err := b.store.Load(ctx, id)
	if err != nil {
		return s, err
	}
	return s, b.keys.open(id, r.Body, &s)
}

// PlanDrills puts the next weekly drill of each city that wants one: Monday at
// ten, or when its staff read next. Put again it changes nothing.
func (b *Bot) PlanDrills(ctx context.Context) error {
	var errs []error
	now := b.Now()
	for city, t := range b.towns {
		if !t.City.Drill {
			continue
		}
		due := t.City.drillAt(now)
		if due.Before(now) {
			due = t.City.drillAt(now.AddDate(0, 0, 7))
		}
		year, week := due.ISOWeek()
		id := drillID(city, fmt.Sprintf("%d-W%02d", year, week))
		j, err := b.drillJob(id+"/begin", city, laneThink, kindThink, due, thought{Drill: &drillStep{ID: id, Do: "begin", Weekly: true}})
		if err == nil {
			err = b.store.Put(ctx, j)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// drillAt is when the drill of a moment's week is due.
func (c *City) drillAt(t time.Time) time.Time {
	days := (int(t.Weekday()) + 6) % 7 // since Monday
	monday := time.Date(t.Year(), t.Month(), t.Day()-days, 10, 0, 0, 0, tokyo)
	if at, ok := directory.NextOpen(c.Directory.Calendar.Staff, c.Directory.Calendar, monday); ok && at.Before(monday.AddDate(0, 0, 5)) {
		return at
	}
	return monday
}

// clicked puts the press of a drill's button.
func (b *Bot) clicked(ctx context.Context, a handoff.Action) error {
	if _, err := b.Drilled(ctx, a.Case); err != nil {
		return err
	}
	j, err := b.drillJob(a.City+"/slack/"+a.ID, a.City, laneThink, kindThink, b.Now(), thought{Drill: &drillStep{ID: a.Case, Do: "click", Spot: a.Spot, By: a.By}})
	if err != nil {
		return err
	}
	err = b.store.Put(ctx, j)
	b.nudge(1)
	return err
}

// drill does one step of a drill.
func (b *Bot) drill(ctx context.Context, city *City, job *task, d *drillStep) (*task, error) {
	s, err := b.Drilled(ctx, d.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	known, changed, now := err == nil, false, b.Now()
	ch := Change{Done: job.ID}
	var errs []error
	put := func(j Job, err error) { ch.Put, errs = append(ch.Put, j), append(errs, err) }
	speak := func(kind string, fresh bool) {
		put(b.drillJob(job.ID+"/1", job.City, laneCard, kind, now, utterance{Drill: d.ID, New: fresh, Since: now}))
	}
	switch {
	case d.Do == "begin" && !known:
		s, changed = DrillState{Made: now, To: d.To}, true
		speak(kindCard, true)
		if d.Weekly {
			put(b.drillJob(d.ID+"/late", job.City, laneThink, kindThink, city.later(now, drillLate), thought{Drill: &drillStep{ID: d.ID, Do: "late"}}))
		}
	case d.Do == "carded" && known:
		s.Card, s.Shown, changed = d.Spot, true, true
		if s.By != "" && s.To == "" {
			speak(kindCard, false)
		}
	case d.Do == "click" && known && s.By == "":
		s.By, s.At, changed = d.By, now, true
		if s.Card.TS == "" {
			s.Card = d.Spot
		}
		speak(kindCard, false)
	case d.Do == "late" && known && s.By == "":
		speak(kindAlarm, false)
	}
	if changed {
		r := Record{ID: d.ID, City: job.City, Touched: now, Expires: s.Made.Add(drillKeep)}
		r.Body, err = b.keys.seal(r.ID, s)
		ch.Records, errs = append(ch.Records, r), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return b.commit(ctx, job, ch)
}

// drillCard posts or redraws a drill's card.
func (s *speech) drillCard(ctx context.Context) error {
	id := s.u.Drill
	d, err := s.Drilled(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return s.done(ctx, nil)
	}
	if err != nil {
		return err
	}
	if d.To != "" {
		return s.drillAlone(ctx, d)
	}
	card := handoff.Card{Case: id, City: s.job.City, Receipt: "訓練", Title: "確認待ち", Drill: true, Buttons: []handoff.Kind{handoff.Drill},
		Rows: []handoff.Row{{Label: "これは", Text: "訓練です。住民の相談ではありません。「確認」を押してください。"}, {Label: "出した時刻", Text: d.Made.In(tokyo).Format("1月2日 15:04")}}}
	if d.By != "" {
		card.Title, card.Buttons, card.Owner = "確認しました", nil, d.By
		card.Rows[0].Text = "訓練でした。住民の相談ではありません。"
	}
	spot, err := s.town.Desk.Card(ctx, d.Card, card, handoff.Outbox{ID: id, Since: s.u.Since, Doubtful: s.doubtful()})
	if err != nil {
		return s.deskTrouble(ctx, err, nil)
	}
	return s.drilled(ctx, d, spot)
}

// drilled ends the job of a drill that Slack took, and says so the first time.
func (s *speech) drilled(ctx context.Context, d DrillState, at handoff.Spot) error {
	ch := Change{Done: s.job.ID}
	if !d.Shown {
		j, err := s.drillJob(s.job.ID+"/r", s.job.City, laneThink, kindThink, s.Now(), thought{Drill: &drillStep{ID: s.u.Drill, Do: "carded", Spot: at}})
		if err != nil {
			return err
		}
		ch.Put = []Job{j}
	}
	return s.end(ctx, ch)
}

// drillAlone shows a drill to one member of staff, where nobody else sees it.
func (s *speech) drillAlone(ctx context.Context, d DrillState) error {
	w := handoff.Whisper{User: d.To, Text: "訓練です（あなただけに見えています）。住民の相談ではありません。「確認」を押してください。", Button: handoff.Drill, Case: s.u.Drill}
	if d.By != "" {
		w = handoff.Whisper{User: d.By, Text: "「確認」が届きました。カードのボタンは働いています。"}
	}
	if err := s.town.Desk.Whisper(ctx, d.Card, w); err != nil {
		return s.deskTrouble(ctx, err, nil)
	}
	return s.drilled(ctx, d, d.Card)
}

// alarm says that a drill did not come back: in the log, and where all staff see
// it.
func (s *speech) alarm(ctx context.Context) error {
	if s.u.Quota != nil {
		return s.tellQuota(ctx)
	}
	if s.job.Tries == 0 {
		s.log.Error("the weekly drill was not confirmed in time: look whether its card stands in Slack and its button works", "city", s.job.City)
	}
	if s.town.Desk == nil {
		return s.done(ctx, nil)
	}
	p := handoff.Post{Kind: handoff.PostNotice, Case: s.u.Drill, Text: s.town.City.Texts.say(false, "desk.drill"), Mention: "duty"}
	if _, err := s.town.Desk.Post(ctx, handoff.Spot{}, p, handoff.Outbox{ID: s.u.Drill + "/late", Since: s.u.Since, Doubtful: s.doubtful()}); err != nil {
		return s.deskTrouble(ctx, err, nil)
	}
	return s.done(ctx, nil)
}
