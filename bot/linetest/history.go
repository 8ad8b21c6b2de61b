package linetest

import (
	"context"
	"slices"
	"time"
)

// From says whose message an entry is.
type From string

// How says by which way a bot's message came.
type How string

const (
	Own   From = "resident"
	Bot   From = "bot"
	Reply How  = "reply"
	Push  How  = "push"
)

// Entry is one bubble of a chat, as it stands on the resident's phone.
type Entry struct {
	ID   string // LINE's message ID; empty for words a tap shows
	From From
	How  How // of a bot's message
	At   time.Time
	Type string // text, sticker, image, … template, flex
	// Text is everything that can be read in the bubble, a line per element.
	Text string
	// Alt is what a notification shows instead of a template or Flex message.
	Alt            string
	Image, Preview string // addresses of an image message of the bot's
	Sender         string // the name the message came under, if it had one
	Silent         bool   // came without a sound
	Unsent         bool   // the resident took it back; Text is gone
	QuickReplies   []Button
	Buttons        []Button // of a template or Flex message
	Raw            []byte   // the message object as the bot sent it
	EventID        string   // webhookEventId of an own message
	RequestID      string   // x-line-request-id of the call that brought a bot's message
	RetryKey       string   // of the push that brought it

	tapped bool // its quick replies have gone
}

// quotable says whether LINE gives a quote token for such a message.
func (e *Entry) quotable() bool {
	return slices.Contains([]string{"text", "textV2", "sticker", "image", "video", "template"}, e.Type)
}

// Button is something that can be tapped, with its action's properties.
type Button struct {
	Quick       bool
	Label       string
	Type        string // postback, message, uri, …
	Data        string // of a postback or datetimepicker
	DisplayText string
	Text        string // of a message action
	URI         string
	Clipboard   string
	Mode        string // of a datetimepicker: date, time, datetime
	MessageID   string // the message it belongs to
}

// chat is one conversation: with a user, or in a group or room.
type chat struct {
	id      string
	friend  bool
	blocked bool // by the user; of a group: the bot has left
	wrote   time.Time
	entries []*Entry
	dropped []time.Time // when something was sent that nobody sees
}

func (c *chat) add(e *Entry) {
	for i := range e.QuickReplies {
		e.QuickReplies[i].MessageID = e.ID
	}
	for i := range e.Buttons {
		e.Buttons[i].MessageID = e.ID
	}
	c.entries = append(c.entries, e)
	if extra := len(c.entries) - maxChat; extra > 0 {
		c.entries = slices.Delete(c.entries, 0, extra)
	}
}

func (c *chat) find(messageID string) *Entry {
	for _, e := range c.entries {
		if e.ID == messageID && messageID != "" {
			return e
		}
	}
	return nil
}

// buttons are the quick replies of the last message, while nothing was tapped
// or written since, and before them those of every template and Flex message.
func (c *chat) buttons() []Button {
	var out []Button
	for i, e := range c.entries {
		out = append(out, e.Buttons...)
		if i == len(c.entries)-1 && !e.tapped {
			out = append(out, e.QuickReplies...)
		}
	}
	return out
}

// Dropped says when something was sent to a user that nobody sees, because they
// blocked the account or are no friend.
func (s *Server) Dropped(user string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[user]; c != nil {
		return slices.Clone(c.dropped)
	}
	return nil
}

// Chat returns the chat with a user, group or room, oldest first.
func (s *Server) Chat(id string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		return nil
	}
	out := make([]Entry, len(c.entries))
	for i, e := range c.entries {
		out[i] = *e
		out[i].QuickReplies, out[i].Buttons = slices.Clone(e.QuickReplies), slices.Clone(e.Buttons)
	}
	return out
}

// Buttons returns what can be tapped in a chat now, top to bottom.
func (s *Server) Buttons(id string) []Button {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[id]; c != nil {
		return c.buttons()
	}
	return nil
}

// Chats returns the IDs of all chats, sorted.
func (s *Server) Chats() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for id := range s.chats {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Refusal is a call that LINE did not accept.
type Refusal struct {
	Method, Path string
	Status       int // 0: the connection was cut
	Message      string
	Details      []Detail
	ByFault      bool // a Fault did it, the call itself may have been well
}

// Counts is what happened so far.
type Counts struct {
	Webhooks  int // sent, each time
	Replies   int // calls accepted
	Pushes    int // calls accepted, without repeats of a retry key
	Dropped   int // of both: silently, because nobody could see them
	Conflicts int // 409: a push that had already been accepted
	Profiles  int // times a profile was asked for
	Loading   int
	Used      int      // of this month's limit
	Left      []string // groups and rooms the bot left
	Refused   []Refusal
}

// Counts returns a copy of the counters.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.counts
	s.quotaSpent(s.clock())
	out.Used = s.used
	out.Left, out.Refused = slices.Clone(out.Left), slices.Clone(out.Refused)
	return out
}

// Calls says how often an endpoint was called, refused calls included. The
// pattern is method and path, with {id} for an ID: "GET /v2/bot/profile/{id}".
func (s *Server) Calls(pattern string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[pattern]
}

func (s *Server) count(pattern string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[pattern]++
	s.touch()
}

// note remembers a call that was refused or cut off. A repeat of a retry key
// is no refusal.
func (s *Server) note(c call, a answer, byFault bool) {
	if a.status > 0 && a.status < 400 || a.accepted != "" {
		return
	}
	body, _ := a.body.(errorBody)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Refused = append(s.counts.Refused, Refusal{c.Method, c.URL.Path, a.status, body.Message, body.Details, byFault})
	if extra := len(s.counts.Refused) - maxRefused; extra > 0 {
		s.counts.Refused = slices.Delete(s.counts.Refused, 0, extra)
	}
	s.touch()
}

// touch tells waiters that something changed; the lock is held.
func (s *Server) touch() {
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
}

// Revision grows with every change of a chat or counter.
func (s *Server) Revision() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision
}

// Changed is closed at the next change. Take it before looking, look, then
// wait for it.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// WaitFor returns nil as soon as cond holds, looking after every change, or
// the context's error. cond may call the server.
func (s *Server) WaitFor(ctx context.Context, cond func() bool) error {
	for {
		changed := s.Changed()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
