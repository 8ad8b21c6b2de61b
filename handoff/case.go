package handoff

import (
	"errors"
	"time"
)

// ErrNoCase: there is no such case, or not any more.
var ErrNoCase = errors.New("no such case")

// State of a case.
type State string

// The states. A closed case can be re-opened while it is kept.
const (
	Open    State = "open"    // nobody has taken it
	Claimed State = "claimed" // Owner has
	Closed  State = "closed"
)

// Consent is whose consent the handoff rests on.
type Consent string

// The three states of consent; without consent no case is made.
const (
	ConsentSelf  Consent = "self"  // 本人
	ConsentOther Consent = "other" // 相談者は本人ではない
	ConsentNone  Consent = "none"
)

// Spot is a place in Slack. Thread is the root of the thread a post stands in;
// a card has none.
type Spot struct {
	Channel string `json:"c,omitempty"`
	TS      string `json:"t,omitempty"`
	Thread  string `json:"r,omitempty"`
	// File is the ID of a file; the others are empty then.
	File string `json:"f,omitempty"`
}

// Case is one consultation that staff look after. It holds no LINE user ID and
// no words of the resident: those stay in the conversation.
type Case struct {
	ID           string
	City         string
	Receipt      string // 受付番号
	Conversation string // ID of the conversation it belongs to
	State        State
	Owner        string // Slack user ID
	Version      int
	Field        string // the town's field whose channel it is in
	Outcome      string // of a closed case
	Sheet        Sheet
	Card         Spot
	// Path is the path of taps that led here, as it is counted: no words.
	Path string `json:",omitempty"`
	// Copies are companion cards in other channels, by field.
	Copies map[string]Companion `json:",omitempty"`
	// Left are places that keep no more than a pointer, newest last.
	Left []Pointer `json:",omitempty"`
	// Moves numbers moves, companions and questions; Round is the number of the
	// move that the present card was posted for.
	Moves int `json:",omitempty"`
	Round int `json:",omitempty"`
	// Pass is what the resident is being asked before others may read.
	Pass *Pass `json:",omitempty"`
	// Helpers may send to the resident beside the owner.
	Helpers []string `json:",omitempty"`
	Opened  time.Time
	Queued  time.Time // since when nobody holds it
	Claimed time.Time
	Kept    time.Time // when the owner last said that it is being worked on
	Asked   time.Time // when the owner was asked; zero = no question stands
	Told    time.Time // when staff last wrote to the resident
	Closed  time.Time
	// Owed is since when the resident waits for an answer; zero = for none.
	Owed time.Time
	// Lag is how long the card took to come to the Desk.
	Lag time.Duration `json:",omitempty"`
	// Promised is until when an answer was promised; zero = nothing promised.
	Promised time.Time
	// Rung counts the reminders since Queued, Alarm those about the promise.
	Rung  int `json:",omitempty"`
	Alarm int `json:",omitempty"`
	// Regretted is true once the resident heard that a promise was broken.
	Regretted bool `json:",omitempty"`
	// Watch is the reminder that is due next.
	Watch Watch
	// Waiting counts the resident's messages that staff have not answered.
	Waiting int
	Blocked bool // the resident blocked the account
	Urgent  bool
	// Announced is true once the resident heard that the case was taken.
	Announced bool
	// OwnerName is the owner's name, only where the city shows names.
	OwnerName string `json:",omitempty"`
	// History is what happened, newest last, at most 50 entries.
	History []Event
}

// Companion is a card of the same case in another field's channel.
type Companion struct {
	Spot   Spot
	Helper string `json:",omitempty"` // Slack user ID of who helps there
	Why    string `json:",omitempty"` // staff's reason
	Round  int    // of the card: a field may be asked more than once
}

// Pointer is where a card or a notice of the case stood. To is the field that it
// points to, "" = nothing is pointed to.
type Pointer struct {
	Spot
	To string `json:",omitempty"`
	// Twin is true where a second card stood beside the one in use.
	Twin bool `json:",omitempty"`
	// Notice is true for a post of the program: it is only known to be deleted.
	Notice bool `json:",omitempty"`
}

// Pass waits for the resident: may others read, whom the consent did not name?
type Pass struct {
	N      int // of the question; an answer to an earlier one counts for nothing
	Kind   Kind
	Field  string
	By     string
	Reason string
	To     []string // who would read
	At     time.Time
}

// Event is one line of a case's history: no words of anybody.
type Event struct {
	At   time.Time
	Who  string // Slack user ID, "" = the program or the resident
	What string // claim, release, reply, close, …
	Note string // an outcome or field ID
}

// Sheet is the つなぐシート: what the resident's taps said.
type Sheet struct {
	Urgency    string // crisis kind, "" = none
	UrgencyWhy string // how it was raised
	Standing   string // 相談者の立場
	Age        string // 年代
	Main       string // ◎ 困りごと
	Others     []string
	Patterns   []string
	District   string
	Fields     []string // names for staff, the main one first
	Offices    []string // suggested offices
	Why        []string // reason: the path of answers
	Wishes     []string // 希望・配慮
	Consent    ConsentGiven
	Shown      []string // offices and lines already shown to the resident
	Meeting    string   // which meeting the case may go to, by the town's names
	// Words are IDs of the resident's messages that stand on the card.
	Words []string
}

// ConsentGiven is what the resident agreed to.
type ConsentGiven struct {
	State   Consent
	At      time.Time
	Wording string // version of the text shown
	To      []string
	Items   []string
}

// MayAnswer says whether a member of staff may write to the resident.
func (c *Case) MayAnswer(user string) bool {
	if c.State == Closed || c.Blocked {
		return false
	}
	if c.Owner == user && user != "" {
		return true
	}
	for _, h := range c.Helpers {
		if h == user {
			return true
		}
	}
	return false
}
