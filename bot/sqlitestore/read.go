package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
)

const (
	recordColumns = `id, city, body, keys, state, field, owner, due, version, touched, expires`
	loadRecord    = `SELECT ` + recordColumns + ` FROM records WHERE id = ?1`
	findRecord    = `SELECT ` + recordColumns + ` FROM records WHERE id = (SELECT record FROM keys WHERE city = ?1 AND key = ?2)`
	casesFrom     = `SELECT ` + recordColumns + ` FROM records INDEXED BY `
	casesPage     = ` AND city = ?1 AND (touched, id) > (?2, ?3) ORDER BY touched, id LIMIT ?4`
	notClosed     = ` WHERE state NOT IN ('', 'closed')`

	casesOpen      = casesFrom + `records_open` + notClosed + casesPage
	casesUnclaimed = casesFrom + `records_unclaimed WHERE state = 'open'` + casesPage
	casesOwner     = casesFrom + `records_owner` + notClosed + ` AND owner = ?5` + casesPage
	casesField     = casesFrom + `records_field` + notClosed + ` AND field = ?5` + casesPage
	casesDue       = casesFrom + `records_due` + notClosed + ` AND due <> 0 AND due < ?5` + casesPage

	factsOfDays  = `SELECT day, name, n FROM facts WHERE city = ?1 AND day >= ?2 AND day <= ?3 ORDER BY day, name`
	countRecords = `SELECT count(*) FROM records WHERE id >= ?1 AND id < ?2`
	countJobs    = `SELECT count(*) FROM jobs`
	dueKinds     = `SELECT kind, due FROM jobs WHERE due <= ?1 ORDER BY due LIMIT ?2`
	oldestDue    = `SELECT due FROM jobs WHERE due <= ?1 ORDER BY due LIMIT 1`
)

var reads = []string{loadRecord, findRecord, casesOpen, casesUnclaimed, casesOwner, casesField, casesDue,
	factsOfDays, countRecords, countJobs, dueKinds, oldestDue, listRecords, dumpKept, dumpJobs, dumpDone, dumpFacts}

// Reader is the part of a store that changes nothing. It reads what is
// committed, also while another process writes.
type Reader struct {
	path   string
	cities []string
	db     *sql.DB
	stmts  map[string]*sql.Stmt
}

// OpenRead opens the file at path for reading and Backup, also while a serve
// has it open; Dump reads the given cities. The file must exist and have a
// schema this program knows.
func OpenRead(path string, cities ...string) (*Reader, error) {
	ok, err := known(path)
	if err == nil && !ok {
		err = errors.New("the file is empty")
	}
	var r *Reader
	if err == nil {
		r, err = newReader(path, cities)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: %s: %w", path, err)
	}
	return r, nil
}

func newReader(path string, cities []string) (*Reader, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	r := &Reader{path: path, cities: slices.Clone(cities), db: db, stmts: map[string]*sql.Stmt{}}
	for _, query := range reads {
		st, err := db.Prepare(query)
		if err != nil {
			db.Close()
			return nil, err
		}
		r.stmts[query] = st
	}
	return r, nil
}

// Close ends the reader.
func (r *Reader) Close() error { return r.db.Close() }

// Load implements bot.Store.
func (r *Reader) Load(ctx context.Context, id string) (bot.Record, error) {
	return r.record(ctx, loadRecord, id)
}

// Find implements bot.Store.
func (r *Reader) Find(ctx context.Context, city, key string) (bot.Record, error) {
	return r.record(ctx, findRecord, city, key)
}

