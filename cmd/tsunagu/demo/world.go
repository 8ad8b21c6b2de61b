package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// The people in every workspace, by what they do.
var staff = []person{
	{"UTOUBANA", "当番A", "窓口の当番", false},
	{"UTOUBANB", "当番B", "窓口の当番", false},
	{"UKAKARI", "係長", "当番をまとめる人", false},
	{"UHOUKATSU", "包括の職員", "委託先。高齢の相談を受ける", false},
	{"UGUEST", "ゲスト", "見るだけ。操作はできない", true},
}

type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	Guest bool   `json:"guest"`
}

// dutyGroup holds everyone who may act.
const dutyGroup = "S01DUTY"

// world is one city with its two platforms. The fakes live as long as the
// world; the program between them comes and goes.
type world struct {
	city     City
	number   int // another for each world
	spec     World
	line     *linetest.Server
	slack    *slacktest.Server
	resident *linetest.Resident
	servers  []*http.Server

	// Changed only while Demo.turn is held for writing.
	program *Program // nil while none runs
	friend  bool     // the resident has added the account

	mu       sync.Mutex // guards what follows
	clock    timeline
	faults   map[string]func() // switches that are on, with what ends them
	lastFail string            // why the program does not run
	blocked  bool              // the resident has blocked the account
	door     string            // where the program was reached last
}

// makeWorld opens both platforms on free ports of this machine.
func makeWorld(city City, number int, dir string, offset time.Duration) (*world, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	w := &world{city: city, number: number, faults: map[string]func(){}, clock: timeline{{time.Time{}, offset}}}
	w.spec = World{
		City: city.ID, Offset: offset, Dir: dir, PublicURL: publicURL,
		LINE:  LINE{Secret: rand.Text(), Token: rand.Text()},
		Slack: Slack{BotToken: "xoxb-" + rand.Text(), SigningSecret: rand.Text(), Channels: map[string]string{}, DutyGroup: dutyGroup},
	}
	// Both platforms keep the machine's time: signatures and tokens are judged by
	// it. The page adds the offset when it shows a time.
	w.line = linetest.New(linetest.Options{ChannelSecret: w.spec.LINE.Secret, ChannelToken: w.spec.LINE.Token, Web: web{w}})
	w.slack = slacktest.New(slacktest.Options{BotToken: w.spec.Slack.BotToken, SigningSecret: w.spec.Slack.SigningSecret,
		Scopes: append(slacktest.DefaultScopes(), "files:read")})
	w.resident = w.line.Resident("")
	w.people()
	var err error
	if w.spec.LINE.APIURL, err = w.serve(w.line); err != nil {
		w.close()
		return nil, err
	}
	address, err := w.serve(w.slack)
	if err != nil {
		w.close()
		return nil, err
	}
	w.slack.SetURL(address)
	w.spec.Slack.APIURL = w.slack.APIURL()
	return w, nil
}

// people fills the workspace. The contracted-out centre's staff see the elderly
// channel only, where there is one; a guest sees everything and may do nothing.
func (w *world) people() {
	var all, duty []string
	for _, p := range staff {
		w.slack.AddUser(slacktest.User{ID: p.ID, Name: p.Name, Restricted: p.Guest})
		all = append(all, p.ID)
		if !p.Guest {
			duty = append(duty, p.ID)
		}
	}
	w.slack.AddGroup(slacktest.Group{ID: dutyGroup, Name: "相談当番", Handle: "相談当番", Members: duty})
	for i, c := range append([]Channel{{"default", "すべて"}}, w.city.Channels...) {
		id := fmt.Sprintf("C%02d%s", i+1, strings.ToUpper(c.Key))
		members := []string{slacktest.BotUser}
		for _, user := range all {
			if user != "UHOUKATSU" || c.Key == "elderly" || len(w.city.Channels) == 0 {
				members = append(members, user)
			}
		}
		w.slack.AddChannel(slacktest.Channel{ID: id, Name: "soudan-" + c.Key, Private: true, Members: members})
		w.spec.Slack.Channels[c.Key] = id
	}
}

// serve puts a platform on a free port of this machine and returns its origin.
func (w *world) serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute}
	w.servers = append(w.servers, s)
	go s.Serve(l) // returns when close closes it
	return "http://" + l.Addr().String(), nil
}

// start runs the program and tells both platforms where it is.
func (w *world) start(ctx context.Context, start func(context.Context, World) (Program, error)) error {
	w.mu.Lock()
	w.spec.Offset = w.clock.last()
	spec := w.spec
	w.mu.Unlock()
	p, err := start(ctx, spec)
	if err == nil && (p.URL == "" || p.Stop == nil) {
		err = errors.New("the program did not say where it is")
	}
	w.mu.Lock()
	w.lastFail = ""
	if err != nil {
		w.lastFail = err.Error()
	}
	w.mu.Unlock()
	if err != nil {
		return fmt.Errorf("the program did not start: %w", err)
	}
	w.program = &p
	door := strings.TrimSuffix(p.URL, "/")
	w.mu.Lock()
	w.door = door
	w.mu.Unlock()
	w.line.SetWebhook(door + "/line/" + w.city.ID + "/webhook")
	w.slack.SetEventsURL(door + "/slack/" + w.city.ID + "/events")
	w.slack.SetInteractionsURL(door + "/slack/" + w.city.ID + "/interactions")
	w.slack.SetCommandsURL(door + "/slack/" + w.city.ID + "/commands")
	if !w.friend {
		w.friend = w.resident.Follow().OK()
	}
	return nil
}

func (w *world) stop() {
	if w.program != nil {
		w.program.Stop()
		w.program = nil
	}
}

// close ends the world and removes its data.
func (w *world) close() {
	w.stop()
	w.line.Mend()
	w.slack.Close()
	for _, s := range w.servers {
		s.Close()
	}
	os.RemoveAll(w.spec.Dir) // its parent is removed at the end in any case
}

// restart ends the program and runs it again on the same data; offset is where
// the city's clock stands from then on.
func (w *world) restart(ctx context.Context, start func(context.Context, World) (Program, error), offset time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTime)
	defer cancel()
	w.stop()
	w.mu.Lock()
	w.clock = w.clock.moved(time.Now(), offset)
	w.mu.Unlock()
	return w.start(ctx, start)
}

// turnSwitch turns one of the switches: line, slack, twice.
func (w *world) turnSwitch(name string, on bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	end, is := w.faults[name]
	if is == on {
		return nil
	}
	if is {
		end()
		delete(w.faults, name)
		return nil
	}
	switch name {
	case "line":
		w.faults[name] = w.line.Break(linetest.Fault{Status: http.StatusInternalServerError})
	case "slack":
		w.faults[name] = w.slack.GoAway()
	case "twice":
		w.line.DeliverTwice(true)
		w.faults[name] = func() { w.line.DeliverTwice(false) }
	default:
		return sorry("そのスイッチはありません。")
	}
	return nil
}

func (w *world) isOn(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, on := w.faults[name]
	return on
}

// time is what the city's clock showed at a moment of the machine's.
func (w *world) time(machine time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock.at(machine)
}
