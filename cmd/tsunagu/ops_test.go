package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
	"tsunagu/config"
	"tsunagu/handoff/slack/slacktest"
)

// office is an operator's folder with a tsunagu.yaml, between a LINE and a Slack;
// serve and the commands run in this process.
type office struct {
	t     *testing.T
	dir   string
	addr  string
	line  *linetest.Server
	slack *slacktest.Server
	lines string // LINE's URL
}

func newOffice(t *testing.T, o linetest.Options) *office {
	t.Helper()
	f := &office{t: t, dir: t.TempDir(), addr: freeAddress(t)}
	if o.ChannelSecret == "" {
		o.ChannelSecret = "ops-line-secret"
	}
	o.ChannelToken, o.Webhook = "ops-line-token", "http://"+f.addr+"/line/hokuto/webhook"
	f.line = linetest.New(o)
	srv := httptest.NewServer(f.line)
	t.Cleanup(srv.Close)
	f.lines = srv.URL
	base := "http://" + f.addr + "/slack/hokuto/"
	f.slack = slacktest.New(slacktest.Options{BotToken: "xoxb-ops", SigningSecret: "ops-slack-secret", TeamID: "T1",
		EventsURL: base + "events", InteractionsURL: base + "interactions", CommandsURL: base + "commands"})
	srv = httptest.NewServer(f.slack)
	t.Cleanup(func() { f.slack.Close(); srv.Close() })
	f.slack.SetURL(srv.URL)
	f.slack.AddUser(slacktest.User{ID: "UDUTY", Name: "duty", TeamID: "T1"})
	f.slack.AddGroup(slacktest.Group{ID: "S01", Handle: "duty", Members: []string{"UDUTY"}})
	f.slack.AddChannel(slacktest.Channel{ID: "C01", Name: "soudan", Private: true, Members: []string{slacktest.BotUser, "UDUTY"}})
	for name, v := range map[string]string{"OPS_LINE_SECRET": "ops-line-secret", "OPS_LINE_TOKEN": "ops-line-token",
		"OPS_SLACK_TOKEN": "xoxb-ops", "OPS_SLACK_SECRET": "ops-slack-secret", "OPS_KEYS": key64(7), clockEnv: ""} {
		t.Setenv(name, v)
	}
	f.write("sqlite:tsunagu.db", "public_url: http://"+f.addr, "S01", "C01")
	return f
}

func key64(n ...byte) string {
	var all []string
	for _, b := range n {
		all = append(all, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)))
	}
	return strings.Join(all, ",")
}

