package line

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"tsunagu/bot"
)

const (
	maxAnswer = 64 << 10 // bytes of an answer that are read
	maxAfter  = 24 * time.Hour
)

// exchange is one call to LINE and what came back. It stands between the
// library and the network: the library reads bodies without bound, hides the
// status behind what it makes of the body, and puts bodies into its errors.
type exchange struct {
	base   http.RoundTripper
	sent   atomic.Bool // the request's head went out: LINE may have acted
	status int         // 0: no answer
	header http.Header
	body   []byte
}

// call does one exchange through the library. The library's error is not
// looked at: the exchange knows better.
func (m *Messenger) call(ctx context.Context, do func(*api.MessagingApiAPI)) *exchange {
	x := &exchange{base: m.transport}
	client, err := api.NewMessagingApiAPI(m.token, api.WithEndpoint(m.origin), api.WithHTTPClient(&http.Client{Transport: x, CheckRedirect: stay}))
	if err != nil {
		return x // NewMessenger has tried the same: nothing was sent
	}
	// WithContext changes the client it is called on, so each call has its own;
	// connections are shared by the transport.
	do(client.WithContext(x.traced(ctx)))
	return x
}

// post sends a message that is already in the form of LINE's reference; key is the
// push's retry key, "" for none.
func (m *Messenger) post(ctx context.Context, path string, body any, key string) *exchange {
	x := &exchange{}
	text, err := json.Marshal(body)
	if err != nil {
		return x // these types can always be encoded
	}
	r, err := http.NewRequestWithContext(x.traced(ctx), http.MethodPost, m.origin+path, bytes.NewReader(text))
	if err != nil {
		return x // NewMessenger has tried the same: nothing was sent
	}
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	if key != "" {
		r.Header.Set("X-Line-Retry-Key", key)
	}
	if res, err := m.sender.Do(r); err == nil {
		x.read(res)
	}
	return x
}

// traced notes in the exchange when the request's head goes out.
func (x *exchange) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { x.sent.Store(true) }})
}

// stay keeps the token and the words on this origin.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// read reads the answer whole, but no more than maxAnswer of it. An answer cut off
// after its status still is an answer.
func (x *exchange) read(res *http.Response) {
	defer res.Body.Close()
	x.body, _ = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	x.status, x.header = res.StatusCode, res.Header
}

// RoundTrip hands the library an answer that was read.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := x.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.read(res)
	res.Body = io.NopCloser(bytes.NewReader(x.body))
	return res, nil
}

// failed makes a SendError of the exchange.
func (x *exchange) failed(t bot.Trouble) *bot.SendError {
	e := &bot.SendError{Trouble: t, Status: x.status, After: x.after()}
	if id := x.header.Get("X-Line-Request-Id"); plainID.MatchString(id) {
		e.Request = id
	}
	return e
}

// trouble says what became of a message, "" when LINE took it. dead is what a
// 400 means that does not blame the message.
func (x *exchange) trouble(dead bot.Trouble) bot.Trouble {
	switch {
	case x.status == 0 && !x.sent.Load():
		return bot.Busy
	case x.status == 0, x.status >= 500, x.status == http.StatusRequestTimeout:
		return bot.Doubtful
	case x.status/100 == 2:
		return "" // whatever the body is
	case x.status == http.StatusTooManyRequests:
		return bot.Busy
	case x.status == http.StatusBadRequest && !x.blames():
		return dead
	}
	return bot.Refused
}

// refusal is the body of an error answer.
type refusal struct {
	Message string            `json:"message"`
	Details []json.RawMessage `json:"details"`
}

func (x *exchange) refusal() (r refusal) {
	_ = json.Unmarshal(x.body, &r) // a body of another kind says nothing
	return r
}

// blames says whether LINE lists faults of the message itself.
func (x *exchange) blames() bool { return len(x.refusal().Details) > 0 }

// monthly says whether a 429 is the month's limit by its text, which LINE may
// change.
func (x *exchange) monthly() bool {
	return strings.Contains(strings.ToLower(x.refusal().Message), "monthly limit")
}

// after is how long LINE, or something before it, asks to wait.
func (x *exchange) after() time.Duration {
	s := x.header.Get("Retry-After")
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(max(n, 0), int(maxAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(at), 0), maxAfter)
	}
	return 0
}

// outcome is the error a bot.Messenger returns: nil or a *bot.SendError.
func (x *exchange) outcome(dead bot.Trouble) error {
	if t := x.trouble(dead); t != "" {
		return x.failed(t)
	}
	return nil
}
