package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tsunagu/bot"
)

// list is the contract at its plainest: all jobs in the order of Put.
type list struct {
	jobs []*listed
	done map[string]string // ID to the token that committed it
}

type listed struct {
	bot.Job
	begun bool
	token string
	until time.Time // zero: not leased
}

// held is the moment until which nobody may take the job.
func (j *listed) held() time.Time {
	if !j.until.IsZero() {
		return j.until
	}
	return j.Due
}

func (l *list) byID(id string) *listed {
	for _, j := range l.jobs {
		if j.ID == id {
			return j
		}
	}
	return nil
}

func (l *list) put(j bot.Job) {
	if _, done := l.done[j.ID]; !done && l.byID(j.ID) == nil {
		l.jobs = append(l.jobs, &listed{Job: j})
	}
}

// first is the job whose turn it is in a lane: the begun one, otherwise the
// first that is no sleeping timer.
func (l *list) first(lane string, now time.Time) *listed {
	var first *listed
	for _, j := range l.jobs {
		if j.Lane != lane {
			continue
		}
		if j.begun {
			return j
		}
		if first == nil && !j.Due.After(now) {
			first = j
		}
	}
	return first
}

func (l *list) take(token string, now time.Time) (*listed, time.Time) {
	for _, j := range l.jobs {
		if j.token == token && !j.until.IsZero() {
			j.until = now.Add(lease)
			return j, time.Time{}
		}
	}
	var next time.Time
	for _, j := range l.jobs {
		first := l.first(j.Lane, now)
		if first == j && !j.held().After(now) {
			j.begun, j.token, j.until = true, token, now.Add(lease)
			j.Takes++
			return j, time.Time{}
		}
		// Either the job whose turn it is, or a timer in a free lane.
		if at := j.held(); (first == j || first == nil) && at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return nil, next
}

func (l *list) holds(token, id string) *listed {
	if j := l.byID(id); j != nil && j.token == token && !j.until.IsZero() {
		return j
	}
	return nil
}

func (l *list) commit(token, id string) error {
	if by, ok := l.done[id]; ok && by == token {
		return nil
	}
	j := l.holds(token, id)
	if j == nil {
		return bot.ErrLeaseLost
	}
	l.done[id] = token
	l.jobs = slices.DeleteFunc(l.jobs, func(o *listed) bool { return o == j })
	return nil
}

func (l *list) retry(token, id string, due time.Time) error {
	j := l.holds(token, id)
	if j == nil {
		if j := l.byID(id); j != nil && j.token == token && j.begun {
			return nil
		}
		return bot.ErrLeaseLost
	}
	j.Tries, j.Due, j.until = j.Tries+1, due, time.Time{}
	return nil
}

// walk does random verbs on the store and on the list, and compares every
// answer. The seeds are fixed, so that a fault is found again.
func walk(p *probe) {
	for seed := range uint64(4) {
		p.use()
		p.walk(rand.New(rand.NewPCG(seed, 7)))
		if p.Failed() {
			p.Fatalf("seed %d", seed)
		}
	}
}

func (p *probe) walk(r *rand.Rand) {
	l := &list{done: map[string]string{}}
	now := start
	type grip struct{ token, id string }
	var grips []grip
	any := func() grip {
		if len(grips) == 0 {
			return grip{"nobody", "hokuto/j/0"}
		}
		return grips[max(0, len(grips)-1-r.IntN(6))]
	}
	for step := range 250 {
		switch n := r.IntN(20); {
		case n < 6:
			j := job(fmt.Sprint(r.IntN(150)), fmt.Sprint("lane", r.IntN(3)))
			j.Made, j.Due = now, now
			if r.IntN(3) == 0 {
				j.Due = now.Add(time.Duration(1+r.IntN(30)) * time.Second)
			}
			l.put(j)
			p.put(j)
		case n < 12:
			token := fmt.Sprint("t", step)
			if r.IntN(4) == 0 {
				token = any().token
			}
			want, wantNext := l.take(token, now)
			got, next, err := p.s.Take(p.ctx, token, now, lease)
			p.must(err)
			if (got == nil) != (want == nil) || got != nil && (got.ID != want.ID || got.Tries != want.Tries || got.Takes != want.Takes) || !next.Equal(wantNext) {
				p.Fatalf("step %d: Take gives %v next %v, the list %v next %v", step, got, next, want, wantNext)
			}
			if got != nil {
				grips = append(grips, grip{token, got.ID})
			}
		case n < 16:
			g := any()
			p.agree(step, "Commit", p.s.Commit(p.ctx, g.token, bot.Change{Done: g.id}), l.commit(g.token, g.id))
		case n < 18:
			g := any()
			due := now.Add(time.Duration(r.IntN(40)) * time.Second)
			p.agree(step, "Retry", p.s.Retry(p.ctx, g.token, g.id, due), l.retry(g.token, g.id, due))
		default:
			now = now.Add(time.Duration(r.IntN(12000)) * time.Millisecond)
		}
		if n, _, err := p.s.Waiting(p.ctx, now); err != nil || n != len(l.jobs) {
			p.Fatalf("step %d: %d jobs wait (%v), the list has %d", step, n, err, len(l.jobs))
		}
	}
}

func (p *probe) agree(step int, verb string, got, want error) {
	p.Helper()
	if want == nil {
		p.must(got)
		return
	}
	if got == nil {
		p.Fatalf("step %d: %s gives nil, the list %v", step, verb, want)
	}
	p.want(got, want)
}
