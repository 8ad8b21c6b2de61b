package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// Town is a city with its two sides. Without a Desk, cards wait in the store.
type Town struct {
	City      *City
	Messenger Messenger
	Desk      handoff.Desk
	// Second is asked about words that the rules do not settle; nil = nobody is.
	Second triage.Classifier
}

// Options are what a Bot needs.
type Options struct {
	Store Store
	Keys  *Keys
	Towns []Town
	// Clock is the city's clock; nil means the machine's. It may be shifted
	// against the machine's, but runs as fast.
	Clock func() time.Time
	// Workers is how many jobs run at the same time; 0 means 256.
	Workers int
	// Shared is true when other processes use the same store: then nobody sleeps
	// longer than a second.
	Shared bool
	Log    *slog.Logger
	Meter  *Meter
	// Trace hears of every piece of work when it is done, and must not block; nil =
	// nobody does.
	Trace func(Span)
	// Public is the https origin at which the outside reaches this program; without
	// one no picture is sent to a resident.
	Public string
	// Rand draws case IDs and 受付番号; nil means crypto/rand.
	Rand io.Reader
}

// Bot accepts what both sides do, thinks and speaks.
type Bot struct {
	store   Store
	keys    *Keys
	namer   Namer
	towns   map[string]Town
	clock   func() time.Time
	workers int
	shared  bool
	log     *slog.Logger
	meter   *Meter
	trace   func(Span)
	randMu  sync.Mutex
	rand    io.Reader
	public  string
	hands   chan struct{} // one for each worker that is free, while Run runs
	desks   chan struct{} // filled by who speaks to Slack: few, and at most half of the hands
	pickers chan struct{} // filled by who holds a picture or file in memory
	wake    chan struct{}
	drawn   *drawn
	vain    vain
	shown   shown
	recent  recent
	// troubled is the second in which an error of the store was logged last.
	troubled atomic.Int64
}

// maxDesks is how many speak to Slack at once: it takes about one post a second.
const maxDesks = 32

// New opens a bot on a store. It makes the naming key when the store has none.
func New(ctx context.Context, o Options) (*Bot, error) {
	b := &Bot{
		store: o.Store, keys: o.Keys, towns: map[string]Town{}, clock: o.Clock, workers: o.Workers,
		shared: o.Shared, log: o.Log, meter: o.Meter, trace: o.Trace, rand: o.Rand, drawn: newDrawn(), public: PictureOrigin(o.Public),
	}
	if b.workers <= 0 {
		b.workers = 256
	}
	if b.clock == nil {
		b.clock = time.Now
	}
	if b.rand == nil {
		b.rand = rand.Reader
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.meter == nil {
		b.meter = NewMeter(nil)
	}
	b.hands, b.wake = make(chan struct{}, b.workers), make(chan struct{}, takers)
	b.desks, b.pickers = make(chan struct{}, max(1, min(maxDesks, b.workers/2))), make(chan struct{}, maxPickers)
	for _, t := range o.Towns {
		b.meter.Cards.WithLabelValues(t.City.ID)
		if t.Desk != nil {
			t.Desk = counted{t.Desk, b.meter.Desk}
		}
		b.towns[t.City.ID] = t
	}
	var err error
	if b.namer.key, err = namingKey(ctx, o.Store, o.Keys); err != nil {
		return nil, fmt.Errorf("the naming key: %w", err)
	}
	return b, nil
}

// namingName is what the naming key and its copies are kept under.
const namingName = "naming key"

// namingKey makes the naming key or reads it. What is kept once cannot be sealed
// anew, so that every sealing key in front keeps a copy of its own: after a
// rotation the old one can go.
func namingKey(ctx context.Context, store Store, keys *Keys) ([]byte, error) {
	const name = namingName
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh)
	kept, err := store.Keep(ctx, name, keys.sealBytes(name, fresh))
	if err != nil {
		return nil, err
	}
	own := name + " " + keys.name()
	key, err := keys.openBytes(name, kept)
	switch {
	case errors.Is(err, ErrUnknownKey):
		copied, kerr := store.Keep(ctx, own, nil)
		if kerr != nil || len(copied) == 0 {
			return nil, errors.Join(err, kerr)
		}
		return keys.openBytes(own, copied)
	case err == nil && !keys.current(kept):
		_, err = store.Keep(ctx, own, keys.sealBytes(own, key))
	}
	return key, err
}

// Now is the city's clock, in Asia/Tokyo.
func (b *Bot) Now() time.Time { return b.clock().In(tokyo) }

// Conversation names a resident's conversation.
func (b *Bot) Conversation(city, user string) string { return b.namer.Conversation(city, user) }

