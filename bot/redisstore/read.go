package redisstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

// Load implements bot.Store.
func (s *Store) Load(ctx context.Context, id string) (bot.Record, error) {
	if bot.CityOf(id) == "" {
		return bot.Record{}, bot.ErrNotFound
	}
	return s.record(ctx, bot.CityOf(id), id, "")
}

// Find implements bot.Store.
func (s *Store) Find(ctx context.Context, city, key string) (bot.Record, error) {
	return s.record(ctx, city, "", key)
}

func (s *Store) record(ctx context.Context, city, id, key string) (bot.Record, error) {
	v, err := s.run(ctx, s.find, city, id, key)
	if err != nil {
		return bot.Record{}, err
	}
	if row, ok := v.([]any); ok && len(row) == 0 {
		return bot.Record{}, bot.ErrNotFound
	}
	return readRecord(city, v)
}

// readRecord reads what find.lua returns.
func readRecord(city string, row any) (bot.Record, error) {
	r := reply{row: row}
	r.fields(10, 10)
	rec := bot.Record{ID: r.text(0), City: city, State: r.text(3), Field: r.text(4), Owner: r.text(5), Due: r.moment(6),
		Version: int(r.number(7)), Touched: r.moment(8), Expires: r.moment(9)}
	if body := r.text(1); body != "" {
		rec.Body = []byte(body)
	}
	if keys := r.text(2); keys != "" {
		rec.Keys = strings.Split(keys, "\n")
	}
	return rec, r.err
}

func readRecords(city string, rows any) (page []bot.Record, err error) {
	list, ok := rows.([]any)
	if !ok {
		return nil, errReply
	}
	for _, row := range list {
		rec, err := readRecord(city, row)
		if err != nil {
			return nil, err
		}
		page = append(page, rec)
	}
	return page, nil
}

// member is a case in the lists of cases, in the order of Cases.
func member(r bot.Record) string {
	touched, _ := strconv.ParseInt(micros(r.Touched), 10, 64)
	return fmt.Sprintf("%020d,%s", max(touched, 0), r.ID)
}

var cursorForm = regexp.MustCompile(`^\d{20},.+$`)

// Cases implements bot.Store. The cursor is the member of the page's last case.
func (s *Store) Cases(ctx context.Context, city string, q bot.CaseQuery) ([]bot.Record, string, error) {
	if !q.One() {
		return nil, "", errors.New("redisstore: cases: give exactly one of open, unclaimed, owner, field, due")
	}
	if q.Cursor != "" && !cursorForm.MatchString(q.Cursor) {
		return nil, "", errors.New("redisstore: cases: not a cursor of this store")
	}
	var list string
	switch {
	case q.Open:
		list = "open"
	case q.Unclaimed:
		list = "unclaimed"
	case q.Owner != "":
		list = "owner:" + q.Owner
	case q.Field != "":
		list = "field:" + q.Field
	default:
		list = "due"
	}
	limit := q.PageLimit()
	v, err := s.run(ctx, s.cases, city, list, q.Cursor, limit+1, micros(q.DueBefore))
	if err != nil {
		return nil, "", err
	}
	page, err := readRecords(city, v)
	if err != nil {
		return nil, "", err
	}
	if len(page) <= limit {
		return page, "", nil
	}
	page = page[:limit]
	return page, member(page[limit-1]), nil
}

