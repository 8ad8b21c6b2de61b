// Package sqlitestore keeps a bot.Store in one SQLite file: the store of a
// municipality that runs one serve on one machine.
//
// One goroutine writes. It puts all calls that wait into one transaction and
// answers them after COMMIT has reached the disk, so that many callers share
// one sync. Readers use connections of their own and never wait for the writer.
package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"tsunagu/bot"
)

const (
	readers    = 4   // connections that read at once
	sweepBatch = 500 // rows that Sweep removes in one transaction
)

var errBad = driver.ErrBadConn

// Store is a bot.Store in one file.
type Store struct {
	*Reader
	writeDB *sql.DB
	lock    *os.File
	turn    atomic.Uint64 // which city Take tries first

	queue   chan *call
	closing chan struct{} // closed by Close
	gone    chan struct{} // closed when the writer has ended
	close   func() error
}

var _ bot.Store = (*Store)(nil)

// ErrLocked: another process has the file open for writing.
var ErrLocked = errors.New("already open in a serve")

// Open opens the file at path, or makes it with mode 0600, for the given
// cities. It fails with ErrLocked when another process has it open for writing
// (path+".lock" is locked then), and when a newer program wrote it. Leases of an
// earlier process are void.
func Open(path string, cities []string) (*Store, error) { return openAs(path, cities, alone) }

// Join opens the file at path for a command beside a running serve: leases stay
// as they are, and the writers of both wait for one another. The file must
// exist. Take is for the serve.
func Join(path string, cities []string) (*Store, error) { return openAs(path, cities, joined) }

type manner bool

const alone, joined manner = false, true

func openAs(path string, cities []string, how manner) (*Store, error) {
	s, err := open(path, cities, how)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: %s: %w", path, err)
	}
	return s, nil
}

func open(path string, cities []string, how manner) (_ *Store, err error) {
	if len(cities) == 0 {
		return nil, errors.New("no cities given")
	}
	for _, c := range cities {
		if c == "" || strings.Contains(c, "/") {
			return nil, fmt.Errorf("city %q: must not be empty or have a slash", c)
		}
	}
	s := &Store{
		queue:   make(chan *call, queueSize),
		closing: make(chan struct{}),
		gone:    make(chan struct{}),
	}
	if how == alone {
		if s.lock, err = lockFile(path + ".lock"); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				s.lock.Close()
			}
		}()
		if err := private(path); err != nil {
			return nil, err
		}
	}
	ok, err := known(path)
	if err != nil {
		return nil, err
	}
	if !ok && how == joined {
		return nil, errors.New("the file is empty")
	}
	s.writeDB, err = sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"secure_delete(1)", "temp_store(MEMORY)"))
	if err != nil {
		return nil, err
	}
	s.writeDB.SetMaxOpenConns(1)
	if how == alone {
		err = prepare(s.writeDB, !ok)
	}
	if err == nil {
		s.Reader, err = newReader(path, cities)
	}
	if err != nil {
		s.writeDB.Close()
		return nil, err
	}
	s.close = sync.OnceValue(s.shut)
	go s.run()
	return s, nil
}

