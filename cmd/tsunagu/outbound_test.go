package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/line"
	"tsunagu/bot/linetest"
	"tsunagu/handoff"
	"tsunagu/handoff/slack"
	"tsunagu/handoff/slack/slacktest"
	"tsunagu/triage/llm"
)

// trap is a server that nobody should ever call.
type trap struct {
	*httptest.Server
	mu   sync.Mutex
	hits []string
}

func newTrap(t *testing.T) *trap {
	tr := &trap{}
	tr.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.hits = append(tr.hits, r.Method+" "+r.Host+" "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(tr.Close)
	return tr
}

func (tr *trap) heard() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.hits
}

// voices call each of the three outside services once, with words and a token.
func voices(t *testing.T, origin string) map[string]func(context.Context) error {
	t.Helper()
	m, err := line.NewMessenger(line.MessengerOptions{Token: "secret-line-token", APIURL: origin})
	if err != nil {
		t.Fatal(err)
	}
	d, err := slack.New(slack.Options{City: "hokuto", Token: "xoxb-secret", SigningSecrets: []string{"secret-signing"}, APIURL: origin + "/api/",
		Channels: map[string]string{"default": "C01"}, Look: func(context.Context, string) (handoff.Case, error) { return handoff.Case{}, handoff.ErrNoCase },
		Accept: func(context.Context, handoff.Action) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	l := llm.New(llm.Options{BaseURL: origin + "/v1", Key: "secret-llm-key", Model: "m", Timeout: 5 * time.Second})
	spot := handoff.Spot{Channel: "C01", Thread: "1.1"}
	return map[string]func(context.Context) error{
		"LINE": func(ctx context.Context) error {
			return m.Reply(ctx, "token", []bot.Bubble{{Text: "ひみつのことば"}})
		},
		"LINE push": func(ctx context.Context) error {
			return m.Push(ctx, linetest.NewUserID(), "123e4567-e89b-12d3-a456-426614174000", false, []bot.Bubble{{Text: "ひみつのことば"}})
		},
		"LINE doctor": func(ctx context.Context) error { _, err := m.Info(ctx); return err },
		"Slack": func(ctx context.Context) error {
			_, err := d.Post(ctx, spot, handoff.Post{Words: []string{"ひみつのことば"}}, handoff.Outbox{ID: "1"})
			return err
		},
		"Slack answer": func(ctx context.Context) error {
			return d.Whisper(ctx, handoff.Spot{Channel: "C01"}, handoff.Whisper{User: "U1", Text: "ひみつのことば", Answer: origin + "/actions/1"})
		},
		"LLM": func(ctx context.Context) error { _, err := l.Classify(ctx, "ひみつのことば"); return err },
	}
}

// shows is what an error must never hold.
func shows(err error) bool {
	for _, s := range []string{"secret-", "ひみつ"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), s) {
			return true
		}
	}
	return false
}

func TestARedirectIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		tr := newTrap(t)
		asked := 0
		away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			http.Redirect(w, r, tr.URL+r.URL.Path, status)
		}))
		for name, call := range voices(t, away.URL) {
			before := asked
			err := call(t.Context())
			if err == nil || shows(err) || asked == before {
				t.Errorf("%d to %s: %v, asked %d times", status, name, err, asked-before)
			}
		}
		away.Close()
		if hits := tr.heard(); len(hits) > 0 {
			t.Errorf("%d was followed: %v", status, hits)
		}
	}
}

// TestOutsideNeedsACertificateAndTLS12 gives each caller a server that nobody
// vouches for, and one that speaks no newer TLS than 1.1.
func TestOutsideNeedsACertificateAndTLS12(t *testing.T) {
	for name, oldest := range map[string]uint16{"unknown certificate": tls.VersionTLS13, "old TLS": tls.VersionTLS11} {
		asked := 0
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: oldest}
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.StartTLS()
		for voice, call := range voices(t, s.URL) {
			if err := call(t.Context()); err == nil || shows(err) {
				t.Errorf("%s: %s: %v", name, voice, err)
			}
		}
		s.Close()
		if asked > 0 {
			t.Errorf("%s: %d requests came through", name, asked)
		}
	}
}

