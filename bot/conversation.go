package bot

import (
	"slices"
	"time"
	"unicode/utf8"

	"tsunagu/handoff"
	"tsunagu/triage"
)

// Stage is what the resident is being asked.
type Stage string

// The stages of a conversation.
const (
	StageNew     Stage = ""        // nothing asked yet
	StageGuide   Stage = "guide"   // the tree's question that the path leads to
	StagePick    Stage = "pick"    // which of two worries was meant
	StageMore    Stage = "more"    // whether a further worry belongs to it
	StageOffer   Stage = "offer"   // offices shown; talk to staff?
	StageConsent Stage = "consent" // may this be sent?
	StageEnded   Stage = "ended"   // the guide is over; the next words begin anew
	StageStop    Stage = "stop"    // おわりにする / つづける
	StageResume  Stage = "resume"  // is this about the earlier case?
)

// Conversation is all that is kept of one resident of one city. It is sealed as
// a whole; its ID is an HMAC, the LINE user ID stands nowhere else.
type Conversation struct {
	ID   string
	City string
	User string // LINE user ID
	Seen time.Time

	Stage Stage
	// Back is the stage to return to from StageConsent.
	Back Stage `json:",omitempty"`
	// Asked is what StageStop asks about, やめる or さいしょから; in StageConsent that
	// the resident said yes, but not for whom.
	Asked string `json:",omitempty"`
	Path  []triage.Answer
	// Step counts the questions asked; a tap carries the step it belongs to.
	Step int
	// Misses counts words in a row that were not understood.
	Misses int
	// Pick holds the fields to choose from (StagePick, StageMore), and By and
	// Why what they were read by; the first Guessed are the second opinion's.
	Pick []string `json:",omitempty"`
	By   string   `json:",omitempty"`
	Why  string   `json:",omitempty"`

	Guessed int `json:",omitempty"`
	// Asking is what a second opinion is being asked about.
	Asking *Asking `json:",omitempty"`

	// Words is the only place where words of the resident and texts of staff are
	// kept, oldest first.
	Words []Message
	// Tombs are IDs of messages that were taken back before they came.
	Tombs []string `json:",omitempty"`

	// Case is the newest case, Cases are earlier ones that are still kept; Aside
	// is true while the resident uses the guide beside an open case.
	Case  string   `json:",omitempty"`
	Cases []string `json:",omitempty"`
	Aside bool     `json:",omitempty"`
	// Receipted is when the last receipt in an open case was given.
	Receipted time.Time `json:",omitzero"`
	// Filed is when the resident heard of a picture or file last, FiledAs what.
	Filed   time.Time `json:",omitzero"`
	FiledAs cameOf    `json:",omitempty"`
	// Crisis is when the full answer of a kind was given last. Urgency is the kind
	// that weighs most since the guide began, Lighter are the others.
	Crisis  map[string]time.Time `json:",omitempty"`
	Urgency string               `json:",omitempty"`
	Lighter []string             `json:",omitempty"`
	// Shade is what the danger told last was besides its kind: own, missing, fever.
	Shade string `json:",omitempty"`
	// Shown are names of offices and lines shown since the guide began.
	Shown []string `json:",omitempty"`

	// Unsent waits for the next reply.
	Unsent []Speech `json:",omitempty"`
	// Token is a reply token that was not used, and when it came.
	Token   string    `json:",omitempty"`
	TokenAt time.Time `json:",omitzero"`

	// Redraw names the case whose card waits to be drawn again, Repost is true
	// while late words wait for another round.
	Redraw string `json:",omitempty"`
	Repost bool   `json:",omitempty"`

	Easy bool `json:",omitempty"` // やさしい日本語
	// Tongue is what the resident wrote in, where that was not Japanese: vi, zh.
	Tongue    string    `json:",omitempty"`
	Blocked   bool      `json:",omitempty"`
	BlockedAt time.Time `json:",omitzero"`
	// Minute and Count are the rate limit's window.
	Minute time.Time `json:",omitzero"`
	Count  int
}

