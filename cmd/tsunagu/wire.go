package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tsunagu/bot"
	"tsunagu/bot/line"
	"tsunagu/bot/redisstore"
	"tsunagu/config"
	"tsunagu/handoff"
	"tsunagu/handoff/slack"
)

// settings are what a running program is made of: read from tsunagu.yaml by
// serve, made up by the demo.
type settings struct {
	Store  string // sqlite:PATH or redis…://
	Keys   *bot.Keys
	Cities []citySettings
	LLM    *config.LLM // nil = no second opinion
	// Clock is the city's clock; nil = TSUNAGU_NOW or the machine's.
	Clock func() time.Time
	Log   *slog.Logger
	// PublicURL is where the outside reaches the program; LINE fetches pictures there.
	PublicURL string
	// Traces is the address of an OTLP collector, "" = no traces.
	Traces string
}

type citySettings struct {
	City  *bot.City
	LINE  lineSettings
	Slack slackSettings
}

type lineSettings struct {
	Secrets       []string
	Token, APIURL string
	DataURL       string
}

type slackSettings struct {
	BotToken       string
	SigningSecrets []string
	AppToken       string
	APIURL         string
	Channels       map[string]string
	DutyGroup      string
	Command        string
}

// program is all of tsunagu but its listeners.
type program struct {
	bot   *bot.Bot
	store bot.Store
	door  *http.ServeMux // LINE, Slack and /healthz
	ops   *http.ServeMux // /readyz and /metrics
	// work are what runs beside the listeners until its context ends.
	work  []func(context.Context)
	close []func() error // run in reverse
}

// wire builds the program: one straight line, each part from those before it.
// What was opened is closed again when a later part fails.
func wire(ctx context.Context, s settings) (p *program, err error) {
	p = &program{door: http.NewServeMux(), ops: http.NewServeMux()}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	var ids []string
	for _, c := range s.Cities {
		ids = append(ids, c.City.ID)
	}
	shared := !strings.HasPrefix(s.Store, "sqlite:")
	if p.store, err = awaitStore(ctx, s.Store, ids, s.Log); err != nil {
		return p, err
	}
	p.close = append(p.close, p.store.Close)
	clock := s.Clock
	if clock == nil {
		if clock, err = cityClock(ctx, p.store, s.Log); err != nil {
			return p, err
		}
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	// The desks look cases up in the bot, and the bot speaks through the desks.
	// Nothing calls either before both are there.
	var desks []*slack.Desk
	var towns []bot.Town
	meter := bot.NewMeter(reg)
	looking := make(chan struct{}, slack.MaxLooks) // a picture takes its memory from all cities
	origin := bot.PictureOrigin(s.PublicURL)
	opinion := second(s.LLM, clock, meter.Asked, s.Log)
	for _, c := range s.Cities {
		m, err := line.NewMessenger(line.MessengerOptions{Token: c.LINE.Token, APIURL: c.LINE.APIURL, DataURL: c.LINE.DataURL})
		if err != nil {
			return p, fmt.Errorf("%s: %w", c.City.ID, err)
		}
		so := slackOptions(c, origin != "", s.Log, clock, func() *bot.Bot { return p.bot })
		so.Looking = looking
		d, err := slack.New(so)
		if err != nil {
			return p, fmt.Errorf("%s: %w", c.City.ID, err)
		}
		p.close = append(p.close, func() error { d.Close(); return nil })
		desks = append(desks, d)
		towns = append(towns, bot.Town{City: c.City, Messenger: m, Desk: d, Second: opinion})
	}
	o := bot.Options{Store: p.store, Keys: s.Keys, Towns: towns, Clock: clock, Shared: shared, Log: s.Log, Meter: meter, Public: origin}
	if s.Traces != "" {
		if t, err := newTracer(s.Traces, s.Log); err != nil {
			s.Log.Warn("there are no traces", "error", err)
		} else {
			o.Trace = t.hear
			p.work = append(p.work, t.run)
		}
	}
	p.bot, err = bot.New(ctx, o)
	if err != nil {
		return p, err
	}
	knocks := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tsunagu_webhooks_total",
		Help: "What LINE and Slack, or others in their name, sent here, by the status they got."}, []string{"city", "from", "code"})
	reg.MustRegister(knocks)
	learned := make(chan struct{})
	fallback := func(ctx context.Context, e bot.Event) {
		select {
		case <-learned:
			p.bot.Fallback(ctx, e)
		case <-ctx.Done(): // LINE sends the event again
		}
	}
	for i, c := range s.Cities {
		if err := p.openDoors(c, desks[i], knocks, fallback, s.Log); err != nil {
			return p, fmt.Errorf("%s: %w", c.City.ID, err)
		}
	}
	if origin != "" && slices.ContainsFunc(s.Cities, func(c citySettings) bool { return c.City.Pictures.On() }) {
		p.door.Handle("/picture/", line.Pictures(p.bot.Picture))
	}
	p.work = append(p.work, func(ctx context.Context) {
		learn(ctx, s.Cities)
		close(learned)
		p.bot.Run(ctx)
	})
	p.door.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	p.ops.HandleFunc("GET /readyz", p.ready)
	reg.MustRegister(&gauges{bot: p.bot, store: p.store, cities: ids, desks: desks})
	p.ops.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Timeout: 5 * time.Second}))
	return p, nil
}