// TestNoAddressThatSomebodyWroteIsFetched writes addresses wherever people can:
// in words, taps, files, places, staff's texts and the address for an answer. A
// proxy sees every call that leaves the machine, a trap every call to itself.
func TestNoAddressThatSomebodyWroteIsFetched(t *testing.T) {
	t.Parallel()
	here, proxy := newTrap(t), newTrap(t)
	w := newWorld(t, "", "hokuto")
	w.env = append(w.env, "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=")
	w.start()
	tn := w.towns["hokuto"]
	r := tn.line.Resident("")
	urls := here.URL + "/a https://evil.example/a http://169.254.169.254/latest/meta-data/ file:///etc/passwd"
	w.say(r, "介護のこと "+urls)
	w.eventually("an answer", func() bool { return len(r.Heard()) > 0 })
	for _, d := range []linetest.Delivery{
		tn.line.Deliver(r.PostbackEvent(here.URL+"/tap", urls, map[string]string{"url": here.URL})),
		r.Image([]byte("x")), r.File(here.URL+"/file", []byte("x")), r.Location(here.URL, urls, 1, 2),
		tn.line.Deliver(r.MediaEvent("image", linetest.Content{}).With("message", map[string]any{"id": "4711", "type": "image",
			"contentProvider": map[string]any{"type": "external", "originalContentUrl": here.URL + "/picture", "previewImageUrl": here.URL + "/small"}})),
	} {
		if d.Status != 200 {
			t.Fatal(d)
		}
	}
	receipt := w.consent(r, urls)
	card := w.card(tn, receipt)
	w.say(r, urls)

	// Somebody who may not act, and somebody who comes second, are answered; the
	// address that came with the click is not Slack's.
	answers := 0
	click := func(user, action, address string) {
		t.Helper()
		button := ""
		for _, b := range card.Buttons() {
			if b.ActionID == action {
				button = b.Value
			}
		}
		payload, err := json.Marshal(map[string]any{
			"type": "block_actions", "trigger_id": "1.1", "response_url": address,
			"user": map[string]any{"id": user, "team_id": "T1"}, "channel": map[string]any{"id": tn.channel()},
			"container": map[string]any{"type": "message", "message_ts": card.TS, "channel_id": tn.channel()},
			"actions":   []any{map[string]any{"action_id": action, "value": button, "action_ts": fmt.Sprintf("%d.%06d", time.Now().Unix(), answers)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		body := url.Values{"payload": {string(payload)}}.Encode()
		now := fmt.Sprint(time.Now().Unix())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.addr+"/slack/hokuto/interactions", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Slack-Request-Timestamp", now)
		req.Header.Set("X-Slack-Signature", slacktest.Sign("slack-secret-hokuto", now, []byte(body)))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 200 {
			t.Fatalf("a click: %d", res.StatusCode)
		}
		answers++
	}
	told := func(user string, n int) {
		t.Helper()
		w.eventually(user+" is told", func() bool { return len(tn.slack.Ephemerals(user)) >= n })
	}
	for i, address := range []string{here.URL + "/answer", "https://evil.example/answer", "http://hooks.slack.com/x", "https://hooks.slack.com@evil.example/", "https://hooks.slack.com.evil.example/x", "file:///etc/passwd", "::"} {
		click(guestUser, "claim", address)
		told(guestUser, i+1)
	}
	click(shiftUser, "claim", here.URL)
	w.eventually("the card is taken", func() bool {
		m, _ := tn.slack.MessageAt(tn.channel(), card.TS)
		return strings.Contains(plain(m), "<@"+shiftUser+">")
	})
	click(otherUser, "claim", here.URL+"/late")
	told(otherUser, 1)
	if hits := append(here.heard(), proxy.heard()...); len(hits) > 0 {
		t.Errorf("fetched: %q", hits)
	}
	// Slack's own address is called: the proxy would have seen the others.
	click(guestUser, "claim", "https://hooks.slack.com/actions/T1/1/a")
	w.eventually("Slack's address is called", func() bool { return len(proxy.heard()) > 0 })
	if hits := proxy.heard(); !strings.HasPrefix(hits[0], "CONNECT hooks.slack.com:443") {
		t.Errorf("called: %q", hits)
	}
}
