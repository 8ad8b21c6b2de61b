package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
)

func testKey(t *testing.T, n ...byte) *bot.Keys {
	t.Helper()
	var raw [][]byte
	for _, b := range n {
		raw = append(raw, bytes.Repeat([]byte{b}, 32))
	}
	keys, err := bot.NewKeys(raw...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// run starts the workers until the returned function is called.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() { w.bot.Run(ctx); close(done) }()
	return sync.OnceFunc(func() { cancel(); <-done })
}

// bytes is the content of the store's files.
func (w *world) bytes() []byte {
	w.t.Helper()
	var all []byte
	for _, name := range []string{w.path, w.path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// until asks again and again, for two minutes at most.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			w.t.Fatalf("does not come: %s", what)
		}
	}
}

func TestRekeyBesideAServeLosesNothing(t *testing.T) {
	w := newWorld(t) // on key 7
	var receipts []string
	for i := range 15 {
		receipts = append(receipts, w.consults(fmt.Sprint("r", i)).Receipt)
	}
	// The new key was appended and put first; now serve runs with both.
	w.keys = testKey(t, 2, 7)
	w.restart()
	stop := w.run()
	writers := make(chan struct{})
	go func() {
		defer close(writers)
		for i := range 150 {
			e := bot.Event{ID: fmt.Sprint("w", i), City: w.towns[0].ID, User: lineID(fmt.Sprint("r", i%15)), Kind: bot.Text, At: tuesday,
				Text: fmt.Sprint("ことば", i), Message: fmt.Sprint("mw", i)}
			if err := w.bot.Accept(w.ctx, e); err != nil {
				t.Error(err)
			}
		}
	}()
	beside, err := sqlitestore.Join(w.path, []string{w.towns[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	heard := 0
	first, err := bot.Rekey(w.ctx, beside, w.keys, func(bot.Rekeyed) { heard++ })
	if err != nil || first.Old != 0 || first.Unknown != 0 || first.Broken != 0 || first.Sealed < 15 || heard == 0 {
		t.Errorf("%+v, %v, told %d times", first, err, heard)
	}
	<-writers
	w.until("all words are thought", func() bool {
		w.desk.mu.Lock()
		defer w.desk.mu.Unlock()
		return strings.Count(w.desk.thread(), "ことば") >= 150
	})
	stop()
	// The old key goes, and nothing is missing.
	w.keys = testKey(t, 2)
	w.restart()
	for i, receipt := range receipts {
		k, err := w.bot.Find(w.ctx, w.towns[0].ID, "receipt/"+receipt)
		if err != nil {
			t.Fatal(err)
		}
		if k.Waiting != 10 {
			t.Errorf("case %d has %d messages waiting, want 10", i, k.Waiting)
		}
	}
	w.now = w.now.Add(time.Hour)
	has(t, w.says("r0", "状況"), receipts[0])
	again, err := bot.Rekey(w.ctx, w.store, w.keys, nil)
	if err != nil || again.Sealed != 0 || again.Looked < 45 {
		t.Errorf("a second time: %+v, %v", again, err)
	}
}

// meanwhile is a store in which something happens just before each Swap.
type meanwhile struct {
	bot.Store
	happens func(id string)
}

func (m meanwhile) Swap(ctx context.Context, id string, old, fresh []byte) (bool, error) {
	m.happens(id)
	return m.Store.Swap(ctx, id, old, fresh)
}

func TestRekeyLeavesWhatChangedSinceItWasRead(t *testing.T) {
	w := newWorld(t) // on key 7
	k := w.consults("r")
	w.keys = testKey(t, 2, 7)
	w.restart()
	n := 0
	r, err := bot.Rekey(w.ctx, meanwhile{w.store, func(id string) {
		if id == k.ID || id == k.Conversation {
			n++
			w.says("r", fmt.Sprint("あとから書いたことば", n))
		}
	}}, w.keys, nil)
	if err != nil || r.Old != 0 || n == 0 {
		t.Errorf("%+v, %v, %d times", r, err, n)
	}
	if got, err := w.bot.Case(w.ctx, k.City, k.ID); err != nil || got.Waiting != n {
		t.Errorf("%d messages wait, want %d (%v)", got.Waiting, n, err)
	}
	w.unsends("r", "あとから書いたことば1")
	hasNot(t, w.desk.thread(), "あとから書いたことば1")
}

func TestRekeyLeavesWhatItCannotOpen(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	before, err := w.store.Load(w.ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := bot.Rekey(w.ctx, w.store, testKey(t, 9), nil)
	if err != nil || r.Unknown == 0 || r.Unknown != r.Looked || r.Sealed != 0 || r.Old != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if after, err := w.store.Load(w.ctx, k.ID); err != nil || !bytes.Equal(before.Body, after.Body) {
		t.Error("a body was touched", err)
	}
	spoilt := bytes.Clone(before.Body)
	spoilt[len(spoilt)-1]++
	if ok, err := w.store.Swap(w.ctx, k.ID, before.Body, spoilt); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if r, err = bot.Rekey(w.ctx, w.store, testKey(t, 9, 7), nil); err != nil || r.Broken != 1 || r.Unknown != 0 || r.Sealed == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRekeySaysWhenSomebodyGoesOnWithTheOldKey(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	keys := testKey(t, 9, 7)
	n := 0
	r, err := bot.Rekey(w.ctx, w.store, keys, func(bot.Rekeyed) {
		if n++; n < 40 {
			w.says("r", fmt.Sprint("ことば", n)) // sealed with the old key
		}
	})
	if err != nil || r.Old == 0 {
		t.Errorf("%+v, %v, want old ones left", r, err)
	}
	if got, err := w.bot.Case(w.ctx, k.City, k.ID); err == nil {
		t.Errorf("the old bot reads what the new key sealed: %v", got.Receipt)
	}
}
