package slacktest

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A response URL takes five posts within thirty minutes.
const (
	hookPath = "/actions/"
	hookUses = 5
	hookLife = 30 * time.Minute
)

// hook is a response URL: who acted where, and on which message.
type hook struct {
	channel, user string
	source        *Message // nil for a slash command
	born          time.Time
	uses          int
}

// newHook makes a response URL; the lock is held.
func (s *Server) newHook(channelID, user string, source *Message) string {
	if len(s.hooks) > maxHandles {
		maps.DeleteFunc(s.hooks, func(_ string, h *hook) bool { return s.clock().Sub(h.born) > hookLife })
	}
	path := hookPath + s.opt.TeamID + "/" + s.id("R")
	s.hooks[path] = &hook{channel: channelID, user: user, source: source, born: s.clock()}
	return strings.TrimSuffix(s.opt.URL, "/") + path
}

func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	a, _, problem := readArgs(r)
	fault := s.faultFor("response_url")
	call := Call{Method: "response_url", Args: encode(a)}
	if fault.spoils() {
		call.Error = "fault: " + fault.Kind.String()
		s.set(func() { s.record(call) })
		fault.answer(s, w, r)
		return
	}
	s.mu.Lock()
	err := s.respond(s.hooks[r.URL.Path], a, problem)
	if no, is := errors.AsType[*refusal](err); is {
		call.Error, call.Messages = no.code, no.messages
	}
	s.record(call)
	s.mu.Unlock()
	switch {
	case fault != nil:
		fault.answer(s, w, r)
	case err != nil:
		status := http.StatusNotFound
		if strings.HasPrefix(call.Error, "invalid") || call.Error == "no_text" {
			status = http.StatusBadRequest
		}
		http.Error(w, call.Error, status)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok"))
	}
}

// respond carries out a post to a response URL. It needs no membership and no
// scope: the URL itself is the right to post.
func (s *Server) respond(h *hook, a args, problem string) error {
	switch {
	case h == nil:
		return refuse("no_such_hook")
	case problem != "":
		return refuse("invalid_payload")
	case s.clock().Sub(h.born) > hookLife:
		return refuse("expired_url")
	case h.uses >= hookUses:
		return refuse("used_url")
	}
	if m := object(a["metadata"]); m != nil && text(m["event_type"]) == "" {
		delete(a, "metadata") // some clients always send an empty one
	}
	d, err := s.draft(a)
	if err != nil {
		return err
	}
	h.uses++
	c := s.channels[h.channel]
	if c == nil {
		return refuse("channel_not_found")
	}
	if a.flag("delete_original", false) {
		return s.withdraw(h, c)
	}
	if d.empty() {
		return refuse("no_text")
	}
	if h.source != nil && a.flag("replace_original", false) {
		before := *h.source
		s.replace(h.source, a, d)
		if h.source.EphemeralTo == "" {
			s.echo(c, s.changedEvent(c, h.source, &before))
		}
		return nil
	}
	inChannel := a.str("response_type") == "in_channel"
	if !inChannel {
		delete(a, "thread_ts") // a thread reply has to be in_channel
	}
	if err := c.thread(a.str("thread_ts")); err != nil {
		return err
	}
	m := s.newMessage(a, c.ID, d)
	if inChannel {
		c.messages = append(c.messages, m)
		s.echo(c, s.messageEvent(c, m))
		return nil
	}
	m.EphemeralTo = h.user
	s.private[h.user] = append(s.private[h.user], m)
	return nil
}

func (s *Server) withdraw(h *hook, c *channel) error {
	switch {
	case h.source == nil:
		return refuse("message_not_found")
	case h.source.EphemeralTo != "":
		s.private[h.user] = slices.DeleteFunc(s.private[h.user], func(m *Message) bool { return m == h.source })
	default:
		s.echo(c, s.removeEvent(c, h.source))
	}
	return nil
}