// Facts implements bot.Store.
func (s *Store) Facts(ctx context.Context, city, from, to string) ([]bot.Fact, error) {
	var days []string
	var answers []redis.Cmder
	err := s.on(ctx, prefix(city), func(c redis.UniversalClient) (err error) {
		days, err = c.ZRangeByLex(ctx, prefix(city)+"days", &redis.ZRangeBy{Min: "[" + from, Max: "[" + to}).Result()
		if err != nil {
			return err
		}
		answers, err = c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, day := range days {
				p.HGetAll(ctx, prefix(city)+"fact:"+day)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	var facts []bot.Fact
	for i, a := range answers {
		for name, n := range a.(*redis.StringStringMapCmd).Val() {
			count, err := strconv.Atoi(n)
			if err != nil {
				return nil, errReply
			}
			facts = append(facts, bot.Fact{City: city, Day: days[i], Name: name, N: count})
		}
	}
	slices.SortFunc(facts, func(a, b bot.Fact) int { return strings.Compare(a.Day+"\n"+a.Name, b.Day+"\n"+b.Name) })
	return facts, nil
}

// Waiting implements bot.Store.
func (s *Store) Waiting(ctx context.Context, now time.Time) (n int, oldest time.Time, err error) {
	var answers []redis.Cmder
	err = s.each(ctx, s.cities, func(c redis.UniversalClient, cities []string) error {
		some, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, city := range cities {
				key := prefix(city) + "due"
				p.ZCard(ctx, key)
				p.ZRangeByScoreWithScores(ctx, key, &redis.ZRangeBy{Min: "-inf", Max: micros(now), Count: 1})
			}
			return nil
		})
		if err == nil {
			answers = append(answers, some...)
		}
		return err
	})
	if err != nil {
		return 0, time.Time{}, err
	}
	for _, a := range answers {
		switch a := a.(type) {
		case *redis.IntCmd:
			n += int(a.Val())
		case *redis.ZSliceCmd:
			for _, z := range a.Val() {
				if at := time.UnixMicro(int64(z.Score)).UTC(); oldest.IsZero() || at.Before(oldest) {
					oldest = at
				}
			}
		}
	}
	return n, oldest, nil
}

// Queues implements bot.Store.
func (s *Store) Queues(ctx context.Context, now time.Time) ([]bot.Queue, error) {
	var all []bot.Queue
	for _, city := range s.cities {
		v, err := s.run(ctx, s.queues, city, micros(now), bot.MaxQueue)
		if errors.Is(err, ErrMoving) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows, ok := v.([]any)
		if !ok {
			return nil, errReply
		}
		for _, row := range rows {
			r := reply{row: row}
			r.fields(3, 3)
			q := bot.Queue{Kind: r.text(0), N: int(r.number(1)), Oldest: r.moment(2)}
			if r.err != nil {
				return nil, r.err
			}
			at := slices.IndexFunc(all, func(o bot.Queue) bool { return o.Kind == q.Kind })
			if at < 0 {
				all = append(all, q)
				continue
			}
			all[at].N += q.N
			if q.Oldest.Before(all[at].Oldest) {
				all[at].Oldest = q.Oldest
			}
		}
	}
	slices.SortFunc(all, func(a, b bot.Queue) int { return strings.Compare(a.Kind, b.Kind) })
	return all, nil
}

// Count implements bot.Store.
func (s *Store) Count(ctx context.Context, city, begin string) (int, error) {
	var n int64
	err := s.on(ctx, prefix(city), func(c redis.UniversalClient) (err error) {
		n, err = c.ZLexCount(ctx, prefix(city)+"ids", "["+begin, "["+begin+"\xff").Result()
		return err
	})
	return int(n), err
}

var errReply = errors.New("redisstore: a script gave an answer that is not known")

// reply reads a script's array of strings; the first fault stays in err.
type reply struct {
	row any
	err error
}

// fields expects one of these lengths.
func (r *reply) fields(lengths ...int) {
	row, ok := r.row.([]any)
	if !ok || !slices.Contains(lengths, len(row)) {
		r.row, r.err = []any{}, errReply
	}
}

// job reads eight fields from i on.
func (r *reply) job(city string, i int) bot.Job {
	return bot.Job{ID: r.text(i), City: city, Lane: r.text(i + 1), Kind: r.text(i + 2), Due: r.moment(i + 3), Tries: int(r.number(i + 4)),
		Takes: int(r.number(i + 5)), Made: r.moment(i + 6), Body: []byte(r.text(i + 7))}
}

func (r *reply) text(i int) string {
	row, _ := r.row.([]any)
	if i >= len(row) {
		r.err = errReply
		return ""
	}
	s, ok := row[i].(string)
	if !ok {
		r.err = errReply
	}
	return s
}

func (r *reply) number(i int) int64 {
	n, err := strconv.ParseInt(r.text(i), 10, 64)
	if err != nil {
		r.err = errReply
	}
	return n
}

func (r *reply) moment(i int) time.Time {
	n := r.number(i)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
