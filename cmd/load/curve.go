package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
)

// curve measures each store with more and more conversations in it: what a
// message costs then, how long a start takes until the door is open and until the
// first answer, and how much memory is used.
func (p plan) curve(ctx context.Context, line *platform, r *report) error {
	if len(p.stored) > 0 {
		r.print("\n%-8s %13s %11s %8s %13s  processor ms per 1,000 messages, memory", "stored", "conversations", "door/answer", "msg/s", "reply p50/p99")
	}
	for _, kind := range p.kinds(r) {
		for _, n := range p.stored {
			if err := p.point(ctx, line, r, kind, n); err != nil {
				return fmt.Errorf("%s with %d conversations: %w", kind, n, err)
			}
		}
	}
	return nil
}

// point is one point of the curve.
func (p plan) point(ctx context.Context, line *platform, r *report, kind string, n int) (err error) {
	began := time.Now()
	procs, addr, err := p.serve(ctx, kind, filepath.Join(p.dir, fmt.Sprintf("%s-%d", kind, n)), line.url, func(store string) error {
		defer func() { began = time.Now() }()
		return fill(ctx, store, n)
	})
	defer func() { err = errors.Join(err, endAll(procs)) }()
	if err != nil {
		return err
	}
	took := time.Since(began)
	s := newSubject(kind, line, p.residents, addr, hookPath, procs...)
	if err := s.first(ctx); err != nil {
		return err
	}
	answered := time.Since(began)
	r.add(kind, "warm", s.drive(ctx, p.span/2, 0))
	res := s.drive(ctx, p.span, 0)
	r.add(kind, "stored", res)
	var costs []string
	for i, c := range res.cpu {
		costs = append(costs, fmt.Sprintf("%s %.0f ms, %.0f MiB", c.name, perThousand(c.used, res.turns), procs[i].memory()))
	}
	r.print("%-8s %13d %5.1f/%.1f s %8.0f %13s  %s", kind, n, took.Seconds(), answered.Seconds(), res.rate(), pair(res.waits), strings.Join(costs, "; "))
	return ctx.Err()
}

// What one stored conversation brings along. Nobody opens these bodies: only
// their size counts.
const (
	bodySize   = 1000
	doneOfEach = 2  // IDs of jobs that are done
	timerEach  = 10 // every tenth waits for something
	pageSize   = 1000
)

// fill writes n conversations into a store that nobody serves.
func fill(ctx context.Context, url string, n int) (err error) {
	var s bot.Store
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		s, err = sqlitestore.Open(path, []string{city})
	} else {
		s, err = redisstore.Open(ctx, url, []string{city})
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	body := make([]byte, bodySize)
	src := rand.New(rand.NewPCG(1, 2))
	for i := range body {
		body[i] = byte(src.Uint32())
	}
	now := time.Now()
	for from := 0; from < n; from += pageSize {
		var page bot.Page
		for i := from; i < min(n, from+pageSize); i++ {
			id := fmt.Sprintf("%s/v/%013x%013x", city, src.Uint64()>>12, i)
			seen := now.Add(-time.Duration(src.Int64N(int64(72 * time.Hour))))
			page.Records = append(page.Records, bot.Record{ID: id, City: city, Body: body, Touched: seen, Expires: seen.Add(96 * time.Hour)})
			for k := range doneOfEach {
				page.Done = append(page.Done, bot.Job{ID: fmt.Sprintf("%s/line/01JFILL%x-%d", city, i, k), City: city, Made: seen})
			}
			if i%timerEach == 0 {
				page.Jobs = append(page.Jobs, bot.Job{ID: fmt.Sprintf("%s/line/01JTIMER%x", city, i), City: city, Lane: id + "/think", Kind: "think",
					Due: now.Add(24 * time.Hour), Made: seen, Body: body[:200]})
			}
		}
		if err := s.Fill(ctx, page); err != nil {
			return err
		}
	}
	return nil
}
