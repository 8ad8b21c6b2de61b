package bot

import (
	"slices"
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/triage"
)

// crisisPause is how long the full answer of a kind is not repeated.
const crisisPause = 30 * time.Minute

// crisis answers danger that was read in words before anything else: the lines open
// now, the full answer once per kind in thirty minutes, one line in between. It ends
// nothing.
func (t *turn) crisis(kind, text string) {
	c := t.c
	t.kind = SpeechCrisis
	c.endangered(kind)
	lines := t.city.Directory.Lines(kind, t.city.Directory.Prefecture, t.now)
	last, told := c.Crisis[kind]
	again := told && t.now.Sub(last) < crisisPause && !t.now.Before(last)
	if again {
		t.fact("crisis_again|" + kind)
		t.sayText("crisis.again", "line", t.firstLine(kind, lines))
	} else {
		if c.Crisis == nil {
			c.Crisis = map[string]time.Time{}
		}
		c.Crisis[kind] = t.now
		t.fact("crisis|" + kind)
		t.countOff("crisis")
		t.fullCrisis(kind, text, lines)
	}
	if t.openCase() {
		if !again {
			t.k.Sheet.Shown = union(slices.Clone(t.k.Sheet.Shown), []string{shownLines})
		}
		t.raise(kind, !again)
	}
}

// raise makes the open case more urgent: staff are called, and the resident hears
// whether anybody reads at this hour.
func (t *turn) raise(kind string, call bool) {
	s := &t.k.Sheet
	s.UrgencyWhy = t.urgencyWhy(s.UrgencyWhy, append(t.c.dangers(), kind, s.Urgency)...)
	if s.Urgency == "" || slices.Index(triage.Kinds, kind) < slices.Index(triage.Kinds, s.Urgency) {
		s.Urgency = kind
	}
	if call || !t.k.Urgent {
		text := t.city.Texts["desk.urgent"] + t.city.Texts["kind."+kind]
		if t.k.Owner != "" { // whoever holds it may not be on duty now
			text += "　担当：<@" + t.k.Owner + ">"
		}
		t.notice("urgent/"+kind+"/"+itoa(int(t.now.UnixMilli())), text, "duty")
	}
	t.k.Urgent = true
	t.kDirty, t.card = true, true
	t.sayText("crisis.case", "reading", t.reading())
}

// urgencyWhy names kinds of danger for the card, the heaviest first, with those that
// it named before.
func (t *turn) urgencyWhy(named string, kinds ...string) string {
	var all []string
	for _, k := range triage.Kinds {
		if name := t.city.Texts["kind."+k]; slices.Contains(kinds, k) || name != "" && strings.Contains(named, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, "、") + "（書かれたことばから）"
}

// firstLine is the first number for a kind: the city's own office where there is
// one with a telephone.
func (t *turn) firstLine(kind string, lines []directory.Line) string {
	for _, o := range t.abuseOffices(kind) {
		if o.Phone != "" {
			return o.Name + " " + o.Phone
		}
	}
	if len(lines) == 0 {
		return "119"
	}
	return t.lineText(lines[0])
}

// shownLines stands on the card for all the lines of a crisis answer.
const shownLines = "緊急の電話番号"

// fullCrisis shows the city's own offices, where the kind is theirs, and the
// lines. Where words name somebody else it also says what helps beside them: more, and
// not instead, since "a friend" may be the writer.
func (t *turn) fullCrisis(kind, words string, lines []directory.Line) {
	text := append(nonEmpty(t.help("crisis")), t.t("crisis."+kind))
	if who := t.city.Read(words).Who; who != "" && who != "self" {
		text = append(text, nonEmpty(t.t("crisis."+kind+".beside"))...)
	}
	if t.query(words) == "missing" { // 119 does not look for people
		text = append(text, t.t("query.missing"))
	}
	var cards []OfficeCard
	for _, o := range t.abuseOffices(kind) {
		cards = append(cards, t.officeCard(o))
		t.shown(o.Name)
		text = append(text, "・"+o.Name+orElse(prefixed(" ", o.Phone), "（"+t.t("phone.none", "instead", t.instead(o))+"）"))
	}
	for _, l := range lines {
		says := t.lineText(l)
		text = append(text, "・"+says)
		t.shown(shownLines)
		if len(cards) < 8 {
			cards = append(cards, OfficeCard{Name: l.Name, Lines: strings.Split(says, "\n")[1:], Call: l.Number})
		}
	}
	text = append(text, t.t("crisis.machine"))
	t.add(Bubble{Text: strings.Join(text, "\n")})
	t.add(Bubble{Offices: cards})
}

// abuseOffices are the city's own for kinds without a national line.
func (t *turn) abuseOffices(kind string) []directory.Office {
	field := map[string]string{triage.ElderAbuse: triage.Elderly, triage.DisabilityAbuse: triage.Disability, triage.NoFoodOrShelter: triage.Poverty}[kind]
	if field == "" {
		return nil
	}
	p := t.profile()
	var out []directory.Office
	for _, pick := range t.city.Directory.Choose(directory.Need{Fields: []string{t.city.fieldFor(field, "")}, District: p.District}).Picks() {
		out = append(out, pick.Office)
	}
	return out
}

// lineText is a hotline with its hours as the resident reads them; its name stays.
func (t *turn) lineText(l directory.Line) string {
	name, facts, _ := strings.Cut(l.Text(), "\n")
	return name + "\n" + t.easily(facts)
}
