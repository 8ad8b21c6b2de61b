package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tsunagu/bot"
)

var crowdTests = []test{
	{"Each method honours its context", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		_, _, take := p.s.Take(ctx, "t", start, lease)
		_, load := p.s.Load(ctx, "hokuto/v/1")
		_, find := p.s.Find(ctx, city, "k")
		_, _, cases := p.s.Cases(ctx, city, bot.CaseQuery{Open: true})
		_, facts := p.s.Facts(ctx, city, "2026-11-22", "2026-11-22")
		_, keep := p.s.Keep(ctx, "n", []byte("v"))
		_, _, waiting := p.s.Waiting(ctx, start)
		_, queues := p.s.Queues(ctx, start)
		_, count := p.s.Count(ctx, city, "")
		_, sweep := p.s.Sweep(ctx, start, start, start)
		_, list := p.s.List(ctx, city, "", "", 1)
		_, _, dump := p.s.Dump(ctx, "", 1)
		_, swap := p.s.Swap(ctx, "hokuto/v/1", []byte("a"), []byte("b"))
		for verb, err := range map[string]error{
			"List": list, "Dump": dump, "Swap": swap, "Fill": p.s.Fill(ctx, bot.Page{Records: []bot.Record{record("v/1")}}),
			"Put": p.s.Put(ctx, job("b", "l")), "Take": take, "Load": load, "Find": find, "Cases": cases, "Facts": facts,
			"Commit": p.s.Commit(ctx, "t", bot.Change{Done: "hokuto/j/a"}), "Retry": p.s.Retry(ctx, "t", "hokuto/j/a", start),
			"Keep": keep, "Waiting": waiting, "Queues": queues, "Count": count, "Sweep": sweep,
		} {
			if !errors.Is(err, context.Canceled) {
				p.Errorf("%s: %v, want %v", verb, err, context.Canceled)
			}
		}
		p.waits(1)
		p.take(0, "a")
	}},
	{"Verbs called after Close return an error; Close called again returns nil", func(p *probe) {
		p.use()
		p.must(p.s.Close())
		p.must(p.s.Close())
		p.refused(p.s.Put(p.ctx, job("a", "l")))
		_, _, err := p.s.Take(p.ctx, "t", start, lease)
		p.refused(err)
		_, err = p.s.Load(p.ctx, "hokuto/v/1")
		p.refused(err)
	}},
	{"All methods may be called at once by many goroutines: a lane has one runner at a time", func(p *probe) {
		p.use("hokuto", "nonoichi")
		p.compete([]bot.Store{p.s})
	}},
	{"Several handles share one store", func(p *probe) {
		p.use("hokuto", "nonoichi")
		if p.opts.Again == nil {
			return
		}
		other := p.opts.Again(p.T, p.s)
		p.put(job("a", "l"))
		t := p.take(0, "a")
		j, _, err := other.Take(p.ctx, t, start, lease)
		p.must(err)
		if j == nil || j.ID != "hokuto/j/a" {
			p.Fatalf("the same token through another handle: %v", j)
		}
		p.must(other.Commit(p.ctx, t, bot.Change{Done: j.ID}))
		p.commit(t, "a", bot.Change{})
		p.compete([]bot.Store{p.s, other, p.opts.Again(p.T, p.s)})
	}},
	{"A thousand random steps agree with a plain list", walk},
}

const (
	workers = 200
	lanes   = 8
	perLane = 40
)

// compete lets workers take, now and then retry, and commit the jobs of eight
// lanes of two cities, and watches that no lane ever has two runners, that each
// lane runs in order, and that every job is done once.
func (p *probe) compete(stores []bot.Store) {
	p.Helper()
	lane := func(i int) (town, name string) { return []string{"hokuto", "nonoichi"}[i%2], fmt.Sprint("lane", i) }
	for i := range lanes {
		town, name := lane(i)
		for n := range perLane {
			p.must(p.s.Put(p.ctx, bot.Job{ID: fmt.Sprintf("%s/w/%d/%02d", town, i, n), City: town, Lane: name, Due: start, Made: start}))
		}
	}
	var (
		running [lanes]atomic.Int32
		mu      sync.Mutex
		order   [lanes][]string
		left    atomic.Int32
		moved   = make(chan struct{}, workers) // a lane is free: some who found nothing try again
		over    = make(chan struct{})
		wg      sync.WaitGroup
	)
	left.Store(lanes * perLane)
	free := func(done int32) {
		if left.Add(-done) == 0 {
			close(over)
		}
		for range 4 {
			select {
			case moved <- struct{}{}:
			default:
			}
		}
	}
	work := func(w int) error {
		s := stores[w%len(stores)]
		for n := 0; ; n++ {
			token := fmt.Sprintf("w%d-%d", w, n)
			j, _, err := s.Take(p.ctx, token, start, time.Hour)
			if err != nil {
				return err
			}
			if j == nil {
				select {
				case <-moved:
					continue
				case <-over:
					return nil
				case <-p.ctx.Done():
					return p.ctx.Err()
				}
			}
			var i int
			if _, err := fmt.Sscanf(j.Lane, "lane%d", &i); err != nil {
				return err
			}
			if running[i].Add(1) != 1 {
				return fmt.Errorf("two runners in %s at once", j.Lane)
			}
			mu.Lock()
			if j.Tries > 0 || !strings.HasSuffix(j.ID, "0") {
				order[i] = append(order[i], j.ID)
			}
			mu.Unlock()
			running[i].Add(-1)
			if j.Tries == 0 && strings.HasSuffix(j.ID, "0") { // every tenth fails once
				err = s.Retry(p.ctx, token, j.ID, start)
				free(0)
			} else {
				err = s.Commit(p.ctx, token, bot.Change{Done: j.ID, Facts: []bot.Fact{{City: j.City, Day: "2026-11-22", Name: "done", N: 1}}})
				free(1)
			}
			if err != nil {
				return err
			}
		}
	}
	errs := make(chan error, workers)
	for w := range workers {
		wg.Go(func() {
			if err := work(w); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		p.Error(err)
	}
	for i := range lanes {
		if len(order[i]) != perLane {
			p.Errorf("lane %d ran %d jobs, want %d", i, len(order[i]), perLane)
		}
		for n, id := range order[i] {
			if !strings.HasSuffix(id, fmt.Sprintf("/%02d", n)) {
				p.Fatalf("lane %d: job %d was %s", i, n, id)
			}
		}
	}
	p.waits(0)
	p.facts(fmt.Sprintf("2026-11-22 done %d", lanes/2*perLane))
}
