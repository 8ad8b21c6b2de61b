package sqlitestore

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"tsunagu/bot"
)

// Every statement of a verb stands here as a constant, so that the test of the
// query plans sees all of them.
const (
	// A timer sleeps until it is due; any other job is ready when its lane is
	// empty.
	putJob = `INSERT INTO jobs (id, city, lane, kind, due, tries, made, body, at, state)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?5, CASE
			WHEN ?5 > ?7 THEN 2
			WHEN EXISTS (SELECT 1 FROM jobs WHERE city = ?2 AND lane = ?3 AND state IN (0, 1)) THEN 0
			WHEN EXISTS (SELECT 1 FROM jobs WHERE city = ?2 AND lane = ?3 AND begun = 1) THEN 0
			ELSE 1 END
		WHERE NOT EXISTS (SELECT 1 FROM done WHERE id = ?1)
		ON CONFLICT (id) DO NOTHING`
	// Nothing when the job cannot be leased at once.
	putHeld = `INSERT INTO jobs (id, city, lane, kind, due, tries, made, body, at, state, takes, begun, token, until)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, 2, 1, 1, ?9, ?10
		WHERE ?5 <= ?7 AND NOT EXISTS (SELECT 1 FROM done WHERE id = ?1)
			AND NOT EXISTS (SELECT 1 FROM jobs WHERE city = ?2 AND lane = ?3 AND state IN (0, 1))
			AND NOT EXISTS (SELECT 1 FROM jobs WHERE city = ?2 AND lane = ?3 AND begun = 1)
		ON CONFLICT (id) DO NOTHING`

	jobColumns = `seq, id, city, lane, kind, due, tries, takes, made, body`
	heldJob    = `SELECT ` + jobColumns + ` FROM jobs WHERE token = ?1 AND token <> '' AND until <> 0`
	nextJob    = `SELECT ` + jobColumns + ` FROM jobs INDEXED BY jobs_next
		WHERE city = ?1 AND state = 1 AND at <= ?2 ORDER BY seq LIMIT 1`
	leaseJob   = `UPDATE jobs SET state = 2, begun = 1, takes = ?4, token = ?2, until = ?3, at = ?3 WHERE seq = ?1`
	wakers     = `SELECT seq, lane, begun FROM jobs WHERE city = ?1 AND state = 2 AND at <= ?2`
	wakeTimer  = `UPDATE jobs SET state = 0 WHERE seq = ?1`
	wakeBegun  = `UPDATE jobs SET state = 1 WHERE seq = ?1`
	begunInLn  = `SELECT 1 FROM jobs WHERE city = ?1 AND lane = ?2 AND begun = 1`
	demoteLane = `UPDATE jobs SET state = 0 WHERE city = ?1 AND lane = ?2 AND state = 1`
	firstOfLn  = `UPDATE jobs SET state = 1 WHERE seq =
		(SELECT seq FROM jobs WHERE city = ?1 AND lane = ?2 AND state = 0 ORDER BY seq LIMIT 1)`
	// A timer behind a begun job cannot be taken before that one.
	nextSleep = `SELECT at FROM jobs j WHERE city = ?1 AND state = 2 AND at > ?2 AND (begun = 1 OR NOT EXISTS
			(SELECT 1 FROM jobs b WHERE b.city = ?1 AND b.lane = j.lane AND b.begun = 1))
		ORDER BY at LIMIT 1`
	// Ready before its time is only what a machine with a faster clock put.
	nextReady = `SELECT at FROM jobs WHERE city = ?1 AND state = 1 AND at > ?2 ORDER BY at LIMIT 1`

	jobByID  = `SELECT seq, token, until FROM jobs WHERE id = ?1`
	doneByID = `SELECT token FROM done WHERE id = ?1`
	endJob   = `DELETE FROM jobs WHERE id = ?1 AND token = ?2 AND until <> 0 RETURNING city, lane, made`
	addDone  = `INSERT INTO done (id, token, made) VALUES (?1, ?2, ?3)`
	addFresh = `INSERT INTO done (id, token, made)
		SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = ?1)
			AND NOT EXISTS (SELECT 1 FROM jobs WHERE city = ?4 AND lane = ?5 AND state IN (0, 1))
			AND NOT EXISTS (SELECT 1 FROM jobs WHERE city = ?4 AND lane = ?5 AND begun = 1)
			AND (SELECT body FROM records WHERE id = ?6) IS ?7
		ON CONFLICT DO NOTHING`
	retryJob = `UPDATE jobs SET tries = tries + 1, due = ?2, at = ?2, until = 0, state = 2 WHERE seq = ?1`

	freeKeys     = `DELETE FROM keys WHERE record = ?1`
	deleteRecord = `DELETE FROM records WHERE id = ?1`
	setRecord    = `INSERT INTO records (id, city, body, keys, state, field, owner, due, version, touched, expires)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
		ON CONFLICT (id) DO UPDATE SET body = ?3, keys = ?4, state = ?5, field = ?6, owner = ?7, due = ?8,
			version = ?9, touched = ?10, expires = ?11`
	setKey  = `INSERT INTO keys (city, key, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`
	keyOf   = `SELECT record FROM keys WHERE city = ?1 AND key = ?2`
	addFact = `INSERT INTO facts (city, day, name, n) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT DO UPDATE SET n = n + ?4`
)

