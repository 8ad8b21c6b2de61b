// Package storetest is the one suite that every bot.Store passes. Each sentence
// of the contract has a test of the same name.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"tsunagu/bot"
)

// Options say what a store can do beyond the contract.
type Options struct {
	// Again opens another handle on the data of s while s stays open; nil for a
	// store that one process opens at a time.
	Again func(t *testing.T, s bot.Store) bot.Store
	// Reopen closes s and opens its data again; nil for a store that forgets.
	Reopen func(t *testing.T, s bot.Store) bot.Store
	// Raw returns everything the store holds of s, as bytes to search; nil where
	// nobody can look.
	Raw func(t *testing.T, s bot.Store) []byte
}

// limit is the deadline of one test; a store that hangs is named by the test.
const limit = 2 * time.Minute

// Run runs the suite. open gives an empty store for the cities and closes it
// when its test ends.
func Run(t *testing.T, open func(t *testing.T, cities ...string) bot.Store, opts Options) {
	for _, tests := range [][]test{putTests, takeTests, commitTests, holdTests, freshTests, recordTests, caseTests, otherTests, dumpTests, crowdTests} {
		for _, tc := range tests {
			t.Run(tc.sentence, func(t *testing.T) {
				watchdog := time.AfterFunc(limit+5*time.Second, func() {
					panic("storetest: hangs: " + tc.sentence)
				})
				defer watchdog.Stop()
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				tc.run(&probe{T: t, ctx: ctx, opts: opts, open: open})
			})
		}
	}
}

type test struct {
	sentence string
	run      func(*probe)
}

// probe is one test's store with verbs that fail the test on an error.
type probe struct {
	*testing.T
	ctx  context.Context
	opts Options
	open func(t *testing.T, cities ...string) bot.Store
	s    bot.Store
	n    int // tokens drawn
}

const city = "hokuto"

// start is the moment most jobs are made.
var start = time.Date(2026, 11, 22, 3, 0, 0, 123000, time.UTC)

const lease = 15 * time.Second

// at is a moment so many seconds after start.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// job is due at start.
func job(id, lane string) bot.Job {
	return bot.Job{ID: city + "/j/" + id, City: city, Lane: lane, Kind: "think", Due: start, Made: start,
		Body: []byte("body of " + id)}
}

// timer is due so many seconds after start.
func timer(id, lane string, seconds int) bot.Job {
	j := job(id, lane)
	j.Due = at(seconds)
	return j
}

func record(id string, keys ...string) bot.Record {
	return bot.Record{ID: city + "/" + id, City: city, Body: []byte("record " + id), Keys: keys, Touched: start}
}

func (p *probe) use(cities ...string) {
	p.Helper()
	if len(cities) == 0 {
		cities = []string{city}
	}
	p.s = p.open(p.T, cities...)
}

func (p *probe) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatalf("unexpected error: %v", err)
	}
}

func (p *probe) put(jobs ...bot.Job) {
	p.Helper()
	p.must(p.s.Put(p.ctx, jobs...))
}

// token is one nobody used before.
func (p *probe) token() string {
	p.n++
	return fmt.Sprintf("token-%d", p.n)
}

// take expects the job of that ID at a moment so many seconds after start, and
// returns its token. An empty ID expects none.
func (p *probe) take(seconds int, id string) string {
	p.Helper()
	token := p.token()
	p.takeAs(token, seconds, id)
	return token
}

func (p *probe) takeAs(token string, seconds int, id string) bot.Job {
	p.Helper()
	j, next, err := p.s.Take(p.ctx, token, at(seconds), lease)
	p.must(err)
	if j == nil {
		if id != "" {
			p.Fatalf("Take at +%ds: no job, want %s", seconds, id)
		}
		return bot.Job{}
	}
	if j.ID != city+"/j/"+id {
		p.Fatalf("Take at +%ds: job %s, want %q", seconds, j.ID, id)
	}
	if !next.IsZero() {
		p.Fatalf("Take at +%ds: next is %v beside a job, want zero", seconds, next)
	}
	return *j
}

