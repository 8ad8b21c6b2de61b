//go:build unix

package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	chaosSeed  = flag.Uint64("chaos.seed", 1, "what people do and what goes wrong")
	chaosTalks = flag.Int("chaos.conversations", 300, "conversations, as many on each store")
	chaosTime  = flag.Duration("chaos.time", 30*time.Second, "how long things go wrong, and at least until each has")
	chaosStore = flag.String("chaos.store", "sqlite,redis,sentinel", "which stores")
	chaosOld   = flag.String("chaos.old", "", "the program of an earlier release: on Redis, serves of both run side by side, and rolling restarts lead to this one and back")
)

const (
	chaosReplicas = 3
	chaosClerks   = 8 // at work at the same time in a town
	// longRun is from when the slow troubles are dealt, too.
	longRun = time.Minute
	// settleTime is how long what was put off may take once nothing is wrong any
	// more, at most: a lane is given up after a minute, the next round begins a minute
	// later, and a busy machine takes its time besides.
	settleTime = 6 * time.Minute
)

// chaos is a fleet, its people, and what went wrong.
type chaos struct {
	*fleet
	t      *testing.T
	store  string
	cities []string
	full   bool // the disk can be filled up
	long   bool
	socket bool // Slack speaks over Socket Mode
	people []*person
	works  []*work
	done   atomic.Int64
	desks  map[string]*desk

	mu     sync.Mutex
	upsets []upset
	notes  []string
}

func (c *chaos) note(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = append(c.notes, s)
}

// TestChaos lets people talk and work while the program, its store and both
// platforms fail in every way that is known, and looks at the end whether all
// that must hold does. make chaos runs it for minutes. A seed repeats what is
// done and dealt; how it interleaves is the machine's.
func TestChaos(t *testing.T) {
	stores := strings.Split(*chaosStore, ",")
	for _, store := range stores {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			c := newChaos(t, store)
			c.live(*chaosTalks/len(stores), *chaosTime)
			c.check()
		})
	}
}

func newChaos(t *testing.T, store string) *chaos {
	t.Helper()
	c := &chaos{t: t, store: store, long: *chaosTime >= longRun, socket: store != "redis", cities: []string{"hokuto", "nonoichi"}, desks: map[string]*desk{}}
	if c.long {
		c.cities = append(c.cities, "miyoshi")
	}
	n := 0
	old := ""
	if store != "sqlite" {
		n, old = chaosReplicas, *chaosOld
	}
	disk := ""
	if store != "sentinel" { // its two servers would have one disk
		disk = tmpfs(t)
	}
	c.full = disk != ""
	p := plan{cities: c.cities, sentinel: store == "sentinel", socket: c.socket, old: old, now: "2026-11-24T10:00:00+09:00", fields: []string{otherField}, change: "remind: {unclaimed: 10s, mention: 0s, general: 0s, stale: 0s, answer_back: 0s}"}
	c.fleet = newFleet(t, n, disk, p)
	return c
}

// live is the whole run: everybody comes at their own moment of it.
func (c *chaos) live(talks int, long time.Duration) {
	began := time.Now()
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	var people, clerks, troubles sync.WaitGroup
	for i, id := range c.cities {
		c.desks[id] = openDesk(ctx, c.towns[id], chaosClerks, *chaosSeed<<8+uint64(i), &clerks)
	}
	for n := range talks {
		p := &person{n: n, r: rand.New(rand.NewPCG(*chaosSeed, uint64(n))), town: c.towns[c.cities[n%len(c.cities)]], pace: 2 * time.Second, late: 5, twice: 8}
		p.Resident = p.town.line.Resident("")
		c.people = append(c.people, p)
		people.Go(func() {
			defer c.done.Add(1)
			if pause(ctx, time.Duration(p.r.Int64N(int64(long*9/10)))) {
				c.talk(ctx, p)
			}
		})
	}
	troubles.Go(func() { c.strike(ctx, c.machines(rand.New(rand.NewPCG(*chaosSeed, 1<<40))), long, 6*time.Second) })
	troubles.Go(func() { c.strike(ctx, c.lines(rand.New(rand.NewPCG(*chaosSeed, 1<<41))), long, 2*time.Second) })
	troubles.Go(func() { c.strike(ctx, c.slacks(rand.New(rand.NewPCG(*chaosSeed, 1<<43))), long, 2*time.Second) })
	if c.long {
		c.slackAway(ctx, rand.New(rand.NewPCG(*chaosSeed, 1<<42)), &troubles)
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for pause(ctx, 10*time.Second) {
			c.progress(began)
		}
	}()
	troubles.Wait()
	c.mend(ctx)
	c.say("nothing is wrong any more after %v", time.Since(began).Round(time.Second))
	time.AfterFunc(settleTime, cancel)
	people.Wait()
	for _, d := range c.desks {
		close(d.todo)
	}
	clerks.Wait()
	// What was given up for a while waits for a timer, which is not due yet.
	still := poll(ctx, func() bool {
		return c.quiet() && len(c.words().broken)+len(c.oneCard().broken)+len(c.takenBack().broken) == 0
	})
	cancel()
	<-told
	if !still {
		c.note("something still waits at the end")
	}
	c.say("all was still after %v", time.Since(began).Round(time.Second))
}

// talk is one conversation; some become a case. Slack takes fifty changes of cards
// a minute, which bounds how many a long run may have.
func (c *chaos) talk(ctx context.Context, p *person) {
	few := 5
	if c.long {
		few = 10
	}
	if p.r.IntN(few) > 0 {
		p.guide(ctx)
		return
	}
	receipt, ok := p.consult(ctx)
	if receipt == "" {
		return
	}
	w := &work{person: p, receipt: receipt, claim: p.r.IntN(10) > 0, answer: p.r.IntN(10) < 8, close: p.r.IntN(10) < 6, handon: p.r.IntN(4) == 0}
	if ok && p.r.IntN(7) == 0 {
		// Whatever staff do with the case from now on, the resident hears nothing.
		w.answer = false
		ok = p.blocks(ctx) && c.desks[p.town.id].says(ctx, receipt, "ブロック")
		p.off = time.Now()
	}
	c.mu.Lock()
	c.works = append(c.works, w)
	c.mu.Unlock()
	if ok {
		c.desks[p.town.id].todo <- w
	}
}

// quiet says whether nothing is due and nobody waits, three times in a row.
func (c *chaos) quiet() bool {
	for range 3 {
		for _, s := range c.replicas {
			if age, ok := s.metric("tsunagu_oldest_job_seconds"); !ok || age > 0 {
				return false
			}
		}
		if len(c.sending()) > 0 || !pause(c.t.Context(), 300*time.Millisecond) {
			return false
		}
	}
	return true
}

func (c *chaos) say(format string, a ...any) {
	c.t.Logf("%-6s %s", c.store, fmt.Sprintf(format, a...))
}

func (c *chaos) progress(began time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cards := 0
	for _, d := range c.desks {
		d.mu.Lock()
		cards += len(d.known)
		d.mu.Unlock()
	}
	c.say("%3.0f s: %d of %d conversations over, %d cards, %d troubles", time.Since(began).Seconds(), c.done.Load(), len(c.people), cards, len(c.upsets))
}

// sending are the posts that say that they are still being sent.
func (c *chaos) sending() (out []string) {
	for _, id := range slices.Sorted(slices.Values(c.cities)) {
		tn := c.towns[id]
		for _, m := range tn.posts() {
			if strings.Contains(m.Text+string(m.Blocks), "送信中") {
				out = append(out, id+" "+m.TS)
			}
		}
	}
	return out
}