func (f *office) write(store, more, group, channel string) {
	f.t.Helper()
	yaml := fmt.Sprintf("listen: %s\nstore: %s\nkeys: env:OPS_KEYS\n%s\ncities:\n  - city: hokuto\n"+
		"    line: {channel_secret: env:OPS_LINE_SECRET, channel_token: env:OPS_LINE_TOKEN, api_url: %q}\n"+
		"    slack: {bot_token: env:OPS_SLACK_TOKEN, signing_secret: env:OPS_SLACK_SECRET, api_url: %q, duty_group: %s, channels: {default: %s}}\n",
		f.addr, store, more, f.lines, f.slack.APIURL(), group, channel)
	if err := os.WriteFile(f.config(), []byte(yaml), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// duty makes the city an exported one with a 当番表.
func (f *office) duty(yaml string) {
	f.t.Helper()
	dir := filepath.Join(f.t.TempDir(), "town")
	if err := config.Export("hokuto", dir); err != nil {
		f.t.Fatal(err)
	}
	file := filepath.Join(dir, "city.yaml")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(text, yaml...), 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.write("sqlite:tsunagu.db", "public_url: http://"+f.addr, "S01", "C01")
	text, err = os.ReadFile(f.config())
	if err == nil {
		err = os.WriteFile(f.config(), bytes.Replace(text, []byte("- city: hokuto"), []byte("- city: "+dir+"/"), 1), 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *office) config() string          { return filepath.Join(f.dir, "tsunagu.yaml") }
func (f *office) file(name string) string { return filepath.Join(f.dir, name) }

// runs runs a command with --config and returns its exit code and what it said.
func (f *office) runs(command string, args ...string) (code int, said string) {
	f.t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	code = run(ctx, streams{strings.NewReader(""), &out, &out}, append([]string{command, "--config", f.config()}, args...))
	for _, secret := range []string{"ops-line-secret", "ops-line-token", "xoxb-ops", "ops-slack-secret", key64(7)} {
		if strings.Contains(out.String(), secret) {
			f.t.Errorf("%s shows a secret", command)
		}
	}
	return code, out.String()
}

// wants runs a command and expects a code and, in order, parts of what it says.
func (f *office) wants(code int, parts []string, command string, args ...string) {
	f.t.Helper()
	got, said := f.runs(command, args...)
	rest := said
	for _, p := range parts {
		i := strings.Index(rest, p)
		if i < 0 {
			f.t.Fatalf("%s %v: %q is missing in\n%s", command, args, p, said)
		}
		rest = rest[i+len(p):]
	}
	if got != code {
		f.t.Fatalf("%s %v: exit %d, want %d\n%s", command, args, got, code, said)
	}
}

// serve runs until the returned function is called.
func (f *office) serve() (stop func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		done <- run(ctx, streams{strings.NewReader(""), &log, &log}, []string{"serve", "--config", f.config()})
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if code := <-done; code != 0 || strings.Contains(log.String(), `"level":"ERROR"`) {
			f.t.Errorf("serve: exit %d\n%s", code, log.String())
		}
	}
	f.t.Cleanup(stop)
	f.soon("serve is ready", func() bool {
		res, err := http.Get("http://" + f.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return stop
}

// taken sends a webhook again while it is not taken, as LINE does.
func (f *office) taken(d linetest.Delivery) linetest.Delivery {
	f.t.Helper()
	f.soon("it is taken", func() bool {
		if !d.OK() {
			d = f.line.Redeliver(d)
		}
		return d.OK()
	})
	return d
}

// presses presses a button below a card, again while Slack says that nobody responds.
func (f *office) presses(ts, action string) {
	f.t.Helper()
	if a, err := insists(f.t.Context(), func() (slacktest.Answer, error) {
		return f.slack.Click(f.t.Context(), "UDUTY", "C01", ts, action)
	}); err != nil || !a.Acked() {
		f.t.Fatalf("%s: status %d, %v", action, a.Status, err)
	}
}

func (f *office) soon(what string, ok func() bool) {
	f.t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			f.t.Fatal("waited in vain: " + what)
		}
	}
}

var anyReceipt = regexp.MustCompile(`[ぁ-ん]{2,4}-[0-9]{4}`)

// consults leads a resident to a case whose card stands in Slack.
func (f *office) consults(words string) (receipt string) {
	f.t.Helper()
	r := f.line.Resident(linetest.NewUserID())
	receipt = f.agrees(r, words)
	f.taken(r.Say(words + "のつづき"))
	f.soon("card and words in Slack", func() bool { return f.inSlack(receipt) && f.inSlack(words+"のつづき") })
	return receipt
}

// agrees leads a resident as far as the 受付番号.
func (f *office) agrees(r *linetest.Resident, words string) (receipt string) {
	f.t.Helper()
	f.taken(r.Say(words))
	f.soon("an answer", func() bool { return len(r.Heard()) > 0 })
	f.taken(r.Say("職員に相談する"))
	const yes = "同意する（自分のこと）"
	f.soon("the consent question", func() bool {
		return slices.ContainsFunc(r.Buttons(), func(b linetest.Button) bool { return b.Label == yes })
	})
	f.taken(r.TapLabel(yes))
	f.soon("the 受付番号", func() bool {
		for _, e := range r.Heard() {
			if m := anyReceipt.FindString(e.Text); m != "" {
				receipt = m
			}
		}
		return receipt != ""
	})
	return receipt
}

// inSlack says whether the text stands anywhere in the channel.
func (f *office) inSlack(text string) bool {
	for _, m := range f.slack.Messages("C01") {
		if strings.Contains(m.Readable(), text) {
			return true
		}
		for _, reply := range f.slack.Thread("C01", m.TS) {
			if strings.Contains(reply.Readable(), text) {
				return true
			}
		}
	}
	return false
}

// redisServer starts a server of its own and returns its URL.
func redisServer(t *testing.T, args ...string) string {
	t.Helper()
	url, _ := redisProcess(t, append(args, "--save", "", "--dir", t.TempDir())...)
	return url
}

// redisProcess starts a server and returns its URL and the number of its process.
func redisProcess(t *testing.T, args ...string) (url string, pid int) {
	t.Helper()
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", append(args, "--port", port, "--bind", "127.0.0.1")...)
	if err := cmd.Start(); err != nil {
		t.Fatal("these tests need a real redis-server: ", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: 2000, MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 50 * time.Millisecond})
	defer func() { _ = c.Close() }()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return "redis://" + addr + "/0", cmd.Process.Pid
}

// holds walks a store as a command opens it.
func (f *office) holds(url string) bot.Holdings {
	f.t.Helper()
	s, err := openStore(f.t.Context(), url, []string{"hokuto"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	h, err := bot.Holds(f.t.Context(), s)
	if err != nil {
		f.t.Fatal(err)
	}
	return h
}
