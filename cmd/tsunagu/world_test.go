package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/bot/storetest"
	"tsunagu/handoff/slack/slacktest"
)

// binary is the program, built once for all tests of this package.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "tsunagu-test")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		binary = filepath.Join(dir, "tsunagu")
		out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
		if err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// town is one city's two platforms as servers of their own.
type town struct {
	id    string
	line  *linetest.Server
	slack *slacktest.Server
}

const (
	shiftUser  = "UTOUBANA"
	otherUser  = "UTOUBANB"
	guestUser  = "UGUEST"
	defaultCh  = "CDEFAULT"
	groupID    = "S01DUTY"
	lineSecret = "line-secret-never-in-a-log"
	lineToken  = "line-token-never-in-a-log"
)

// world is a tsunagu.yaml, the platforms around it, and the serve process.
type world struct {
	t     *testing.T
	dir   string
	addr  string
	towns map[string]*town
	env   []string
	cmd   *exec.Cmd
	log   *lockedBuffer
	// killed is true once serve was ended in the middle of what it did
	killed bool
	// expected errors in the log and refusals by LINE, as parts of their text
	expected []string
}

// newWorld starts the platforms of the cities; serve is started by start.
func newWorld(t *testing.T, now string, cities ...string) *world {
	t.Helper()
	w := plan{addr: freeAddress(t), store: "sqlite:tsunagu.db", now: now, cities: cities}.world(t)
	t.Cleanup(w.end)
	return w
}

// plan is what a world is made of.
type plan struct {
	addr   string // where LINE and Slack find the program
	store  string
	now    string // TSUNAGU_NOW
	cities []string
	socket bool // Slack speaks over Socket Mode and knows no address
	// old is the program of an earlier release, which some of a fleet's serves run; ""
	// = all run this one.
	old string
	// sentinel gives a fleet's Redis a replica and a Sentinel.
	sentinel bool
	fields   []string // that have a channel of their own
	// change is added to the city.yaml of each city, which is exported for it.
	change string
}

