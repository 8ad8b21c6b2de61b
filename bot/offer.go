package bot

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
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
	field := "unknown"
	switch {
	case p.Complex:
		field = triage.Complex
	case len(p.Fields) > 0:
		field = p.Fields[0]
	}
	t.fact("outcome|" + field)
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
			card.Lines = append([]string{pick.Reason + "。"}, card.Lines...)
		}
		cards.Offices = append(cards.Offices, card)
	}
	lines = append(lines, ch.Notes...)
	next := Bubble{Text: t.t("offer", "reading", t.city.Directory.Calendar.Reading(t.now)), Buttons: []Button{
		t.button("button.staff", "staff", ""), t.button("button.known", "known", "yes"), t.button("button.notyet", "known", "no"),
		t.button("button.start", "start", ""),
	}}
	if t.c.Aside && t.openCase() {
		next.Buttons = append(next.Buttons, t.button("button.case", "case", ""))
	}
	return []Bubble{{Text: strings.Join(lines, "\n")}, cards, t.withStanding(next)}
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
	line(o.Does)
	if o.Phone == "" {
		line(t.t("phone.none", "instead", t.instead(o)))
	} else {
		line(t.t("phone", "phone", o.Phone))
		if o.Say != "" {
			line(t.t("say", "say", o.Say))
		}
	}
	if o.Address == "" {
		line(t.t("address.none"))
	} else {
		line(t.t("address", "address", o.Address))
		card.Map = "https://www.google.com/maps/search/?api=1&query=" + url.QueryEscape(t.mapQuery(o))
	}
	if o.Hours != nil {
		line(o.Hours.Weekly())
		line(o.Hours.DaysOff(cal))
	}
	line(o.Hours.Now(cal, t.now))
	line(o.Note)
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

func (t *turn) general() directory.Office {
	return t.city.Directory.Choose(directory.Need{}).General.Office
}

// generalName names the general desk with its 所管課.
func (t *turn) generalName() string {
	g := t.general()
	if g.Department != "" && g.Department != g.Name {
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
		t.add(Bubble{Text: t.t("known"), Buttons: []Button{t.button("button.start", "start", "")}})
		return
	}
	t.fact("known|no")
	t.add(Bubble{Text: t.t("notyet", "phone", t.townPhone(), "office", t.generalName())})
	t.offerConsent()
}

// offerConsent asks whether staff may read this: from anywhere, anew each time.
func (t *turn) offerConsent() {
	if t.caseListens() {
		t.present()
		return
	}
	t.c.Back = ""
	if t.c.Stage == StageOffer {
		t.c.Back = StageOffer
	}
	t.c.Stage = StageConsent
	t.c.Step++
	t.fact("offer")
	t.present()
}

// consentBubble shows exactly what will be sent, to whom, for what, how long it
// is kept, and the exception for danger to life.
func (t *turn) consentBubble() Bubble {
	items := t.items()
	var own string
	var words []string
	if t.city.WordsOnCard {
		words = t.c.loose()
		if len(words) > 5 {
			words = words[len(words)-5:]
		}
		if len(words) > 0 {
			own = t.t("consent.words")
		}
	}
	keep := int(t.city.Keep.Closed / (24 * time.Hour))
	text := t.t("consent", "city", t.city.Name, "items", "・"+strings.Join(items, "\n・"), "own", own,
		"to", strings.Join(t.city.Receivers, "、"), "days", itoa(keep), "hours", itoa(int(t.city.Keep.Emergency/time.Hour)))
	return Bubble{Text: text, Words: words, Buttons: []Button{
		t.button("button.self", "yes", ""), t.button("button.other", "other", ""), t.button("button.refuse", "no", ""),
		t.button("button.back", "back", ""), t.button("button.quit", "quit", ""),
	}}
}

