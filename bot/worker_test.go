package bot_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// waitFor waits until ok, woken by what reaches either side.
func waitFor(t *testing.T, happened <-chan struct{}, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for !ok() {
		select {
		case <-happened:
		case <-deadline:
			t.Fatalf("%s did not happen", what)
		}
	}
}

// louder tells a channel of every call that a phone took.
type louder struct {
	*phone
	happened chan struct{}
	hold     chan struct{} // when not nil, replies wait for it
	entered  chan struct{}
}

func (l *louder) Reply(ctx context.Context, token string, b []bot.Bubble) error {
	if l.hold != nil {
		l.entered <- struct{}{}
		<-l.hold
	}
	err := l.phone.Reply(ctx, token, b)
	l.happened <- struct{}{}
	return err
}

func (w *world) running(t *testing.T, m bot.Messenger, workers int) (b *bot.Bot, stop func()) {
	t.Helper()
	o := w.options([]bot.Town{{City: w.towns[0], Messenger: m, Desk: w.desk}})
	o.Workers, o.Clock = workers, nil
	b, err := bot.New(w.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	return b, sync.OnceFunc(func() { cancel(); <-ended })
}

func TestManyResidentsAtOnceAreAllAnswered(t *testing.T) {
	w := newWorld(t)
	l := &louder{phone: w.phone, happened: make(chan struct{}, 1000)}
	b, stop := w.running(t, l, 8)
	defer stop()
	const residents, each = 12, 4
	var wg sync.WaitGroup
	events := make([][]bot.Event, residents)
	for i := range residents {
		for range each {
			e := w.words(fmt.Sprint("r", i), "介護")
			e.At = time.Now()
			events[i] = append(events[i], e)
		}
	}
	for i := range residents {
		wg.Go(func() {
			for _, e := range events[i] {
				if err := b.Accept(w.ctx, e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	waitFor(t, l.happened, "an answer to everybody", func() bool {
		w.phone.mu.Lock()
		defer w.phone.mu.Unlock()
		return len(w.phone.sent) == residents*each
	})
}

func TestClaimsAtOnceOnRunningWorkersHaveOneWinner(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.desk.heard = make(chan struct{}, 100)
	l := &louder{phone: w.phone, happened: make(chan struct{}, 1000)}
	b, stop := w.running(t, l, 8)
	defer stop()
	var wg sync.WaitGroup
	for i := range 10 {
		a := handoff.Action{ID: fmt.Sprint("click", i), City: k.City, Case: k.ID, Version: k.Version, Kind: handoff.Claim, By: fmt.Sprint("USTAFF", i), Spot: k.Card}
		wg.Go(func() {
			if err := b.Act(w.ctx, a); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	told := func() int {
		w.desk.mu.Lock()
		defer w.desk.mu.Unlock()
		return len(w.desk.whispers)
	}
	waitFor(t, w.desk.heard, "nine refusals", func() bool { return told() == 9 })
	now, err := b.Case(w.ctx, k.City, k.ID)
	if err != nil || len(now.History) != 1 || now.Owner == "" {
		t.Errorf("%v %v", now.History, err)
	}
}

// hanging is a Slack that takes calls and does not answer.
type hanging struct {
	*desk
	entered chan struct{}
	answer  chan struct{}
}

func (h *hanging) Card(ctx context.Context, at handoff.Spot, card handoff.Card, box handoff.Outbox) (handoff.Spot, error) {
	h.entered <- struct{}{}
	<-h.answer
	return h.desk.Card(ctx, at, card, box)
}

func TestASlackThatDoesNotAnswerLeavesHandsForLINE(t *testing.T) {
	w := newWorld(t)
	l := &louder{phone: w.phone, happened: make(chan struct{}, 1000)}
	h := &hanging{desk: w.desk, entered: make(chan struct{}, 100), answer: make(chan struct{})}
	o := w.options([]bot.Town{{City: w.towns[0], Messenger: l, Desk: h}})
	o.Workers, o.Clock = 4, nil
	b, err := bot.New(w.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	defer close(h.answer)
	say := func(user, text string) {
		t.Helper()
		e := w.words(user, text)
		e.At = time.Now()
		if err := b.Accept(w.ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	answered := func(user string) func() bool {
		return func() bool {
			w.phone.mu.Lock()
			defer w.phone.mu.Unlock()
			return strings.Contains(w.phone.since(user), "[consented]")
		}
	}
	for i := range 6 {
		user := fmt.Sprint("r", i)
		say(user, "職員に相談する")
		say(user, "同意する（自分のこと）")
		waitFor(t, l.happened, "the receipt of "+user, answered(user))
	}
	for range 2 {
		waitFor(t, h.entered, "a card", func() bool { return true })
	}
}

func TestStoppingLetsARunningJobFinish(t *testing.T) {
	w := newWorld(t)
	l := &louder{phone: w.phone, happened: make(chan struct{}, 10), hold: make(chan struct{}), entered: make(chan struct{})}
	b, stop := w.running(t, l, 2)
	e := w.words("r", "介護")
	if err := b.Accept(w.ctx, e); err != nil {
		t.Fatal(err)
	}
	<-l.entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Fatal("Run returned while a job was running")
	case l.hold <- struct{}{}:
	}
	<-stopped
	w.restart()
	w.drain()
	if n := len(w.phone.sent); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// sameReceipts gives the same four bytes until it was asked often enough.
type sameReceipts struct{ n, same uint64 }

func (r *sameReceipts) Read(p []byte) (int, error) {
	r.n++
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], r.n)
	clear(p)
	if len(p) > 4 || r.n > r.same {
		copy(p[max(0, len(p)-8):], b[max(0, 8-len(p)):])
	}
	return len(p), nil
}

func TestATakenReceiptNumberIsDrawnAgain(t *testing.T) {
	w := newWorld(t)
	w.useRand(&sameReceipts{same: 8})
	a, b := w.consults("a"), w.consults("b")
	if a.Receipt == b.Receipt || a.ID == b.ID {
		t.Errorf("%s and %s", a.Receipt, b.Receipt)
	}
}

func TestWhenNoReceiptNumberIsFoundTheTapIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.useRand(&sameReceipts{same: 20})
	w.consults("a")
	w.says("b", "職員に相談する")
	if got := w.taps("b", "同意する（自分のこと）"); got != "" {
		t.Fatalf("answered %s", got)
	}
	has(t, w.log.String(), "no free 受付番号")
	w.pass(time.Minute)
	has(t, w.phone.since("b"), "[consented]")
	if len(w.desk.cases()) != 2 {
		t.Error(w.desk.cases())
	}
}

func (w *world) useRand(r io.Reader) {
	w.t.Helper()
	o := w.options([]bot.Town{{City: w.towns[0], Messenger: w.phone, Desk: w.desk}})
	o.Rand = r
	b, err := bot.New(w.ctx, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.bot = b
}

func TestAJobOfAnUnknownKindOrCityDoesNotSpin(t *testing.T) {
	w := newWorld(t, smallTown("komachi"), smallTown("omachi"))
	o := w.options([]bot.Town{{City: w.towns[0], Messenger: w.phone, Desk: w.desk}})
	b, err := bot.New(w.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	e := w.words("r", "こんにちは")
	e.City = "omachi"
	if err := w.bot.Accept(w.ctx, e); err != nil { // a bot that knows both
		t.Fatal(err)
	}
	if err := w.store.Put(w.ctx, bot.Job{ID: "komachi/x", City: "komachi", Lane: "komachi/x", Kind: "dance", Due: w.now, Made: w.now, Body: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	next, err := b.Drain(w.ctx, 10)
	if err != nil || next.Before(w.now.Add(9*time.Minute)) {
		t.Errorf("next at %v, %v", next, err)
	}
	if n := strings.Count(w.log.String(), `"level":"ERROR"`); n != 2 {
		t.Errorf("%d errors in the log:\n%s", n, w.log.String())
	}
}

func TestOnePoisonousMessageStopsNobody(t *testing.T) {
	town := smallTown("komachi")
	read := town.Read
	town.Read = func(text string) (r triage.Reading) {
		if strings.Contains(text, "毒") {
			panic(text)
		}
		return read(text)
	}
	w := newWorld(t, town)
	w.says("r", "こんにちは")
	if got := w.says("r", "毒のことば、とても長い文章です"); got != "" {
		t.Fatal(got)
	}
	has(t, w.says("other", "こんにちは"), "何のことですか")
	w.pass(2 * time.Minute)
	has(t, w.says("r", "介護"), "1 お金")
	has(t, w.log.String(), `"level":"ERROR"`, "panic", "given up")
	hasNot(t, w.log.String(), "毒")
}

// faulty is a store whose verbs fail on demand.
type faulty struct {
	bot.Store
	take  atomic.Bool
	takes atomic.Int64
	retry atomic.Bool
}

var errDisk = errors.New("the disk is full")

func (f *faulty) Take(ctx context.Context, token string, now time.Time, lease time.Duration) (*bot.Job, time.Time, error) {
	f.takes.Add(1)
	if f.take.Load() {
		return nil, time.Time{}, errDisk
	}
	return f.Store.Take(ctx, token, now, lease)
}

func (f *faulty) Retry(ctx context.Context, token, job string, due time.Time) error {
	if f.retry.Load() {
		return errDisk
	}
	return f.Store.Retry(ctx, token, job, due)
}

// sleepy is a store that holds nothing: only what a worker asks is there.
type sleepy struct{ bot.Store }

func (sleepy) Keep(_ context.Context, _ string, v []byte) ([]byte, error) { return v, nil }
func (sleepy) Waiting(context.Context, time.Time) (int, time.Time, error) {
	return 0, time.Time{}, nil
}
func (sleepy) Sweep(context.Context, time.Time, time.Time, time.Time) ([]string, error) {
	return nil, nil
}

func TestAStoreThatIsDownIsLoggedOnceAMinute(t *testing.T) {
	var log lockedBuffer
	k := keys(t, 1)
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{Store: sleepy{}}
		f.take.Store(true)
		b, err := bot.New(context.Background(), bot.Options{Store: f, Keys: k, Log: jsonLog(&log)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 150*time.Second)
		defer cancel()
		b.Run(ctx)
		if n := strings.Count(log.String(), errDisk.Error()); n != 3 {
			t.Errorf("%d lines in 150 seconds", n)
		}
		if n := f.takes.Load(); n > 16*160 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestWhenRetryFailsTheLeaseRunsOutAndTheJobIsTakenAgain(t *testing.T) {
	w := newWorld(t)
	f := &faulty{Store: w.store}
	o := w.options([]bot.Town{{City: w.towns[0], Messenger: w.phone, Desk: w.desk}})
	o.Store = f
	b, err := bot.New(w.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	w.bot = b
	w.phone.down = true
	f.retry.Store(true)
	w.says("r", "介護")
	w.phone.down = false
	f.retry.Store(false)
	w.pass(16 * time.Second)
	has(t, w.phone.since("r"), "何のことですか")
}