// openDoors lets in what LINE and Slack send to one city, and counts it.
func (p *program) openDoors(c citySettings, d *slack.Desk, knocks *prometheus.CounterVec, fallback func(context.Context, bot.Event), log *slog.Logger) error {
	handle := func(from, path string, h http.Handler) {
		knocks.WithLabelValues(c.City.ID, from, "200")
		knocks.WithLabelValues(c.City.ID, from, "401")
		mine := knocks.MustCurryWith(prometheus.Labels{"city": c.City.ID, "from": from})
		p.door.Handle("/"+from+"/"+c.City.ID+"/"+path, promhttp.InstrumentHandlerCounter(mine, h))
	}
	hook, err := line.NewWebhook(line.WebhookOptions{City: c.City.ID, Secrets: c.LINE.Secrets, Accept: p.bot.Accept, Fallback: fallback, Log: log})
	if err != nil {
		return err
	}
	handle("line", "webhook", hook)
	if len(c.Slack.SigningSecrets) > 0 {
		handle("slack", "events", d.Events())
		handle("slack", "interactions", d.Interactions())
		handle("slack", "commands", d.Commands())
	}
	if c.Slack.AppToken != "" {
		p.work = append(p.work, func(ctx context.Context) {
			if err := d.RunSocket(ctx); err != nil && ctx.Err() == nil {
				log.Error("Socket Mode ended", "city", c.City.ID, "error", err)
			}
		})
	}
	return nil
}

// learn makes the readers of free text ready, which takes seconds only where examples
// must be learned anew: the door takes in and stores what comes meanwhile, and nobody
// thinks yet.
func learn(ctx context.Context, cities []citySettings) {
	for _, c := range cities {
		if ctx.Err() == nil {
			c.City.Crisis("") // on first use
		}
	}
	// Reading the cities leaves more behind than the program needs from here on.
	debug.FreeOSMemory()
}

// slackOptions connect a city's desk with the bot; reached is true when LINE can fetch
// pictures here.
func slackOptions(c citySettings, reached bool, log *slog.Logger, clock func() time.Time, b func() *bot.Bot) slack.Options {
	id := c.City.ID
	o := slack.Options{
		City: id, Token: c.Slack.BotToken, SigningSecrets: c.Slack.SigningSecrets, AppToken: c.Slack.AppToken, APIURL: c.Slack.APIURL,
		Channels: c.Slack.Channels, DutyGroup: c.Slack.DutyGroup, Command: c.Slack.Command, ShowNames: c.City.StaffNames, Clock: clock, Log: log,
		Accept: func(ctx context.Context, a handoff.Action) error { return noCase(b().Act(ctx, a)) },
		Look: func(ctx context.Context, name string) (handoff.Case, error) {
			k, err := b().Case(ctx, id, name)
			return k, noCase(err)
		},
		Find: func(ctx context.Context, channel, ts string) (handoff.Case, error) {
			k, err := b().Find(ctx, id, "thread/"+channel+"/"+ts)
			return k, noCase(err)
		},
		Duty:         c.City.Directory.Calendar.OnDuty,
		Files:        c.City.Attachments.On(),
		Canned:       c.City.Canned,
		ClosedNotice: c.City.NoticeClosed,
		Preview:      c.City.Preview,
		Warn:         c.City.Doubts,
		Edited: func(ctx context.Context, channel, thread, ts, change string, gone bool) error {
			return noCase(b().Edited(ctx, id, channel, thread, ts, change, gone))
		},
		Home: func(ctx context.Context, user, field string) (handoff.Home, error) {
			return b().Home(ctx, id, user, field)
		},
		List: func(ctx context.Context, user, what, arg string) (string, error) {
			return b().List(ctx, id, user, what, arg)
		},
	}
	if reached && c.City.Pictures.On() {
		o.Pictures, o.PictureNo = c.City.Pictures.Max, c.City.PictureNo
	}
	for _, f := range c.City.Directory.Fields {
		o.Fields = append(o.Fields, slack.Field{ID: f.ID, Name: f.Name})
	}
	return o
}

// noCase says "no such case" in the desk's words.
func noCase(err error) error {
	if errors.Is(err, bot.ErrNotFound) {
		return handoff.ErrNoCase
	}
	return err
}

// Close closes what was opened, last first.
func (p *program) Close() error {
	var errs []error
	for _, c := range slices.Backward(p.close) {
		errs = append(errs, c())
	}
	p.close = nil
	return errors.Join(errs...)
}

// ready says whether the store answers; LINE, Slack and the LLM do not count, nor a town
// whose slot is on its way: the others go on.
func (p *program) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, _, err := p.store.Waiting(ctx, p.bot.Now()); err != nil && !errors.Is(err, redisstore.ErrMoving) {
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