func (r *Reader) record(ctx context.Context, query string, args ...any) (bot.Record, error) {
	rec, err := scanRecord(r.stmts[query].QueryRowContext(ctx, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Record{}, bot.ErrNotFound
	}
	return rec, wrap(ctx, err)
}

func scanRecord(scan func(...any) error) (bot.Record, error) {
	var (
		rec                   bot.Record
		keys                  string
		due, touched, expires int64
	)
	err := scan(&rec.ID, &rec.City, &rec.Body, &keys, &rec.State, &rec.Field, &rec.Owner, &due, &rec.Version,
		&touched, &expires)
	if err != nil {
		return bot.Record{}, err
	}
	rec.Due, rec.Touched, rec.Expires = moment(due), moment(touched), moment(expires)
	return rec, json.Unmarshal([]byte(keys), &rec.Keys)
}

// Cases implements bot.Store. The cursor is the touched time and the ID of the
// last case of the page.
func (r *Reader) Cases(ctx context.Context, city string, q bot.CaseQuery) ([]bot.Record, string, error) {
	if !q.One() {
		return nil, "", errors.New("sqlitestore: cases: give exactly one of open, unclaimed, owner, field, due")
	}
	touched, after, err := parseCursor(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := q.PageLimit()
	args := []any{city, touched, after, limit + 1}
	var query string
	switch {
	case q.Open:
		query = casesOpen
	case q.Unclaimed:
		query = casesUnclaimed
	case q.Owner != "":
		query, args = casesOwner, append(args, q.Owner)
	case q.Field != "":
		query, args = casesField, append(args, q.Field)
	default:
		query, args = casesDue, append(args, micros(q.DueBefore))
	}
	var page []bot.Record
	err = r.rows(ctx, func(scan func(...any) error) error {
		rec, err := scanRecord(scan)
		page = append(page, rec)
		return err
	}, query, args...)
	if err != nil {
		return nil, "", err
	}
	if len(page) <= limit {
		return page, "", nil
	}
	page = page[:limit]
	last := page[limit-1]
	return page, fmt.Sprintf("%d,%s", micros(last.Touched), last.ID), nil
}

func parseCursor(cursor string) (touched int64, id string, err error) {
	if cursor == "" {
		return -1 << 63, "", nil
	}
	t, id, ok := strings.Cut(cursor, ",")
	touched, err = strconv.ParseInt(t, 10, 64)
	if !ok || err != nil {
		return 0, "", errors.New("sqlitestore: cases: not a cursor of this store")
	}
	return touched, id, nil
}

// Facts implements bot.Store.
func (r *Reader) Facts(ctx context.Context, city, from, to string) ([]bot.Fact, error) {
	var facts []bot.Fact
	err := r.rows(ctx, func(scan func(...any) error) error {
		f := bot.Fact{City: city}
		err := scan(&f.Day, &f.Name, &f.N)
		facts = append(facts, f)
		return err
	}, factsOfDays, city, from, to)
	return facts, err
}

// Waiting implements bot.Store.
func (r *Reader) Waiting(ctx context.Context, now time.Time) (int, time.Time, error) {
	var n int
	var due int64
	if err := r.stmts[countJobs].QueryRowContext(ctx).Scan(&n); err != nil {
		return 0, time.Time{}, wrap(ctx, err)
	}
	err := r.stmts[oldestDue].QueryRowContext(ctx, micros(now)).Scan(&due)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, wrap(ctx, err)
	}
	return n, moment(due), nil
}

// Queues implements bot.Store.
func (r *Reader) Queues(ctx context.Context, now time.Time) ([]bot.Queue, error) {
	kinds := map[string]*bot.Queue{}
	err := r.rows(ctx, func(scan func(...any) error) error {
		var kind string
		var due int64
		err := scan(&kind, &due)
		if kinds[kind] == nil {
			kinds[kind] = &bot.Queue{Kind: kind, Oldest: moment(due)}
		}
		kinds[kind].N++
		return err
	}, dueKinds, micros(now), bot.MaxQueue)
	var all []bot.Queue
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, *kinds[kind])
	}
	return all, err
}

// Count implements bot.Store.
func (r *Reader) Count(ctx context.Context, city, prefix string) (int, error) {
	prefix, ok := ofCity(city, prefix)
	if !ok {
		return 0, nil
	}
	low, high := span(prefix)
	var n int
	err := r.stmts[countRecords].QueryRowContext(ctx, low, high).Scan(&n)
	return n, wrap(ctx, err)
}

// Backup writes a copy of the store as of now to file, readable by its owner
// only, while the store goes on. It refuses a file that exists.
func (r *Reader) Backup(ctx context.Context, file string) error {
	// VACUUM INTO takes an empty file for a new one.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("sqlitestore: backup: %w", err)
	}
	defer f.Close()
	err = copyInto(ctx, r.path, file)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = syncDir(filepath.Dir(file))
	}
	if err != nil {
		os.Remove(file)
		return wrap(ctx, fmt.Errorf("backup to %s: %w", file, err))
	}
	return nil
}

// copyInto needs a connection of its own: SQLite counts VACUUM INTO as writing,
// which the others may not.
func copyInto(ctx context.Context, path, file string) error {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?1", file)
	return err
}

// wrap names the package, and prefers the context's own error over that of the
// statement it interrupted.
func wrap(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("sqlitestore: %w", err)
}