// items are the lines that will stand on the card, in the resident's words for
// them.
func (t *turn) items() []string {
	s := t.sheet(handoff.ConsentGiven{})
	var out []string
	for _, x := range [][2]string{
		{"困りごと", strings.Join(append(nonEmpty(s.Main), s.Others...), "、")}, {"だれのことか", s.Standing}, {"年代", s.Age}, {"地区", s.District},
		{"案内した窓口", strings.Join(s.Shown, "、")},
	} {
		if x[1] != "" {
			out = append(out, x[0]+"：「"+x[1]+"」")
		}
	}
	if s.Urgency != "" {
		out = append(out, "急ぎのことばがあったこと")
	}
	if len(out) == 0 {
		out = append(out, "相談したいということ（くわしい内容はまだありません）")
	}
	return out
}

// consentWord reads typed consent: only the buttons' own words count.
func (t *turn) consentWord(text string) string {
	f := triage.Fold(text)
	for _, b := range [][2]string{{"button.self", "yes"}, {"button.other", "other"}, {"button.refuse", "no"}} {
		if f == triage.Fold(t.t(b[0])) {
			return b[1]
		}
	}
	switch f {
	case "1":
		return "yes"
	case "2":
		return "other"
	case "3", "いいえ":
		return "no"
	}
	return ""
}

// refused keeps nothing and still shows where to go.
func (t *turn) refused() {
	if t.c.Stage != StageConsent {
		t.present()
		return
	}
	t.fact("consent|no")
	t.c.dropLoose()
	t.sayText("refused")
	t.c.Stage, t.c.Back = StageOffer, ""
	t.c.Step++
	t.present()
}

// consented makes the case, or adds to the open one.
func (t *turn) consented(who handoff.Consent) {
	if t.c.Stage != StageConsent {
		t.present()
		return
	}
	t.fact("consent|" + string(who))
	given := handoff.ConsentGiven{State: who, At: t.now, Wording: t.city.Consent, To: t.city.Receivers, Items: t.items()}
	ids := []string{}
	if t.city.WordsOnCard {
		ids = t.c.loose()
		if len(ids) > 5 {
			ids = ids[len(ids)-5:]
		}
	}
	if t.openCase() {
		t.addToCase(given, ids)
		return
	}
	id, receipt := t.draw()
	k := handoff.Case{
		ID: t.city.ID + "/c/" + id, City: t.city.ID, Receipt: receipt, Conversation: t.c.ID,
		State: handoff.Open, Version: 1, Sheet: t.sheet(given), Opened: t.now, Urgent: t.c.Urgency != "",
	}
	k.Field = t.channelField()
	k.Sheet.Words = ids
	if by, ok := t.city.Directory.Calendar.Promise(t.now); ok {
		k.Promised = by
	}
	t.k, t.kNew, t.kDirty, t.card = &k, true, true, true
	t.settleWords(ids)
	t.fact("case|" + k.Field)
	t.answerConsent("consented")
	t.add(Bubble{Text: t.t("wishes"), Buttons: t.wishButtons()})
}

// answerConsent confirms with the 受付番号; it counts as a receipt.
func (t *turn) answerConsent(name string) {
	k, c := t.k, t.c
	c.Case, c.Aside, c.Stage, c.Back = k.ID, false, StageEnded, ""
	c.Path, c.Misses = nil, 0
	c.Step++
	c.Receipted = t.now
	promise := ""
	if !k.Promised.IsZero() {
		promise = t.t("promise", "by", moment(k.Promised, t.now))
	}
	masked := ""
	for _, id := range k.Sheet.Words {
		if m := c.find(id); m != nil && m.Masked {
			masked = t.t("masked", "phone", t.townPhone())
		}
	}
	t.sayText(name, "receipt", k.Receipt, "reading", t.city.Directory.Calendar.Reading(t.now), "promise", promise, "masked", masked)
}

// settleWords gives the words to the case and forgets the other loose ones.
func (t *turn) settleWords(ids []string) {
	for _, id := range ids {
		if m := t.c.find(id); m != nil {
			m.Case = t.k.ID
		}
	}
	t.c.dropLoose()
}

