package bot

import (
	"context"
	"fmt"
	"time"
)

// Bubble is one message to a resident, free of any platform's form. A Messenger
// draws it.
type Bubble struct {
	Text string `json:"t,omitempty"`
	// Words are IDs of messages whose text replaces {words} in Text when the
	// bubble is spoken: words stand in the conversation only.
	Words   []string     `json:"w,omitempty"`
	Offices []OfficeCard `json:"o,omitempty"`
	// Buttons are choices that vanish with the next message; the last bubble of
	// a call carries them. At most 13.
	Buttons []Button `json:"b,omitempty"`
	// Picture is the ID of the message whose picture this bubble shows: when it is
	// spoken, Image and Preview are its addresses, and Text goes below the words
	// before it.
	Picture string `json:"p,omitempty"`
	Image   string `json:"-"` // https, JPEG
	Preview string `json:"-"` // https, JPEG, small
}

// Button is one choice. Exactly one of Data, Tel and URL is set.
type Button struct {
	Label string `json:"l"`           // at most 20 graphemes
	Data  string `json:"d,omitempty"` // what a tap sends back, opaque, at most 300 characters
	Tel   string `json:"p,omitempty"` // telephone number to call
	URL   string `json:"u,omitempty"` // https only
}

// OfficeCard shows an office or a line: what is known, and what is not known
// said so.
type OfficeCard struct {
	Name  string   `json:"n"`
	Lines []string `json:"l,omitempty"` // what it does, hours, address …, ready to read
	Call  string   `json:"c,omitempty"` // telephone number, "" = not on file
	Map   string   `json:"m,omitempty"` // https link to a map
	Page  string   `json:"w,omitempty"` // https link to the office's page
}

// Messenger speaks to residents. Every call ends within 8 seconds. A nil error
// means that the platform took the message, never that anybody has read it.
// Otherwise the error is a *SendError.
type Messenger interface {
	// Reply answers an event by its reply token: free, once.
	Reply(ctx context.Context, token string, bubbles []Bubble) error
	// Push sends unasked; key (a UUID) makes a repetition harmless for 24 hours;
	// quiet sends without sound.
	Push(ctx context.Context, user, key string, quiet bool, bubbles []Bubble) error
	// Quota says how many messages this month allows and has used.
	Quota(ctx context.Context) (Allowance, error)
	// Fetch gets what a resident's message shows, at most max bytes of it: more is
	// TooBig, what is not there any more is Gone.
	Fetch(ctx context.Context, message string, max int64) ([]byte, error)
	// Leave leaves a group or room.
	Leave(ctx context.Context, room string, group bool) error
}

// Allowance is how many messages may be sent unasked in a month, and roughly how
// many were. Replies cost nothing.
type Allowance struct {
	Limited     bool
	Limit, Used int64
}

// Trouble is why a message was not taken.
type Trouble string

// The troubles a sender can act on.
const (
	// TokenDead: the reply token was used or is too old; push instead.
	TokenDead Trouble = "token"
	// Quota: the month's messages are used up.
	Quota Trouble = "quota"
	// Refused: repeating the same cannot help.
	Refused Trouble = "refused"
	// Busy: try again later.
	Busy Trouble = "busy"
	// Doubtful: the platform may have taken it.
	Doubtful Trouble = "doubtful"
	// Gone: the content was taken back, or the platform has deleted it.
	Gone Trouble = "gone"
	// TooBig: the content has more bytes than wanted.
	TooBig Trouble = "big"
)

// SendError says what became of a message. It carries no words and no user ID.
type SendError struct {
	Trouble Trouble
	Status  int
	// Request is the platform's ID of the call, for asking the platform.
	Request string
	After   time.Duration // how long to wait, 0 = not said
}

func (e *SendError) Error() string {
	return fmt.Sprintf("message not taken: %s (status %d, request %s)", e.Trouble, e.Status, e.Request)
}