// granted is a hold that was granted and the record that comes with it.
type granted struct {
	hold   *bot.Hold
	record *bot.Record
}

// put adds jobs and returns the holds that it has granted.
func put(c *conn, jobs []bot.Job) (all []granted, err error) {
	for _, j := range jobs {
		due := j.Due
		if due.IsZero() {
			due = j.Made
		}
		args := []any{j.ID, j.City, j.Lane, j.Kind, micros(due), j.Tries, micros(j.Made), j.Body}
		if h := j.Hold; h != nil {
			n, err := c.count(putHeld, append(args, h.Token, micros(h.Until))...)
			if err != nil {
				return nil, err
			}
			if n == 1 {
				r, err := wanted(c, h.Load)
				if err != nil {
					return nil, err
				}
				all = append(all, granted{h, r})
				continue
			}
		}
		if err := c.exec(putJob, args...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// wanted loads a record, nil when there is none.
func wanted(c *conn, id string) (*bot.Record, error) {
	if id == "" {
		return nil, nil
	}
	st, err := c.stmt(loadRecord)
	if err != nil {
		return nil, err
	}
	r, err := scanRecord(st.QueryRow(id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}

// held returns the job whose lease is token, leased anew; nil when there is none.
func held(c *conn, token string, until int64) (*bot.Job, error) {
	return lease(c, token, until, 0, heldJob, token)
}

// take leases the oldest ready job of a city; nil when there is none.
func take(c *conn, city, token string, now, until int64) (*bot.Job, error) {
	if err := wake(c, city, now); err != nil {
		return nil, err
	}
	return lease(c, token, until, 1, nextJob, city, now)
}

// lease leases the job that the query finds; takes is 1 for a new lease.
func lease(c *conn, token string, until int64, takes int, query string, args ...any) (*bot.Job, error) {
	st, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	var j bot.Job
	var seq int64
	err = scanJob(st.QueryRow(args...).Scan, &seq, &j)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j.Takes += takes
	return &j, c.exec(leaseJob, seq, token, until, j.Takes)
}

// scanJob reads a row of jobColumns.
func scanJob(scan func(...any) error, seq *int64, j *bot.Job) error {
	var due, made int64
	err := scan(seq, &j.ID, &j.City, &j.Lane, &j.Kind, &due, &j.Tries, &j.Takes, &made, &j.Body)
	j.Due, j.Made = moment(due), moment(made)
	return err
}

// wake readies what slept until now. A begun job is first in its lane as it
// was; a timer takes its place by the order of Put.
func wake(c *conn, city string, now int64) error {
	type sleeper struct {
		seq   int64
		lane  string
		begun bool
	}
	var up []sleeper
	var s sleeper
	err := c.each(wakers, []any{city, now}, func() { up = append(up, s) }, &s.seq, &s.lane, &s.begun)
	if err != nil {
		return err
	}
	lanes := map[string]bool{}
	for _, s := range up {
		if s.begun {
			err = c.exec(wakeBegun, s.seq)
		} else {
			lanes[s.lane] = true
			err = c.exec(wakeTimer, s.seq)
		}
		if err != nil {
			return err
		}
	}
	for lane := range lanes {
		var one int
		err := c.row(begunInLn, []any{city, lane}, &one)
		if err == nil {
			continue
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := c.exec(demoteLane, city, lane); err != nil {
			return err
		}
		if err := c.exec(firstOfLn, city, lane); err != nil {
			return err
		}
	}
	return nil
}

// nextDue is the earliest moment after now at which a job of the city could be
// taken, when none could be now; 0 for never.
func nextDue(c *conn, city string, now int64) (int64, error) {
	var next int64
	for _, query := range []string{nextSleep, nextReady} {
		var at int64
		err := c.row(query, []any{city, now}, &at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		next = earlier(next, at)
	}
	return next, nil
}

// earlier is the smaller of two moments, where 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

func commit(c *conn, token string, change bot.Change) (all []granted, err error) {
	ended, err := end(c, token, change)
	if err != nil {
		return nil, err
	}
	if !ended {
		var holder string
		err := c.row(doneByID, []any{change.Done}, &holder)
		if errors.Is(err, sql.ErrNoRows) || (err == nil && holder != token) {
			return nil, bot.ErrLeaseLost
		}
		return nil, err // nil: committed before
	}
	if err := write(c, change); err != nil {
		return nil, err
	}
	if all, err = put(c, change.Put); err != nil {
		return nil, err
	}
	for _, f := range change.Facts {
		if err := c.exec(addFact, f.City, f.Day, f.Name, f.N); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// end makes the job a done one, and the next of its lane ready; false when the
// token does not hold it, or a fresh one must wait its turn.
func end(c *conn, token string, change bot.Change) (bool, error) {
	if f := change.Fresh; f != nil {
		n, err := c.count(addFresh, change.Done, token, micros(f.Made), bot.CityOf(change.Done), f.Lane, f.From, f.Body)
		return n == 1, err
	}
	var (
		city, lane string
		made       int64
	)
	err := c.row(endJob, []any{change.Done, token}, &city, &lane, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil && !change.Forget {
		err = c.exec(addDone, change.Done, token, made)
	}
	if err == nil {
		err = c.exec(firstOfLn, city, lane)
	}
	return err == nil, err
}

// write frees all keys before it takes any, so that a key may move from one
// record to another within a change.
func write(c *conn, change bot.Change) error {
	for _, id := range change.Gone {
		if err := c.exec(deleteRecord, id); err != nil {
			return err
		}
	}
	for _, r := range change.Records {
		if err := c.exec(freeKeys, r.ID); err != nil {
			return err
		}
	}
	for _, r := range change.Records {
		if err := writeRecord(c, r, func(args ...any) error { return c.exec(setRecord, args...) }); err != nil {
			return err
		}
	}
	return nil
}

// writeRecord hands the record's row to set, then takes its keys.
func writeRecord(c *conn, r bot.Record, set func(args ...any) error) error {
	keys, err := json.Marshal(r.Keys)
	if err != nil {
		return err
	}
	err = set(r.ID, r.City, r.Body, string(keys), r.State, r.Field, r.Owner, micros(r.Due), r.Version, micros(r.Touched), micros(r.Expires))
	if err != nil {
		return err
	}
	for _, key := range r.Keys {
		if err := own(c, r.City, key, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func own(c *conn, city, key, record string) error {
	n, err := c.count(setKey, city, key, record)
	if err != nil || n == 1 {
		return err
	}
	var holder string
	if err := c.row(keyOf, []any{city, key}, &holder); err != nil {
		return err
	}
	if holder != record {
		return bot.ErrConflict
	}
	return nil // listed twice
}

func retry(c *conn, token, job string, due int64) error {
	var (
		seq, until int64
		holder     string
	)
	err := c.row(jobByID, []any{job}, &seq, &holder, &until)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && holder != token) {
		return bot.ErrLeaseLost
	}
	if err != nil || until == 0 { // given back before
		return err
	}
	return c.exec(retryJob, seq, due)
}

// micros is t as it is kept: microseconds since 1970, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the time that was kept as n.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
