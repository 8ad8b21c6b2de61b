package bot

import (
	"slices"
	"strings"
	"time"

	"tsunagu/handoff"
)

// Attachments are which pictures and files of an open case staff are shown. The
// zero value is none.
type Attachments struct {
	Kinds   []string // image, pdf
	Max     int64    // bytes of one
	PerCase int
}

// AttachmentKinds are the kinds that a city may turn on.
var AttachmentKinds = []string{kindImage, kindPDF}

const (
	kindImage = "image" // JPEG, PNG, GIF
	kindPDF   = "pdf"
)

// On says whether staff are shown anything at all.
func (a Attachments) On() bool { return len(a.Kinds) > 0 }

// takes says whether what LINE calls media may be of a kind that is shown: a PDF
// comes as a file, and a picture may.
func (a Attachments) takes(media string) bool {
	switch media {
	case "image":
		return slices.Contains(a.Kinds, kindImage)
	case "file":
		return a.On()
	}
	return false
}

// wording is the version of the consent text as it is shown.
func (c *City) wording() string {
	if c.Attachments.On() {
		return c.Consent + "+files"
	}
	return c.Consent
}

// cameOf is what came of showing a picture or file to staff, "" = it is on its way.
type cameOf string

const (
	cameShown  cameOf = "shown"
	cameBig    cameOf = "big"    // too many bytes or pixels
	cameKind   cameOf = "kind"   // another kind than the city's
	cameFailed cameOf = "failed" // it is gone at LINE, spoilt, or nobody took it for a day
	cameLate   cameOf = "late"   // a round was given up
	cameMoved  cameOf = "moved"  // it is to be shown again where the case went
	cameWay    cameOf = "way"    // only told: that it is on its way
)

// filing is the ID of a message whose picture or file staff are to be shown; again
// when an earlier round may have shown it there.
type filing struct {
	id    string
	again bool
}

const (
	wayAfter  = 15 * time.Second // within the life of the reply token
	filedOnce = time.Minute      // of an album the resident hears one sentence

	// inTurn is how old a picture or file grows for which words wait that were sent
	// after it, inTurnLook how often they look: words are in the thread within five
	// seconds.
	inTurn     = 4 * time.Second
	inTurnLook = 500 * time.Millisecond
)

// attachable says whether staff may be shown what an event brings: only in an open
// case, where nothing else is being asked.
func (t *turn) attachable(e Event) bool {
	return e.Kind == Other && t.caseListens() && t.c.Stage != StageStop && e.Message != "" && t.city.Attachments.takes(e.Media)
}

// media answers what cannot be taken.
func (t *turn) media() {
	switch {
	case t.city.Attachments.On() && t.caseListens():
		t.sayText("file.other", "kinds", t.fileKinds())
	case t.caseListens():
		t.sayText("media.case")
	default:
		t.sayText("media")
	}
}

// fileKinds names what can be taken.
func (t *turn) fileKinds() string {
	var names []string
	for _, k := range t.city.Attachments.Kinds {
		names = append(names, t.t("file."+k))
	}
	return strings.Join(names, "や")
}

// attach takes a picture or file into the case: without its content, which is
// fetched when it is spoken. What came of that is the answer.
func (t *turn) attach(e Event) {
	t.silent = true
	if t.c.find(e.Message) != nil {
		return // told again under another name
	}
	n := 0
	for _, m := range t.c.Words {
		if m.Case == t.k.ID {
			n = max(n, m.Nr)
		}
	}
	if n >= t.city.Attachments.PerCase {
		t.sayText("file.many", "n", itoa(t.city.Attachments.PerCase))
		return
	}
	m := Message{ID: e.Message, At: t.now, Media: e.Media, Nr: n + 1}
	m.Text = t.fileName(&m) + "　" + fileStem(t.k.Receipt, m.Nr)
	t.remember(m)
	t.give([]string{e.Message})
	t.files = append(t.files, filing{e.Message, false})
	t.timers = append(t.timers, timer{Kind: timerWay, Due: t.now.Add(wayAfter), Arg: e.Message})
}

