package bot

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store that callers act upon.
var (
	// ErrLeaseLost: the token holds no lease of the job. Another Take re-issued
	// it, Retry gave it back, or the job is not known; nothing was changed.
	ErrLeaseLost = errors.New("lease lost")
	// ErrConflict: a key of the change belongs to another record (a 受付番号 is
	// taken); nothing was changed.
	ErrConflict = errors.New("key taken")
	// ErrNotFound: no such record.
	ErrNotFound = errors.New("not found")
)

// Job is one thing to do. Its body is sealed by package bot before a store
// sees it. Stores keep times to the microsecond and give them back in UTC.
type Job struct {
	ID   string // unique for ever, prefixed by the city: "hokuto/line/01H…"
	City string
	Lane string // jobs of one lane run one at a time, oldest first
	Kind string // what the worker does with it
	// Due is when the job may run first; zero means Made. A Due after Made makes
	// it a timer, which blocks nobody in its lane until it is due.
	Due time.Time
	// Tries counts the retries so far.
	Tries int
	// Takes counts how often the job was leased, this time included: above one,
	// an earlier holder may have done part of it. The same token counts once.
	Takes int
	// Made is when the job was put first; giving up counts from it.
	Made time.Time
	Body []byte
	// Hold, in a Put or a Commit, asks for the job's lease at once; nil otherwise.
	Hold *Hold
}

// Hold asks that whoever puts a job does it, without a Take.
type Hold struct {
	Token string    // the lease; Take does not know it
	Until time.Time // the end of the lease
	Load  string    // ID of a record that is wanted with the job; "" = none
	// Got is set by the store, with its answer: the job is leased to Token. Record
	// is then the one of Load; nil when there is none.
	Got    bool
	Record *Record
}

// Record is a conversation or a case as a store keeps it: a sealed body, and in
// clear only what somebody must look up.
type Record struct {
	ID      string // random or an HMAC, prefixed by the city: "hokuto/v/…", "hokuto/c/…"
	City    string
	Body    []byte
	Keys    []string  // further names under which Find knows it: receipt/みかん-4821, thread/C01/1700000000.000100
	State   string    // cases: open, claimed, closed; conversations: ""
	Field   string    // cases: the city's field ID
	Owner   string    // cases: the Slack user who holds it, or ""
	Due     time.Time // cases: next promise; zero = none
	Version int       // cases: changes of owner and state
	Touched time.Time // when it was last committed, by the caller's clock
	Expires time.Time // Sweep removes it after this moment; zero = never
}

// Fact adds N to one day counter. Name is from a closed list; labels carry no
// text, district or person.
type Fact struct {
	City string
	Day  string // 2026-11-22, Asia/Tokyo
	Name string // e.g. "outcome|elderly|rule"
	N    int
}

// Change is what one job did. All of it belongs to the city of that job. City
// says what is wrong with it; a store refuses such a change.
type Change struct {
	// Done is the ID of the job that the lease was taken for.
	Done string
	// Fresh says what Done is when it was never put; nil when it was.
	Fresh *Fresh
	// Forget is for a job that a Commit has put: that happens once, so that nobody
	// needs to know its ID when it is done.
	Forget bool
	// Records replace what stood under their IDs, keys included: a key that is
	// no longer listed is free again. Each ID stands here once.
	Records []Record
	// Gone lists record IDs to delete with their keys, before Records are written.
	Gone []string
	// Put lists new jobs; known IDs change nothing.
	Put   []Job
	Facts []Fact
}

// Fresh is a job that was done by who brought it, before it was put.
type Fresh struct {
	Lane string
	Made time.Time
	// From is the ID of the record that it was thought from, "" = none, and Body
	// what Load gave for it, nil when there was none.
	From string
	Body []byte
}

// Kept is a value that Keep keeps.
type Kept struct {
	Name  string
	Value []byte
}

// Page is a part of all that a store holds: either kept values or things of one
// city. Page.City says what is wrong with it.
type Page struct {
	Kept    []Kept
	Records []Record
	Jobs    []Job // not done
	Done    []Job // of done jobs only ID, City and Made are kept
	Facts   []Fact
}

// Queue is what is due of one kind of job.
type Queue struct {
	Kind   string
	N      int
	Oldest time.Time // the earliest Due
}

// MaxQueue is how many due jobs of a city Queues counts.
const MaxQueue = 10000

// CaseQuery selects cases of one city by exactly one of its first five fields
// (another number of them is an error); Open means every case not closed.
type CaseQuery struct {
	Open      bool
	Unclaimed bool      // state open
	Owner     string    // not closed, held by
	Field     string    // not closed, of this field
	DueBefore time.Time // not closed, with a Due before
	Cursor    string    // as the previous page returned it; "" = first page
	Limit     int       // 1..100; out of range means 100
}

