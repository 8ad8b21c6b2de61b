package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// Field is one of the town's fields, for the menus.
type Field struct{ ID, Name string }

// Options say which Slack app serves which city, and whom to ask and tell.
type Options struct {
	City  string
	Token string // xoxb-…
	// SigningSecrets verify requests over HTTP; any of them counts. With an
	// AppToken (xapp-…) Slack may be reached over Socket Mode instead.
	SigningSecrets []string
	AppToken       string
	APIURL         string // ends in /api/; "" is Slack's own
	// Channels are channel IDs by field; "default" is required.
	Channels map[string]string
	// DutyGroup is the user group whose members may act, S…; "" means every full
	// member of the workspace who is in the channel.
	DutyGroup string
	// Duty says who is called at a moment instead of the duty group: people (U…,
	// W…) and user groups (S…); none = the group is. It may be nil. Who may act is
	// the group's matter alone.
	Duty    func(time.Time) []string
	Command string // of the slash command, with its slash; "" = none
	Fields  []Field

	// ClosedNotice is true where residents hear that their case was closed.
	ClosedNotice bool

	// Looking has room for who holds a picture in memory to look at it: several
	// desks may share one. nil = this one has MaxLooks.
	Looking chan struct{}

	// Canned are the texts that a message may start from; none = there is no menu.
	Canned []handoff.Canned

	// Look reads a case, Find the one whose card is a thread's root; both return
	// handoff.ErrNoCase when there is none. Find may be nil: then there is no
	// shortcut.
	Look func(ctx context.Context, id string) (handoff.Case, error)
	Find func(ctx context.Context, channel, thread string) (handoff.Case, error)
	// Accept stores an action; the same ID twice is once. A *handoff.Refusal is
	// shown to who acted.
	Accept func(ctx context.Context, a handoff.Action) error
	// List answers the slash command: what is list, mine or find. Its text may
	// hold <@U…> mentions, all else is shown literally. nil = help only.
	List func(ctx context.Context, user, what, arg string) (string, error)
	// Home fills a person's home tab, of one field or ("") of all; nil = there is
	// none.
	Home func(ctx context.Context, user, field string) (handoff.Home, error)
	// Edited hears that somebody changed or deleted a message in a thread; it says
	// nothing when that message was never sent. gone is true when it, or its picture,
	// was deleted. id is the same for the same change, however often it arrives. It may
	// be nil.
	Edited func(ctx context.Context, channel, thread, ts, id string, gone bool) error
	// Preview is the text as the phone will show it, with the line of who it is
	// from; nil shows the text alone.
	Preview func(c handoff.Case, a handoff.Action) string
	// Pictures is the largest picture, in bytes, that staff may send along; 0 = none.
	// PictureNo says why one cannot be sent, "" = it can.
	Pictures  int64
	PictureNo func(data []byte) string
	// Warn names what is better not written to a resident, beside what looks like
	// a telephone number or an address; it may be nil.
	Warn func(text string) []string

	Files     bool // the city shows pictures and files
	ShowNames bool // actions carry who acted by name
	// Clock is the city's; nil means the machine's. Only times of actions and of
	// outgoing messages are read by it.
	Clock  func() time.Time
	Log    *slog.Logger
	Client *http.Client // nil means one with a timeout of 8 s
}

// Desk is one city's Slack. Make it with New, end it with Close.
type Desk struct {
	o      Options
	api    *api.Client
	client *http.Client
	log    *slog.Logger
	budget *budget

	me       kept[identity]
	users    kept[*api.User]
	rooms    kept[*api.Channel]
	rosters  kept[map[string]bool]
	homes    paused
	viewers  viewers
	looks    kept[string]  // why pictures cannot be sent, by file
	looking  chan struct{} // filled by who holds a picture in memory
	unknown  atomic.Int64
	base     context.Context
	stop     context.CancelFunc
	slots    chan struct{}
	under    sync.WaitGroup
	closing  sync.Mutex
	finished bool
}

