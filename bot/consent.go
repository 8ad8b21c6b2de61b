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
	t.c.Stage, t.c.Asked = StageConsent, ""
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
		var cut bool
		words, cut = t.c.offered()
		if len(words) > 0 {
			own = t.t("consent.words")
		}
		if cut {
			own += "\n" + t.t("consent.cut")
		}
	}
	if t.city.Attachments.On() {
		own = strings.TrimPrefix(own+"\n"+t.t("consent.files", "kinds", t.fileKinds()), "\n")
	}
	keep := int(t.city.Keep.Closed / (24 * time.Hour))
	text := t.t("consent", "city", t.city.Name, "items", "・"+strings.Join(items, "\n・"), "own", own,
		"to", strings.Join(t.city.Receivers, "、"), "days", itoa(keep), "hours", itoa(int(t.city.Keep.Emergency/time.Hour)))
	if s := t.help("consent"); s != "" {
		text += "\n\n" + s
	}
	b := numbered(text, t.consentButtons()...)
	b.Words = words
	return t.withStanding(b)
}

// agree puts together a yes and for whom it is, which may come one after the other;
// neither is consent alone.
func (t *turn) agree(text string) {
	verb := whose(text)
	if verb != "" && verb != "both" && t.c.Asked == agreedTo {
		t.c.Asked = ""
		t.tap(strconv.Itoa(t.c.Step) + ":" + verb)
		return
	}
	if assent(text) {
		t.c.Asked = agreedTo
	}
	t.add(t.consentWhich())
}

// agreedTo stands in Asked after a yes that did not say for whom.
const agreedTo = "agreed"

// consentWhich asks for whom alone, where the rest stands above.
func (t *turn) consentWhich() Bubble {
	return t.withStanding(numbered(t.t("consent.which"), t.consentButtons()...))
}

func (t *turn) consentButtons() []Button {
	return []Button{t.button("button.self", "yes", ""), t.button("button.other", "other", ""), t.button("button.refuse", "no", "")}
}

// items are the lines that will stand on the card, in the resident's words for
// them.
func (t *turn) items() []string {
	s := t.sheet(handoff.ConsentGiven{})
	age := "年代"
	if who := t.profile().Who; who != "" && who != "self" {
		age = "その人の年代" // not of who writes
	}
	var out []string
	for _, row := range [][][2]string{
		{{"困りごと", strings.Join(append(nonEmpty(s.Main), s.Others...), "、")}},
		{{"あなたの立場", s.Standing}, {age, s.Age}, {"地区", s.District}},
		{{"重なっていること", strings.Join(s.Patterns, "、")}}, {{"配慮してほしいこと", strings.Join(s.Wishes, "、")}},
		{{"案内した窓口", strings.Join(s.Shown, "、")}},
	} {
		var parts []string
		for _, x := range row {
			if x[1] != "" {
				parts = append(parts, t.easily(x[0])+"：「"+x[1]+"」")
			}
		}
		out = append(out, nonEmpty(strings.Join(parts, "、"))...)
	}
	if trail := t.trail(ownRow); len(trail) > 0 {
		out = append(out, t.easily("えらんだ答え")+"："+strings.Join(trail, "→"))
	}
	if s.Urgency != "" {
		out = append(out, t.easily("急ぎのことばがあったこと"))
	}
	if len(out) == 0 {
		out = append(out, t.easily("相談したいということ（くわしい内容はまだありません）"))
	}
	return out
}

// ownRow says whether a choice says no more than whose worry it is, how old they are
// and where they live: that stands in a row of its own.
func ownRow(o triage.Option) bool {
	return o.Who+o.Age+o.District != "" && o.Field+o.Worry+o.Pattern+o.Wish == ""
}

// consentWord reads typed consent: only the buttons' own words count.
func (t *turn) consentWord(text string) string {
	f := triage.Fold(text)
	for _, b := range [][2]string{{"button.self", "yes"}, {"button.other", "other"}, {"button.refuse", "no"}} {
		if f == triage.Fold(t.t(b[0])) {
			return b[1]
		}
	}
	switch triage.Nth(text) {
	case 1:
		return "yes"
	case 2:
		return "other"
	case 3:
		return "no"
	}
	if nevermind(text) || refusal(text) {
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
	given := handoff.ConsentGiven{State: who, At: t.now, Wording: t.city.wording(), To: t.city.Receivers, Items: t.items()}
	ids := []string{}
	if t.city.WordsOnCard {
		ids, _ = t.c.offered()
	}
	if t.openCase() {
		t.did(byResident, "consent", "")
		t.addToCase(given, ids)
		return
	}
	id, receipt := t.draw()
	k := handoff.Case{
		ID: t.city.ID + "/c/" + id, City: t.city.ID, Receipt: receipt, Conversation: t.c.ID,
		State: handoff.Open, Version: 1, Sheet: t.sheet(given), Opened: t.now, Queued: t.now, Owed: t.now,
		Urgent: t.c.Urgency != "", Path: t.steps(),
	}
	k.Field = t.channelField()
	k.Sheet.Words = ids
	if by, ok := t.city.Directory.Calendar.Promise(t.now); ok {
		k.Promised = by
	}
	t.k, t.kNew, t.kDirty, t.card = &k, true, true, true
	t.settleWords(ids)
	t.fact("case|" + k.Field)
	t.countOff("case")
	t.did(byResident, "consent", "")
	t.answerConsent("consented", ids)
	if len(t.city.Wishes) > 0 {
		t.add(Bubble{Text: t.t("wishes"), Buttons: t.wishButtons()})
	}
}

// answerConsent confirms with the 受付番号; it counts as a receipt.
func (t *turn) answerConsent(name string, ids []string) {
	k, c := t.k, t.c
	if c.Case != "" && c.Case != k.ID {
		if c.Cases = append(c.Cases, c.Case); len(c.Cases) > maxCases {
			c.Cases = c.Cases[1:]
		}
	}
	c.Case, c.Aside, c.Stage, c.Back = k.ID, false, StageEnded, ""
	c.Path, c.Misses = nil, 0
	c.Step++
	c.Receipted = t.now
	promise := ""
	if !k.Promised.IsZero() {
		promise = t.t("promise", "by", directory.Moment(k.Promised, t.now))
	}
	t.sayText(name, "receipt", k.Receipt, "reading", t.reading(), "promise", promise, "masked", t.masked(ids))
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
		return handoff.Coordinator
	case ch.Complex:
		return triage.Complex
	}
	return ch.Field
}

func (t *turn) wishButtons() []Button {
	var out []Button
	for i, w := range t.city.Wishes {
		if !slices.Contains(t.k.Sheet.Wishes, w) {
			out = append(out, Button{Label: w, Data: t.data("wish", itoa(i))})
		}
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
	switch {
	case w == t.easyWish() && !t.c.Easy:
		t.speakEasy(true)
	case !slices.Contains(t.k.Sheet.Wishes, w):
		t.k.Sheet.Wishes = append(t.k.Sheet.Wishes, w)
		t.kDirty, t.card = true, true
	}
	if left := t.wishButtons(); len(left) > 0 {
		t.add(Bubble{Text: t.t("wish", "wish", w), Buttons: left})
	} else {
		t.add(Bubble{Text: t.t("wish.last", "wish", w)})
	}
}
