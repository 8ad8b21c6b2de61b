package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/storetest"
)

// hold stops the writer until the returned function is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	holding, released := make(chan struct{}), make(chan struct{})
	go s.write(context.Background(), func(*conn) error {
		close(holding)
		<-released
		return nil
	})
	<-holding
	return sync.OnceFunc(func() { close(released) })
}

// on runs f on the writing connection, outside any transaction.
func on(t *testing.T, s *Store, f func(*conn) error) {
	t.Helper()
	if err := s.submit(&call{ctx: t.Context(), alone: true, done: make(chan struct{}), do: f}); err != nil {
		t.Fatal(err)
	}
}

func TestARefusalSpoilsNoOtherOfItsGroup(t *testing.T) {
	synctest.Test(t, aRefusalSpoilsNoOtherOfItsGroup)
}

func aRefusalSpoilsNoOtherOfItsGroup(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	release := hold(t, s)
	defer release()
	lost := make(chan error)
	go func() { lost <- s.Commit(t.Context(), "nobody", bot.Change{Done: "hokuto/j/a"}) }()
	synctest.Wait()
	put := make(chan error)
	go func() { put <- s.Put(t.Context(), job("a", "")) }()
	synctest.Wait()
	release()
	if err := <-lost; err != bot.ErrLeaseLost {
		t.Errorf("refused: %v", err)
	}
	if err := <-put; err != nil {
		t.Errorf("its neighbour: %v", err)
	}
}

func TestNoAnswerBeforeTheGroupIsCommitted(t *testing.T) {
	synctest.Test(t, noAnswerBeforeTheGroupIsCommitted)
}

func noAnswerBeforeTheGroupIsCommitted(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	first := hold(t, s)
	defer first()
	put := make(chan error, 1)
	go func() { put <- s.Put(t.Context(), job("a", "")) }()
	synctest.Wait()
	reached, released := make(chan struct{}), make(chan struct{})
	go s.write(t.Context(), func(*conn) error {
		close(reached)
		<-released
		return nil
	})
	synctest.Wait()
	first()
	<-reached // Put has run, its group is still open
	synctest.Wait()
	if len(put) != 0 {
		t.Error("Put was answered before COMMIT")
	}
	close(released)
	if err := <-put; err != nil {
		t.Error(err)
	}
}

func TestAFullDiskFailsItsGroupAndNoLater(t *testing.T) {
	synctest.Test(t, aFullDiskFailsItsGroupAndNoLater)
}

func aFullDiskFailsItsGroupAndNoLater(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	ctx := t.Context()
	on(t, s, func(c *conn) error {
		var pages int
		if err := c.row("PRAGMA page_count", nil, &pages); err != nil {
			return err
		}
		return c.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2))
	})
	release := hold(t, s)
	defer release()
	answers := make(chan error, 3)
	for i, body := range []string{"small", strings.Repeat("big", 100_000), "small"} {
		go func() { answers <- s.Put(ctx, job(fmt.Sprint(i), body)) }()
		synctest.Wait()
	}
	release()
	for range 3 {
		err := <-answers
		if err == nil || !strings.Contains(err.Error(), "full") {
			t.Errorf("answer %v, want that the disk is full", err)
		}
		if err != nil && strings.Contains(err.Error(), "small") {
			t.Errorf("the error tells of a body: %v", err)
		}
	}
	if n, _, err := s.Waiting(ctx, time.Now()); n != 0 || err != nil {
		t.Errorf("%d jobs were kept (%v)", n, err)
	}
	if err := s.Put(ctx, job("later", strings.Repeat("big", 100_000))); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	var mode, sync string
	on(t, s, func(c *conn) error {
		return errors.Join(c.row("PRAGMA foreign_keys", nil, &mode), c.row("PRAGMA synchronous", nil, &sync))
	})
	if mode != "1" || sync != "2" {
		t.Errorf("the new connection has foreign_keys %s, synchronous %s", mode, sync)
	}
}

func TestACallerDoesNotWaitLongerThanItsContext(t *testing.T) {
	synctest.Test(t, aCallerDoesNotWaitLongerThanItsContext)
}

func aCallerDoesNotWaitLongerThanItsContext(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	release := hold(t, s)
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { waiting <- s.Put(ctx, job("a", "")) }()
	synctest.Wait()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("in the queue: %v", err)
	}
	// The queue is bounded: when it is full, callers wait outside.
	for range queueSize {
		go s.Ping(t.Context())
	}
	synctest.Wait()
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Put(ctx, job("b", "")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("before a full queue: %v", err)
	}
	release()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if n, _, err := s.Waiting(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("%d jobs of callers that had left were put (%v)", n, err)
	}
}

func TestCloseAnswersThoseWhoWait(t *testing.T) { synctest.Test(t, closeAnswersThoseWhoWait) }

func closeAnswersThoseWhoWait(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	release := hold(t, s)
	defer release()
	answers := make(chan error, 20)
	for i := range 20 {
		go func() { answers <- s.Put(t.Context(), job(fmt.Sprint(i), "")) }()
	}
	synctest.Wait()
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	<-s.closing
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	for range 20 {
		if err := <-answers; err != nil && err != errClosed {
			t.Error(err)
		}
	}
}

