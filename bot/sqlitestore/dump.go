package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tsunagu/bot"
)

const (
	listRecords = `SELECT ` + recordColumns + ` FROM records WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3`
	dumpKept    = `SELECT name, value FROM kept WHERE name > ?1 ORDER BY name LIMIT ?2`
	// The plus keeps SQLite from sorting a whole city by an index that begins with it.
	dumpJobs = `SELECT ` + jobColumns + ` FROM jobs WHERE +city = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3`
	dumpDone = `SELECT id, made FROM done INDEXED BY done_made
		WHERE (made, id) > (?1, ?2) AND +id >= ?3 AND +id < ?4 ORDER BY made, id LIMIT ?5`
	dumpFacts = `SELECT day, name, n FROM facts WHERE city = ?1 AND (day, name) > (?2, ?3) ORDER BY day, name LIMIT ?4`

	fillRecord = `INSERT INTO records (id, city, body, keys, state, field, owner, due, version, touched, expires)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING`
	// A job that was taken sleeps until it is due and holds its lane.
	fillBegun = `INSERT INTO jobs (id, city, lane, kind, due, tries, takes, made, body, at, state, begun)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?5, 2, 1) ON CONFLICT DO NOTHING`
	fillDone = `INSERT INTO done (id, token, made) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`
	fillFact = `INSERT INTO facts (city, day, name, n) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING`

	swapRecord = `UPDATE records SET body = ?3 WHERE id = ?1 AND body = ?2`
	swapJob    = `UPDATE jobs SET body = ?3 WHERE id = ?1 AND body = ?2`
	swapKept   = `UPDATE kept SET value = ?3 WHERE name = ?1 AND value = ?2`
)

// filled stands where the token of a done job would: no caller draws it.
const filled = "filled"

// span is the IDs that begin with prefix: from the first to before the second.
func span(prefix string) (low, high string) {
	end := []byte(prefix)
	end[len(end)-1]++
	return prefix, string(end)
}

// ofCity is prefix narrowed to the IDs of a city; false when it has none there.
func ofCity(city, prefix string) (string, bool) {
	all := city + "/"
	if strings.HasPrefix(all, prefix) {
		return all, true
	}
	return prefix, strings.HasPrefix(prefix, all)
}

// List implements bot.Store.
func (r *Reader) List(ctx context.Context, city, prefix, after string, limit int) ([]bot.Record, error) {
	prefix, ok := ofCity(city, prefix)
	if !ok {
		return nil, ctx.Err()
	}
	low, high := span(prefix)
	if after >= low {
		low = after + "\x00"
	}
	var page []bot.Record
	err := r.rows(ctx, func(scan func(...any) error) error {
		rec, err := scanRecord(scan)
		page = append(page, rec)
		return err
	}, listRecords, low, high, bot.PageLimit(limit))
	return page, err
}

// rows runs a reading statement and calls f for each row.
func (r *Reader) rows(ctx context.Context, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := r.stmts[query].QueryContext(ctx, args...)
	if err != nil {
		return wrap(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return wrap(ctx, err)
		}
	}
	return wrap(ctx, rows.Err())
}