// fileName is what the thread calls a picture or file.
func (t *turn) fileName(m *Message) string { return t.desk("file."+m.Media, "n", itoa(m.Nr)) }

// fileStem is the name under which staff see a picture or file, without its ending.
func fileStem(receipt string, nr int) string { return receipt + "-" + itoa(nr) }

// outrun says whether a picture or file that came before a message is still on its
// way, and young enough to be waited for.
func (c *Conversation) outrun(m *Message, now time.Time) bool {
	for i := range c.Words {
		o := &c.Words[i]
		if o == m {
			return false
		}
		if o.Media != "" && o.Case == m.Case && o.Came == "" && !o.Gone && now.Sub(o.waited()) < inTurn {
			return true
		}
	}
	return false
}

// filed takes in what came of showing a picture or file.
func (t *turn) filed(r result) {
	m := t.c.find(r.Key)
	if m == nil || m.Gone || t.k == nil || m.Case != t.k.ID || r.Round != t.k.Round || m.File.File != "" {
		// Taken back, forgotten or handed on meanwhile, or shown twice.
		if r.Spot.File != "" && (m == nil || m.File != r.Spot) {
			t.erase = append(t.erase, r.Spot)
		}
		return
	}
	if r.Came == cameLate {
		if since := t.now.Sub(m.waited()); since < giveUpLine {
			t.timers = append(t.timers, timer{Kind: timerFile, Due: t.now.Add(again(since)), Arg: m.ID})
			return
		}
		r.Came = cameFailed
		t.fact("unfiled")
	}
	m.File, m.Came = r.Spot, r.Came
	if m.unshown() {
		m.Text = t.desk("file."+string(m.Came), "file", t.fileName(m))
		t.redraw(m)
	}
	t.fact("file|" + string(m.Came))
	t.tellFiled(m, m.Came)
}

// unshown says whether staff could not be shown a picture or file, as its line in the
// thread then says.
func (m *Message) unshown() bool {
	return m.Came == cameBig || m.Came == cameKind || m.Came == cameFailed
}

// onItsWay answers while the reply token lives, when staff could not be shown it
// yet.
func (t *turn) onItsWay(id string) {
	if m := t.c.find(id); m != nil && !m.Gone && m.Came == "" {
		t.tellFiled(m, cameWay)
	}
}

// tellFiled says one sentence: who heard that something is on its way hears only
// when it did not arrive.
func (t *turn) tellFiled(m *Message, how cameOf) {
	known := m.Told == cameShown || m.Told == how || m.Told == cameWay && how == cameShown
	m.Told = how
	lately := t.c.FiledAs == how && t.now.Sub(t.c.Filed) < filedOnce && !t.now.Before(t.c.Filed)
	if known || lately || t.lost || t.c.Blocked {
		return
	}
	t.c.Filed, t.c.FiledAs, t.c.Receipted = t.now, how, t.now
	t.say(Speech{Kind: SpeechNotice, Bubbles: []Bubble{{Text: t.t("file."+string(how), "kinds", t.fileKinds())}}})
}

// follow makes a picture or file wait for the card's new place.
func (m *Message) follow() {
	if m.Media != "" && (m.Came == cameShown || m.Came == "") {
		m.File, m.Came = handoff.Spot{}, cameMoved
	}
}

// showAgain shows it there.
func (t *turn) showAgain(m *Message) {
	if m.Came == cameMoved {
		m.Came = ""
		t.files = append(t.files, filing{m.ID, false})
	}
}

// fetchAgain begins another round.
func (t *turn) fetchAgain(id string) {
	if m := t.c.find(id); m != nil && !m.Gone && m.Came == "" && t.k != nil && m.Case == t.k.ID {
		t.files = append(t.files, filing{id, true})
	}
}
