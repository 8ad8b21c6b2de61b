package line

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tsunagu/bot"
)

// Bounds of what is taken from a webhook.
const (
	maxText = 5000                // UTF-16 units of a message
	maxData = 300                 // UTF-16 units of a tap's data
	maxTime = 253_402_300_799_000 // Unix ms: the year 9999, after which no time can be stored
)

var (
	userID = regexp.MustCompile(`^U[0-9a-f]{32}$`)
	roomID = regexp.MustCompile(`^[CR][0-9a-f]{32}$`)
	// plainID is the form of LINE's message IDs, event IDs and request IDs, kept
	// wider than today's.
	plainID    = form{64, "_-"}
	replyToken = form{512, "._~+/=-"}
)

// form is what a name is made of: one to most letters, digits and marks. Every event
// names some, and an expression takes ten times as long.
type form struct {
	most  int
	marks string
}

// MatchString says whether a name is of the form.
func (f form) MatchString(s string) bool {
	return s != "" && len(s) <= f.most && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(f.marks, r)
	})
}

// mediaKinds are the message types that are told apart; others are "unknown".
var mediaKinds = []string{"image", "video", "audio", "file", "location", "sticker"}

// The parts of a webhook that are used. Own types, because the library's parser
// gives up a whole webhook for one bad event and puts its body into the error.
type (
	rawEvent struct {
		Type       string       `json:"type"`
		Mode       string       `json:"mode"`
		ID         string       `json:"webhookEventId"`
		Timestamp  int64        `json:"timestamp"` // Unix ms
		ReplyToken string       `json:"replyToken"`
		Source     *rawSource   `json:"source"`
		Message    *rawMessage  `json:"message"`
		Unsend     *rawUnsend   `json:"unsend"`
		Postback   *rawPostback `json:"postback"`
	}
	rawSource struct {
		Type    string `json:"type"`
		UserID  string `json:"userId"`
		GroupID string `json:"groupId"`
		RoomID  string `json:"roomId"`
	}
	rawMessage struct {
		ID   string          `json:"id"`
		Type string          `json:"type"`
		Text json.RawMessage `json:"text"` // a string in text messages only
	}
	rawUnsend struct {
		MessageID string `json:"messageId"`
	}
	rawPostback struct {
		Data string `json:"data"`
	}
)

// Errors of this file say nothing of what they were found in.
var (
	errNoWebhook = errors.New("no webhook")
	errSpoilt    = errors.New("spoilt event")
)

// decode reads a webhook event by event. Events that mean nothing to the bot are
// left out; spoilt names those that cannot be read, by event ID or position.
// Events without a time of their own happened now.
func decode(city string, body []byte, now time.Time) (events []bot.Event, spoilt []string, err error) {
	all, err := read(body)
	if err != nil {
		return nil, nil, err
	}
	for i, r := range all {
		e, means, err := r.event()
		if err != nil {
			name := fmt.Sprintf("events[%d]", i)
			if r != nil && plainID.MatchString(r.ID) {
				name = r.ID
			}
			spoilt = append(spoilt, name)
			continue
		}
		if !means {
			continue
		}
		e.City = city
		if e.At.IsZero() {
			e.At = now
		}
		events = append(events, e)
	}
	return events, spoilt, nil
}

// read reads all events at once and, when that fails, one by one: of a bad one only
// the ID is left.
func read(body []byte) ([]*rawEvent, error) {
	var hook struct {
		Events []*rawEvent `json:"events"`
	}
	if json.Unmarshal(body, &hook) == nil {
		return hook.Events, nil
	}
	var parts struct {
		Events []json.RawMessage `json:"events"`
	}
	if json.Unmarshal(body, &parts) != nil {
		return nil, errNoWebhook
	}
	all := make([]*rawEvent, len(parts.Events))
	for i, raw := range parts.Events {
		if json.Unmarshal(raw, &all[i]) != nil {
			var bad struct {
				ID string `json:"webhookEventId"`
			}
			_ = json.Unmarshal(raw, &bad)
			all[i] = &rawEvent{ID: bad.ID}
		}
	}
	return all, nil
}

// event makes an event of it; means is false when there is nothing to do.
func (r *rawEvent) event() (e bot.Event, means bool, err error) {
	if r == nil || r.Type == "" {
		return e, false, errSpoilt
	}
	// In standby somebody else answers in this chat.
	if r.Mode == "standby" || r.Source == nil {
		return e, false, nil
	}
	if plainID.MatchString(r.ID) {
		e.ID = r.ID
	}
	if r.Timestamp > 0 && r.Timestamp <= maxTime {
		e.At = time.UnixMilli(r.Timestamp)
	}
	if replyToken.MatchString(r.ReplyToken) {
		e.Token = r.ReplyToken
	}
	switch r.Source.Type {
	case "group", "room":
		means, err = r.leave(&e)
	case "user":
		if r.Source.UserID == "" {
			return e, false, nil
		}
		if !userID.MatchString(r.Source.UserID) {
			return e, false, errSpoilt
		}
		e.User = r.Source.UserID
		means, err = r.chat(&e)
	}
	if means && err == nil && e.ID == "" {
		err = errSpoilt // without a name it could be done twice
	}
	return e, means, err
}

// leave makes of whatever happens in a group the wish to leave it; of the bot
// having left already, nothing.
func (r *rawEvent) leave(e *bot.Event) (bool, error) {
	if r.Type == "leave" {
		return false, nil
	}
	e.Kind, e.Room, e.Group, e.Token = bot.Join, r.Source.RoomID, false, ""
	if r.Source.Type == "group" {
		e.Room, e.Group = r.Source.GroupID, true
	}
	if !roomID.MatchString(e.Room) {
		return false, errSpoilt
	}
	if e.ID == "" {
		e.ID = "leave-" + e.Room
	}
	return true, nil
}

// chat reads what a resident did in the chat with the bot.
func (r *rawEvent) chat(e *bot.Event) (bool, error) {
	switch r.Type {
	case "follow":
		e.Kind = bot.Follow
	case "unfollow":
		e.Kind = bot.Unfollow
	case "postback":
		if r.Postback == nil {
			return false, errSpoilt
		}
		e.Kind, e.Data = bot.Tap, cut(r.Postback.Data, maxData)
	case "unsend":
		if r.Unsend == nil || !plainID.MatchString(r.Unsend.MessageID) {
			return false, errSpoilt
		}
		e.Kind, e.Message = bot.Unsend, r.Unsend.MessageID
		nameAfter(e, "unsend-")
	case "message":
		if r.Message == nil || r.Message.Type == "" || !plainID.MatchString(r.Message.ID) {
			return false, errSpoilt
		}
		e.Message = r.Message.ID
		nameAfter(e, "message-")
		return true, r.Message.read(e)
	default:
		return false, nil
	}
	return true, nil
}

// read tells words from everything else a message can be.
func (m *rawMessage) read(e *bot.Event) error {
	if m.Type == "text" {
		if json.Unmarshal(m.Text, &e.Text) != nil {
			return errSpoilt
		}
		e.Text = cut(e.Text, maxText)
		if e.Text != "" {
			e.Kind = bot.Text
			return nil
		}
	}
	e.Kind, e.Media = bot.Other, "unknown"
	if slices.Contains(mediaKinds, m.Type) {
		e.Media = m.Type
	}
	return nil
}

// nameAfter gives an event that has no ID of its own the one of its message.
func nameAfter(e *bot.Event, prefix string) {
	if e.ID == "" {
		e.ID = prefix + e.Message
	}
}
