package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ackTime is how long Slack waits for an app.
const ackTime = 3 * time.Second

// ErrNobodyListens means that no Socket Mode connection is open and no address is set.
var ErrNobodyListens = errors.New("slacktest: the app has no address and no open connection")

// ErrNotDelivered means that Slack sends the app nothing about this: the bot is
// not in the channel, or a scope is missing.
var ErrNotDelivered = errors.New("slacktest: the app does not hear of this")

// Answer is what the app answered.
type Answer struct {
	Status      int            // HTTP status; 200 for an envelope that was acknowledged
	Header      http.Header    // nil over Socket Mode
	Body        []byte         // of the response, or the acknowledgement's payload
	Response    map[string]any // Body, when it is a JSON object
	Socket      bool           // came over Socket Mode
	TriggerID   string         // sent along, if any
	ResponseURL string         // sent along, if any
}

// Acked reports whether Slack is content: 2xx within three seconds.
func (a Answer) Acked() bool { return a.Status >= 200 && a.Status < 300 }

// How bends one act: the request's signature, or what is clicked.
type How func(*bend)

type bend struct {
	at       time.Time
	forged   bool
	unsigned bool
	query    bool
	value    *string
	twice    bool
	typed    Values
}

// At signs the request as of another time, for stale and future ones.
func At(t time.Time) How { return func(b *bend) { b.at = t } }

// Forged signs with another secret.
func Forged() How { return func(b *bend) { b.forged = true } }

// Unsigned leaves the signature headers out.
func Unsigned() How { return func(b *bend) { b.unsigned = true } }

// InQuery sends a well signed but empty body and puts what matters into the
// address, which no signature covers.
func InQuery() How { return func(b *bend) { b.query = true } }

// Twice sends the same request once more right away, as Slack does when it did
// not hear the first acknowledgement.
func Twice() How { return func(b *bend) { b.twice = true } }

// Typing clicks in a view while this stands in its inputs.
func Typing(v Values) How { return func(b *bend) { b.typed = v } }

// WithValue clicks a button with this value even if the message as it stands
// has no such button, as a client does that shows an old version. For a select
// it is the chosen option's value.
func WithValue(v string) How { return func(b *bend) { b.value = &v } }

func bent(how []How) bend {
	var b bend
	for _, h := range how {
		h(&b)
	}
	return b
}

// Sign makes the value of X-Slack-Signature: "v0=" and the hex HMAC-SHA256 of
// "v0:<timestamp>:<body>".
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "v0:%s:%s", timestamp, body) // a hash takes every write
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// delivery is one thing on its way to the app, ready for either road.
type delivery struct {
	url      string // read when it is sent, so that a retry finds a moved app
	envelope string // the Socket Mode type
	payload  map[string]any
	form     url.Values // the HTTP body; nil means the payload as JSON
	replies  bool       // may be acknowledged with a payload
	retry    int
	reason   string
	answer   Answer
}

// send delivers over Socket Mode when a connection is open, else over HTTP, and
// waits three seconds at most.
func (s *Server) send(ctx context.Context, d *delivery, b bend) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	if sock := s.nextSocket(); sock != nil {
		return s.sendEnvelope(ctx, sock, d)
	}
	if d.url == "" {
		return Answer{}, ErrNobodyListens
	}
	body, contentType := []byte(encode(d.payload)), "application/json"
	if d.form != nil {
		body, contentType = []byte(d.form.Encode()), "application/x-www-form-urlencoded"
	}
	address := d.url
	if b.query {
		unsigned := d.form
		if unsigned == nil {
			unsigned = url.Values{"payload": {string(body)}}
		}
		address, body = address+"?"+unsigned.Encode(), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	s.sign(req, body, b)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	if d.retry > 0 {
		req.Header.Set("X-Slack-Retry-Num", strconv.Itoa(d.retry))
		req.Header.Set("X-Slack-Retry-Reason", d.reason)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return Answer{}, err
	}
	return answered(res.StatusCode, res.Header, got), nil
}

func (s *Server) sign(req *http.Request, body []byte, b bend) {
	if b.unsigned {
		return
	}
	at := b.at
	if at.IsZero() {
		at = s.clock()
	}
	s.mu.Lock()
	secret := s.opt.SigningSecret
	s.mu.Unlock()
	if b.forged {
		secret += " of somebody else"
	}
	req.Header.Set("X-Slack-Request-Timestamp", unix(at))
	req.Header.Set("X-Slack-Signature", Sign(secret, unix(at), body))
}

func answered(status int, header http.Header, body []byte) Answer {
	a := Answer{Status: status, Header: header, Body: body}
	if v, err := decode(body); err == nil {
		a.Response = object(v)
	}
	return a
}

