package bot

import (
	"cmp"
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
// nothing. said is the last piece of text, where it was told in pieces.
func (t *turn) crisis(kind, text, said string) {
	c := t.c
	t.kind = SpeechCrisis
	c.endangered(kind)
	last, told := c.Crisis[kind]
	again := told && t.now.Sub(last) < crisisPause && !t.now.Before(last)
	shade := t.shade(kind, text, said)
	again = again && shade == c.Shade // else other words, or other numbers
	c.Shade = shade
	lines := t.lines(kind)
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
		t.fullCrisis(kind, text, said, lines)
	}
	if t.openCase() {
		if !again {
			t.k.Sheet.Shown = union(slices.Clone(t.k.Sheet.Shown), []string{shownLines})
		}
		t.raise(kind, !again)
	}
}

// What a danger is besides its kind.
const (
	ownShade     = "own" // the resident's own hand, not somebody else's
	missingShade = "missing"
	feverShade   = "fever" // and nothing that calls for an ambulance
	actedShade   = "acted" // harm already done to oneself
)

// shade is what words tell of a danger besides its kind. Who told of harm that is done
// goes on telling of it; after an own hand the next may be another's.
func (t *turn) shade(kind, text, said string) string {
	switch kind {
	case triage.Suicide:
		if acted(text) || t.c.Shade == actedShade && t.tellAgain() != "" {
			return actedShade
		}
	case triage.MedicalEmergency:
		switch {
		case (t.query(text) == "missing" || t.query(said) == "missing") && !feverSign.MatchString(triage.Fold(text)):
			return missingShade
		case feverish(text):
			return feverShade
		}
	case triage.Violence, triage.ElderAbuse, triage.DisabilityAbuse:
		if ownHand(text) {
			return ownShade
		}
	}
	return ""
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

// lines are the numbers for a kind: the ambulance's before all for who is harmed already.
// Who raised a hand gets none that are for whom it hit: those that anybody may call, who
// listens first.
func (t *turn) lines(kind string) []directory.Line {
	d := t.city.Directory
	if t.c.Shade == ownShade && kind == triage.Violence {
		return slices.DeleteFunc(d.Lines(triage.Suicide, d.Prefecture, t.now), func(l directory.Line) bool { return !l.Always })
	}
	lines := d.Lines(kind, d.Prefecture, t.now)
	if t.c.Shade == actedShade {
		ambulance := func(l directory.Line) bool { return l.Number == "119" }
		first := d.Lines(triage.MedicalEmergency, d.Prefecture, t.now)
		first = slices.DeleteFunc(first, func(l directory.Line) bool { return !ambulance(l) })
		return append(first, slices.DeleteFunc(lines, ambulance)...)
	}
	return lines
}

// firstLine is the first number for a kind: the city's own office where there is
// one with a telephone that is not known to be closed; for who raised a hand, who
// listens.
func (t *turn) firstLine(kind string, lines []directory.Line) string {
	switch t.c.Shade {
	case ownShade:
		lines = t.lines(triage.Violence)
	case missingShade: // 119 looks for nobody
		lines = slices.DeleteFunc(slices.Clone(lines), func(l directory.Line) bool { return l.Number != "110" })
	default:
		for _, o := range t.abuseOffices(kind) {
			if cal := t.city.Directory.Calendar; o.Phone != "" && (o.Hours == nil || directory.OpenAt(o.Hours, cal, t.now)) {
				return o.Name + " " + o.Phone + "\n" + t.easily(o.Hours.Now(cal, t.now))
			}
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
func (t *turn) fullCrisis(kind, words, said string, lines []directory.Line) {
	name := "crisis." + kind
	if own := name + "." + t.c.Shade; t.city.Texts[own] != "" {
		name = own
	}
	text := append(nonEmpty(t.help("crisis")), t.t(name))
	if who := t.city.Read(words).Who; who != "" && who != "self" {
		text = append(text, nonEmpty(t.t("crisis."+kind+".beside"))...)
	}
	switch id := cmp.Or(t.query(said), t.query(words)); {
	case id == "missing" && t.c.Shade != missingShade:
		text = append(text, t.t("query.missing"))
	case id == "secret" && !t.openCase():
		text = append(text, t.t("crisis.secret"))
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

// sayFever tells who writes of a child's fever or asks for a doctor at night whom to ask, with the numbers for that
// which the town has on file.
func (t *turn) sayFever() {
	line := ""
	for _, l := range t.city.Directory.Lines(triage.MedicalEmergency, t.city.Directory.Prefecture, t.now) {
		if l.Open && !l.Always && slices.Contains(l.Kinds, triage.MedicalEmergency) {
			line += t.lineText(l) + "\n"
		}
	}
	t.sayText("fever", "line", line)
}

// abuseOffices are the city's own for kinds without a national line.
func (t *turn) abuseOffices(kind string) []directory.Office {
	if kind == triage.Violence && t.c.Shade == ownShade {
		return []directory.Office{t.general()}
	}
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
