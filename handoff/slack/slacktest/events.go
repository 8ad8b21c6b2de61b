package slacktest

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// Message has a member write in a channel, or in a thread when parentTS is set.
// The words are what the person types: @name of a user, @here, @channel, #name
// of a channel and web addresses become what they are in Slack, all else stays
// literal. It returns the message also when the app does not hear of it.
func (s *Server) Message(ctx context.Context, user, channelID, words, parentTS string, how ...How) (Message, Answer, error) {
	s.mu.Lock()
	m, c, err := s.say(user, channelID, words, parentTS)
	if err != nil {
		s.mu.Unlock()
		return Message{}, Answer{}, err
	}
	event, shown := s.messageEvent(c, m), s.copyOf(m)
	heard, shared := s.hears(c), c.ExtShared
	s.notify()
	s.mu.Unlock()
	if !heard {
		return shown, Answer{}, ErrNotDelivered
	}
	a, err := s.event(ctx, event, shared, bent(how))
	return shown, a, err
}

func (s *Server) say(user, channelID, words, parentTS string) (*Message, *channel, error) {
	_, c, err := s.actorIn(user, channelID)
	switch {
	case err != nil:
		return nil, nil, err
	case !s.isMember(c, user) || c.Archived:
		return nil, nil, impossible("%s cannot write in %s", user, channelID)
	case c.thread(parentTS) != nil:
		return nil, nil, impossible("no thread %s", parentTS)
	}
	m := &Message{Channel: c.ID, TS: s.mintTS(), ThreadTS: parentTS, User: user, Mrkdwn: true, UnfurlLinks: true, UnfurlMedia: true}
	m.Text, m.Blocks = s.typed(words)
	c.messages = append(c.messages, m)
	return m, c, nil
}

var typedToken = regexp.MustCompile(`https?://[^\s<>]+|[@#][\p{L}\p{N}_.-]+`)

// typed is what Slack makes of typed words: text with tokens, and rich text.
func (s *Server) typed(words string) (string, []byte) {
	var wire strings.Builder
	elements := []any{}
	literal := func(t string) {
		if t != "" {
			wire.WriteString(Escape(t))
			elements = append(elements, map[string]any{"type": "text", "text": t})
		}
	}
	from := 0
	for _, at := range typedToken.FindAllStringIndex(words, -1) {
		token, element := s.token(words[at[0]:at[1]])
		if element == nil {
			continue
		}
		literal(words[from:at[0]])
		wire.WriteString(token)
		elements = append(elements, element)
		from = at[1]
	}
	literal(words[from:])
	section := map[string]any{"type": "rich_text_section", "elements": elements}
	return wire.String(), s.named([]any{map[string]any{"type": "rich_text", "elements": []any{section}}})
}

func (s *Server) token(word string) (string, map[string]any) {
	switch {
	case strings.HasPrefix(word, "http"):
		return "<" + Escape(word) + ">", map[string]any{"type": "link", "url": word}
	case word == "@here" || word == "@channel" || word == "@everyone":
		return "<!" + word[1:] + ">", map[string]any{"type": "broadcast", "range": word[1:]}
	case word[0] == '#':
		for _, c := range sorted(s.channels) {
			if c.Name == word[1:] {
				return "<#" + c.ID + "|" + c.Name + ">", map[string]any{"type": "channel", "channel_id": c.ID}
			}
		}
	default:
		for _, u := range sorted(s.users) {
			if u.Name == word[1:] {
				return "<@" + u.ID + ">", map[string]any{"type": "user", "user_id": u.ID}
			}
		}
	}
	return "", nil
}

// Edit has the author change a message.
func (s *Server) Edit(ctx context.Context, user, channelID, ts, words string, how ...How) (Answer, error) {
	return s.change(ctx, user, channelID, ts, how, func(c *channel, m *Message) map[string]any {
		before := *m
		m.Text, m.Blocks = s.typed(words)
		m.Edited = true
		return s.changedEvent(c, m, &before)
	})
}

