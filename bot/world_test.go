package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// world is the whole spine on a real store, with the two sides and the clock in
// the test's hands.
type world struct {
	t     testing.TB
	ctx   context.Context
	path  string
	keys  *bot.Keys
	towns []*bot.City
	store bot.Store
	// opener opens the store: the SQLite file at path, when nothing else is said.
	opener func(cities []string) (bot.Store, error)
	bot    *bot.Bot
	now    time.Time
	beat   time.Duration // between two events
	phone  *phone
	desk   *desk
	log    lockedBuffer
	n      int
	last   bot.Event
	// second is asked from the next start on.
	second triage.Classifier
	ids    map[string]string // message IDs by words
	public string            // where the outside reaches the program
	shared bool              // other serves use the store
}

func newWorld(t testing.TB, towns ...*bot.City) *world {
	t.Helper()
	w := blankWorld(t, towns...)
	w.open()
	t.Cleanup(func() { w.store.Close() })
	return w
}

// blankWorld is a world whose store is still to be opened.
func blankWorld(t testing.TB, towns ...*bot.City) *world {
	t.Helper()
	if len(towns) == 0 {
		towns = []*bot.City{smallTown("komachi")}
	}
	keys, err := bot.NewKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "town.db"), keys: keys, towns: towns, now: tuesday, beat: 7 * time.Second, ids: map[string]string{}}
	w.phone = &phone{w: w, tokens: map[string]string{}, keys: map[string]bool{}, buttons: map[string][]bot.Button{}, seen: map[string][]bot.Button{}}
	w.desk = &desk{w: w, cards: map[string]*standing{}, boxes: map[string]handoff.Spot{}, posts: map[string]*postedPost{}}
	w.opener = func(cities []string) (bot.Store, error) { return sqlitestore.Open(w.path, cities) }
	return w
}

func (w *world) open() {
	w.t.Helper()
	var ids []string
	var towns []bot.Town
	for _, c := range w.towns {
		ids = append(ids, c.ID)
		towns = append(towns, bot.Town{City: c, Messenger: w.phone, Desk: w.desk, Second: w.second})
	}
	store, err := w.opener(ids)
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = store
	if w.bot, err = bot.New(w.ctx, w.options(towns)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) options(towns []bot.Town) bot.Options {
	return bot.Options{Store: w.store, Keys: w.keys, Towns: towns, Clock: func() time.Time { return w.now },
		Log: jsonLog(&w.log), Public: w.public, Shared: w.shared}
}

// jsonLog writes all levels.
func jsonLog(to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// restart closes the store and opens all anew.
func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

func (w *world) drain() {
	w.t.Helper()
	if _, err := w.bot.Drain(w.ctx, 5000); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time go by, stopping at every timer.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	to := w.now.Add(d)
	for {
		next, err := w.bot.Drain(w.ctx, 5000)
		if err != nil {
			w.t.Fatal(err)
		}
		if next.IsZero() || next.After(to) {
			break
		}
		w.now = next
	}
	w.now = to
	w.drain()
}

// event makes an event of the first town with a live reply token.
func (w *world) event(user string, kind bot.EventKind) bot.Event {
	w.n++
	w.now = w.now.Add(w.beat)
	e := bot.Event{ID: fmt.Sprint("e", w.n), City: w.towns[0].ID, User: lineID(user), Kind: kind, At: w.now}
	if kind != bot.Unfollow && kind != bot.Unsend {
		e.Token = fmt.Sprint("token", w.n)
		w.phone.tokens[e.Token] = e.User
	}
	return e
}

// lineID is a user ID as LINE has them.
func lineID(user string) string { return "Uline" + strings.Repeat("0", 20) + user }

func (w *world) accept(e bot.Event) {
	w.t.Helper()
	w.last = e
	w.phone.mark()
	if err := w.bot.Accept(w.ctx, e); err != nil {
		w.t.Fatal(err)
	}
	w.drain()
}

func (w *world) words(user, text string) bot.Event {
	e := w.event(user, bot.Text)
	e.Text, e.Message = text, fmt.Sprint("m", w.n)
	w.ids[text] = e.Message
	return e
}

func (w *world) says(user, text string) string {
	w.t.Helper()
	w.accept(w.words(user, text))
	return w.phone.since(user)
}

// taps a button that was shown to the user, the newest of that label.
func (w *world) taps(user, label string) string {
	w.t.Helper()
	data := w.phone.data(user, label)
	if data == "" {
		w.t.Fatalf("%s has no button %q; shown last: %s", user, label, w.phone.labels(user))
	}
	return w.tapsData(user, data)
}

func (w *world) tapsData(user, data string) string {
	w.t.Helper()
	e := w.event(user, bot.Tap)
	e.Data = data
	w.accept(e)
	return w.phone.since(user)
}

func (w *world) does(user string, kind bot.EventKind) string {
	w.t.Helper()
	w.accept(w.event(user, kind))
	return w.phone.since(user)
}

func (w *world) unsends(user, text string) string {
	w.t.Helper()
	e := w.event(user, bot.Unsend)
	e.Message = w.ids[text]
	w.accept(e)
	return w.phone.since(user)
}

// consults walks the shortest way to a case and returns it.
func (w *world) consults(user string) handoff.Case {
	w.t.Helper()
	w.says(user, "職員に相談する")
	w.taps(user, "同意する（自分のこと）")
	return w.caseOf(user)
}

// caseOf is the newest case that the user was told of.
func (w *world) caseOf(user string) handoff.Case {
	w.t.Helper()
	receipt := w.phone.receipt(user)
	k, err := w.bot.Find(w.ctx, w.towns[0].ID, "receipt/"+receipt)
	if err != nil {
		w.t.Fatalf("case %q: %v", receipt, err)
	}
	return k
}

// clicks lets a member of staff do something with the case as it stands.
func (w *world) clicks(staff string, kind handoff.Kind, k handoff.Case, more ...func(*handoff.Action)) {
	w.t.Helper()
	w.act(w.action(staff, kind, k, more...))
}

func (w *world) action(staff string, kind handoff.Kind, k handoff.Case, more ...func(*handoff.Action)) handoff.Action {
	w.t.Helper()
	now, err := w.bot.Case(w.ctx, k.City, k.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	a := handoff.Action{ID: fmt.Sprint("a", w.n), City: k.City, Kind: kind, Case: k.ID, Version: now.Version, By: staff, Name: "名前" + staff, Spot: now.Card}
	for _, f := range more {
		f(&a)
	}
	return a
}

func (w *world) act(actions ...handoff.Action) {
	w.t.Helper()
	w.phone.mark()
	for _, a := range actions {
		if err := w.bot.Act(w.ctx, a); err != nil {
			w.t.Fatal(err)
		}
	}
	w.drain()
}

func text(s string) func(*handoff.Action)    { return func(a *handoff.Action) { a.Text = s } }
func outcome(s string) func(*handoff.Action) { return func(a *handoff.Action) { a.Outcome = s } }

// has fails unless every part stands in got, in order.
func has(t testing.TB, got string, parts ...string) {
	t.Helper()
	rest := got
	for _, p := range parts {
		i := strings.Index(rest, p)
		if i < 0 {
			t.Fatalf("%q is missing in\n%s", p, got)
		}
		rest = rest[i+len(p):]
	}
}

func hasNot(t testing.TB, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(got, p) {
			t.Fatalf("%q should not stand in\n%s", p, got)
		}
	}
}

// lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
