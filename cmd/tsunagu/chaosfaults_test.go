//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// trouble is one way in which things go wrong for a while.
type trouble struct {
	name string
	// repeats is true when a call to LINE that was under way may come twice.
	repeats bool
	do      func(ctx context.Context)
}

// upset is when a trouble was, for telling what may have come of it.
type upset struct {
	name     string
	from, to time.Time
	repeats  bool
}

// deck deals every trouble once before any comes again.
type deck struct {
	r     *rand.Rand
	all   []trouble
	left  []int
	dealt int
}

func (d *deck) deal() trouble {
	if len(d.left) == 0 {
		d.left = d.r.Perm(len(d.all))
	}
	x := d.all[d.left[0]]
	d.left = d.left[1:]
	d.dealt++
	return x
}

// strike lets trouble after trouble happen for as long as was asked, and until
// each was dealt, with at least half of the rest between two.
func (c *chaos) strike(ctx context.Context, d *deck, long, rest time.Duration) {
	end := time.Now().Add(long)
	for (time.Now().Before(end) || d.dealt < len(d.all)) && pause(ctx, within(d.r, rest)) {
		x := d.deal()
		u := upset{name: x.name, from: time.Now(), repeats: x.repeats}
		x.do(ctx)
		u.to = time.Now()
		c.mu.Lock()
		c.upsets = append(c.upsets, u)
		c.mu.Unlock()
	}
}

// within is a random part of d, at least half.
func within(r *rand.Rand, d time.Duration) time.Duration {
	return d/2 + time.Duration(r.Int64N(int64(d/2)))
}

// machines are the troubles of the program and its store.
func (c *chaos) machines(r *rand.Rand) *deck {
	d := &deck{r: r}
	add := func(name string, repeats bool, do func(ctx context.Context)) {
		d.all = append(d.all, trouble{name, repeats, do})
	}
	ready := func(ctx context.Context, s *service) { s.await(ctx, startTime) }
	add("serve killed with -9", true, func(ctx context.Context) {
		s := c.replicas[r.IntN(len(c.replicas))]
		s.signal(syscall.SIGKILL)
		ready(ctx, s)
	})
	if c.disk != "" && c.full {
		add("disk full", true, func(ctx context.Context) {
			c.fill()
			pause(ctx, within(r, 4*time.Second))
			if err := resize(c.disk, roomy); err != nil {
				c.note("the disk stays full: " + err.Error())
			}
			c.calm(ctx)
		})
	}
	if c.standby != nil {
		takesOver := func(away, back func(*service)) func(context.Context) {
			return func(ctx context.Context) {
				if !c.standby.failover(ctx, away, back) && ctx.Err() == nil {
					c.note("no replica took the master's place")
				}
				c.calm(ctx)
			}
		}
		add("Redis killed, its replica takes over", true, takesOver(killed, revived))
		add("Redis stopped, its replica takes over", true, takesOver(frozen, thawed))
		return d
	}
	if c.redis == nil {
		return d
	}
	add("Redis killed with -9", true, func(ctx context.Context) {
		c.redis.signal(syscall.SIGKILL)
		c.calm(ctx)
	})
	to, next := binary, cmp.Or(*chaosOld, binary) // an update, then the way back
	add("rolling restart (SIGTERM)", false, func(ctx context.Context) {
		for _, s := range c.replicas {
			s.runs(to)
			s.signal(syscall.SIGTERM)
			ready(ctx, s)
		}
		to, next = next, to
	})
	if c.long {
		add("serve stopped 17 s, then continued", true, func(ctx context.Context) {
			s := c.replicas[r.IntN(len(c.replicas))]
			s.signal(syscall.SIGSTOP)
			pause(ctx, 17*time.Second)
			s.signal(syscall.SIGCONT)
			pause(ctx, time.Second)
		})
	}
	return d
}

// fill leaves the store's disk no more than one page.
func (c *chaos) fill() {
	for range 50 {
		n, err := used(c.disk)
		if err == nil && resize(c.disk, fmt.Sprint((n>>10)+4, "k")) == nil {
			return
		}
	}
	c.note("the disk could not be filled")
}

// calm waits until every serve has its store again.
func (c *chaos) calm(ctx context.Context) {
	if c.redis != nil {
		c.redis.await(ctx, startTime)
	}
	if c.standby != nil {
		for _, s := range c.standby.servers {
			s.await(ctx, startTime)
		}
	}
	for _, s := range c.replicas {
		s.await(ctx, startTime)
	}
}