// Message is one text of the resident or of staff.
type Message struct {
	ID   string // the platform's ID, or "s/…" for staff's
	Text string // of the resident: masked; of staff: as sent
	At   time.Time
	// Staff is the Slack user who wrote it, "" for the resident's words.
	Staff string `json:",omitempty"`
	// Case is the case it was sent to, "" before consent.
	Case string `json:",omitempty"`
	// Spot is where its copy stands in Slack; words that were joined stand at one.
	Spot handoff.Spot `json:",omitzero"`
	// Post is the message whose job carries these words to the thread, itself or
	// one before it, while they are on their way; "" = none is.
	Post string `json:",omitempty"`
	// Gone is true when the resident took it back; Text is empty then.
	Gone bool   `json:",omitempty"`
	Mark string `json:",omitempty"` // of staff's messages
	// Source is the ts of the Slack message it was made from by shortcut.
	Source string    `json:",omitempty"`
	Masked bool      `json:",omitempty"` // the mask took something
	Late   bool      `json:",omitempty"` // its post was given up for this round
	LateAt time.Time `json:",omitzero"`  // since when its post waits, if not since At
	// Lag is how long its copy took to come to the thread.
	Lag time.Duration `json:",omitzero"`
	// Faded is true when only the copy in Slack has the text: newer messages
	// needed the room.
	Faded bool `json:",omitempty"`
	// Media is what LINE calls the picture or file, "" = words. Text is then our own
	// line for the thread.
	Media string `json:",omitempty"`
	Nr    int    `json:",omitempty"` // its number among the case's
	// File is where staff see it, Came what came of showing it.
	File handoff.Spot `json:",omitzero"`
	Came cameOf       `json:",omitempty"`
	// Told is what the resident heard of it last.
	Told cameOf `json:",omitempty"`
	// Picture is the Desk's ID of what staff sent along, "" = nothing; Came says what
	// came of it. Name is the secret part of the address at which it stands until Ends,
	// "" = it does not stand.
	Picture string    `json:",omitempty"`
	Name    string    `json:",omitempty"`
	Ends    time.Time `json:",omitzero"`
	// Corrects is true when staff sent it as a correction.
	Corrects bool `json:",omitempty"`
}

// places are where the Desk shows something of a message.
func (m *Message) places() (out []handoff.Spot) {
	if m.Spot.TS != "" {
		out = append(out, m.Spot)
	}
	if m.File.File != "" {
		out = append(out, m.File)
	}
	return out
}

// expireSlack is how much longer than promised a record may stand when the timer
// that wipes it is late, or what the timer puts takes its time.
const expireSlack = 24 * time.Hour

// Bounds of what one conversation keeps.
const (
	maxWords  = 200  // messages with their text
	maxCopies = 1000 // messages whose copies in Slack are known
	maxCases  = 20
	maxTombs  = 50
	maxUnsent = 20
)

// find returns the message of that ID, or nil.
func (c *Conversation) find(id string) *Message {
	for i := range c.Words {
		if c.Words[i].ID == id {
			return &c.Words[i]
		}
	}
	return nil
}

// remember appends a message. Beyond maxWords the oldest lose their text but not
// those that card lists, and beyond maxCopies the oldest go; it returns where the
// copies of those stand.
func (c *Conversation) remember(m Message, card []string) (left []handoff.Spot) {
	c.Words = append(c.Words, m)
	texts := 0
	for i := len(c.Words) - 1; i >= 0; i-- {
		m := &c.Words[i]
		if m.Text == "" || slices.Contains(card, m.ID) {
			continue
		}
		if texts++; texts > maxWords {
			m.Text, m.Faded = "", true
		}
	}
	c.Words = slices.DeleteFunc(c.Words, func(m Message) bool { return m.Faded && m.Spot.TS == "" })
	for len(c.Words) > maxCopies {
		places := c.Words[0].places()
		c.Words = slices.Clone(c.Words[1:])
		for _, at := range places {
			if len(c.copiedTo(at)) == 0 {
				left = append(left, at)
			}
		}
	}
	return left
}

// waited is since when the copy of a message is waited for.
func (m *Message) waited() time.Time { return orTime(m.LateAt, m.At) }

