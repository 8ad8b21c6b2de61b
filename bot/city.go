package bot

import (
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// City is everything a town decided: its tree, words, offices, texts and
// policies. It is read once at the start and never changed.
type City struct {
	ID        string
	Name      string // 北斗市
	Tree      triage.Tree
	Directory directory.Directory
	// Read understands free text; Explain says besides why, to those who write the
	// rules; Crisis is the pure crisis rules alone, which run before everything.
	Read, Explain func(text string) triage.Reading
	Crisis        func(text string) (kind string)
	// Query names the question about the service itself that words ask, "" = none.
	Query func(text string) (id string)
	Texts Texts

	// Accept is the confidence from which a reading is taken without asking;
	// Ask the one from which the resident is asked which of two was meant.
	Accept, Ask float64

	// StaffNames shows who answers; off, the office's name stands there.
	StaffNames bool
	// WordsOnCard shows the resident's own words on the card.
	WordsOnCard bool
	// NoticeTaken and NoticeClosed push when a case is taken or closed.
	NoticeTaken, NoticeClosed bool
	// Receivers are all who may read a case, as the consent text names them.
	Receivers []string
	// Consent is the version of the consent wording.
	Consent string
	// Patterns names the pattern IDs: 8050 → 8050問題.
	Patterns map[string]string
	// Limit is how many messages a minute one resident may send; 0 = no limit.
	Limit int
	// Wishes are 希望・配慮 to tap after the receipt.
	Wishes []string
	// Keep says how long things are kept.
	Keep Keep
	// Patience says when staff are reminded, in the office's hours. Its Promise is
	// the calendar's.
	Patience handoff.Patience
	// Warn names wording in a staff message that no resident should read; nil =
	// nothing is known of.
	Warn func(text string) []string
	// Canned are the 定型文 that staff may start a message from.
	Canned []handoff.Canned
	// Rules is the fingerprint of the files that the city was read from.
	Rules string
	// Drill rehearses the way to the desk and back every week.
	Drill bool
	// Attachments are which pictures and files staff are shown.
	Attachments Attachments
	// Pictures are which pictures staff may send.
	Pictures Pictures
}

// Keep holds retention periods.
type Keep struct {
	Idle      time.Duration // a conversation without a case, after the last word
	Closed    time.Duration // words of a closed case
	Emergency time.Duration // words of an urgent case after a block
	Done      time.Duration // IDs of done jobs
	Audit     time.Duration // facts and the audit trail
}

// DefaultKeep are the periods when a city says nothing.
var DefaultKeep = Keep{Idle: 72 * time.Hour, Closed: 30 * 24 * time.Hour, Emergency: 72 * time.Hour, Done: 7 * 24 * time.Hour, Audit: 365 * 24 * time.Hour}

// Texts are what residents read, by name. A name with the prefix "easy." is the
// やさしい日本語 version; what is missing there falls back to the plain one.
type Texts map[string]string

// say fills a text: pairs of name and value replace {name}. A line that holds
// only an empty value is left out.
func (t Texts) say(easy bool, name string, pairs ...string) string {
	s, ok := t["easy."+name]
	if !easy || !ok {
		s = t[name]
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		hole := "{" + pairs[i] + "}"
		if pairs[i+1] == "" {
			s = strings.ReplaceAll(s, hole+"\n", "")
		}
		s = strings.ReplaceAll(s, hole, pairs[i+1])
	}
	return strings.TrimSpace(s)
}

// phrases are the やさしい日本語 for what the program puts together: a line each,
// 祝日 → 国の 休みの 日, the first that fits counts.
func (t Texts) phrases() *strings.Replacer {
	var pairs []string
	for line := range strings.Lines(t["easy.phrases"]) {
		if from, to, ok := strings.Cut(strings.TrimSpace(line), " → "); ok {
			pairs = append(pairs, from, to)
		}
	}
	return strings.NewReplacer(pairs...)
}

// crisisKind is the kind of crisis in an event's words, "" = none.
func (c *City) crisisKind(e Event) string {
	if e.Kind != Text || c.Crisis == nil {
		return ""
	}
	if kind := c.Crisis(e.Text); kind != triage.None {
		return kind
	}
	return ""
}

// field returns the town's field, or nil.
func (c *City) field(id string) *directory.Field {
	for i := range c.Directory.Fields {
		if c.Directory.Fields[i].ID == id {
			return &c.Directory.Fields[i]
		}
	}
	return nil
}

// fieldName is the staff's word for a field.
func (c *City) fieldName(id string) string {
	if f := c.field(id); f != nil {
		return f.Name
	}
	if id == triage.Complex {
		return "複合"
	}
	return id
}

// fieldPlain is the resident's word for a field.
func (c *City) fieldPlain(id string) string {
	if f := c.field(id); f != nil && f.Plain != "" {
		return f.Plain
	}
	return c.fieldName(id)
}

// fieldFor maps a reading's label to a field of the town: the finer one when
// the words named it, else the first that belongs to the basic one.
func (c *City) fieldFor(label, fine string) string {
	if fine != "" && c.field(fine) != nil {
		return fine
	}
	if c.field(label) != nil {
		return label
	}
	for _, f := range c.Directory.Fields {
		if f.Basic == label {
			return f.ID
		}
	}
	return ""
}
