package slacktest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town is a seeded workspace behind a real HTTP server, and a real client.
type town struct {
	*Server
	api   *slack.Client
	clock *clock
}

func newTown(t *testing.T, o Options) town {
	t.Helper()
	c := &clock{now: time.Now()}
	if o.Clock == nil {
		o.Clock = c.Now
	}
	s := New(o)
	front := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		front.Close()
	})
	s.SetURL(front.URL)
	s.AddUser(User{ID: "UDUTY", Name: "当番"})
	s.AddUser(User{ID: "UOTHER", Name: "別の人"})
	s.AddUser(User{ID: "UGUEST", Name: "guest", UltraRestricted: true})
	s.AddUser(User{ID: "UFOREIGN", Name: "foreign", TeamID: "T0ELSE"})
	s.AddChannel(Channel{ID: "C01", Name: "soudan", Members: []string{BotUser, "UDUTY", "UOTHER", "UFOREIGN"}})
	s.AddChannel(Channel{ID: "C02", Name: "closed", Private: true, Members: []string{BotUser, "UDUTY"}})
	s.AddChannel(Channel{ID: "C03", Name: "elsewhere", Members: []string{"UDUTY"}})
	s.AddChannel(Channel{ID: "C04", Name: "hidden", Private: true, Members: []string{"UDUTY"}})
	s.AddChannel(Channel{ID: "C05", Name: "old", Archived: true, Members: []string{BotUser, "UDUTY"}})
	s.AddGroup(Group{ID: "S01", Handle: "tantou", Members: []string{"UDUTY"}})
	api := slack.New(DefaultBotToken, slack.OptionAPIURL(s.APIURL()), slack.OptionAppLevelToken(DefaultAppToken))
	return town{s, api, c}
}

// app is a program that listens to Slack and verifies as slack-go does.
type app struct {
	*httptest.Server
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer func(w http.ResponseWriter, path, body string)
}

func newApp(t *testing.T, tw town) *app {
	t.Helper()
	a := &app{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := readAll(r)
		verifier, err := slack.NewSecretsVerifier(r.Header, DefaultSigningSecret)
		if err == nil {
			_, _ = verifier.Write([]byte(body))
			err = verifier.Ensure()
		}
		if err != nil {
			http.Error(w, "signature", http.StatusUnauthorized)
			return
		}
		a.mu.Lock()
		a.got, a.bodies = append(a.got, r), append(a.bodies, body)
		answer := a.answer
		a.mu.Unlock()
		if answer != nil {
			answer(w, r.URL.Path, body)
		}
	}))
	t.Cleanup(a.Close)
	tw.SetEventsURL(a.URL + "/events")
	tw.SetInteractionsURL(a.URL + "/interactions")
	tw.SetCommandsURL(a.URL + "/commands")
	return a
}

func readAll(r *http.Request) string {
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

func (a *app) last() (*http.Request, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.got) == 0 {
		return nil, ""
	}
	return a.got[len(a.got)-1], a.bodies[len(a.bodies)-1]
}

func (a *app) replies(f func(w http.ResponseWriter, path, body string)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = f
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

// wantCode wants Slack's error code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	no, is := errors.AsType[slack.SlackErrorResponse](err)
	if !is || no.Err != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}

func post(t *testing.T, tw town, channel string, o ...slack.MsgOption) string {
	t.Helper()
	_, ts, err := tw.api.PostMessageContext(within(t), channel, o...)
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	return ts
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

// card is a message with a button, as the product posts.
func card(value string) slack.MsgOption {
	return slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plainText("みかん-4821")),
		slack.NewActionBlock("", slack.NewButtonBlockElement("claim", value, plainText("引き受ける"))),
	)
}

func contains(all []string, part string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, part) })
}

// dial opens a Socket Mode address; a refusal gives its status.
func dial(t *testing.T, address string) (*websocket.Conn, int) {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(within(t), address, nil)
	if resp == nil {
		t.Fatalf("no answer: %v", err)
	}
	return conn, resp.StatusCode
}
