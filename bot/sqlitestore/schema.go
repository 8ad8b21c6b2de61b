package sqlitestore

import (
	"database/sql"
	"fmt"
)

// version is the schema this program writes, kept in PRAGMA user_version.
const version = 1

// The states of a job that is not done. A lane has at most one job that was
// taken (begun) and at most one that is ready; Take reads only ready ones, so
// that neither done jobs nor long lanes slow it.
//
//	0 behind: in its lane, another is before it
//	1 ready:  first in its lane
//	2 asleep: until its time: a timer, or a begun job that is leased or retried

// schema keeps done jobs apart from those that wait: a done job is only an ID.
// Times are microseconds since 1970, 0 for none.
const schema = `
CREATE TABLE jobs (
	seq   INTEGER PRIMARY KEY, -- the order of Put
	id    TEXT NOT NULL UNIQUE,
	city  TEXT NOT NULL,
	lane  TEXT NOT NULL,
	kind  TEXT NOT NULL,
	due   INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	takes INTEGER NOT NULL DEFAULT 0,  -- leases so far
	made  INTEGER NOT NULL,
	body  BLOB,
	state INTEGER NOT NULL,
	at    INTEGER NOT NULL,            -- when it may be taken: due, or the end of its lease
	begun INTEGER NOT NULL DEFAULT 0,  -- it was taken once: first in its lane until done
	token TEXT NOT NULL DEFAULT '',    -- who holds it, or gave it back last
	until INTEGER NOT NULL DEFAULT 0   -- the end of its lease; 0 = not leased
) STRICT;
CREATE UNIQUE INDEX jobs_begun ON jobs (city, lane) WHERE begun = 1;
CREATE UNIQUE INDEX jobs_ready ON jobs (city, lane) WHERE state = 1;
CREATE INDEX jobs_next  ON jobs (city, seq) WHERE state = 1;
CREATE INDEX jobs_at    ON jobs (city, state, at);
CREATE INDEX jobs_lane  ON jobs (city, lane, state, seq);
CREATE INDEX jobs_token ON jobs (token) WHERE token <> '';
CREATE INDEX jobs_due   ON jobs (due);

CREATE TABLE done (
	id    TEXT PRIMARY KEY,
	token TEXT NOT NULL,
	made  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX done_made ON done (made);

CREATE TABLE records (
	id      TEXT PRIMARY KEY,
	city    TEXT NOT NULL,
	body    BLOB,
	keys    TEXT NOT NULL, -- JSON, as given; the table keys says who has which
	state   TEXT NOT NULL,
	field   TEXT NOT NULL,
	owner   TEXT NOT NULL,
	due     INTEGER NOT NULL,
	version INTEGER NOT NULL,
	touched INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT;
CREATE INDEX records_open      ON records (city, touched, id)        WHERE state NOT IN ('', 'closed');
CREATE INDEX records_unclaimed ON records (city, touched, id)        WHERE state = 'open';
CREATE INDEX records_owner     ON records (city, owner, touched, id) WHERE state NOT IN ('', 'closed');
CREATE INDEX records_field     ON records (city, field, touched, id) WHERE state NOT IN ('', 'closed');
CREATE INDEX records_due       ON records (city, due)                WHERE state NOT IN ('', 'closed') AND due <> 0;
CREATE INDEX records_expires   ON records (expires)                  WHERE expires <> 0;

CREATE TABLE keys (
	city   TEXT NOT NULL,
	key    TEXT NOT NULL,
	record TEXT NOT NULL REFERENCES records (id) ON DELETE CASCADE,
	PRIMARY KEY (city, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_record ON keys (record);

CREATE TABLE facts (
	city TEXT NOT NULL,
	day  TEXT NOT NULL,
	name TEXT NOT NULL,
	n    INTEGER NOT NULL,
	PRIMARY KEY (city, day, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_day ON facts (day);

CREATE TABLE kept (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`

// known says whether the file holds a schema that this program can use; false
// and no error for an empty file. It leaves a file of anybody else as it is.
func known(path string) (bool, error) {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return false, err
	}
	defer db.Close()
	var v, tables int
	if err := db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		return false, err
	}
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return false, err
	}
	switch {
	case v > version:
		return false, fmt.Errorf("the file was written by a newer tsunagu (schema %d, this one knows %d)", v, version)
	case v == version:
		return true, nil
	case tables > 0:
		return false, fmt.Errorf("the file is a database, but not one of tsunagu")
	}
	return false, nil
}

// prepare makes the tables in an empty file and voids all leases: who held them
// is gone, because only one process opens the file for writing.
func prepare(db *sql.DB, isNew bool) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if isNew {
		if _, err := tx.Exec(schema + fmt.Sprintf("PRAGMA user_version = %d;", version)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(voidLeases); err != nil {
		return err
	}
	return tx.Commit()
}

const voidLeases = `UPDATE jobs SET token = '', until = 0, state = 2, at = due WHERE begun = 1 AND until <> 0`