// Delete has the author delete a message.
func (s *Server) Delete(ctx context.Context, user, channelID, ts string, how ...How) (Answer, error) {
	return s.change(ctx, user, channelID, ts, how, s.removeEvent)
}

func (s *Server) change(ctx context.Context, user, channelID, ts string, how []How, do func(*channel, *Message) map[string]any) (Answer, error) {
	s.mu.Lock()
	_, c, err := s.actorIn(user, channelID)
	var m *Message
	if err == nil {
		if m = c.message(ts); m == nil || m.User != user {
			err = impossible("%s has no message %s", user, ts)
		}
	}
	if err != nil {
		s.mu.Unlock()
		return Answer{}, err
	}
	event := do(c, m)
	heard, shared := s.hears(c), c.ExtShared
	s.notify()
	s.mu.Unlock()
	if !heard {
		return Answer{}, ErrNotDelivered
	}
	return s.event(ctx, event, shared, bent(how))
}

func (c *channel) kind() string {
	if c.Private {
		return "group"
	}
	return "channel"
}

func (s *Server) messageEvent(c *channel, m *Message) map[string]any {
	event := s.json(m, true)
	event["channel"], event["channel_type"] = c.ID, c.kind()
	if m.BotID == "" {
		event["client_msg_id"] = s.id("msg-")
	}
	if !m.isRoot() {
		if parent := c.message(m.ThreadTS); parent != nil {
			event["parent_user_id"] = parent.User
		}
	}
	return event
}

func (s *Server) hidden(c *channel, subtype string) map[string]any {
	return map[string]any{
		"type": "message", "subtype": subtype, "hidden": true, "channel": c.ID, "channel_type": c.kind(), "ts": s.mintTS(),
	}
}

func (s *Server) changedEvent(c *channel, m, before *Message) map[string]any {
	event := s.hidden(c, "message_changed")
	event["message"], event["previous_message"] = s.json(m, true), s.json(before, true)
	return event
}

// removeEvent deletes a message and is the event that says so. A deleted parent
// with replies is a change: its place stays.
func (s *Server) removeEvent(c *channel, m *Message) map[string]any {
	before := *m
	if s.remove(c, m) {
		return s.changedEvent(c, m, &before)
	}
	event := s.hidden(c, "message_deleted")
	event["deleted_ts"], event["previous_message"] = before.TS, s.json(&before, true)
	return event
}

// OpenHome has a user open the app's home tab.
func (s *Server) OpenHome(ctx context.Context, user string, how ...How) (Answer, error) {
	s.mu.Lock()
	_, err := s.actor(user)
	event := map[string]any{"type": "app_home_opened", "user": user, "channel": "D" + user, "tab": "home"}
	if v := s.homes[user]; v != nil {
		event["view"] = s.viewJSON(v, nil)
	}
	s.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	return s.event(ctx, event, false, bent(how))
}

// Join has a user (or BotUser) join a channel.
func (s *Server) Join(ctx context.Context, user, channelID string, how ...How) (Answer, error) {
	s.mu.Lock()
	u, err := s.actor(user)
	c := s.channels[channelID]
	if err == nil && c == nil {
		err = impossible("no channel %s", channelID)
	}
	if err != nil {
		s.mu.Unlock()
		return Answer{}, err
	}
	if !slices.Contains(c.Members, user) {
		c.Members = append(c.Members, user)
	}
	kind := "C"
	if c.Private {
		kind = "G"
	}
	event := map[string]any{"type": "member_joined_channel", "user": user, "channel": c.ID, "channel_type": kind, "team": u.TeamID}
	heard, shared := s.isMember(c, BotUser), c.ExtShared
	s.notify()
	s.mu.Unlock()
	if !heard {
		return Answer{}, ErrNotDelivered
	}
	return s.event(ctx, event, shared, bent(how))
}