// world writes tsunagu.yaml and starts the platforms.
func (p plan) world(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), addr: p.addr, towns: map[string]*town{}, log: &lockedBuffer{}}
	w.env = append(os.Environ(), "TSUNAGU_KEYS="+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if p.now != "" {
		w.env = append(w.env, "TSUNAGU_NOW="+p.now)
	}
	var yaml strings.Builder
	fmt.Fprintf(&yaml, "listen: %s\nstore: %s\nkeys: env:TSUNAGU_KEYS\npublic_url: https://soudan.example.jp\nlimits: {per_resident_per_minute: 120}\ncities:\n", w.addr, p.store)
	for _, id := range p.cities {
		w.towns[id] = w.addTown(id)
		name, city := strings.ToUpper(id), id
		if p.change != "" {
			city = "./" + id + "/"
			w.export(cmp.Or(p.old, binary), id, p.change)
		}
		w.env = append(w.env, name+"_LINE_SECRET="+lineSecret+id, name+"_LINE_TOKEN="+lineToken+id,
			name+"_SLACK_TOKEN=xoxb-"+id, name+"_SLACK_SECRET=slack-secret-"+id, name+"_SLACK_APP="+slacktest.DefaultAppToken+id)
		fmt.Fprintf(&yaml, "  - city: %s\n    line: {channel_secret: env:%[2]s_LINE_SECRET, channel_token: env:%[2]s_LINE_TOKEN, api_url: %[3]s}\n", city, name, w.towns[id].lineURL(t))
		way, channels := "signing_secret: env:"+name+"_SLACK_SECRET", "default: "+w.towns[id].channel()
		if p.socket {
			way = "app_token: env:" + name + "_SLACK_APP"
			w.towns[id].slack.SetEventsURL("")
			w.towns[id].slack.SetInteractionsURL("")
			w.towns[id].slack.SetCommandsURL("")
		}
		for _, f := range p.fields {
			channels += ", " + f + ": " + w.towns[id].addChannel(f)
		}
		fmt.Fprintf(&yaml, "    slack: {bot_token: env:%[1]s_SLACK_TOKEN, %[5]s, api_url: %[2]s, duty_group: %[3]s, command: /tsunagu, channels: {%[4]s}}\n",
			name, w.towns[id].slack.APIURL(), groupID, channels, way)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "tsunagu.yaml"), []byte(yaml.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// export writes a program's built-in city beside tsunagu.yaml and adds to its
// city.yaml.
func (w *world) export(program, id, change string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, id)
	if out, err := exec.Command(program, "export", "--city", id, dir).CombinedOutput(); err != nil {
		w.t.Fatalf("export: %v\n%s", err, out)
	}
	f, err := os.OpenFile(filepath.Join(dir, "city.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("\n" + change + "\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addTown(id string) *town {
	tn := &town{id: id}
	base := "http://" + w.addr
	tn.line = linetest.New(linetest.Options{ChannelSecret: lineSecret + id, ChannelToken: lineToken + id, Webhook: base + "/line/" + id + "/webhook",
		Web: linetest.Behind("https://soudan.example.jp", base)})
	tn.slack = slacktest.New(slacktest.Options{BotToken: "xoxb-" + id, SigningSecret: "slack-secret-" + id, AppToken: slacktest.DefaultAppToken + id, TeamID: "T1",
		EventsURL: base + "/slack/" + id + "/events", InteractionsURL: base + "/slack/" + id + "/interactions", CommandsURL: base + "/slack/" + id + "/commands"})
	srv := httptest.NewServer(tn.slack)
	tn.slack.SetURL(srv.URL)
	w.t.Cleanup(func() { tn.slack.Close(); srv.Close() })
	for _, u := range []slacktest.User{{ID: shiftUser, Name: "toubana", TeamID: "T1"}, {ID: otherUser, Name: "toubanb", TeamID: "T1"}, {ID: guestUser, Name: "guest", TeamID: "T1", Restricted: true}} {
		tn.slack.AddUser(u)
	}
	tn.slack.AddGroup(slacktest.Group{ID: groupID, Handle: "toban", Members: []string{shiftUser, otherUser}})
	tn.addChannel("")
	return tn
}

func (tn *town) channel() string { return defaultCh + strings.ToUpper(tn.id) }

// addChannel opens the default channel, or the one of a field, and returns its ID.
func (tn *town) addChannel(field string) string {
	id := tn.channel() + strings.ToUpper(field)
	tn.slack.AddChannel(slacktest.Channel{ID: id, Name: "soudan" + field, Private: true, Members: []string{slacktest.BotUser, shiftUser, otherUser, guestUser}})
	return id
}

func (tn *town) lineURL(t *testing.T) string {
	srv := httptest.NewServer(tn.line)
	t.Cleanup(srv.Close)
	return srv.URL
}

// start runs serve as a process of its own and waits until it is ready.
func (w *world) start() {
	w.t.Helper()
	w.cmd = exec.Command(binary, "serve", "--config", filepath.Join(w.dir, "tsunagu.yaml"))
	w.cmd.Env, w.cmd.Stderr = w.env, w.log
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.eventually("serve is ready", func() bool {
		res, err := http.Get("http://" + w.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == 200
	})
}

// kill ends the process as a power cut would.
func (w *world) kill() {
	w.t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		w.t.Fatal(err)
	}
	_ = w.cmd.Wait()
	w.cmd = nil
	w.killed = true
}

// end stops serve with SIGTERM and looks at its log: no error that the test did
// not expect, no secret, no user ID, no token.
func (w *world) end() {
	if w.cmd != nil {
		_ = w.cmd.Process.Signal(os.Interrupt)
		if err := w.cmd.Wait(); err != nil {
			w.t.Errorf("serve did not stop well: %v", err)
		}
	}
	text := w.log.String()
	for _, l := range strings.Split(text, "\n") {
		if strings.Contains(l, `"level":"ERROR"`) && !containsAny(l, w.expected) {
			w.t.Errorf("unexpected error in the log: %s", l)
		}
	}
	for _, tn := range w.towns {
		for _, secret := range []string{lineSecret, lineToken, "xoxb-", "slack-secret-", slacktest.DefaultAppToken} {
			if strings.Contains(text, secret) {
				w.t.Errorf("the log holds a secret (%s…)", secret)
			}
		}
		if n := tn.line.Counts().Profiles; n > 0 {
			w.t.Errorf("%s: LINE was asked for %d profiles", tn.id, n)
		}
		for _, user := range tn.line.Chats() {
			if strings.Contains(text, user) {
				w.t.Errorf("the log holds a LINE user ID")
			}
			for _, c := range tn.slack.Calls() {
				if strings.Contains(string(c.Args), user) {
					w.t.Errorf("a LINE user ID went to Slack in %s", c.Method)
				}
			}
			for _, e := range tn.line.Chat(user) {
				for _, staff := range []string{shiftUser, otherUser, "toubana"} {
					if strings.Contains(string(e.Raw), staff) {
						w.t.Errorf("a staff member's name or ID went to LINE")
					}
				}
			}
		}
		for _, r := range tn.line.Counts().Refused {
			if w.killed && strings.Contains(r.Message, "could not be read") {
				continue // a call that the kill cut off half said
			}
			if !r.ByFault && !strings.Contains(fmt.Sprint(r), "Invalid reply token") && !containsAny(r.Message, w.expected) {
				w.t.Errorf("%s: LINE refused a call: %v", tn.id, r)
			}
		}
	}
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// patience is how long a condition is waited for: five cities learn for minutes of
// their own on a core that is shared with others.
const patience = 4 * time.Minute

// eventually waits for a condition that another process brings about.
func (w *world) eventually(what string, cond func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("waited in vain: %s\nlog:\n%s", what, w.log.String())
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	addr, err := storetest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// lockedBuffer collects a process's log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
