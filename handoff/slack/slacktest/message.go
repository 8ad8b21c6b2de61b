package slacktest

import (
	"encoding/json"
	"slices"
)

// Message is a message as Slack stores it. A value is a copy: it does not
// change when the message is updated.
type Message struct {
	Channel   string
	TS        string // "1763780400.000100"; unique in the server and growing
	ThreadTS  string // the parent's ts in a reply, empty outside threads
	User      string
	BotID     string // set when an app posted it
	Subtype   string // "tombstone" for a deleted parent that has replies
	Text      string
	Blocks    json.RawMessage // an array; nil when there are none
	Metadata  *Metadata
	Parse     string // "none", "full", "client"; empty when the post named none
	LinkNames bool
	Mrkdwn    bool
	Broadcast bool // a reply shown in the channel too

	UnfurlLinks, UnfurlMedia bool
	Edited                   bool   // shows the "edited" mark
	EphemeralTo              string // the only reader, empty for ordinary messages
	Files                    []File // shared with it; a deleted one has neither name nor bytes

	attachments []any
	names       map[string]string
}

// Metadata is what an app attaches to a message; every member may read it.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// Button is something on a message or view that can be clicked.
type Button struct {
	BlockID, ActionID  string
	Type               string // "button", "static_select", …
	Text, Value, Style string
	Options            []Option // of a select
	Confirm            bool     // asks before it acts

	raw map[string]any
}

// Option is one choice of a select.
type Option struct{ Text, Value string }

// Buttons are the interactive elements of a message, in reading order.
func (m Message) Buttons() []Button { return buttonsOf(decodeBlocks(m.Blocks)) }

// Button finds the element with that action_id.
func (m Message) Button(actionID string) (Button, bool) { return findButton(m.Buttons(), actionID) }

func findButton(all []Button, actionID string) (Button, bool) {
	i := slices.IndexFunc(all, func(b Button) bool { return b.ActionID == actionID })
	if i < 0 {
		return Button{}, false
	}
	return all[i], true
}

func buttonsOf(blocks []any) []Button {
	var out []Button
	for _, b := range blocks {
		block := object(b)
		var elements []any
		switch text(block["type"]) {
		case "actions":
			elements = list(block["elements"])
		case "section":
			elements = []any{block["accessory"]}
		case "input":
			if on, _ := block["dispatch_action"].(bool); on {
				elements = []any{block["element"]}
			}
		}
		for _, e := range elements {
			el := object(e)
			if el == nil || text(el["type"]) == "image" {
				continue
			}
			one := Button{
				BlockID: text(block["block_id"]), ActionID: text(el["action_id"]), Type: text(el["type"]),
				Text: text(object(el["text"])["text"]), Value: text(el["value"]), Style: text(el["style"]),
				Confirm: el["confirm"] != nil, raw: el,
			}
			if one.Text == "" {
				one.Text = text(object(el["placeholder"])["text"])
			}
			for _, o := range optionsOf(el) {
				one.Options = append(one.Options, Option{Text: text(object(o["text"])["text"]), Value: text(o["value"])})
			}
			out = append(out, one)
		}
	}
	return out
}

// optionsOf are a select's options, those in groups included.
func optionsOf(el map[string]any) []map[string]any {
	var out []map[string]any
	for _, o := range list(el["options"]) {
		out = append(out, object(o))
	}
	for _, g := range list(el["option_groups"]) {
		for _, o := range list(object(g)["options"]) {
			out = append(out, object(o))
		}
	}
	return out
}

func (m *Message) isRoot() bool { return m.ThreadTS == "" || m.ThreadTS == m.TS }

// copyOf hands out a message with the names its reader would see.
func (s *Server) copyOf(m *Message) Message {
	c := *m
	c.names = s.names
	return c
}

// json is the message as the Web API and events show it. Without allMetadata
// the payload is left out, as conversations.history does unasked.
func (s *Server) json(m *Message, allMetadata bool) map[string]any {
	out := map[string]any{"type": "message", "ts": m.TS, "text": m.Text, "user": m.User, "team": s.opt.TeamID}
	if u, known := s.users[m.User]; known {
		out["team"] = u.TeamID
	}
	if m.BotID != "" {
		out["bot_id"], out["app_id"] = m.BotID, AppID
	}
	if m.Subtype != "" {
		out["subtype"] = m.Subtype
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if len(m.attachments) > 0 {
		out["attachments"] = m.attachments
	}
	if len(m.Files) > 0 {
		out["files"] = s.filesJSON(m.Files)
	}
	if m.Edited {
		out["edited"] = map[string]any{"user": m.User, "ts": m.TS}
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Metadata != nil {
		out["metadata"] = map[string]any{"event_type": m.Metadata.EventType}
		if allMetadata {
			out["metadata"] = m.Metadata
		}
	}
	if replies := s.replies(m); len(replies) > 0 {
		out["thread_ts"], out["reply_count"], out["latest_reply"] = m.TS, len(replies), replies[len(replies)-1].TS
	}
	return out
}

func (s *Server) replies(m *Message) []*Message {
	c := s.channels[m.Channel]
	if c == nil || !m.isRoot() || m.EphemeralTo != "" {
		return nil
	}
	var out []*Message
	for _, r := range c.messages {
		if r.ThreadTS == m.TS && r.TS != m.TS {
			out = append(out, r)
		}
	}
	return out
}

func (c *channel) message(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// remove deletes a message; a parent with replies leaves a tombstone.
func (s *Server) remove(c *channel, m *Message) (tombstone bool) {
	if len(s.replies(m)) > 0 {
		m.Subtype, m.Text, m.Blocks, m.Metadata, m.attachments = "tombstone", "This message was deleted.", nil, nil, nil
		m.User, m.BotID, m.Edited = "USLACKBOT", "", false
		return true
	}
	c.messages = slices.DeleteFunc(c.messages, func(o *Message) bool { return o == m })
	return false
}
