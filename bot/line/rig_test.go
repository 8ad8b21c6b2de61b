package line

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

const (
	testSecret = "8c570fa6dd201bb328f1c1eac23a96d8"
	testToken  = "channel-token-of-the-test"
	testKey    = "123e4567-e89b-12d3-a456-426614174000"
	words      = "父が通帳をなくしました"
)

// rig is the package between a LINE that speaks HTTP and a bot that keeps what
// it is given. When a test ends, no log line and no error may hold a secret,
// a user ID, a reply token or a resident's word.
type rig struct {
	*testing.T
	line      *linetest.Server
	api       *httptest.Server
	messenger *Messenger
	webhook   *Webhook
	hookURL   string

	mu       sync.Mutex
	log      bytes.Buffer
	said     []string // error texts
	secret   []string
	calls    [][]bot.Event
	fallback []bot.Event
	refuse   error // what Accept answers
}

func newRig(t *testing.T, change ...func(*WebhookOptions)) *rig {
	t.Helper()
	r := &rig{T: t, secret: []string{testSecret, testToken, words}}
	o := WebhookOptions{City: "hokuto", Secrets: []string{testSecret}, Accept: r.accept, Fallback: r.fall, Log: slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&o)
	}
	var err error
	if r.webhook, err = NewWebhook(o); err != nil {
		t.Fatal(err)
	}
	hook := httptest.NewServer(r.webhook)
	t.Cleanup(hook.Close)
	r.hookURL = hook.URL
	r.line = linetest.New(linetest.Options{ChannelSecret: testSecret, ChannelToken: testToken, Webhook: hook.URL, Client: &http.Client{Timeout: 20 * time.Second}})
	r.api = httptest.NewServer(r.line)
	t.Cleanup(r.api.Close)
	r.messenger = r.newMessenger(MessengerOptions{Token: testToken, APIURL: r.api.URL})
	t.Cleanup(r.leaks)
	return r
}

func (r *rig) newMessenger(o MessengerOptions) *Messenger {
	r.Helper()
	m, err := NewMessenger(o)
	if err != nil {
		r.Fatal(err)
	}
	return m
}

// Write gathers the log.
func (r *rig) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func (r *rig) logged() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

func (r *rig) accept(_ context.Context, events ...bot.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, slices.Clone(events))
	for _, e := range events {
		r.secret = append(r.secret, e.User, e.Token)
	}
	return r.refuse
}

func (r *rig) fall(_ context.Context, e bot.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fallback = append(r.fallback, e)
}

// accepted takes the events of all calls so far.
func (r *rig) accepted() []bot.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Concat(r.calls...)
	r.calls = nil
	return out
}

// hide adds what must not be found in logs and errors.
func (r *rig) hide(s ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = append(r.secret, s...)
}

// resident is a friend; what the following brought is forgotten.
func (r *rig) resident() *linetest.Resident {
	r.Helper()
	u := r.line.Resident("")
	if d := u.Follow(); !d.OK() {
		r.Fatalf("follow: %d %v", d.Status, d.Err)
	}
	r.accepted()
	r.hide(u.ID)
	return u
}

// token lets a resident write and returns the reply token that came of it.
func (r *rig) token(u *linetest.Resident) string {
	r.Helper()
	if d := u.Say(words); !d.OK() {
		r.Fatalf("say: %d %v", d.Status, d.Err)
	}
	got := r.accepted()
	return got[len(got)-1].Token
}

// trouble is the Trouble of an error, "" of none.
func (r *rig) trouble(err error) bot.Trouble {
	r.Helper()
	if err == nil {
		return ""
	}
	r.mu.Lock()
	r.said = append(r.said, err.Error())
	r.mu.Unlock()
	var se *bot.SendError
	if !errors.As(err, &se) {
		r.Fatalf("no SendError: %v", err)
	}
	return se.Trouble
}

func (r *rig) leaks() {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.log.String() + strings.Join(r.said, "\n")
	for _, s := range r.secret {
		if s != "" && strings.Contains(all, s) {
			r.Errorf("leaked %q in\n%s", s, all)
		}
	}
	if n := r.line.Counts().Profiles; n != 0 {
		r.Errorf("asked %d times who a resident is", n)
	}
}

func text(s string) []bot.Bubble { return []bot.Bubble{{Text: s}} }