// event wraps an event as the Events API does and sends it.
func (s *Server) event(ctx context.Context, inner map[string]any, extShared bool, b bend) (Answer, error) {
	s.mu.Lock()
	d := s.wrap(inner, extShared)
	s.last = d
	s.mu.Unlock()
	return s.sendEvent(ctx, d, b)
}

func (s *Server) sendEvent(ctx context.Context, d *delivery, b bend) (Answer, error) {
	a, err := s.send(ctx, d, b)
	s.set(func() { d.answer, d.reason = a, reasonFor(a, err) })
	return a, err
}

// reasonFor is Slack's word for why an event is sent again. An acknowledged one
// is sent again when the acknowledgement got lost on its way.
func reasonFor(a Answer, err error) string {
	switch {
	case err == nil && !a.Acked():
		return "http_error"
	case err == nil, errors.Is(err, context.DeadlineExceeded):
		return "http_timeout"
	}
	return "connection_failed"
}

func (s *Server) wrap(inner map[string]any, extShared bool) *delivery {
	now := s.clock()
	inner["event_ts"] = formatTS(now.UnixMicro())
	return &delivery{
		url: s.opt.EventsURL, envelope: "events_api",
		payload: map[string]any{
			"type": "event_callback", "token": "verification", "team_id": s.opt.TeamID, "context_team_id": s.opt.TeamID,
			"api_app_id": AppID, "event_id": s.id("Ev"), "event_time": now.Unix(), "event_context": s.id("4-"),
			"is_ext_shared_channel": extShared, "event": inner,
			"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": s.opt.TeamID,
				"user_id": BotUser, "is_bot": true, "is_enterprise_install": false}},
		},
	}
}

// RetryLast sends the newest event once more with the same event_id, as Slack
// does after a failed delivery (and, when the delivery succeeded, as if its
// acknowledgement had got lost). Slack gives up after three, and at once when
// the app answered with an error and X-Slack-No-Retry: 1.
func (s *Server) RetryLast(ctx context.Context, how ...How) (Answer, error) {
	s.mu.Lock()
	d := s.last
	var err error
	switch {
	case d == nil:
		err = errors.New("slacktest: no event was sent")
	case d.retry >= 3:
		err = errors.New("slacktest: given up after three retries")
	case !d.answer.Acked() && d.answer.Header.Get("X-Slack-No-Retry") == "1":
		err = errors.New("slacktest: the app wants no retry")
	default:
		again := *d
		again.retry++
		again.url = s.opt.EventsURL
		d, s.last = &again, &again
	}
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	return s.sendEvent(ctx, d, bent(how))
}

// VerifyURL sends url_verification to the events address and wants the
// challenge back. It always goes over HTTP.
func (s *Server) VerifyURL(ctx context.Context, how ...How) (Answer, error) {
	s.mu.Lock()
	challenge := s.id("challenge")
	d := &delivery{url: s.opt.EventsURL, payload: map[string]any{
		"type": "url_verification", "token": "verification", "challenge": challenge,
	}}
	s.mu.Unlock()
	a, err := s.send(ctx, d, bent(how))
	if err == nil && a.Acked() && string(bytes.TrimSpace(a.Body)) != challenge && text(a.Response["challenge"]) != challenge {
		err = errors.New("slacktest: the challenge did not come back")
	}
	return a, err
}

// echo sends an event about the bot's own doing in the background, if the
// workspace does that; the lock is held.
func (s *Server) echo(c *channel, inner map[string]any) {
	if !s.opt.Echo || !s.hears(c) {
		return
	}
	select {
	case <-s.done:
		return
	default:
	}
	d := s.wrap(inner, c.ExtShared)
	s.echoes.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go func() {
			select {
			case <-s.done:
				cancel()
			case <-ctx.Done():
			}
		}()
		_, _ = s.send(ctx, d, bend{}) // an echo that is lost is lost
	})
}

// hears reports whether message events of a channel reach the app.
func (s *Server) hears(c *channel) bool {
	scope := "channels:history"
	if c.Private {
		scope = "groups:history"
	}
	return s.isMember(c, BotUser) && s.hasScope(scope)
}

// interaction makes a payload for the interactions address.
func (s *Server) interaction(payload map[string]any) *delivery {
	payload["api_app_id"], payload["token"] = AppID, "verification"
	payload["team"] = map[string]any{"id": s.opt.TeamID, "domain": "city"}
	payload["enterprise"], payload["is_enterprise_install"] = nil, false
	raw, err := json.Marshal(payload)
	if err != nil {
		raw = nil // our own maps always encode
	}
	return &delivery{
		url: s.opt.InteractionsURL, envelope: "interactive", payload: payload,
		form: url.Values{"payload": {string(raw)}}, replies: payload["type"] == "view_submission",
	}
}
