// Package demo shows the program at work without an account anywhere: a
// resident's phone and the staff's Slack on one page, and between them the
// program itself, which talks to a LINE and a Slack that stand on this machine.
//
// The page needs nothing from outside. It listens to whom the caller says, and
// answers only requests that come from itself.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Options say what is shown.
type Options struct {
	Cities []City // in the order of the page's list; at least one
	City   string // ID of the city shown first; the first one when empty
	Listen string // host:port of the page; port 0 takes a free one
	// Start runs the program for one world. ctx bounds the start only; the
	// program runs until its Stop. It is never called while another one runs.
	Start func(ctx context.Context, w World) (Program, error)
	Log   *slog.Logger // nil: nothing is logged
}

// City is a city that can be chosen.
type City struct {
	ID, Name string
	// Channels are the staff's channels besides the one for everything.
	Channels []Channel
}

// Channel is a staff channel: Key as in the configuration's slack.channels,
// Name as people say it. The Slack channel is called soudan-<Key>.
type Channel struct{ Key, Name string }

// World is what the program runs in: the two platforms of one city, the city's
// clock, and where to keep data.
type World struct {
	City  string
	LINE  LINE
	Slack Slack
	// Offset is how far the city's clock stands from the machine's. It may be
	// later than at the last start in the same Dir, never earlier.
	Offset time.Duration
	Dir    string // exists; the same for every start of this world
	// PublicURL is where LINE fetches pictures from.
	PublicURL string
}

// LINE is the account as the program must be configured for it.
type LINE struct{ Secret, Token, APIURL string }

// Slack is the app as the program must be configured for it, over HTTP.
type Slack struct {
	BotToken, SigningSecret, APIURL string
	Channels                        map[string]string // "default" and the city's keys → channel ID
	DutyGroup                       string            // ID of the user group that may act
}

// Program is a program that runs.
type Program struct {
	URL  string // its door: /line/{city}/webhook and /slack/{city}/… are below
	Stop func() // ends it; returns when its files are closed
	// Drill has it post a 訓練 card; nil = it cannot.
	Drill func(context.Context) error
}

// startTime bounds one start of the program.
const startTime = 30 * time.Second

// Demo is the page and the worlds behind it.
type Demo struct {
	o        Options
	log      *slog.Logger
	listener net.Listener
	dir      string

	// turn is held for reading while somebody acts, for writing while the
	// program is started, stopped or exchanged.
	turn sync.RWMutex

	mu      sync.Mutex // guards what follows
	changed chan struct{}
	worlds  map[string]*world
	shown   *world
	busy    string // what the program is waiting for, as the page says it
	notice  notice
	made    int // worlds made so far
}

// notice is a sentence for the page's visitor; each has another number.
type notice struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

// New opens the page's address; Run serves it.
func New(o Options) (*Demo, error) {
	if len(o.Cities) == 0 || o.Start == nil {
		return nil, errors.New("demo: at least one city and a way to start the program are needed")
	}
	if o.City == "" {
		o.City = o.Cities[0].ID
	}
	d := &Demo{o: o, log: o.Log, changed: make(chan struct{}), worlds: map[string]*world{}}
	if _, known := d.city(o.City); !known {
		return nil, fmt.Errorf("demo: no city %q", o.City)
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d.listener = l
	return d, nil
}

// URL is the page's address.
func (d *Demo) URL() string { return "http://" + d.listener.Addr().String() + "/" }

// Run shows the page until ctx ends, then stops the program and removes every
// trace of the worlds. It can be called once.
func (d *Demo) Run(ctx context.Context) error {
	defer d.listener.Close()
	dir, err := os.MkdirTemp("", "tsunagu-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	d.dir = dir
	defer d.end()
	if err := d.show(ctx, d.o.City, 0, false); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	server := &http.Server{
		Handler: d.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(d.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(d.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("demo: %w", err)
	case <-ctx.Done():
		return server.Close()
	}
}

func (d *Demo) end() {
	d.turn.Lock()
	defer d.turn.Unlock()
	for _, w := range d.worlds {
		w.close()
	}
}

func (d *Demo) city(id string) (City, bool) {
	i := slices.IndexFunc(d.o.Cities, func(c City) bool { return c.ID == id })
	if i < 0 {
		return City{}, false
	}
	return d.o.Cities[i], true
}

// show runs the program in a city's world, which is made if there is none yet or
// a fresh one is wanted. Only the shown city's program runs.
func (d *Demo) show(ctx context.Context, id string, offset time.Duration, fresh bool) error {
	city, known := d.city(id)
	if !known {
		return sorry("その自治体はありません。")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTime)
	defer cancel()
	if now := d.now(); now != nil {
		now.stop()
	}
	old := d.worlds[id]
	if old != nil && !fresh {
		d.tell(func() { d.shown = old })
		return old.start(ctx, d.o.Start)
	}
	if old != nil {
		old.close()
	}
	d.made++
	w, err := makeWorld(city, d.made, filepath.Join(d.dir, fmt.Sprintf("%s-%d", city.ID, d.made)), offset)
	if err != nil {
		return err
	}
	d.tell(func() { d.worlds[id], d.shown = w, w })
	return w.start(ctx, d.o.Start)
}

// now is the world that is shown; nil before the first.
func (d *Demo) now() *world {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown
}

// tell changes what the page shows.
func (d *Demo) tell(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *Demo) say(text string) {
	d.tell(func() { d.notice = notice{d.notice.Number + 1, text} })
}

// exchange does what needs the program to itself, and says meanwhile what for.
func (d *Demo) exchange(what string, do func() error) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	d.tell(func() { d.busy = what })
	defer d.tell(func() { d.busy = "" })
	return do()
}
