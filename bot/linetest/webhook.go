package linetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// Sign returns the value of a webhook's x-line-signature header: Base64 of the
// HMAC-SHA256 of the raw body under the channel secret.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// WebhookBody builds a webhook of the events without sending it; with no
// events it is what the console's Verify button sends.
func WebhookBody(events ...Event) []byte { return webhookBody(events) }

func webhookBody(events []Event) []byte {
	list := make([]any, len(events))
	for i, e := range events {
		list[i] = e.wire()
	}
	return encode(object{"destination": BotUserID, "events": list})
}

// Delivery is one webhook and what the bot answered to it.
type Delivery struct {
	Status int   // the bot's answer; 0: none
	Again  int   // its answer to the second arrival, with DeliverTwice
	Err    error // why there was no answer, or why nothing was sent
	Held   bool  // kept back; Release sends it
	Body   []byte

	EventIDs    []string // webhookEventId of each event that has one
	MessageIDs  []string
	ReplyTokens []string

	events []Event
}

// OK says whether LINE would count the webhook as delivered.
func (d Delivery) OK() bool { return d.Status/100 == 2 }

// Errors of a Delivery.
var (
	ErrBlocked   = errors.New("linetest: the resident has blocked the account")
	ErrNoWebhook = errors.New("linetest: this action stays on the phone")
	ErrNotShown  = errors.New("linetest: no such button is shown")
	ErrTooMany   = errors.New("linetest: too many webhooks are held back")
)

// Deliver sends the events in one webhook, as LINE does: what the residents
// did is on their screens at once, the reply tokens live from now.
func (s *Server) Deliver(events ...Event) Delivery {
	d := Delivery{Body: webhookBody(events), events: events}
	s.mu.Lock()
	for _, e := range events {
		kind := str(e.body, "type")
		if c := s.chats[e.chat]; c != nil && c.blocked && (kind == "message" || kind == "postback") {
			s.mu.Unlock()
			d.Err = ErrBlocked
			return d
		}
	}
	for _, e := range events {
		d.remember(e)
		s.happen(e)
	}
	s.touch()
	if s.holding {
		defer s.mu.Unlock()
		if len(s.held) >= maxHeld {
			d.Err = ErrTooMany
			return d
		}
		d.Held = true
		s.held = append(s.held, d)
		return d
	}
	s.mu.Unlock()
	return s.dispatch(d)
}

func (d *Delivery) remember(e Event) {
	add := func(list *[]string, id string) {
		if id != "" {
			*list = append(*list, id)
		}
	}
	add(&d.EventIDs, str(e.body, "webhookEventId"))
	add(&d.ReplyTokens, str(e.body, "replyToken"))
	add(&d.MessageIDs, str(sub(e.body, "message"), "id"))
}

// happen does at LINE and on the phone what an event tells of.
func (s *Server) happen(e Event) {
	token := str(e.body, "replyToken")
	if _, known := s.tokens.get(token); token != "" && !known {
		s.tokens.put(token, &replyToken{chat: e.chat, event: e.at, sent: e.at})
	}
	c := s.chats[e.chat]
	if c == nil {
		return
	}
	switch str(e.body, "type") {
	case "follow":
		c.friend, c.blocked = true, false
	case "join":
		c.blocked = false
	case "unfollow":
		c.friend, c.blocked = false, true
	case "unsend":
		id := str(sub(e.body, "unsend"), "messageId")
		if entry := c.find(id); entry != nil {
			entry.Unsent, entry.Text, entry.Raw = true, "", nil
		}
		if content, has := s.content.get(id); has {
			content.gone, content.Bytes = true, nil
			s.content.put(id, content)
		}
	case "message", "postback":
		c.wrote = e.at
	}
	if e.tapped != "" {
		if entry := c.find(e.tapped); entry != nil {
			entry.tapped = true
		}
	}
	if e.content != nil {
		s.content.put(e.entry.ID, *e.content)
	}
	if e.entry != nil {
		c.add(e.entry)
	}
}

// dispatch sends a webhook whose events have happened.
func (s *Server) dispatch(d Delivery) Delivery {
	d.Held = false
	s.mu.Lock()
	now, hook, twice := s.clock(), s.webhook, s.twice
	for _, token := range d.ReplyTokens {
		if t, known := s.tokens.get(token); known {
			t.sent = now
		}
	}
	s.mu.Unlock()
	signature := Sign(s.secret, d.Body)
	d.Status, d.Err = s.post(context.Background(), hook, d.Body, signature)
	if twice {
		var err error
		d.Again, err = s.post(context.Background(), hook, d.Body, signature)
		d.Err = errors.Join(d.Err, err)
	}
	return d
}

// Redeliver sends a webhook once more, as LINE does when it got no 2xx: the
// same events, marked as redelivered. Unused reply tokens live a minute from
// now, but no longer than 20 minutes from their event.
func (s *Server) Redeliver(d Delivery) Delivery {
	again := make([]Event, len(d.events))
	for i, e := range d.events {
		if e.body != nil {
			e.body = maps.Clone(e.body)
			e.body["deliveryContext"] = object{"isRedelivery": true}
		}
		again[i] = e
	}
	d.events, d.Body = again, webhookBody(again)
	return s.dispatch(d)
}

// SendBody sends any bytes with a right signature.
func (s *Server) SendBody(body []byte) Delivery {
	return s.Forge(Sign(s.secret, body), body)
}

// Forge sends any bytes with any signature, as somebody who is not LINE; an
// empty signature leaves the header out. Nothing happens at LINE.
func (s *Server) Forge(signature string, body []byte) Delivery {
	d := Delivery{Body: body}
	d.Status, d.Err = s.post(context.Background(), s.Webhook(), body, signature)
	return d
}

// post sends a webhook; the client's timeout bounds it.
func (s *Server) post(ctx context.Context, hook string, body []byte, signature string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "LineBotWebhook/2.0")
	if signature != "" {
		r.Header["x-line-signature"] = []string{signature} // in the case LINE writes it
	}
	s.mu.Lock()
	s.counts.Webhooks++
	s.touch()
	s.mu.Unlock()
	res, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // lets the connection be used again
	return res.StatusCode, nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Event is one event of a webhook, ready for Deliver. A Resident makes them.
type Event struct {
	chat    string
	at      time.Time
	body    object          // what is sent
	raw     json.RawMessage // sent instead of body
	entry   *Entry          // what the resident's own screen shows of it
	content *Content        // of a picture, voice, video or file
	tapped  string          // message whose quick replies vanish
}

func (e Event) wire() any {
	if e.raw != nil {
		return e.raw
	}
	return e.body
}

// MessageID is LINE's ID of the message that the event tells of, "" for none.
func (e Event) MessageID() string { return str(sub(e.body, "message"), "id") }

// With returns the event with one of its properties set; a nil value removes
// it. It makes events LINE does not send: without a source, with a text for a
// timestamp.
func (e Event) With(key string, value any) Event {
	e.body = maps.Clone(e.body)
	if e.body == nil {
		e.body = object{}
	}
	e.body[key] = value
	if value == nil {
		delete(e.body, key)
	}
	return e
}

// Raw is an event of exactly this JSON, to stand beside well-formed ones. Text
// that is no JSON is sent as a JSON string.
func Raw(text string) Event {
	if !json.Valid([]byte(text)) {
		return Event{raw: encode(text)}
	}
	return Event{raw: json.RawMessage(text)}
}
