package slacktest

import (
	"encoding/json"
	"strings"
)

// Limits of the chat methods, in UTF-16 units where they count characters.
const (
	maxPostText    = 40000 // longer text is cut
	maxUpdateText  = 4000  // longer text is refused
	maxAttachments = 100
	maxMetadata    = 16000 // bytes; Slack names no number
)

// draft is what a caller wants a message to be.
type draft struct {
	text        string
	hasText     bool
	blocks      []any // nil when the argument is missing
	hasBlocks   bool
	attachments []any
	metadata    *Metadata
}

func (s *Server) draft(a args) (draft, error) {
	_, hasText := a["text"]
	d := draft{text: a.str("text"), hasText: hasText}
	v, ok := a.value("blocks")
	if !ok {
		return d, refuse("invalid_blocks_format")
	}
	if v != nil {
		blocks, isList := v.([]any)
		if !isList {
			return d, refuse("invalid_blocks_format")
		}
		if faults := checkMessageBlocks(blocks, ""); len(faults) > 0 {
			return d, refuse("invalid_blocks", faults...)
		}
		d.blocks, d.hasBlocks = blocks, true
	}
	v, ok = a.value("attachments")
	if d.attachments = list(v); !ok || len(d.attachments) > maxAttachments {
		return d, refuse("invalid_attachments")
	}
	for _, one := range d.attachments {
		if faults := checkMessageBlocks(list(object(one)["blocks"]), "/attachments"); len(faults) > 0 {
			return d, refuse("invalid_blocks", faults...)
		}
	}
	var err error
	d.metadata, err = readMetadata(a)
	return d, err
}

func (d draft) empty() bool {
	return strings.TrimSpace(d.text) == "" && len(d.blocks) == 0 && len(d.attachments) == 0
}

func readMetadata(a args) (*Metadata, error) {
	v, ok := a.value("metadata")
	if !ok {
		return nil, refuse("invalid_metadata_format")
	}
	if v == nil {
		return nil, nil
	}
	m := object(v)
	if text(m["event_type"]) == "" || object(m["event_payload"]) == nil {
		return nil, refuse("invalid_metadata_schema")
	}
	if len(encode(v)) > maxMetadata {
		return nil, refuse("metadata_too_large")
	}
	return &Metadata{EventType: text(m["event_type"]), EventPayload: object(m["event_payload"])}, nil
}

// writable finds a channel the bot may post in.
func (s *Server) writable(id, archived string) (*channel, error) {
	c := s.channels[id]
	switch {
	case c == nil, c.Private && !s.isMember(c, BotUser):
		return nil, refuse("channel_not_found")
	case !s.isMember(c, BotUser):
		return nil, refuse("not_in_channel")
	case c.Archived:
		return nil, refuse(archived)
	}
	return c, nil
}

// thread checks the parent a reply names.
func (c *channel) thread(ts string) error {
	if ts == "" {
		return nil
	}
	parent := c.message(ts)
	switch {
	case parent == nil:
		return refuse("thread_not_found")
	case !parent.isRoot():
		return refuse("cannot_reply_to_message")
	}
	return nil
}

