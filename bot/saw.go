package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// What staff looked up, and whether the rules changed, stands in the audit trail
// beside what was done with cases.

// didRules is the deed of a start with other files than the last one's.
const didRules = "rules"

// saw writes down that somebody was shown cases: a search each time, a list once a
// day for each case that it showed them.
func (b *Bot) saw(ctx context.Context, city, who, what string, receipts []string) error {
	d := Deed{At: b.Now(), Who: who, What: what}
	if what == "find" {
		d.Receipt = receipts[0]
		return b.deed(ctx, city, "saw/"+b.token(), d)
	}
	if d.Seen = b.shown.fresh(city+"/"+who, d.At, receipts); len(d.Seen) == 0 {
		return nil
	}
	err := b.deed(ctx, city, "saw/"+b.token(), d)
	if err == nil {
		b.shown.add(city+"/"+who, d.At, d.Seen)
	}
	return err
}

// noteRules writes down with which files each city was started.
func (b *Bot) noteRules(ctx context.Context) error {
	var errs []error
	for id, t := range b.towns {
		if t.City.Rules != "" {
			errs = append(errs, b.deed(ctx, id, didRules+"/"+b.token(), Deed{At: b.Now(), Who: byProgram, What: didRules, Note: t.City.Rules}))
		}
	}
	return errors.Join(errs...)
}

// deed stores a deed that belongs to no conversation; name is its own.
func (b *Bot) deed(ctx context.Context, city, name string, d Deed) error {
	id := city + "/" + name
	body, err := b.keys.seal(id, thought{Deed: &d})
	if err != nil {
		return err
	}
	err = b.store.Put(ctx, Job{ID: id, City: city, Lane: city + "/audit" + laneThink, Kind: kindThink, Due: d.At, Made: d.At, Body: body})
	b.nudge(1)
	return err
}

// write keeps such a deed; of a start only that it was with other files.
func (b *Bot) write(ctx context.Context, city *City, job *task, d Deed) (*task, error) {
	ch := Change{Done: job.ID}
	if d.What == didRules {
		last := Record{ID: city.ID + "/rules", City: city.ID, Touched: d.At}
		var known string
		switch r, err := b.store.Load(ctx, last.ID); {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, err
		default:
			if err := b.keys.open(r.ID, r.Body, &known); err != nil {
				return nil, err
			}
		}
		if known == d.Note {
			return b.commit(ctx, job, ch)
		}
		var err error
		if last.Body, err = b.keys.seal(last.ID, d.Note); err != nil {
			return nil, err
		}
		ch.Records = append(ch.Records, last)
	}
	r, err := b.auditRecord(city, job.ID, d)
	if err != nil {
		return nil, err
	}
	ch.Records = append(ch.Records, r)
	return b.commit(ctx, job, ch)
}

// shown remembers which cases somebody's lists showed today. It is only a saving:
// after a restart a case is written down once more.
type shown struct {
	mu  sync.Mutex
	all map[string]dayOfLists
}

type dayOfLists struct {
	day      string
	receipts []string
}

const maxShown = 2000 // people

// fresh are the cases that were not shown to them that day.
func (s *shown) fresh(who string, at time.Time, receipts []string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := s.all[who]
	for _, r := range receipts {
		if !(had.day == at.Format(time.DateOnly) && slices.Contains(had.receipts, r)) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func (s *shown) add(who string, at time.Time, receipts []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= maxShown {
		s.all = map[string]dayOfLists{}
	}
	had := s.all[who]
	if day := at.Format(time.DateOnly); had.day != day {
		had = dayOfLists{day: day}
	}
	had.receipts = append(slices.Clip(had.receipts), receipts...)
	s.all[who] = had
}
