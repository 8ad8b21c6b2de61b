package bot

import "time"

// EventKind is what a resident did.
type EventKind string

// The kinds of events the door lets in.
const (
	Follow   EventKind = "follow"   // added the account, or came back
	Unfollow EventKind = "unfollow" // blocked it
	Text     EventKind = "text"
	Tap      EventKind = "tap"
	Other    EventKind = "other" // a picture, voice, sticker, file, place, or a kind not known yet
	Unsend   EventKind = "unsend"
	Join     EventKind = "join" // invited to a group or room: leave it
)

// Event is one thing a resident did, as the door stores it. It holds what is
// needed and nothing of the raw webhook besides.
type Event struct {
	ID   string    `json:"id"` // the platform's event ID
	City string    `json:"city"`
	Kind EventKind `json:"kind"`
	User string    `json:"user,omitempty"`
	At   time.Time `json:"at"` // when it happened, by the platform
	Got  time.Time `json:"got"`
	// Token is the reply token, "" when there is none.
	Token   string `json:"token,omitempty"`
	Message string `json:"msg,omitempty"` // message ID; for Unsend the one taken back
	Text    string `json:"text,omitempty"`
	Data    string `json:"data,omitempty"`  // of a tap
	Media   string `json:"media,omitempty"` // of Other: image, audio, sticker …
	Room    string `json:"room,omitempty"`  // of Join
	Group   bool   `json:"group,omitempty"`
}