// channelField decides whose channel gets the card: the suggested field; several
// worries and unknown ones go to the default channel.
func (t *turn) channelField() string {
	ch := t.choice()
	switch {
	case ch.Coordinator:
		return "coordinator"
	case ch.Complex:
		return triage.Complex
	}
	return ch.Field
}

// sheet fills the つなぐシート from the path.
func (t *turn) sheet(given handoff.ConsentGiven) handoff.Sheet {
	p := t.profile()
	ch := t.choice()
	s := handoff.Sheet{Urgency: t.c.Urgency, Consent: given, Wishes: p.Wishes, Shown: t.c.Shown}
	if s.Urgency != "" {
		s.UrgencyWhy = t.t("kind."+s.Urgency) + "（書かれたことばから）"
	}
	s.Standing = t.city.Texts["who."+p.Who]
	s.Age = t.city.Texts["age."+p.Age]
	worries := p.Worries
	for _, f := range p.Fields {
		if plain := t.city.fieldPlain(f); len(p.Worries) == 0 || !t.worryOf(p, f) {
			worries = append(worries, plain)
		}
	}
	if len(worries) > 0 {
		s.Main, s.Others = worries[0], slices.Clone(worries[1:])
	} else if p.Unknown {
		s.Main = t.city.Texts["worry.unknown"]
	}
	for _, id := range p.Patterns {
		s.Patterns = append(s.Patterns, t.patternName(id))
	}
	s.District = t.districtName(p.District)
	for _, f := range p.Fields {
		s.Fields = append(s.Fields, t.city.fieldName(f))
	}
	if ch.Complex {
		s.Fields = append([]string{"複合"}, s.Fields...)
	}
	for _, pick := range ch.Picks() {
		s.Offices = append(s.Offices, pick.Office.Name)
	}
	s.Why = append(append(t.trail(), p.Why...), ch.Why...)
	pol := t.city.Directory.Policy
	if given.State == handoff.ConsentSelf {
		s.Meeting = pol.WithConsent
	} else if given.State == handoff.ConsentOther {
		s.Meeting = pol.WithoutConsent
	}
	return s
}

// worryOf says whether a tapped worry already names the field.
func (t *turn) worryOf(p triage.Profile, field string) bool {
	for _, a := range t.c.Path {
		if q := t.city.Tree.Find(a.Question); q != nil {
			if o := q.Option(a.Option); o != nil && o.Field == field && o.Worry != "" {
				return true
			}
		}
	}
	return false
}

// trail is the path of answers as labels.
func (t *turn) trail() []string {
	var out []string
	for _, a := range t.c.Path {
		q := t.city.Tree.Find(a.Question)
		if q == nil {
			continue
		}
		if o := q.Option(a.Option); o != nil {
			out = append(out, "「"+o.Label+"」")
		} else if a.Option == triage.Unsure {
			out = append(out, "「分からない」")
		}
	}
	return out
}

func (t *turn) patternName(id string) string { return orElse(t.city.Patterns[id], id) }

func (t *turn) districtName(id string) string {
	if id == "" {
		return t.city.Texts["district.unknown"]
	}
	for _, d := range t.city.Directory.Districts {
		if d.ID == id {
			return d.Name
		}
	}
	for _, a := range t.city.Directory.Areas {
		if a.ID == id {
			return a.Name
		}
	}
	return id
}

func (t *turn) wishButtons() []Button {
	var out []Button
	for i, w := range t.city.Wishes {
		out = append(out, Button{Label: w, Data: t.data("wish", itoa(i))})
	}
	return out
}

// wish adds a 希望・配慮 to the open case.
func (t *turn) wish(arg string) {
	i := atoi(arg)
	if !t.openCase() || i < 0 || i >= len(t.city.Wishes) {
		t.present()
		return
	}
	w := t.city.Wishes[i]
	if !slices.Contains(t.k.Sheet.Wishes, w) {
		t.k.Sheet.Wishes = append(t.k.Sheet.Wishes, w)
		t.kDirty, t.card = true, true
	}
	t.add(Bubble{Text: t.t("wish", "wish", w), Buttons: t.wishButtons()})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