// TestNoVerbScans asks SQLite how it runs every statement that the verbs have
// used: each must go by an index.
func TestNoVerbScans(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "tsunagu.db"))
	ctx, now := t.Context(), time.Unix(100, 0)
	must := func(err error) {
		t.Helper()
		if err != nil && !errors.Is(err, bot.ErrConflict) {
			t.Fatal(err)
		}
	}
	take := func(token string, now time.Time) {
		t.Helper()
		_, _, err := s.Take(ctx, token, now, time.Minute)
		must(err)
	}
	timer := job("timer", "")
	timer.Due = now.Add(time.Hour)
	held := job("held", "")
	held.Hold = &bot.Hold{Token: "held", Until: now}
	must(s.Put(ctx, held))
	must(s.Commit(ctx, "held", bot.Change{Done: held.ID}))
	must(s.Put(ctx, job("a", ""), job("b", ""), timer))
	take("a", now)
	take("b", now)
	take("idle", now)
	rec := bot.Record{ID: "hokuto/c/1", City: "hokuto", Keys: []string{"k"}}
	other := bot.Record{ID: "hokuto/c/2", City: "hokuto", Keys: []string{"k"}}
	fact := bot.Fact{City: "hokuto", Day: "2026-11-22", Name: "x", N: 1}
	must(s.Commit(ctx, "a", bot.Change{Done: "hokuto/j/a", Records: []bot.Record{rec}, Gone: []string{"hokuto/c/3"}, Facts: []bot.Fact{fact}}))
	must(s.Commit(ctx, "a", bot.Change{Done: "hokuto/j/a"}))
	must(s.Commit(ctx, "b", bot.Change{Done: "hokuto/j/b", Records: []bot.Record{other}}))
	must(s.Commit(ctx, "f", bot.Change{Done: "hokuto/j/f", Fresh: &bot.Fresh{Lane: "f", Made: now, From: rec.ID}}))
	must(s.Retry(ctx, "b", "hokuto/j/b", now.Add(time.Second)))
	take("t", now.Add(time.Minute))
	take("u", now.Add(2*time.Hour))
	_, err := s.Keep(ctx, "n", nil)
	must(err)
	_, err = s.Sweep(ctx, now, now, now)
	must(err)
	_, err = s.Swap(ctx, "x", nil, nil)
	must(err)
	begun := job("begun", "")
	begun.Takes = 1
	must(s.Fill(ctx, bot.Page{Records: []bot.Record{{ID: "hokuto/c/9", City: "hokuto"}}, Jobs: []bot.Job{begun}, Done: []bot.Job{job("d", "")},
		Facts: []bot.Fact{{City: "hokuto", Day: "2026-11-20", Name: "x", N: 1}}}))

	source := declared(t)
	var used []string
	on(t, s, func(c *conn) error { used = slices.Collect(maps.Keys(c.stmts)); return nil })
	used = append(used, reads...)
	for name, query := range source {
		if strings.HasPrefix(name, "dump") || strings.HasPrefix(name, "list") {
			continue // with the readers
		}
		if !slices.Contains(used, query) && name != "voidLeases" { // once, at opening
			t.Errorf("%s was not run by this test", name)
		}
	}
	tables := regexp.MustCompile(`\b(jobs|done|records|keys|facts|kept)\b`)
	for _, query := range used {
		if !tables.MatchString(query) {
			continue
		}
		for _, step := range plan(t, s.db, query) {
			counts := query == countJobs && strings.Contains(step, "COVERING INDEX") // only what waits
			byRow := strings.HasPrefix(step, "SCAN CONSTANT ROW") || strings.HasPrefix(step, "SCAN 2-ROW")
			sorts := strings.Contains(step, "TEMP B-TREE") && query != casesDue // only what is due
			if strings.HasPrefix(step, "SCAN") && !counts && !byRow || sorts {
				t.Errorf("%s\n  %s", query, step)
			}
		}
	}
	next := strings.Join(plan(t, s.db, nextJob), "; ")
	if !strings.Contains(next, "jobs_next") {
		t.Errorf("Take reads by %s", next)
	}
}

// declared is the constant statements of this package, by name, as far as they
// are one literal.
func declared(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range []string{"jobs.go", "store.go", "dump.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?m)^\t(\\w+) *= `((?:INSERT|UPDATE|DELETE|SELECT)[^`]*)`$").FindAllStringSubmatch(string(b), -1) {
			all[m[1]] = m[2]
		}
	}
	if len(all) < 20 {
		t.Fatalf("found only %d statements in the source", len(all))
	}
	return all
}

func plan(t *testing.T, db *sql.DB, query string) (steps []string) {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	for n := len(args); n >= 0; n-- { // as many as the statement has numbers
		if strings.Contains(query, fmt.Sprintf("?%d", n)) {
			args = args[:n]
			break
		}
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

func BenchmarkStore(b *testing.B) {
	// The reference: what one synced append costs on this disk.
	b.Run("append and sync", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "log"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		page := make([]byte, 4096)
		for b.Loop() {
			if _, err := f.Write(page); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("put, take, commit by %d", callers), func(b *testing.B) {
			s := openTest(b, filepath.Join(b.TempDir(), "tsunagu.db"))
			b.ResetTimer()
			storetest.Bench(b, s, callers)
		})
	}
}
