package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"

	"tsunagu/bot"
)

const (
	queueSize = 256 // calls that may wait; further callers wait to enter
	groupSize = 128 // calls that share one transaction
)

var errClosed = errors.New("sqlitestore: store is closed")

// call is one verb that waits for the writer.
type call struct {
	ctx   context.Context
	do    func(*conn) error
	alone bool // outside any transaction (VACUUM)
	undo  bool // do may be refused after it has written
	err   error
	done  chan struct{}
}

// write hands do to the writer and waits until its transaction is committed.
// When ctx ends first, do may or may not happen.
func (s *Store) write(ctx context.Context, do func(*conn) error) error {
	return s.submit(&call{ctx: ctx, do: do, done: make(chan struct{})})
}

func (s *Store) submit(c *call) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	select {
	case s.queue <- c:
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-s.closing:
		return errClosed
	}
	select {
	case <-c.done:
		return c.err
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-s.gone:
		select {
		case <-c.done: // it was among the last
			return c.err
		default:
			return errClosed
		}
	}
}

// run is the only writer. It puts what waits into one transaction, because the
// price of a commit is the sync to disk and not the rows.
func (s *Store) run() {
	defer close(s.gone)
	w := &writer{db: s.writeDB}
	defer w.drop()
	for {
		select {
		case c := <-s.queue:
			// Those whom the last group has answered speak first: what they say
			// next shares this sync.
			runtime.Gosched()
			group := []*call{c}
			for len(group) < groupSize && len(s.queue) > 0 {
				group = append(group, <-s.queue)
			}
			w.serve(group)
		case <-s.closing:
			return
		}
	}
}

// writer owns the one connection that writes.
type writer struct {
	db *sql.DB
	c  *conn // nil: to be opened
}

func (w *writer) serve(group []*call) {
	var together []*call
	for _, c := range group {
		switch {
		case c.ctx.Err() != nil:
			finish(c, c.ctx.Err())
		case c.alone:
			w.together(together)
			together = nil
			finish(c, w.on(c.do))
		default:
			together = append(together, c)
		}
	}
	w.together(together)
}

// together runs the calls in one transaction. A refusal undoes its own call; any
// other error undoes them all, since SQLite may already have rolled back.
func (w *writer) together(group []*call) {
	if len(group) == 0 {
		return
	}
	refused := make([]error, len(group))
	err := w.on(func(c *conn) error {
		if err := c.exec("BEGIN IMMEDIATE"); err != nil {
			return err
		}
		for i, call := range group {
			refused[i] = c.verb(call)
			if err := refused[i]; err != nil && !refusal(err) {
				return err
			}
		}
		return c.exec("COMMIT")
	})
	for i, call := range group {
		if err != nil {
			finish(call, err)
		} else {
			finish(call, refused[i])
		}
	}
}

// verb runs a call. Where it may be refused after it has written, a savepoint
// undoes what it wrote; the others are spared its price.
func (c *conn) verb(call *call) error {
	if !call.undo {
		return call.do(c)
	}
	if err := c.exec("SAVEPOINT verb"); err != nil {
		return err
	}
	refused := call.do(c)
	if refused != nil && !refusal(refused) {
		return refused
	}
	if refused != nil {
		if err := c.exec("ROLLBACK TO verb"); err != nil {
			return err
		}
	}
	if err := c.exec("RELEASE verb"); err != nil {
		return err
	}
	return refused
}

// on runs f on the connection. After an error the connection is dropped, which
// rolls back whatever is open, and the next call opens another.
func (w *writer) on(f func(*conn) error) error {
	if w.c == nil {
		c, err := w.db.Conn(context.Background())
		if err != nil {
			return fmt.Errorf("sqlitestore: %w", err)
		}
		w.c = &conn{Conn: c, stmts: map[string]*sql.Stmt{}}
	}
	if err := f(w.c); err != nil {
		w.drop()
		return fmt.Errorf("sqlitestore: %w", err)
	}
	return nil
}

func (w *writer) drop() {
	if w.c == nil {
		return
	}
	for _, st := range w.c.stmts {
		st.Close()
	}
	// ErrBadConn makes the pool close the connection instead of keeping it.
	w.c.Raw(func(any) error { return errBad })
	w.c.Close()
	w.c = nil
}

func refusal(err error) bool {
	return errors.Is(err, bot.ErrLeaseLost) || errors.Is(err, bot.ErrConflict)
}

func finish(c *call, err error) {
	c.err = err
	close(c.done)
}

// conn is the writing connection with its prepared statements. Its statements
// run without a context: an interrupt would undo the whole group.
type conn struct {
	*sql.Conn
	stmts map[string]*sql.Stmt
}

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if st := c.stmts[query]; st != nil {
		return st, nil
	}
	st, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = st
	return st, nil
}

func (c *conn) exec(query string, args ...any) error {
	_, err := c.count(query, args...)
	return err
}

// count runs a statement and says how many rows it changed.
func (c *conn) count(query string, args ...any) (int64, error) {
	st, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row scans one row into dest; sql.ErrNoRows when there is none.
func (c *conn) row(query string, args []any, dest ...any) error {
	st, err := c.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRow(args...).Scan(dest...)
}

// each scans row after row into dest and calls f.
func (c *conn) each(query string, args []any, f func(), dest ...any) error {
	st, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		f()
	}
	return rows.Err()
}