// private makes the file readable by its owner only, and durable in its
// directory. SQLite gives its -wal and -shm files the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// dsn never makes a file: a name with a typo is an error, not an empty store.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)"}}
	q["_pragma"] = append(q["_pragma"], pragmas...)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close implements bot.Store. Calls that still wait get an error.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	close(s.closing)
	<-s.gone
	err := errors.Join(s.Reader.Close(), s.writeDB.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Put implements bot.Store.
func (s *Store) Put(ctx context.Context, jobs ...bot.Job) error {
	city, err := bot.JobsCity(jobs)
	if err != nil {
		return fmt.Errorf("sqlitestore: put: %w", err)
	}
	if len(jobs) > 0 && !slices.Contains(s.cities, city) {
		return fmt.Errorf("sqlitestore: put: the store was not opened with city %q", city)
	}
	var all []granted
	err = s.write(ctx, func(c *conn) (err error) {
		all, err = put(c, jobs)
		return err
	})
	return grant(all, err)
}

// Take implements bot.Store.
func (s *Store) Take(ctx context.Context, token string, now time.Time, lease time.Duration) (*bot.Job, time.Time, error) {
	if token == "" {
		return nil, time.Time{}, errors.New("sqlitestore: take: empty token")
	}
	var job *bot.Job
	var next int64
	first := int(s.turn.Add(1) % uint64(len(s.cities)))
	cities := slices.Concat(s.cities[first:], s.cities[:first])
	at, until := micros(now), micros(now.Add(lease))
	err := s.write(ctx, func(c *conn) (err error) {
		if job, err = held(c, token, until); job != nil || err != nil {
			return err
		}
		for _, city := range cities {
			if job, err = take(c, city, token, at, until); job != nil || err != nil {
				return err
			}
		}
		for _, city := range cities {
			due, err := nextDue(c, city, at)
			if err != nil {
				return err
			}
			next = earlier(next, due)
		}
		return nil
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	return job, moment(next), nil
}

// Commit implements bot.Store.
func (s *Store) Commit(ctx context.Context, token string, change bot.Change) error {
	if _, err := change.City(); err != nil {
		return fmt.Errorf("sqlitestore: commit: %w", err)
	}
	var all []granted
	err := s.submit(&call{ctx: ctx, undo: hasKeys(change), done: make(chan struct{}), do: func(c *conn) (err error) {
		all, err = commit(c, token, change)
		return err
	}})
	return grant(all, err)
}

// grant tells of holds that are on the disk.
func grant(all []granted, err error) error {
	if err == nil {
		for _, g := range all {
			g.hold.Got, g.hold.Record = true, g.record
		}
	}
	return err
}

// hasKeys says whether a change may be refused in its middle: only a key can be
// another's.
func hasKeys(change bot.Change) bool {
	return slices.ContainsFunc(change.Records, func(r bot.Record) bool { return len(r.Keys) > 0 })
}

// Retry implements bot.Store.
func (s *Store) Retry(ctx context.Context, token, job string, due time.Time) error {
	return s.write(ctx, func(c *conn) error { return retry(c, token, job, micros(due)) })
}

const (
	keepValue = `INSERT INTO kept (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING`
	keptValue = `SELECT value FROM kept WHERE name = ?1`
)

// Keep implements bot.Store.
func (s *Store) Keep(ctx context.Context, name string, value []byte) ([]byte, error) {
	var kept []byte
	err := s.write(ctx, func(c *conn) error {
		if err := c.exec(keepValue, name, some(value)); err != nil {
			return err
		}
		return c.row(keptValue, []any{name}, &kept)
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

const (
	sweepRecords = `DELETE FROM records WHERE id IN
		(SELECT id FROM records WHERE expires <> 0 AND expires < ?1 LIMIT ?2) RETURNING id`
	sweepDone  = `DELETE FROM done WHERE id IN (SELECT id FROM done WHERE made < ?1 LIMIT ?2) RETURNING id`
	sweepFacts = `DELETE FROM facts WHERE (city, day, name) IN
		(SELECT city, day, name FROM facts WHERE day < ?1 LIMIT ?2) RETURNING name`
)

// tokyo has had no daylight saving since 1951.
var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// Sweep implements bot.Store. It works in small transactions, so that nobody
// waits for it long.
func (s *Store) Sweep(ctx context.Context, now, doneBefore, factsBefore time.Time) ([]string, error) {
	removed, err := s.sweep(ctx, sweepRecords, micros(now))
	if err == nil {
		_, err = s.sweep(ctx, sweepDone, micros(doneBefore))
	}
	if err == nil {
		_, err = s.sweep(ctx, sweepFacts, factsBefore.In(tokyo).Format(time.DateOnly))
	}
	return removed, err
}

func (s *Store) sweep(ctx context.Context, query string, before any) (removed []string, err error) {
	for {
		var batch []string
		err := s.write(ctx, func(c *conn) error {
			var id string
			return c.each(query, []any{before, sweepBatch}, func() { batch = append(batch, id) }, &id)
		})
		if err != nil {
			return removed, err
		}
		removed = append(removed, batch...)
		if len(batch) < sweepBatch {
			return removed, nil
		}
	}
}

// Vacuum gives the space of what was deleted back to the disk and empties the
// write-ahead log, so that no deleted word is left in the files. It stops
// writers for as long as a copy of the file takes.
func (s *Store) Vacuum(ctx context.Context) error {
	return s.submit(&call{ctx: ctx, alone: true, done: make(chan struct{}), do: func(c *conn) error {
		if err := c.exec("VACUUM"); err != nil {
			return err
		}
		return emptyLog(c)
	}})
}

// Settle empties the write-ahead log into the file, where what was deleted is
// overwritten, so that no deleted word is left. It works beside a serve, whose
// writer waits for it a moment.
func (s *Store) Settle(ctx context.Context) error {
	return s.submit(&call{ctx: ctx, alone: true, done: make(chan struct{}), do: emptyLog})
}

func emptyLog(c *conn) error {
	var busy, pages, moved int
	if err := c.row("PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("somebody keeps the log from being emptied")
	}
	return nil
}

// Ping says whether the writer can begin a transaction and read the file.
func (s *Store) Ping(ctx context.Context) error {
	return s.write(ctx, func(c *conn) error {
		var v int
		return c.row("PRAGMA user_version", nil, &v)
	})
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
