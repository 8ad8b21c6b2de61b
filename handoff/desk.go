package handoff

import (
	"context"
	"fmt"
	"time"
)

// Outbox names one outgoing message. The same ID is the same message: a Desk
// that cannot know whether an earlier attempt was stored looks for it before
// posting again.
type Outbox struct {
	ID string
	// Since is when the message was first put; Doubtful is true when an earlier
	// attempt may have been stored.
	Since    time.Time
	Doubtful bool
}

// Desk is where duty staff work. Every call ends within 8 seconds. An error is
// a *DeskError when the Desk knows what it means.
type Desk interface {
	// Card posts the card, or edits it in place when at.TS is set; with an empty
	// channel the card's field decides. It returns where the card stands.
	Card(ctx context.Context, at Spot, card Card, box Outbox) (Spot, error)
	// Post posts into the thread at.Thread, or edits the post at.TS; nowhere said,
	// it stands in the default channel.
	Post(ctx context.Context, at Spot, post Post, box Outbox) (Spot, error)
	// Find looks for our own messages. With next "" it has seen all there is; else more
	// is there, and the same Search goes on when its Next is that.
	Find(ctx context.Context, s Search) (found []Spot, next string, err error)
	// Whisper says something to one user only, where they are; nowhere said, in the
	// default channel.
	Whisper(ctx context.Context, at Spot, w Whisper) error
	// Delete removes one of our own messages, or the file at.File; what is gone is no
	// error.
	Delete(ctx context.Context, at Spot) error
	// File shows a file in the thread at.Thread, and returns the Spot that deletes it.
	// Of a doubtful attempt nothing is known: FindFile says whether one whose name
	// begins with that stem stands in the thread since then, the zero Spot = none.
	File(ctx context.Context, at Spot, f File) (Spot, error)
	FindFile(ctx context.Context, at Spot, stem string, since time.Time) (Spot, error)
	// Fetch gets the picture that staff chose, at most max bytes of it. The error is
	// final with the reason FileBig when it has more, FileGone when it is not there.
	Fetch(ctx context.Context, file string, max int64) ([]byte, error)
}

// Search is a look for messages of ours of which we may not know that they stand.
type Search struct {
	// At is the thread At.Thread, or else the channel; with none named, the channel
	// that cards of Field go to.
	At    Spot
	Field string `json:",omitempty"`
	// Boxes are the Outbox IDs looked for; none means every post and file in the thread.
	Boxes []string
	// Since is when the first of them was put, zero = not known.
	Since time.Time
	// Next is where an earlier look ended, "" = this is the first.
	Next string `json:",omitempty"`
}

// Reasons of a DeskError of Fetch.
const (
	FileBig  = "file_too_big"
	FileGone = "file_gone"
)

// File is a picture or document of the resident. It stands in memory only.
type File struct {
	Stem string // of its name, neutral: 受付番号 and a number
	Ext  string // jpg, png or pdf
	Data []byte
}

// Whisper is an answer that only one user sees.
type Whisper struct {
	User string // Slack user ID
	Text string
	// Answer is an address at which the Desk may answer this very click, "" = none.
	// It works for half an hour.
	Answer string
	// Button is shown when not empty, for the case and its version. Source is the ts
	// of the message that it is about.
	Button  Kind
	Case    string
	Version int
	Source  string
}

// DeskError says what to do about a failed call. Its text holds no words of
// residents or staff and no token.
type DeskError struct {
	Reason string
	// After is how long the Desk asked to wait, 0 = not said.
	After time.Duration
	// Doubtful: the message may have been stored.
	Doubtful bool
	// Final: repeating cannot help.
	Final bool
}

func (e *DeskError) Error() string {
	switch {
	case e.Final:
		return fmt.Sprintf("desk: %s (final)", e.Reason)
	case e.Doubtful:
		return fmt.Sprintf("desk: %s (doubtful)", e.Reason)
	}
	return "desk: " + e.Reason
}
