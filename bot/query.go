package bot

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tsunagu/directory"
	"tsunagu/triage"
)

// alsoWorry is from how many characters on a question about the service may hold a
// worry beside it: 借金があります。妻に知られませんか.
const alsoWorry = 15

// queried answers a question about the service itself (who reads this, what it costs,
// when an answer comes), which no office answers. only says that the words held nothing
// else, so that what was being asked stays as it is.
func (t *turn) queried(text string) (only bool) {
	id := t.query(text)
	if id == "" || t.tellAgain() != "" && slices.Contains(calm, id) {
		return false
	}
	t.fact("query|" + id)
	t.bubbles = append(t.bubbles, t.answer(id, text)...)
	t.notMissed()
	return !t.alsoWorry(id, text)
}

// notMissed begins the ladder anew after words that were understood, though they
// answered nothing.
func (t *turn) notMissed() {
	if t.c.Misses != heardDanger {
		t.c.Misses = 0
	}
}

// calm are the questions that nobody in danger asks: there the words mean more.
var calm = []string{"elsewhere", "office", "detail", "what", "angry", "delete", "keep"}

// forStaff are the questions whose words staff should read too.
var forStaff = []string{"hide", "secret", "person", "detail", "language", "call", "missing", "elsewhere", "takeback"}

// guideQuery answers a question about the service within the guide, and says whether
// the words were no more than that.
func (t *turn) guideQuery(e Event) bool {
	q := t.question()
	if t.c.Stage == StageGuide && q != nil && triage.Typed(q.Left(t.c.Path), e.Text) || !t.queried(e.Text) {
		return false
	}
	kept := slices.Contains(forStaff, t.query(e.Text))
	if !kept {
		t.c.drop(e.Message)
	}
	switch {
	case t.c.Stage == StageConsent && kept:
		t.c.Step++ // what would be sent is more now
		t.present()
	case t.c.Stage == StageConsent:
		t.add(t.consentWhich())
	case t.query(e.Text) == "hide":
		// Nothing more on the screen.
	case t.c.Stage == StageOffer:
		t.add(t.offerBubble())
	default:
		t.brief = true // a list would push the answer off a small screen
		t.present()
	}
	return true
}

// forPeople are the questions of those who wait for somebody.
var forPeople = []string{"person", "night", "when", "call"}

// caseQuery answers in an open case what has an answer there; the words go to staff
// all the same.
func (t *turn) caseQuery(text string) bool {
	id := t.query(text)
	if id == "hide" {
		t.sayText("query.hide") // nothing more on the screen
		return true
	}
	if line := t.tellAgain(); line != "" && slices.Contains(forPeople, id) {
		t.sayText("crisis.again", "line", line) // no silence to だれかいないの
		return true
	}
	if id == "" && (feverish(text) || asksDoctor(text)) {
		t.sayFever()
		return true
	}
	if id == "" || t.city.Texts["query."+id+".case"] == "" {
		return false
	}
	t.fact("query|" + id)
	t.bubbles = append(t.bubbles, t.answer(id, text)...)
	return true
}

// query is the question about the service that words ask, "" where none or where the
// town has no words for the answer.
func (t *turn) query(text string) string {
	if t.city.Query == nil {
		return ""
	}
	id := t.city.Query(text)
	if t.city.Texts["query."+id] == "" || id == "hide" && t.tellAgain() == "" {
		return "" // 夫が帰ってきた is for whoever was just told how to get help
	}
	return id
}

// alsoWorry says whether words that asked about the service tell a worry besides.
func (t *turn) alsoWorry(id, text string) bool {
	if id == "office" && len(t.named(text)) > 0 || utf8.RuneCountInString(text) < alsoWorry {
		return false
	}
	return t.tells(t.city.Read(text))
}