// Accept stores what a resident did. Nil means that it will be thought, even
// after a crash; the same event ID again changes nothing. Free hands begin at
// once: a single event they think before it is stored, and store with what came of
// it.
func (b *Bot) Accept(ctx context.Context, events ...Event) error {
	jobs := make([]Job, 0, len(events))
	thoughts := make([]*thought, 0, len(events))
	for _, e := range events {
		if _, ok := b.towns[e.City]; !ok {
			return fmt.Errorf("no such city")
		}
		e.Got = b.Now()
		id := e.City + "/line/" + e.ID
		th := thought{Event: &e}
		lane := e.City + "/leave/think"
		kind := kindThink
		if e.User != "" && e.Kind != Join {
			th.Conv = b.namer.Conversation(e.City, e.User)
			lane = th.Conv + laneThink
		} else if e.Kind != Join {
			continue // nobody to answer
		}
		jobs = append(jobs, Job{ID: id, City: e.City, Lane: lane, Kind: kind, Due: e.Got, Made: e.Got})
		thoughts = append(thoughts, &th)
	}
	if len(jobs) == 0 {
		return nil
	}
	start := time.Now()
	if len(jobs) == 1 && b.atOnce(ctx, &jobs[0], thoughts[0], start) {
		return nil
	}
	for i := range jobs {
		var err error
		if jobs[i].Body, err = b.keys.seal(jobs[i].ID, thoughts[i]); err != nil {
			return err
		}
		select {
		case <-b.hands:
			jobs[i].Hold = b.hold()
			jobs[i].Hold.Load = thoughts[i].Conv
		default:
		}
	}
	err := b.store.Put(ctx, jobs...)
	if b.trace != nil {
		b.accepted(jobs, err, start)
	}
	waiting := 0
	for i := range jobs {
		h := jobs[i].Hold
		switch {
		case err == nil && h != nil && h.Got:
			go b.work(&task{Job: &jobs[i], token: h.Token, goes: true, thought: thoughts[i], hold: h})
			continue
		case h != nil:
			b.hands <- struct{}{}
		}
		waiting++
	}
	if err == nil {
		b.nudge(waiting)
	}
	return err
}

// atOnce thinks a job that nobody has put and stores it done, with what follows
// from it; false when its conversation is not at hand, when no hands are free, or
// when it must wait its turn after all.
func (b *Bot) atOnce(ctx context.Context, job *Job, th *thought, start time.Time) bool {
	from := b.recent.take(th.Conv)
	if from == nil {
		return false
	}
	if from.said != nil {
		// LINE has the last answer, or the resident could hardly write again: a moment
		// later its lane is free.
		late := time.NewTimer(saidTime)
		select {
		case <-from.said:
		case <-late.C:
		}
		late.Stop()
	}
	select {
	case <-b.hands:
	default:
		return false
	}
	t := &task{Job: job, token: b.token(), goes: true, thought: th, hold: &Hold{Record: from.Record},
		fresh: &Fresh{Lane: job.Lane, Made: job.Made, From: from.ID, Body: from.Body}}
	next, err := b.try(ctx, t)
	if err == nil {
		b.meter.Jobs.WithLabelValues(job.Kind, "done").Inc()
		if b.trace != nil {
			b.accepted([]Job{*job}, nil, start)
			b.traced(job, job.Kind, "done", start)
		}
		if next != nil {
			go b.work(next)
			return true
		}
	}
	b.hands <- struct{}{}
	return err == nil
}

// Act stores what a member of staff did. The adapter has checked who they are.
func (b *Bot) Act(ctx context.Context, a handoff.Action) error {
	if _, ok := b.towns[a.City]; !ok {
		return ErrNotFound
	}
	if a.Kind == handoff.Drill {
		if !strings.HasPrefix(a.Case, drillID(a.City, "")) {
			return ErrNotFound
		}
		return b.clicked(ctx, a)
	}
	k, err := b.Case(ctx, a.City, a.Case)
	if err != nil {
		return err
	}
	now := b.Now()
	a.At = now
	id := a.City + "/slack/" + a.ID
	body, err := b.keys.seal(id, thought{Conv: k.Conversation, Case: k.ID, Action: &a})
	if err != nil {
		return err
	}
	job := Job{ID: id, City: a.City, Lane: k.Conversation + laneThink, Kind: kindThink, Due: now, Made: now, Body: body}
	start := time.Now()
	err = b.store.Put(ctx, job)
	if b.trace != nil {
		b.accepted([]Job{job}, err, start)
	}
	if err == nil {
		b.nudge(1)
	}
	return err
}

// Case reads a case; ErrNotFound when the city has none of that ID.
func (b *Bot) Case(ctx context.Context, city, id string) (handoff.Case, error) {
	var k handoff.Case
	if !strings.HasPrefix(id, city+"/c/") {
		return k, ErrNotFound // another city's, or no case
	}
	r, err := b.store.Load(ctx, id)
	if err != nil {
		return k, err
	}
	return k, b.keys.open(id, r.Body, &k)
}

// Find reads a case by a key: receipt/みかん-4821 or thread/C01/1700000000.000100.
func (b *Bot) Find(ctx context.Context, city, key string) (handoff.Case, error) {
	var k handoff.Case
	r, err := b.store.Find(ctx, city, key)
	if err != nil {
		return k, err
	}
	return k, b.keys.open(r.ID, r.Body, &k)
}

// nudge wakes up to n who look for jobs.
func (b *Bot) nudge(n int) {
	for range min(n, takers) {
		select {
		case b.wake <- struct{}{}:
		default:
			return
		}
	}
}

// draw makes a case ID and a 受付番号.
func (b *Bot) draw() (id, receipt string) {
	b.randMu.Lock()
	defer b.randMu.Unlock()
	id = randomID(b.rand)
	var n [4]byte
	_, _ = io.ReadFull(b.rand, n[:])
	return id, handoff.Receipt(uint32(n[0])<<24 | uint32(n[1])<<16 | uint32(n[2])<<8 | uint32(n[3]))
}

var tokyo = directory.Tokyo
