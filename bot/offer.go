package bot

import (
	"net/url"
	"slices"
	"strings"

	"tsunagu/directory"
	"tsunagu/triage"
)

// ages maps the tree's bands to the directory's coarser ones.
var ages = map[string]directory.Age{
	"child": directory.AgeChild, "young": directory.AgeAdult, "middle": directory.AgeAdult, "adult": directory.AgeAdult, "elderly": directory.AgeElderly,
}

// choice is which offices the town's policy gives for what is known.
func (t *turn) choice() directory.Choice {
	p := t.profile()
	names := make([]string, len(p.Patterns))
	for i, id := range p.Patterns {
		names[i] = t.patternName(id)
	}
	return t.city.Directory.Choose(directory.Need{Fields: p.Fields, District: p.District, Age: ages[p.Age], Complex: p.Complex, Patterns: names})
}

// outcome ends the questions and shows the offices.
func (t *turn) outcome() {
	t.c.Stage = StageOffer
	p := t.profile()
	label, _ := t.city.Outcome(t.c.Path)
	t.fact("outcome|" + label)
	t.countPath(label)
	if p.District == "" {
		t.fact("outcome|nodistrict")
	}
	for _, pick := range t.choice().Picks() {
		t.shown(pick.Office.Name)
	}
	t.present()
}

func (t *turn) shown(name string) {
	if !slices.Contains(t.c.Shown, name) && len(t.c.Shown) < 20 {
		t.c.Shown = append(t.c.Shown, name)
	}
}

// outcomeBubbles shows at most three offices and what can be done next.
func (t *turn) outcomeBubbles() []Bubble {
	ch := t.choice()
	intro := t.t("outcome")
	switch {
	case ch.Complex:
		intro = t.t("outcome.complex")
	case ch.Field == "":
		intro = t.t("outcome.unknown")
	}
	cards := Bubble{}
	lines := []string{intro}
	for _, pick := range ch.Picks() {
		card := t.officeCard(pick.Office)
		if pick.Reason != "" {
			card.Lines = append([]string{t.easily(pick.Reason) + "。"}, card.Lines...)
		}
		cards.Offices = append(cards.Offices, card)
	}
	for _, note := range ch.Notes {
		lines = append(lines, t.easily(note))
	}
	next := t.withStanding(numbered(t.t("offer", "reading", t.reading()), t.offerButtons()...))
	return []Bubble{{Text: strings.Join(lines, "\n")}, cards, next}
}

// offerBubble asks once more what comes after the offices, which stand above; below the
// numbers of a crisis answer they are a tap away.
func (t *turn) offerBubble() Bubble {
	if t.kind == SpeechCrisis {
		return t.withStanding(Bubble{Text: t.t("crisis.then"), Buttons: []Button{t.button("button.offices", "offices", ""), t.button("button.staff", "staff", "")}})
	}
	return t.withStanding(numbered(t.t("offer.again"), t.offerButtons()...))
}

func (t *turn) offerButtons() []Button {
	return []Button{t.button("button.staff", "staff", ""), t.button("button.known", "known", "yes"), t.button("button.notyet", "known", "no"),
		t.button("button.start", "start", "")}
}

// offerText reads words below the offices, which stand above already: a further worry
// is asked about, all else is for staff.
func (t *turn) offerText(e Event, crisis string) {
	if crisis == "" && t.corrects(e) {
		t.add(t.offerBubble())
		return
	}
	r := t.city.Read(e.Text)
	fields := t.fieldsOf(r)
	switch {
	case crisis != "":
	case len(fields) == 1 && r.Confidence >= t.city.Accept && r.Field != triage.Complex && !slices.Contains(t.profile().Fields, fields[0]):
		t.askMore(fields, r)
		return
	case t.heardInDanger():
	default:
		name := "offer.words"
		if t.c.Misses >= listened {
			name = "listening.again"
		}
		t.addText(t.t(name) + prefixed("\n", t.tellAgain()))
		t.listen()
	}
	t.add(t.offerBubble())
}

