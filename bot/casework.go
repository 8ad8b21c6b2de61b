package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
	"tsunagu/triage"
)

// Times of an open case.
const (
	receiptPause = 10 * time.Minute   // between receipts
	takenPause   = 10 * time.Minute   // a staff message within it carries "taken"
	reopenWithin = 7 * 24 * time.Hour // words after closing re-open
)

// toCase gives the resident's words to the open case.
func (t *turn) toCase(e Event, crisis string) {
	t.keepWords(e)
	c := t.c
	masked := ""
	if m := c.find(e.Message); m != nil && m.Masked {
		masked = t.t("masked", "phone", t.townPhone())
	}
	quiet := t.now.Sub(c.Receipted) < receiptPause && !t.now.Before(c.Receipted)
	if quiet && masked == "" && crisis == "" {
		t.silent = true
		return
	}
	c.Receipted = t.now
	if crisis != "" {
		// The crisis answer is the receipt.
		return
	}
	promise := ""
	if !t.k.Promised.IsZero() && t.k.Promised.After(t.now) {
		promise = t.t("promise", "by", moment(t.k.Promised, t.now))
	}
	t.sayText("received", "receipt", t.k.Receipt, "reading", t.city.Directory.Calendar.Reading(t.now), "promise", promise, "masked", masked)
}

// keepWords stores a message with the case and puts it into the thread, unless
// it was taken back before it came.
func (t *turn) keepWords(e Event) {
	c := t.c
	if i := slices.Index(c.Tombs, e.Message); i >= 0 {
		c.Tombs = slices.Delete(c.Tombs, i, i+1)
		return
	}
	text, took := triage.Mask(e.Text)
	c.remember(Message{ID: e.Message, Text: clip(text, 2000), At: t.now, Case: t.k.ID, Masked: took})
	t.k.Waiting++
	if t.k.Promised.IsZero() {
		if by, ok := t.city.Directory.Calendar.Promise(t.now); ok {
			t.k.Promised = by
		}
	}
	t.kDirty, t.card = true, true
	t.posts = append(t.posts, post{Key: "words/" + e.Message, Post: handoff.Post{Kind: handoff.PostWords, Case: t.k.ID}, Words: []string{e.Message}})
}

// afterClosing says whether the newest case is closed and no guide was begun
// since.
func (t *turn) afterClosing() bool {
	return t.k != nil && t.k.State == handoff.Closed && t.c.Stage == StageEnded
}

// wordsAfterClosing: thanks re-open nothing; within a week other words do;
// later the resident is asked.
func (t *turn) wordsAfterClosing(e Event, crisis string) {
	switch {
	case thanks(e.Text):
		t.sayText("thanks")
	case t.now.Sub(t.k.Closed) < reopenWithin:
		t.reopen()
		t.keepWords(e)
		t.c.Receipted = t.now
		t.add(Bubble{Text: t.t("reopened", "receipt", t.k.Receipt, "reading", t.city.Directory.Calendar.Reading(t.now)),
			Buttons: []Button{t.button("button.other.worry", "aside", "")}})
	default:
		text, took := triage.Mask(e.Text)
		t.c.remember(Message{ID: e.Message, Text: clip(text, 500), At: t.now, Masked: took})
		t.c.Stage = StageResume
		t.c.Step++
		t.present()
	}
}

func (t *turn) reopen() {
	n := t.k.Reopened(t.now)
	t.k = &n
	t.kDirty, t.card = true, true
	t.c.Aside = false
	t.notice("reopen/"+strconv.Itoa(n.Version), t.city.Texts["desk.reopened"], "duty")
	t.fact("reopened")
}

// resumeText reads words at the question whether the earlier case goes on.
func (t *turn) resumeText(e Event) {
	switch f := triage.Fold(e.Text); f {
	case "1", triage.Fold(t.t("button.same")):
		t.resume(true)
		return
	case "2", triage.Fold(t.t("button.anew")):
		t.resume(false)
		return
	}
	text, took := triage.Mask(e.Text)
	t.c.remember(Message{ID: e.Message, Text: clip(text, 500), At: t.now, Masked: took})
	t.present()
}

// resume goes on with the earlier case, or begins anew; only now words go to
// Slack.
func (t *turn) resume(same bool) {
	if t.c.Stage != StageResume || t.k == nil {
		t.present()
		return
	}
	if !same {
		loose := t.c.loose()
		last := ""
		if len(loose) > 0 {
			last = strings.Join(t.c.texts(loose[len(loose)-1:]), "")
		}
		t.c.begin()
		if q := t.question(); q != nil && last != "" {
			t.read(q, last, "")
			return
		}
		t.present()
		return
	}
	t.reopen()
	for _, id := range t.c.loose() {
		m := t.c.find(id)
		m.Case = t.k.ID
		t.k.Waiting++
		t.posts = append(t.posts, post{Key: "words/" + id, Post: handoff.Post{Kind: handoff.PostWords, Case: t.k.ID}, Words: []string{id}})
	}
	t.c.Stage = StageEnded
	t.c.Step++
	t.c.Receipted = t.now
	t.add(Bubble{Text: t.t("reopened", "receipt", t.k.Receipt, "reading", t.city.Directory.Calendar.Reading(t.now)),
		Buttons: []Button{t.button("button.other.worry", "aside", "")}})
}

// aside opens the guide beside the open case.
func (t *turn) aside() {
	t.c.begin()
	t.c.Aside = t.openCase()
	t.present()
}

// returnToCase leaves the guide; the words go to the case again.
func (t *turn) returnToCase() {
	t.end()
	t.c.Aside = false
	if t.openCase() {
		t.sayText("case.back", "receipt", t.k.Receipt)
	}
	t.present()
}

