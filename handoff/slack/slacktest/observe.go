package slacktest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Call is one thing the app sent: a Web API call, a post to a response URL, or
// what it answered to a submitted modal or a slash command. Error is
// what it was refused with, empty when it was accepted.
type Call struct {
	Method   string // or "response_url", "response_action", "command_response"
	Args     json.RawMessage
	At       time.Time
	Error    string
	Messages []string // why, where Slack gives reasons (blocks and views)
}

// maxCalls bounds the record of calls; the oldest are forgotten first.
const maxCalls = 20000

// Changed returns a channel that is closed at the next change of anything.
// Take it before looking, then wait on it.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// WaitFor returns once the condition holds, and ctx's error if it ends first.
// The condition is asked again after every change.
func (s *Server) WaitFor(ctx context.Context, condition func() bool) error {
	for {
		changed := s.Changed()
		if condition() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// notify tells the waiting that something changed; the lock is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Messages are a channel's messages outside threads, oldest first.
func (s *Server) Messages(channelID string) []Message {
	return s.pick(channelID, func(m *Message) bool { return m.isRoot() || m.Broadcast })
}

// Thread is a parent and its replies, oldest first.
func (s *Server) Thread(channelID, parentTS string) []Message {
	return s.pick(channelID, func(m *Message) bool { return m.TS == parentTS || m.ThreadTS == parentTS })
}

// AllMessages are a channel's messages and replies, oldest first.
func (s *Server) AllMessages(channelID string) []Message {
	return s.pick(channelID, func(*Message) bool { return true })
}

// MessageAt is the message with that ts, as it stands now.
func (s *Server) MessageAt(channelID, ts string) (Message, bool) {
	found := s.pick(channelID, func(m *Message) bool { return m.TS == ts })
	if len(found) == 0 {
		return Message{}, false
	}
	return found[0], true
}

func (s *Server) pick(channelID string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if c == nil {
		return nil
	}
	var out []Message
	for _, m := range c.messages {
		if want(m) {
			out = append(out, s.copyOf(m))
		}
	}
	return out
}

// Ephemerals are the messages only this user sees, oldest first.
func (s *Server) Ephemerals(user string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.private[user] {
		out = append(out, s.copyOf(m))
	}
	return out
}

// Views are the modals a user has open, the bottom of the stack first.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.modals[user] {
		out = append(out, s.copyOfView(v))
	}
	return out
}

// Home is a user's App Home tab, if the app has published one.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.homes[user]
	if v == nil {
		return View{}, false
	}
	return s.copyOfView(v), true
}

// Count is how often a method was called, refused calls included.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[method]
}

// Counts are all counters of calls by method.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// Calls are the calls so far, oldest first, without the token.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Refused are the calls that got an error, with the reason.
func (s *Server) Refused() []Call {
	return slices.DeleteFunc(s.Calls(), func(c Call) bool { return c.Error == "" })
}

// record counts and keeps a call; the lock is held.
func (s *Server) record(c Call) {
	c.At = s.clock()
	s.counts[c.Method]++
	if len(s.calls) >= maxCalls {
		s.calls = slices.Delete(s.calls, 0, maxCalls/10)
	}
	s.calls = append(s.calls, c)
	s.notify()
}