// officeCard says what is known of an office, and what is not known so.
func (t *turn) officeCard(o directory.Office) OfficeCard {
	cal := t.city.Directory.Calendar
	card := OfficeCard{Name: o.Name, Call: o.Phone, Page: o.URL}
	line := func(s string) {
		if s != "" {
			card.Lines = append(card.Lines, s)
		}
	}
	does, note := o.Does, o.Note
	if t.c.Easy && o.Easy != "" {
		does, note = o.Easy, ""
	}
	line(does)
	if o.Phone == "" {
		line(t.t("phone.none", "instead", t.instead(o)))
	} else {
		line(t.t("phone", "phone", o.Phone))
		if o.Say != "" {
			line(t.t("say", "say", o.Say))
		}
	}
	if o.Fax != "" { // for who cannot telephone
		line(t.t("fax", "fax", o.Fax))
	}
	if o.Address == "" {
		line(t.t("address.none"))
	} else {
		line(t.t("address", "address", o.Address))
		card.Map = "https://www.google.com/maps/search/?api=1&query=" + url.QueryEscape(t.mapQuery(o))
	}
	if o.Hours != nil {
		line(t.easily(o.Hours.Weekly()))
		line(t.easily(o.Hours.DaysOff(cal)))
	}
	line(t.easily(o.Hours.Now(cal, t.now)))
	line(note)
	return card
}

// mapQuery is the address with the prefecture, so that the map finds the town.
func (t *turn) mapQuery(o directory.Office) string {
	if strings.HasPrefix(o.Address, t.city.Directory.Prefecture) {
		return o.Address
	}
	return t.city.Directory.Prefecture + o.Address
}

// instead says what to do where an office has no telephone on file.
func (t *turn) instead(o directory.Office) string {
	p := t.city.Directory.Policy
	switch {
	case p.Phone != "" && o.Department != "":
		return t.t("instead.phone", "phone", p.Phone, "name", p.PhoneName, "ask", o.Department)
	case p.Phone != "":
		return t.t("instead.phone", "phone", p.Phone, "name", p.PhoneName, "ask", o.Name)
	case o.Department != "":
		return t.t("instead.department", "ask", o.Department)
	}
	return t.t("instead.staff")
}

// townPhone is a person's number for when nothing was understood: the general
// desk's, else the town hall's, else "".
func (t *turn) townPhone() string {
	if g := t.general(); g.Phone != "" {
		return g.Name + " " + g.Phone
	}
	if p := t.city.Directory.Policy; p.Phone != "" {
		return p.PhoneName + " " + p.Phone
	}
	return ""
}

// generalPhone is townPhone below the general desk's name, which is not said
// twice.
func (t *turn) generalPhone() string {
	if g := t.general(); g.Phone != "" {
		return t.t("phone", "phone", g.Phone)
	}
	return t.townPhone()
}

// hallPhone is where the town hall answers, for what is not a worry: else the
// general desk's.
func (t *turn) hallPhone() string {
	if p := t.city.Directory.Policy; p.Phone != "" {
		return p.PhoneName + " " + p.Phone
	}
	return t.townPhone()
}

func (t *turn) general() directory.Office {
	return t.city.Directory.Choose(directory.Need{}).General.Office
}

// generalName names the general desk with its 所管課.
func (t *turn) generalName() string {
	g := t.general()
	if g.Department != "" && !strings.HasSuffix(g.Name, g.Department) {
		return g.Name + "（" + g.Department + "）"
	}
	return g.Name
}

// understood counts whether the resident knows where to go now.
func (t *turn) understood(yes bool) {
	if t.c.Stage != StageOffer {
		t.present()
		return
	}
	if yes {
		t.fact("known|yes")
		t.end()
		if t.openCase() {
			t.sayText("case.back", "receipt", t.k.Receipt)
			t.present()
			return
		}
		t.add(Bubble{Text: t.t("known"), Buttons: []Button{t.button("button.start", "start", "")}})
		return
	}
	t.fact("known|no")
	t.add(Bubble{Text: t.t("notyet", "phone", t.generalPhone(), "office", t.generalName())})
	t.offerConsent()
}