// lines are the troubles of LINE, each in one city.
func (c *chaos) lines(r *rand.Rand) *deck {
	d := &deck{r: r}
	line := func(name string, f linetest.Fault, long time.Duration) {
		d.all = append(d.all, trouble{"LINE " + name, f.Done || f.Hang, func(ctx context.Context) {
			mend := c.anywhere(r).line.Break(f)
			pause(ctx, within(r, long))
			mend()
		}})
	}
	line("answers 500", linetest.Fault{Status: http.StatusInternalServerError}, 4*time.Second)
	line("answers 429", linetest.Fault{Status: http.StatusTooManyRequests}, 4*time.Second)
	line("cuts the connection", linetest.Fault{}, 3*time.Second)
	line("accepts, then cuts the connection", linetest.Fault{Done: true}, 3*time.Second)
	line("accepts, then answers 500", linetest.Fault{Done: true, Status: http.StatusInternalServerError}, 3*time.Second)
	d.all = append(d.all, trouble{"LINE reports the monthly limit", false, func(ctx context.Context) {
		tn := c.anywhere(r)
		tn.line.SetMonthlyLimit(200, 200)
		pause(ctx, within(r, 6*time.Second))
		tn.line.SetMonthlyLimit(0, 0)
	}})
	if c.long {
		line("does not answer for 10 s", linetest.Fault{Hang: true}, 11*time.Second)
	}
	return d
}

// slacks are the troubles of Slack, in all cities.
func (c *chaos) slacks(r *rand.Rand) *deck {
	d := &deck{r: r}
	slack := func(name string, f slacktest.Fault, long time.Duration) {
		d.all = append(d.all, trouble{"Slack " + name, false, func(ctx context.Context) {
			for _, id := range c.cities {
				defer c.towns[id].slack.Break(f)()
			}
			pause(ctx, within(r, long))
		}})
	}
	slack("answers 429 with Retry-After", slacktest.Fault{Kind: slacktest.RateLimited, RetryAfter: 3 * time.Second}, 4*time.Second)
	slack("stores, then loses the answer", slacktest.Fault{Kind: slacktest.LostAnswer}, 8*time.Second)
	slack("stores, then says internal_error", slacktest.Fault{Kind: slacktest.InternalError}, 4*time.Second)
	slack("answers 500", slacktest.Fault{Kind: slacktest.ServerError}, 8*time.Second)
	if c.socket {
		d.all = append(d.all, trouble{"Slack cuts its sockets, or wants new ones", false, func(ctx context.Context) {
			ends := []func(*slacktest.Server){
				(*slacktest.Server).DropSockets,
				func(s *slacktest.Server) { s.RefreshSockets("warning") },
				func(s *slacktest.Server) { s.RefreshSockets("refresh_requested") },
			}
			for range 3 * len(ends) {
				end := ends[r.IntN(len(ends))]
				for _, id := range c.cities {
					end(c.towns[id].slack)
				}
				pause(ctx, within(r, time.Second))
			}
		}})
	}
	if c.long {
		slack("does not answer", slacktest.Fault{Kind: slacktest.Hang}, 10*time.Second)
	}
	return d
}

func (c *chaos) anywhere(r *rand.Rand) *town { return c.towns[c.cities[r.IntN(len(c.cities))]] }

// away is how long Slack is away once in a long run: past the minute after which
// a lane gives up and a timer takes over.
const away = 75 * time.Second

func (c *chaos) slackAway(ctx context.Context, r *rand.Rand, all *sync.WaitGroup) {
	all.Go(func() {
		u := upset{name: "Slack away for 75 s", from: time.Now()}
		back := c.anywhere(r).slack.GoAway()
		pause(ctx, away)
		back()
		u.to = time.Now()
		c.mu.Lock()
		c.upsets = append(c.upsets, u)
		c.mu.Unlock()
	})
}

// mend ends every trouble.
func (c *chaos) mend(ctx context.Context) {
	for _, tn := range c.towns {
		tn.line.Mend()
		tn.line.SetMonthlyLimit(0, 0)
		tn.slack.MendAll()
	}
	if c.full {
		_ = resize(c.disk, roomy)
	}
	for _, s := range c.replicas {
		s.signal(syscall.SIGCONT)
	}
	c.calm(ctx)
	if c.standby != nil && !poll(ctx, c.standby.whole) {
		c.note("the old master does not follow the new one")
	}
}

// cause says what may have let a call to LINE come twice, "" for nothing.
func (c *chaos) cause(at time.Time) string {
	for _, u := range c.upsets {
		if u.repeats && at.After(u.from.Add(-3*time.Second)) && at.Before(u.to.Add(3*time.Second)) {
			return u.name
		}
	}
	return ""
}

// tally counts the upsets by name.
func (c *chaos) tally() (names []string, n map[string]int) {
	n = map[string]int{}
	for _, u := range c.upsets {
		if n[u.name]++; n[u.name] == 1 {
			names = append(names, u.name)
		}
	}
	slices.Sort(names)
	return names, n
}