// answer is what the town says to a question about the service.
func (t *turn) answer(id, text string) []Bubble {
	name := "query." + id
	if t.openCase() && t.city.Texts[name+".case"] != "" {
		name += ".case"
	}
	earlier, day := "", "" // a closed case whose words are still kept
	if id == "delete" && t.k != nil && !t.openCase() {
		name, earlier, day = "query.delete.kept", t.k.Receipt, t.k.Closed.Add(t.city.Keep.Closed).In(tokyo).Format("1月2日")
	}
	b := Bubble{Text: t.t(name, "receipt", earlier, "day", day, "city", t.city.Name, "reading", t.reading(), "to", strings.Join(t.city.Receivers, "、"), "office", t.generalName(),
		"phone", t.wayIn(), "days", itoa(int(t.city.Keep.Closed/(24*time.Hour))), "idle", itoa(int(t.city.Keep.Idle/time.Hour)), "hours", itoa(int(t.city.Keep.Emergency/time.Hour)))}
	switch id {
	case "secret", "reader":
		b.Text += t.alsoReads()
	case "delete":
		if !t.openCase() {
			t.c.begin()
		}
	case "office":
		return t.officesAsked(text)
	case "night":
		b.Text = strings.Join(append([]string{b.Text}, t.listeners()...), "\n")
	case "takeback":
		if line := t.tellAgain(); line != "" {
			b.Text += "\n" + t.t("query.takeback.line", "line", line)
		}
	}
	return []Bubble{b}
}

// wayIn is how the general desk is reached by telephone, and what to do where no
// number is on file.
func (t *turn) wayIn() string {
	return orElse(t.generalPhone(), t.t("phone.none", "instead", t.t("instead.staff")))
}

// officesAsked shows the offices that the words name, else those already found, else
// the general desk.
func (t *turn) officesAsked(text string) []Bubble {
	name, offices := "query.office", t.named(text)
	if len(offices) == 0 && t.question() == nil {
		for _, p := range t.choice().Picks() {
			offices = append(offices, p.Office)
		}
	}
	if len(offices) == 0 {
		name, offices = "query.office.general", []directory.Office{t.general()}
	}
	cards := Bubble{}
	for _, o := range offices {
		cards.Offices = append(cards.Offices, t.officeCard(o))
	}
	hall := ""
	if p := t.city.Directory.Policy; p.Phone != "" {
		hall = p.PhoneName + " " + p.Phone
	}
	return []Bubble{{Text: t.t(name, "phone", hall)}, cards}
}

// namedPart is how many characters of an office's name are enough to mean it.
const namedPart = 4

// named are up to three offices whose name the words hold a good part of: those that
// fit best. What nearly every name has (相談支援センター) names none.
func (t *turn) named(text string) []directory.Office {
	var out []directory.Office
	best, folded := namedPart, triage.Fold(text)
	for _, o := range t.city.Directory.Offices {
		n := common(triage.Fold(strings.TrimPrefix(o.Name, t.city.Name)), folded)
		switch {
		case n > best:
			best, out = n, []directory.Office{o}
		case n == best:
			out = append(out, o)
		}
	}
	if len(out) > 3 {
		return nil
	}
	return out
}

// common is how long the longest piece is that two texts share, in characters.
func common(a, b string) (longest int) {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for i := range x {
		for j := len(y); j > 0; j-- {
			if x[i] != y[j-1] {
				row[j] = 0
				continue
			}
			row[j] = row[j-1] + 1
			longest = max(longest, row[j])
		}
	}
	return longest
}

// listeners are the lines with somebody to talk to that are open now: of those for
// despair, which anybody may call.
func (t *turn) listeners() []string {
	var out []string
	for _, l := range t.city.Directory.Lines(triage.Suicide, t.city.Directory.Prefecture, t.now) {
		if l.Open && slices.Contains(l.Kinds, triage.Suicide) && len(out) < 3 {
			out = append(out, "・"+t.lineText(l))
		}
	}
	return out
}

// recently is how long danger that was told colours what is said.
const recently = crisisPause

// tellAgain is the first number for the danger told last, "" when none was told
// within half an hour.
func (t *turn) tellAgain() string {
	kind, at := t.told()
	if kind == "" || t.now.Sub(at) >= recently || t.now.Before(at) {
		return ""
	}
	return t.firstLine(kind, t.lines(kind))
}

// native turns what the resident was told that a button means into the button's own
// words.
func (t *turn) native(text string) string {
	f := triage.Fold(text)
	for line := range strings.Lines(t.help("labels")) {
		if label, means, ok := strings.Cut(strings.TrimSpace(line), " → "); ok && triage.Fold(means) == f {
			return label
		}
	}
	return text
}

// alsoReads says, where it is so, that a model outside may read words too.
func (t *turn) alsoReads() string {
	if !t.second {
		return ""
	}
	return prefixed("\n", t.t("second"))
}