var _ handoff.Desk = (*Desk)(nil)

// Limits of time. Slack wants an answer within 3 s; a Desk's call ends within 8.
const (
	callTime  = 8 * time.Second
	ackTime   = 2300 * time.Millisecond
	afterTime = 5 * time.Second
	maxAfter  = 16 // pieces of work after an acknowledgement at once
	maxAnswer = 8 << 20
)

// New makes a city's Desk. It asks nothing of Slack: that Slack is away or a
// token wrong shows in the first call and in Check.
func New(o Options) (*Desk, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("slack of %q: %w", o.City, err)
	}
	if o.APIURL == "" {
		o.APIURL = "https://slack.com/api/"
	}
	o.APIURL = strings.TrimRight(o.APIURL, "/") + "/"
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client := &http.Client{Timeout: callTime}
	if o.Client != nil {
		*client = *o.Client
	}
	client.Transport = capped{client.Transport}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	d := &Desk{
		o: o, client: client, log: o.Log.With("city", o.City), budget: newBudget(),
		// No OptionRetry: a repeated post could be a second post.
		api: api.New(o.Token, api.OptionAPIURL(o.APIURL), api.OptionAppLevelToken(o.AppToken),
			api.OptionHTTPClient(client), api.OptionLog(mute{})),
		slots: make(chan struct{}, maxAfter), looking: o.Looking,
	}
	if d.looking == nil {
		d.looking = make(chan struct{}, MaxLooks)
	}
	d.base, d.stop = context.WithCancel(context.Background())
	return d, nil
}

func (o Options) check() error {
	switch {
	case o.City == "":
		return errors.New("no city")
	case o.Token == "":
		return errors.New("no bot token")
	case o.AppToken == "" && len(o.SigningSecrets) == 0:
		return errors.New("neither a signing secret nor an app token")
	case o.Channels["default"] == "":
		return errors.New("no default channel")
	case o.Pictures > 0 && o.PictureNo == nil:
		return errors.New("nobody to look at pictures")
	case o.Look == nil || o.Accept == nil:
		return errors.New("nobody to look at cases and accept actions")
	}
	for _, s := range o.SigningSecrets {
		if s == "" {
			return errors.New("an empty signing secret")
		}
	}
	if u, err := url.Parse(o.APIURL); o.APIURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("api_url is no address")
	}
	return nil
}

// Close ends work under way after acknowledgements; it waits for it.
func (d *Desk) Close() {
	d.closing.Lock()
	d.finished = true
	d.closing.Unlock()
	d.viewers.end()
	d.stop()
	d.under.Wait()
}

// later runs work that an acknowledgement does not wait for.
func (d *Desk) later(work func(context.Context)) {
	d.closing.Lock()
	defer d.closing.Unlock()
	if d.finished {
		return
	}
	select {
	case d.slots <- struct{}{}:
	default:
		d.log.Warn("too much to tell people at once; one was left out")
		return
	}
	d.under.Go(func() {
		defer func() { <-d.slots }()
		ctx, cancel := context.WithTimeout(d.base, afterTime)
		defer cancel()
		work(ctx)
	})
}

// strange counts what Slack sent and nobody here knows. Its content stays out
// of the log.
func (d *Desk) strange(kind string) {
	d.log.Warn("Slack sent something unknown", "kind", code(kind), "count", d.unknown.Add(1))
}

// Backoff is how long Slack has asked to wait yet, 0 = not at all.
func (d *Desk) Backoff() time.Duration { return d.budget.rest() }

// Unknown is how many payloads were not understood so far.
func (d *Desk) Unknown() int64 { return d.unknown.Load() }

// mute keeps the library's lines, which may hold texts, out of the log.
type mute struct{}

func (mute) Output(int, string) error { return nil }

// capped bounds what is read of an answer.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	next := c.next
	if next == nil {
		next = http.DefaultTransport
	}
	res, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}
