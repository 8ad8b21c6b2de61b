package line

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"tsunagu/bot"
)

const (
	defaultOrigin = "https://api.line.me"
	defaultData   = "https://api-data.line.me"
	callTime      = 8 * time.Second
)

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// MessengerOptions configure a Messenger.
type MessengerOptions struct {
	Token string // channel access token
	// APIURL is an origin, with or without a trailing slash; "" is LINE's own.
	APIURL string
	// DataURL is the origin of what pictures and files hold; "" is LINE's own.
	DataURL string
	// Client's transport is used for every call; without one the Messenger makes
	// its own.
	Client *http.Client
	// Timeout bounds each call; 0, or more than 8 s, means 8 s.
	Timeout time.Duration
}

// Messenger is a bot.Messenger over LINE's Messaging API. It is safe for use by
// several goroutines and never asks who a resident is.
type Messenger struct {
	token, origin, data string
	transport           http.RoundTripper
	timeout             time.Duration
	sender              *api.MessagingApiAPI // of messages
}

var _ bot.Messenger = (*Messenger)(nil)

// NewMessenger makes a Messenger; an error when the token is missing or the
// APIURL or the DataURL is no origin. It calls nobody.
func NewMessenger(o MessengerOptions) (*Messenger, error) {
	m := &Messenger{token: strings.TrimSpace(o.Token), timeout: o.Timeout}
	if m.token == "" || strings.ContainsFunc(m.token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("line: the channel access token is missing or has characters no token has")
	}
	var ok bool
	if m.origin, ok = originOf(o.APIURL, defaultOrigin); !ok {
		return nil, errors.New("line: api_url is no origin such as " + defaultOrigin)
	}
	if m.data, ok = originOf(o.DataURL, defaultData); !ok {
		return nil, errors.New("line: data_url is no origin such as " + defaultData)
	}
	if m.timeout <= 0 || m.timeout > callTime {
		m.timeout = callTime
	}
	m.transport = newTransport()
	if o.Client != nil && o.Client.Transport != nil {
		m.transport = o.Client.Transport
	}
	var err error
	m.sender, err = api.NewMessagingApiAPI(m.token, api.WithEndpoint(m.origin), api.WithHTTPClient(&http.Client{Transport: m.transport, CheckRedirect: stay}))
	if err != nil {
		return nil, errors.New("line: the library takes no such api_url")
	}
	return m, nil
}

// originOf heals an origin's slash; without one it is LINE's.
func originOf(raw, lines string) (origin string, ok bool) {
	if origin = strings.TrimRight(strings.TrimSpace(raw), "/"); origin == "" {
		return lines, true
	}
	u, err := url.Parse(origin)
	return origin, err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// newTransport keeps as many connections as there are hands that may speak at the
// same time, and goes through the proxy of the environment.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 256,
		IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: callTime,
		WriteBufferSize: 16 << 10, // an answer with its buttons goes out at once
	}
}

// Reply answers an event by its reply token. A 400 that does not blame the
// message means that the token is dead.
func (m *Messenger) Reply(ctx context.Context, token string, bubbles []bot.Bubble) error {
	messages := draw(bubbles)
	switch {
	case messages == nil:
		return &bot.SendError{Trouble: bot.Refused}
	case !replyToken.MatchString(token):
		return &bot.SendError{Trouble: bot.TokenDead}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	x := m.post(ctx, "/v2/bot/message/reply", replyRequest{ReplyToken: token, Messages: messages}, "")
	return x.outcome(bot.TokenDead)
}

// Push sends unasked. A key that LINE has seen in the last 24 hours means that
// the message was taken then.
func (m *Messenger) Push(ctx context.Context, user, key string, quiet bool, bubbles []bot.Bubble) error {
	messages := draw(bubbles)
	if messages == nil || !userID.MatchString(user) || !uuid.MatchString(key) {
		return &bot.SendError{Trouble: bot.Refused}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	x := m.post(ctx, "/v2/bot/message/push", pushRequest{To: user, Messages: messages, Quiet: quiet}, key)
	switch {
	case x.status == http.StatusConflict:
		return nil
	case x.status == http.StatusTooManyRequests && (x.monthly() || m.spent(ctx)):
		return x.failed(bot.Quota)
	}
	return x.outcome(bot.Refused)
}

// spent says whether the month's messages are used up, as far as LINE tells.
func (m *Messenger) spent(ctx context.Context) bool {
	q, err := m.Quota(ctx)
	return err == nil && q.Limited && q.Used >= q.Limit
}

// Leave leaves a group or room; one the bot is not in counts as left.
func (m *Messenger) Leave(ctx context.Context, room string, group bool) error {
	if !roomID.MatchString(room) {
		return &bot.SendError{Trouble: bot.Refused}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	x := m.call(ctx, func(c *api.MessagingApiAPI) {
		if group {
			c.LeaveGroup(room)
		} else {
			c.LeaveRoom(room)
		}
	})
	if x.status == http.StatusNotFound {
		return nil
	}
	return x.outcome(bot.Refused)
}