// Dump implements bot.Store.
func (r *Reader) Dump(ctx context.Context, after string, limit int) (bot.Page, string, error) {
	return bot.DumpBy(r.cities, after, limit, func(s bot.Section, city, after string, limit int) (bot.Page, string, error) {
		page, last, n, err := r.section(ctx, s, city, after, limit)
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
func (r *Reader) section(ctx context.Context, s bot.Section, city, after string, limit int) (page bot.Page, last string, n int, err error) {
	switch s {
	case bot.SectionKept:
		err = r.rows(ctx, func(scan func(...any) error) error {
			var k bot.Kept
			err := scan(&k.Name, &k.Value)
			page.Kept, last = append(page.Kept, k), k.Name
			return err
		}, dumpKept, after, limit)
		return page, last, len(page.Kept), err
	case bot.SectionRecords:
		page.Records, err = r.List(ctx, city, city+"/", after, limit)
		if n = len(page.Records); n > 0 {
			last = page.Records[n-1].ID
		}
		return page, last, n, err
	case bot.SectionJobs:
		seq, _ := strconv.ParseInt(after, 10, 64) // "" is the beginning
		err = r.rows(ctx, func(scan func(...any) error) error {
			var j bot.Job
			err := scanJob(scan, &seq, &j)
			page.Jobs, last = append(page.Jobs, j), strconv.FormatInt(seq, 10)
			return err
		}, dumpJobs, city, seq, limit)
		return page, last, len(page.Jobs), err
	case bot.SectionDone:
		head, id, _ := strings.Cut(after, ",")
		made := int64(-1 << 63)
		if after != "" {
			made, _ = strconv.ParseInt(head, 10, 64)
		}
		low, high := span(city + "/")
		err = r.rows(ctx, func(scan func(...any) error) error {
			j := bot.Job{City: city}
			err := scan(&j.ID, &made)
			j.Made = moment(made)
			page.Done, last = append(page.Done, j), fmt.Sprintf("%d,%s", made, j.ID)
			return err
		}, dumpDone, made, id, low, high, limit)
		return page, last, len(page.Done), err
	default:
		day, name, _ := strings.Cut(after, ",")
		err = r.rows(ctx, func(scan func(...any) error) error {
			f := bot.Fact{City: city}
			err := scan(&f.Day, &f.Name, &f.N)
			page.Facts, last = append(page.Facts, f), f.Day+","+f.Name
			return err
		}, dumpFacts, city, day, name, limit)
		return page, last, len(page.Facts), err
	}
}

// Fill implements bot.Store.
func (s *Store) Fill(ctx context.Context, page bot.Page) error {
	city, err := page.City()
	if err != nil {
		return fmt.Errorf("sqlitestore: fill: %w", err)
	}
	if city != "" && !slices.Contains(s.cities, city) {
		return fmt.Errorf("sqlitestore: fill: the store was not opened with city %q", city)
	}
	return s.submit(&call{ctx: ctx, undo: true, done: make(chan struct{}), do: func(c *conn) error { return fill(c, page) }})
}

// fill inserts; a row that was not inserted is one that stands already.
func fill(c *conn, page bot.Page) error {
	insert := func(query string, args ...any) error {
		n, err := c.count(query, args...)
		if err == nil && n == 0 {
			err = bot.ErrConflict
		}
		return err
	}
	for _, k := range page.Kept {
		if err := insert(keepValue, k.Name, some(k.Value)); err != nil {
			return err
		}
	}
	for _, r := range page.Records {
		if err := writeRecord(c, r, func(args ...any) error { return insert(fillRecord, args...) }); err != nil {
			return err
		}
	}
	for _, j := range page.Jobs {
		var one int
		err := c.row(doneByID, []any{j.ID}, new(string))
		if err == nil {
			return bot.ErrConflict
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if j.Takes > 0 {
			err = c.row(begunInLn, []any{j.City, j.Lane}, &one)
			switch {
			case err == nil:
				return bot.ErrConflict
			case !errors.Is(err, sql.ErrNoRows):
				return err
			}
			err = insert(fillBegun, j.ID, j.City, j.Lane, j.Kind, micros(j.Due), j.Tries, j.Takes, micros(j.Made), j.Body)
		} else {
			err = insert(putJob, j.ID, j.City, j.Lane, j.Kind, micros(j.Due), j.Tries, micros(j.Made), j.Body)
		}
		if err != nil {
			return err
		}
	}
	for _, j := range page.Done {
		if err := insert(fillDone, j.ID, filled, micros(j.Made)); err != nil {
			return err
		}
	}
	for _, f := range page.Facts {
		if err := insert(fillFact, f.City, f.Day, f.Name, f.N); err != nil {
			return err
		}
	}
	return nil
}

// Swap implements bot.Store.
func (s *Store) Swap(ctx context.Context, id string, old, fresh []byte) (swapped bool, err error) {
	err = s.write(ctx, func(c *conn) error {
		swapped = false
		for _, query := range []string{swapRecord, swapJob, swapKept} {
			n, err := c.count(query, id, some(old), some(fresh))
			if err != nil {
				return err
			}
			swapped = swapped || n > 0
		}
		return nil
	})
	return swapped && err == nil, err
}

// some is value, never NULL.
func some(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