func (s *Server) postMessage(a args) (reply, error) {
	c, err := s.writable(a.str("channel"), "is_archived")
	if err != nil {
		return nil, err
	}
	d, err := s.draft(a)
	if err != nil {
		return nil, err
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	if err := c.thread(a.str("thread_ts")); err != nil {
		return nil, err
	}
	m := s.newMessage(a, c.ID, d)
	m.Broadcast = a.flag("reply_broadcast", false)
	c.messages = append(c.messages, m)
	s.echo(c, s.messageEvent(c, m))
	return reply{"channel": c.ID, "ts": m.TS, "message": s.json(m, true)}, nil
}

func (s *Server) newMessage(a args, channelID string, d draft) *Message {
	m := &Message{
		Channel: channelID, TS: s.mintTS(), ThreadTS: a.str("thread_ts"), User: BotUser, BotID: BotID,
		Text: cutUnits(d.text, maxPostText), Metadata: d.metadata, attachments: d.attachments,
		UnfurlLinks: a.flag("unfurl_links", true), UnfurlMedia: a.flag("unfurl_media", true),
	}
	m.setParse(a)
	m.Blocks = s.named(d.blocks)
	return m
}

func (m *Message) setParse(a args) {
	m.Parse, m.LinkNames, m.Mrkdwn = a.str("parse"), a.flag("link_names", false), a.flag("mrkdwn", true)
}

// named gives blocks and elements without an ID one, as Slack does.
func (s *Server) named(blocks []any) json.RawMessage {
	if len(blocks) == 0 {
		return nil
	}
	for _, b := range blocks {
		block := object(b)
		if text(block["block_id"]) == "" {
			block["block_id"] = s.id("b")
		}
		elements := []any{block["accessory"], block["element"]}
		if text(block["type"]) == "actions" {
			elements = append(elements, list(block["elements"])...)
		}
		for _, e := range elements {
			if el := object(e); el != nil && text(el["action_id"]) == "" && text(el["type"]) != "image" {
				el["action_id"] = s.id("a")
			}
		}
	}
	return encode(blocks)
}

// own finds a message of the bot's that may still be changed.
func (s *Server) own(a args, denied string) (*channel, *Message, error) {
	c, err := s.writable(a.str("channel"), "is_inactive")
	if err != nil {
		return nil, nil, err
	}
	m := c.message(a.str("ts"))
	switch {
	case m == nil, m.Subtype == "tombstone":
		return nil, nil, refuse("message_not_found")
	case m.BotID != BotID:
		return nil, nil, refuse(denied)
	}
	return c, m, nil
}

func (s *Server) updateMessage(a args) (reply, error) {
	c, m, err := s.own(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	d, err := s.draft(a)
	switch {
	case err != nil:
		return nil, err
	case !d.hasText && !d.hasBlocks && d.attachments == nil, d.hasText && d.empty():
		return nil, refuse("no_text")
	case units(d.text) > maxUpdateText:
		return nil, refuse("msg_too_long")
	}
	before := *m
	s.replace(m, a, d)
	s.echo(c, s.changedEvent(c, m, &before))
	return reply{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.json(m, true)}, nil
}

// replace puts a draft in a message's place. Metadata that is left out stays;
// parse that is left out becomes "client", which links names.
func (s *Server) replace(m *Message, a args, d draft) {
	if d.hasText {
		m.Text = d.text
	}
	m.Blocks, m.attachments = s.named(d.blocks), d.attachments
	m.Edited = !d.hasBlocks
	m.setParse(a)
	if m.Parse == "" {
		m.Parse = "client"
	}
	if d.metadata != nil {
		m.Metadata = d.metadata
	}
}

func (s *Server) deleteMessage(a args) (reply, error) {
	c, m, err := s.own(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.echo(c, s.removeEvent(c, m))
	return reply{"channel": c.ID, "ts": a.str("ts")}, nil
}

func (s *Server) postEphemeral(a args) (reply, error) {
	c, err := s.writable(a.str("channel"), "is_archived")
	if err != nil {
		return nil, err
	}
	user := a.str("user")
	if !s.isMember(c, user) {
		return nil, refuse("user_not_in_channel")
	}
	d, err := s.draft(a)
	if err != nil {
		return nil, err
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	m := s.newMessage(a, c.ID, d)
	m.EphemeralTo = user
	s.private[user] = append(s.private[user], m)
	return reply{"message_ts": m.TS}, nil
}

func (s *Server) getPermalink(a args) (reply, error) {
	c := s.channels[a.str("channel")]
	if c == nil || c.Private && !s.isMember(c, BotUser) {
		return nil, refuse("channel_not_found")
	}
	m := c.message(a.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := "https://city.slack.com/archives/" + c.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if !m.isRoot() {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + c.ID
	}
	return reply{"channel": c.ID, "permalink": link}, nil
}