// drop forgets one message.
func (c *Conversation) drop(id string) {
	c.Words = slices.DeleteFunc(c.Words, func(m Message) bool { return m.ID == id })
}

// loose lists the IDs of words that no case has yet.
func (c *Conversation) loose() []string {
	var ids []string
	for _, m := range c.Words {
		if m.Case == "" && m.Staff == "" && !m.Gone {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// Bounds of the words that wait for consent: what is sent is shown in the
// question, which takes 5,000 characters, and stands on the card.
const (
	looseWords = 1000 // characters of one message
	looseAll   = 2000 // of all of them
	looseMost  = 20   // messages
)

// offered lists the words that consent would send, the newest as far as they fit;
// cut is true when some are left out or were shortened.
func (c *Conversation) offered() (ids []string, cut bool) {
	ids = c.loose()
	room := looseAll
	for i, id := range slices.Backward(ids) {
		n := utf8.RuneCountInString(c.find(id).Text)
		cut = cut || n > looseWords
		if room -= n; room < 0 || len(ids)-i > looseMost {
			return ids[i+1:], true
		}
	}
	return ids, cut
}

// dropLoose forgets words that no case has.
func (c *Conversation) dropLoose() {
	c.Words = slices.DeleteFunc(c.Words, func(m Message) bool { return m.Case == "" && m.Staff == "" })
}

// texts returns the words of the IDs; a message that is gone shows as taken
// back, one that was never kept is left out.
func (c *Conversation) texts(ids []string) []string {
	var out []string
	for _, id := range ids {
		switch m := c.find(id); {
		case m == nil:
		case m.Gone:
			out = append(out, handoff.TakenBack)
		case !m.Faded:
			out = append(out, m.Text)
		}
	}
	return out
}

// begin starts the guide anew; an open case stays.
func (c *Conversation) begin() {
	c.Stage, c.Back, c.Asked = StageGuide, "", ""
	c.Path, c.Misses, c.Pick, c.By, c.Why = nil, 0, nil, "", ""
	c.calm()
	c.Step++
	c.dropLoose()
}

// dangers are the kinds written of since the guide began, the heaviest first.
func (c *Conversation) dangers() []string { return append(nonEmpty(c.Urgency), c.Lighter...) }

// endangered adds a kind of danger to what was written of.
func (c *Conversation) endangered(kind string) {
	all := union(c.dangers(), []string{kind})
	slices.SortFunc(all, func(a, b string) int { return slices.Index(triage.Kinds, a) - slices.Index(triage.Kinds, b) })
	c.Urgency, c.Lighter = all[0], all[1:]
}

// calm forgets danger and what was shown: a guide or a case is over.
func (c *Conversation) calm() { c.Urgency, c.Lighter, c.Shown = "", nil, nil }

// SpeechKind says how a message to a resident may be handled when it is late.
type SpeechKind string

// The kinds of speeches.
const (
	// SpeechQuestion is superseded by a newer question.
	SpeechQuestion SpeechKind = "question"
	// SpeechCrisis, SpeechNotice and SpeechStaff are never superseded.
	SpeechCrisis SpeechKind = "crisis"
	SpeechNotice SpeechKind = "notice"
	SpeechStaff  SpeechKind = "staff"
)

// Speech is one call to the resident: one reply or one push.
type Speech struct {
	Kind    SpeechKind `json:"k"`
	Step    int        `json:"s"`
	Token   string     `json:"t,omitempty"`
	TokenAt time.Time  `json:"a"`
	Bubbles []Bubble   `json:"b"`
	// Messages are the staff messages it carries, to mark what became of them.
	Messages []string `json:"m,omitempty"`
	// With are earlier speeches that were not taken and go along, before this one.
	With []Speech `json:"w,omitempty"`
	// Key is the retry key of an earlier attempt, "" = none.
	Key string `json:"y,omitempty"`
	// Made is when it was put first; a speech is given up after 24 hours.
	Made time.Time `json:"i"`
}

// all lists the staff messages that the speech carries, those along included.
func (s *Speech) all() []string {
	var ids []string
	for _, w := range s.With {
		ids = append(ids, w.Messages...)
	}
	return append(ids, s.Messages...)
}
