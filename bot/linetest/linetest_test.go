package linetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testSecret = "8c570fa6dd201bb328f1c1eac23a96d8"
	testToken  = "channel-token"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bot keeps the webhooks it gets and answers with a status.
type bot struct {
	mu     sync.Mutex
	status int
	got    []received
}

type received struct {
	signature string
	body      []byte
	Events    []struct {
		Type, ReplyToken, WebhookEventID, Mode string
		Timestamp                              int64
		DeliveryContext                        struct{ IsRedelivery bool }
		Message                                struct{ ID, Text, QuoteToken string }
		Postback                               struct {
			Data   string
			Params map[string]string
		}
	}
}

func (b *bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	got := received{signature: r.Header.Get("X-Line-Signature"), body: body}
	if err == nil {
		err = json.Unmarshal(body, &got)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, got)
	if b.status != 0 {
		w.WriteHeader(b.status)
	} else if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (b *bot) webhooks() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received{}, b.got...)
}

type rig struct {
	*testing.T
	*Server
	clock *clock
	bot   *bot
	url   string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, bot: &bot{}, clock: &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, japan)}}
	hook := httptest.NewServer(r.bot)
	t.Cleanup(hook.Close)
	r.Server = New(Options{ChannelSecret: testSecret, ChannelToken: testToken, Webhook: hook.URL,
		Clock: r.clock.Now, Client: &http.Client{Timeout: time.Minute}})
	api := httptest.NewServer(r.Server)
	t.Cleanup(api.Close)
	r.url = api.URL
	return r
}

// response is an API answer, read whole.
type response struct {
	status int
	header http.Header
	body   string
	errorBody
}

func (r *rig) do(method, path, body string, headers ...string) (response, error) {
	req, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	got := response{status: res.StatusCode, header: res.Header, body: string(b)}
	json.Unmarshal(b, &got.errorBody)
	return got, err
}

func (r *rig) must(want int, method, path, body string, headers ...string) response {
	r.Helper()
	got, err := r.do(method, path, body, headers...)
	if err != nil {
		r.Fatal(err)
	}
	if got.status != want {
		r.Fatalf("%s %s: %d %s, want %d", method, path, got.status, got.body, want)
	}
	if !uuid.MatchString(got.header.Get("X-Line-Request-Id")) {
		r.Errorf("%s %s: no request id", method, path)
	}
	return got
}

func replyBody(token, text string) string {
	return fmt.Sprintf(`{"replyToken":%q,"messages":[{"type":"text","text":%q}]}`, token, text)
}

func pushBody(to, text string) string {
	return fmt.Sprintf(`{"to":%q,"messages":[{"type":"text","text":%q}]}`, to, text)
}

const (
	replyPath = "/v2/bot/message/reply"
	pushPath  = "/v2/bot/message/push"
)