// idle expects no job and exactly this next moment, 0 for none.
func (p *probe) idle(seconds, next int) {
	p.Helper()
	j, got, err := p.s.Take(p.ctx, p.token(), at(seconds), lease)
	p.must(err)
	if j != nil {
		p.Fatalf("Take at +%ds: job %s, want none", seconds, j.ID)
	}
	if next == 0 && !got.IsZero() {
		p.Fatalf("Take at +%ds: next at +%v, want none", seconds, got.Sub(start))
	}
	if next != 0 && !got.Equal(at(next)) {
		p.Fatalf("Take at +%ds: next at +%v (%v), want +%ds", seconds, got.Sub(start), got, next)
	}
}

func (p *probe) commit(token, id string, change bot.Change) {
	p.Helper()
	p.must(p.try(token, id, change))
}

func (p *probe) try(token, id string, change bot.Change) error {
	change.Done = city + "/j/" + id
	return p.s.Commit(p.ctx, token, change)
}

// apply commits a change by way of a job of its own.
func (p *probe) apply(change bot.Change) {
	p.Helper()
	p.must(p.tryApply(change))
}

func (p *probe) tryApply(change bot.Change) error {
	p.Helper()
	token := p.token()
	id := "apply-" + token
	p.put(job(id, "lane of "+id))
	p.takeAs(token, 0, id)
	return p.try(token, id, change)
}

func (p *probe) retry(token, id string, due int) {
	p.Helper()
	p.must(p.s.Retry(p.ctx, token, city+"/j/"+id, at(due)))
}

func (p *probe) want(err, want error) {
	p.Helper()
	if !errors.Is(err, want) {
		p.Fatalf("error %v, want %v", err, want)
	}
}

func (p *probe) refused(err error) {
	p.Helper()
	if err == nil {
		p.Fatal("no error, want one")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		p.Fatalf("hangs: %v", err)
	}
}

func (p *probe) has(want bot.Record) {
	p.Helper()
	got, err := p.s.Load(p.ctx, want.ID)
	p.must(err)
	p.same(got, want)
}

func (p *probe) hasNot(id string) {
	p.Helper()
	_, err := p.s.Load(p.ctx, city+"/"+id)
	p.want(err, bot.ErrNotFound)
}

// finds expects the key to lead to the record, or to none when id is empty.
func (p *probe) finds(key, id string) {
	p.Helper()
	got, err := p.s.Find(p.ctx, city, key)
	if id == "" {
		p.want(err, bot.ErrNotFound)
		return
	}
	p.must(err)
	if got.ID != city+"/"+id {
		p.Fatalf("Find %s: %s, want %s", key, got.ID, id)
	}
}

func (p *probe) same(got, want bot.Record) {
	p.Helper()
	if !slices.Equal(got.Keys, want.Keys) || !bytes.Equal(got.Body, want.Body) ||
		!got.Due.Equal(want.Due) || !got.Touched.Equal(want.Touched) || !got.Expires.Equal(want.Expires) {
		p.Fatalf("record\n got %+v\nwant %+v", got, want)
	}
	got.Keys, got.Body, got.Due, got.Touched, got.Expires = want.Keys, want.Body, want.Due, want.Touched, want.Expires
	if !reflect.DeepEqual(got, want) {
		p.Fatalf("record\n got %+v\nwant %+v", got, want)
	}
}

// waits expects so many jobs that are not done.
func (p *probe) waits(n int) {
	p.Helper()
	got, _, err := p.s.Waiting(p.ctx, start)
	p.must(err)
	if got != n {
		p.Fatalf("%d jobs wait, want %d", got, n)
	}
}

// facts expects the counters of all days as "day name n".
func (p *probe) facts(want ...string) {
	p.Helper()
	facts, err := p.s.Facts(p.ctx, city, "0000-01-01", "9999-12-31")
	p.must(err)
	var got []string
	for _, f := range facts {
		got = append(got, fmt.Sprintf("%s %s %d", f.Day, f.Name, f.N))
	}
	if !slices.Equal(got, want) {
		p.Fatalf("facts %q, want %q", got, want)
	}
}