// Store keeps jobs and records. It does not retry, sleep or read a clock, and
// it knows nothing of what a body means. All methods may be called at once by
// many goroutines; each honours its context. Each sentence below has a test of
// the same name in bot/storetest.
type Store interface {
	// Put stores jobs of one city, all or none, and returns when they would
	// survive a crash. A job whose ID is known changes nothing, even when that job
	// is done. Jobs of two cities, of a city the store was not opened with, or
	// whose ID does not begin with the city and a slash, are an error. A job with
	// a Hold is leased at once if it is new, due when it is made, and nothing that
	// was taken or is ready stands before it in its lane; otherwise it waits as any
	// other. The record that it asks for comes with the lease, as Load gives it.
	Put(ctx context.Context, jobs ...Job) error

	// Take leases the oldest job that is due at now, not leased beyond now, and
	// first in its lane; nil when there is none. Oldest means earliest put. A
	// timer that is not yet due blocks nobody; a retried job that is not yet due
	// holds its lane. A job that was once taken stays first in its lane until it
	// is done, also before a timer that comes due meanwhile. The lease is the
	// caller's random token (empty is an error) and ends at now+lease. The same
	// token taken again returns the same job, leased anew, while it is not done,
	// not given back and its lease was not re-issued. With a job, next is zero:
	// take again at once. Without one, next is the earliest moment after now at
	// which Take could return one (a due or the end of a lease); zero when
	// nothing waits. Tries cities in turn, so that no city starves another.
	Take(ctx context.Context, token string, now time.Time, lease time.Duration) (job *Job, next time.Time, err error)

	// Commit applies the change, all or nothing, if token still holds the lease
	// of change.Done: the job is done, its body erased, its ID kept. Committed
	// again with the same token it returns nil and changes nothing. ErrLeaseLost
	// when the token holds no lease of it; ErrConflict when a key belongs to
	// another record. An expired lease that nobody took still commits. New jobs
	// with a Hold are leased as in Put, when Done has left its lane. A fresh job
	// needs no lease: it is done when its ID is new, nothing that was taken or is
	// ready stands in its lane, and the record that it was thought from is still
	// that one; ErrLeaseLost otherwise.
	Commit(ctx context.Context, token string, change Change) error

	// Retry gives the job back with Tries+1 and a new due, if token still holds
	// its lease; ErrLeaseLost otherwise. It stays first and holds its lane until it
	// is due. Retried again with the same token it returns nil and changes nothing.
	Retry(ctx context.Context, token, job string, due time.Time) error

	// Load returns a record by its ID; ErrNotFound when there is none.
	Load(ctx context.Context, id string) (Record, error)
	// Find returns the record of a city that has the key; ErrNotFound when none.
	Find(ctx context.Context, city, key string) (Record, error)
	// Cases lists cases of a city (records with a State), most recently touched
	// last, a page at a time; cursor is "" on the last page.
	Cases(ctx context.Context, city string, q CaseQuery) (page []Record, cursor string, err error)

	// Facts returns the day counters of a city from..to (inclusive, days), by day
	// and name. The same fact counted again adds up.
	Facts(ctx context.Context, city, from, to string) ([]Fact, error)
	// Keep stores value under name unless name is known, and returns what is
	// kept: for what is made once (keys, the clock's offset).
	Keep(ctx context.Context, name string, value []byte) (kept []byte, err error)
	// Waiting counts the jobs that are not done, and says since when the oldest
	// that is due has waited: the earliest Due that is not after now, zero when
	// none.
	Waiting(ctx context.Context, now time.Time) (n int, oldest time.Time, err error)
	// Queues says, for each kind of job that is due at now and not done, how many
	// there are and since when the oldest has waited, by kind; in a long queue only
	// the 10,000 oldest jobs of a city are counted.
	Queues(ctx context.Context, now time.Time) ([]Queue, error)
	// Count says how many records of a city stand whose ID begins with prefix.
	Count(ctx context.Context, city, prefix string) (int, error)

	// List returns records of a city whose ID begins with prefix and comes after
	// the given one, in the order of their IDs (byte by byte); at most limit, which
	// is 1..100; out of range means 100.
	List(ctx context.Context, city, prefix, after string, limit int) ([]Record, error)

	// Dump gives all that the store holds of the cities it was opened with, a page
	// of at most limit things at a time: kept values by name, then for each city by
	// name its records by ID, its jobs in the order of Put, its done jobs by Made
	// and ID, its facts by day and name. after is the next of the page before; next
	// is "" on the last page. A page may be empty. What stands unchanged from the
	// first page to the last is given once.
	Dump(ctx context.Context, after string, limit int) (page Page, next string, err error)
	// Fill writes a page of another store's Dump, all or nothing; ErrConflict when
	// anything of it stands here already. Jobs that were taken stay first in their
	// lanes, and nobody holds their lease.
	Fill(ctx context.Context, page Page) error
	// Swap replaces the body of the record or of the waiting job with that ID, or
	// the kept value of that name, if it is still the old one. It changes nothing
	// else and needs no lease.
	Swap(ctx context.Context, id string, old, fresh []byte) (swapped bool, err error)

	// Sweep removes records whose Expires is before now, done job IDs whose Made
	// is before doneBefore, and facts of days before that of factsBefore in
	// Asia/Tokyo; it returns the IDs of the removed records, also those removed
	// before an error.
	Sweep(ctx context.Context, now, doneBefore, factsBefore time.Time) (removed []string, err error)

	// Close ends the store. Verbs called afterwards return an error; Close called
	// again returns nil.
	Close() error
}
