package redisstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
)

// List implements bot.Store.
func (s *Store) List(ctx context.Context, city, begin, after string, limit int) ([]bot.Record, error) {
	low := "[" + begin
	if after >= begin {
		low = "(" + after
	}
	v, err := s.run(ctx, s.list, city, low, "["+begin+"\xff", bot.PageLimit(limit))
	if err != nil {
		return nil, err
	}
	return readRecords(city, v)
}

// Dump implements bot.Store.
func (s *Store) Dump(ctx context.Context, after string, limit int) (bot.Page, string, error) {
	return bot.DumpBy(s.cities, after, limit, func(part bot.Section, city, after string, limit int) (bot.Page, string, error) {
		page, last, n, err := s.section(ctx, part, city, after, limit)
		if err != nil {
			return bot.Page{}, "", err
		}
		if n < limit {
			last = ""
		}
		return page, last, nil
	})
}

// section reads up to limit things from after on: the page, the position of its
// last thing and how many there are.
func (s *Store) section(ctx context.Context, part bot.Section, city, after string, limit int) (page bot.Page, last string, n int, err error) {
	switch part {
	case bot.SectionKept:
		page.Kept, err = s.kept(ctx, after, limit)
		if n = len(page.Kept); n > 0 {
			last = page.Kept[n-1].Name
		}
	case bot.SectionRecords:
		page.Records, err = s.List(ctx, city, city+"/", after, limit)
		if n = len(page.Records); n > 0 {
			last = page.Records[n-1].ID
		}
	case bot.SectionJobs:
		var rows []any
		rows, err = s.rows(ctx, city, "jobs", after, limit)
		for _, row := range rows {
			r := reply{row: row}
			page.Jobs, last = append(page.Jobs, r.job(city, 1)), r.text(0)
			if r.err != nil {
				return page, "", 0, r.err
			}
		}
		n = len(rows)
	case bot.SectionDone:
		var rows []any
		rows, err = s.rows(ctx, city, "done", after, limit)
		for _, row := range rows {
			r := reply{row: row}
			page.Done, last = append(page.Done, bot.Job{ID: r.text(1), City: city, Made: r.moment(0)}), r.text(0)+","+r.text(1)
			if r.err != nil {
				return page, "", 0, r.err
			}
		}
		n = len(rows)
	default:
		page.Facts, err = s.factsFrom(ctx, city, after, limit)
		if n = len(page.Facts); n > 0 {
			last = page.Facts[n-1].Day + "," + page.Facts[n-1].Name
		}
	}
	return page, last, n, err
}

// rows are what dump.lua returns.
func (s *Store) rows(ctx context.Context, city, what, after string, limit int) ([]any, error) {
	v, err := s.run(ctx, s.dump, city, what, after, limit)
	if err != nil {
		return nil, err
	}
	rows, ok := v.([]any)
	if !ok {
		return nil, errReply
	}
	return rows, nil
}

// kept reads all values: there are few.
func (s *Store) kept(ctx context.Context, after string, limit int) (page []bot.Kept, err error) {
	var all map[string]string
	err = s.on(ctx, keptHash, func(c redis.UniversalClient) (err error) {
		all, err = c.HGetAll(ctx, keptHash).Result()
		return err
	})
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name > after && len(page) < limit {
			page = append(page, bot.Kept{Name: name, Value: []byte(all[name])})
		}
	}
	return page, err
}

// factsFrom reads day by day until the page is full.
func (s *Store) factsFrom(ctx context.Context, city, after string, limit int) (page []bot.Fact, err error) {
	day, name, _ := strings.Cut(after, ",")
	var days []string
	err = s.on(ctx, prefix(city), func(c redis.UniversalClient) (err error) {
		days, err = c.ZRangeByLex(ctx, prefix(city)+"days", &redis.ZRangeBy{Min: "[" + day, Max: "+"}).Result()
		return err
	})
	for _, d := range days {
		facts, err := s.Facts(ctx, city, d, d)
		if err != nil {
			return nil, err
		}
		for _, f := range facts {
			if d == day && f.Name <= name {
				continue
			}
			if page = append(page, f); len(page) == limit {
				return page, nil
			}
		}
	}
	return page, err
}

// Fill implements bot.Store.
func (s *Store) Fill(ctx context.Context, page bot.Page) error {
	city, err := page.City()
	if err != nil {
		return fmt.Errorf("redisstore: fill: %w", err)
	}
	if city == "" {
		var args []any
		for _, k := range page.Kept {
			args = append(args, k.Name, k.Value)
		}
		return s.verdict(s.runOn(ctx, s.keep, keptHash, args...))
	}
	if !slices.Contains(s.cities, city) {
		return fmt.Errorf("redisstore: fill: the store was not opened with city %q", city)
	}
	args := []any{len(page.Records)}
	for _, r := range page.Records {
		args = append(args, recordArgs(r)...)
	}
	args = append(args, len(page.Jobs))
	for _, j := range page.Jobs {
		args = append(jobFields(args, j), j.Takes)
	}
	args = append(args, len(page.Done))
	for _, j := range page.Done {
		args = append(args, j.ID, micros(j.Made))
	}
	args = append(args, len(page.Facts))
	for _, f := range page.Facts {
		args = append(args, f.Day, f.Name, f.N)
	}
	return s.verdict(s.run(ctx, s.fill, city, args...))
}

// Swap implements bot.Store.
func (s *Store) Swap(ctx context.Context, id string, old, fresh []byte) (bool, error) {
	type place struct{ key, rest, field string }
	places := []place{{keptHash, "", id}}
	if city := bot.CityOf(id); slices.Contains(s.cities, city) {
		places = append(places, place{prefix(city), "rec:" + id, "body"}, place{prefix(city), "job:" + id, "body"})
	}
	swapped := false
	for _, p := range places {
		v, err := s.runOn(ctx, s.swap, p.key, p.rest, p.field, old, fresh)
		if err != nil {
			return false, err
		}
		swapped = swapped || v == "1"
	}
	return swapped, nil
}