// askStop asks once whether the open case should end.
func (t *turn) askStop(what string) {
	if t.c.Stage != StageStop {
		t.c.Back = t.c.Stage
	}
	t.c.Stage, t.c.Asked = StageStop, what
	t.c.Step++
	t.present()
}

func (t *turn) stopText(text string) {
	switch f := triage.Fold(text); f {
	case "1", triage.Fold(t.t("button.end")):
		t.stop(true)
	case "2", triage.Fold(t.t("button.keep")):
		t.stop(false)
	default:
		t.present()
	}
}

// stop ends the case or lets it go on; さいしょから leads to the guide either way.
func (t *turn) stop(end bool) {
	c := t.c
	if c.Stage != StageStop || t.k == nil {
		t.present()
		return
	}
	toGuide := c.Asked == "start"
	c.Stage, c.Back, c.Asked = StageEnded, "", ""
	c.Step++
	if end {
		n := t.k.Ended("withdrawn", t.now)
		t.k = &n
		t.timers = append(t.timers, t.expiry())
		t.kDirty, t.card = true, true
		t.notice("ended/"+strconv.Itoa(n.Version), t.city.Texts["desk.withdrawn"], "")
		t.fact("closed|withdrawn")
		t.sayText("stopped", "receipt", n.Receipt)
	}
	switch {
	case toGuide:
		c.begin()
		c.Aside = !end
		t.present()
	case !end:
		t.present()
	}
}

// status tells how things stand, with or without a case.
func (t *turn) status() {
	switch {
	case t.openCase():
		t.add(t.caseStatus())
	case t.k != nil:
		t.sayText("status.closed", "receipt", t.k.Receipt)
	default:
		t.sayText("status.none")
		t.present()
	}
}

// addToCase lets a second handoff add its worries to the open case.
func (t *turn) addToCase(given handoff.ConsentGiven, ids []string) {
	more := t.sheet(given)
	s := &t.k.Sheet
	for _, w := range append(nonEmpty(more.Main), more.Others...) {
		if w != s.Main && !slices.Contains(s.Others, w) {
			s.Others = append(s.Others, w)
		}
	}
	for _, f := range more.Fields {
		if !slices.Contains(s.Fields, f) {
			s.Fields = append(s.Fields, f)
		}
	}
	for _, o := range more.Offices {
		if !slices.Contains(s.Offices, o) {
			s.Offices = append(s.Offices, o)
		}
	}
	for _, p := range more.Patterns {
		if !slices.Contains(s.Patterns, p) {
			s.Patterns = append(s.Patterns, p)
		}
	}
	s.Why = append(s.Why, more.Why...)
	s.Consent = given
	t.settleWords(ids)
	for _, id := range ids {
		t.posts = append(t.posts, post{Key: "words/" + id, Post: handoff.Post{Kind: handoff.PostWords, Case: t.k.ID}, Words: []string{id}})
	}
	t.kDirty, t.card = true, true
	t.notice("added/"+itoa(t.c.Step), t.city.Texts["desk.added"], "")
	t.answerConsent("added")
}

// unsend takes a message back: here, and by redrawing, in Slack.
func (t *turn) unsend(id string) {
	t.silent = true
	c := t.c
	m := c.find(id)
	if m == nil {
		c.Tombs = append(c.Tombs, id)
		if len(c.Tombs) > maxTombs {
			c.Tombs = c.Tombs[1:]
		}
		return
	}
	m.Text, m.Gone = "", true
	if m.Case == "" {
		return
	}
	if t.k != nil && slices.Contains(t.k.Sheet.Words, id) {
		t.kDirty, t.card = true, true
	}
	if m.Post != "" {
		t.posts = append(t.posts, t.wordsPost(m.Post))
	}
}

// wordsPost is a post of words drawn again.
func (t *turn) wordsPost(key string) post {
	p := post{Key: key, Edit: true, Post: handoff.Post{Kind: handoff.PostWords, Case: t.k.ID}}
	for _, m := range t.c.Words {
		if m.Post == key {
			p.Words = append(p.Words, m.ID)
		}
	}
	return p
}

// block wipes what is held. Words of an urgent open case stay for a while, as
// the consent text said.
func (t *turn) block() {
	t.silent = true
	c := t.c
	c.Blocked = true
	c.Path, c.Pick, c.Shown, c.Unsent, c.Token = nil, nil, nil, nil, ""
	c.Stage = StageEnded
	keep := ""
	if t.openCase() {
		t.k.Blocked = true
		t.kDirty, t.card = true, true
		if t.k.Urgent {
			keep = t.k.ID
		}
		t.notice("blocked/"+strconv.Itoa(len(t.k.History)), t.city.Texts["desk.blocked"], orElse(t.k.Owner, ""))
	}
	posts := map[string]bool{}
	for i := range c.Words {
		m := &c.Words[i]
		if m.Case != "" && m.Case == keep {
			continue
		}
		if m.Post != "" {
			posts[m.Post] = true
		}
		m.Text, m.Gone = "", true
	}
	for key := range posts {
		t.posts = append(t.posts, t.wordsPost(key))
	}
	c.dropLoose()
	if t.k == nil {
		t.gone = true
	}
}

// thanks says whether words are no more than thanks.
func thanks(text string) bool {
	f := triage.Fold(text)
	if len([]rune(f)) > 24 {
		return false
	}
	for _, w := range []string{"ありがと", "たすかりました", "助かりました", "お世話になりました", "おせわになりました", "感謝", "サンキュー", "さんきゅー", "thank", "おおきに", "だんだん"} {
		if strings.Contains(f, triage.Fold(w)) {
			return true
		}
	}
	return false
}

func moment(at, now time.Time) string { return directory.Moment(at, now) }

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
