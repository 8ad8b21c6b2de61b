package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"tsunagu/triage"
)

// holes names every text of the bot with the values that it fills in.
var holes = textNames()

func textNames() map[string][]string {
	of := func(s string) []string { return strings.Fields(s) }
	names := map[string][]string{
		"greeting": of("city reading"), "greeting.short": of("city reading"),
		"again": nil, "unclear": nil, "later": nil, "person": of("phone office"), "pick": nil, "more": of("field"), "read": of("field"), "several": nil,
		"cut": nil, "first": nil, "media": nil, "limit": nil, "ended": nil, "quit": nil, "thanks": nil,
		"easy.on": nil, "easy.off": nil, "second": nil, "outofscope": of("city phone"),
		"outcome": nil, "outcome.complex": nil, "outcome.unknown": nil, "offer": of("reading"), "offer.words": nil,
		"phone": of("phone"), "phone.none": of("instead"), "say": of("say"), "fax": of("fax"), "address": of("address"), "address.none": nil,
		"instead.phone": of("phone name ask"), "instead.department": of("ask"), "instead.staff": nil,
		"known": nil, "notyet": of("phone office"),
		"consent": of("city items own to days hours"), "consent.words": of("words"), "consent.which": nil, "consent.cut": nil, "refused": nil,
		"consented": of("receipt reading promise masked"), "added": of("receipt reading promise masked"),
		"received": of("receipt reading promise masked"), "received.claimed": of("receipt reading promise masked"), "masked": of("phone"), "promise": of("by"),
		"wishes": nil, "wish": of("wish"), "wish.last": of("wish"), "consent.files": of("kinds"), "file.image": nil, "file.pdf": nil, "file.shown": nil, "file.way": nil,
		"file.big": nil, "file.kind": of("kinds"), "file.failed": nil, "file.many": of("n"), "file.other": of("kinds"),
		"status.open": of("receipt reading promise"), "status.claimed": of("receipt reading promise"),
		"status.closed": of("receipt"), "status.none": nil,
		"stop.quit": of("receipt"), "stop.start": of("receipt"), "stopped": of("receipt"), "case.back": of("receipt"),
		"reopened": of("receipt reading"), "resume": of("receipt"),
		"taken": of("receipt from"), "staff": of("from receipt words"), "staff.first": of("from receipt words"), "staff.correct": of("from receipt words"), "staff.picture": of("day"), "closed": of("receipt"),
		"crisis.again": of("line"), "crisis.case": of("reading"), "crisis.machine": nil,
		"worry.unknown": nil, "district.unknown": nil,
	}
	for _, b := range of("anew back case end keep known neither no notyet other other.worry quit refuse same self staff start unsure yes") {
		names["button."+b] = nil
	}
	for _, d := range of("added unblocked isurgent gone newer reopened reopenedby urgent withdrawn kept back broken meeting ended edited edited.picture edited.late edited.late.picture drill nofield picture.way picture.back picture.failed picture.kind picture.big picture.off picture.gone twin") {
		names["desk."+d] = nil
	}
	for _, d := range of("agreed declined cannotask pointer") {
		names["desk."+d] = of("to")
	}
	for d, holes := range map[string]string{"moved": "from who reason", "joined": "to meeting reason", "step": "meeting reason", "misroute": "to who",
		"blocked": "urgent", "unclaimed": "urgent", "mention": "urgent", "general": "receipt field where urgent", "blocked.urgent": "hours", "alarm": "by", "stale": "until", "stale.until": "by", "asked": "to instead", "asked.instead": "to", "file.image": "n", "file.file": "n", "file.big": "file", "file.kind": "file", "file.failed": "file", "quota80": "used limit", "quota100": "used limit",
		"picture.shown": "day", "picture.many": "n", "taken": "minutes", "twin.told": "receipt"} {
		names["desk."+d] = of(holes)
	}
	for _, q := range queries {
		names["query."+q] = of("city reading to office phone days idle hours")
	}
	for _, q := range of("delete secret machine") {
		names["query."+q+".case"] = of("reading days idle hours")
	}
	names["query.office"], names["query.office.general"] = of("phone"), of("phone")
	names["query.takeback.line"], names["query.delete.kept"] = of("line"), of("receipt day")
	names["crisis.after.case"] = of("line reading")
	names["crisis.after"], names["crisis.then"], names["choose"], names["listening"], names["button.offices"] = of("line"), nil, nil, nil, nil
	names["pass.ask"], names["pass.yes"], names["pass.no"] = of("receipt to city"), of("to"), nil
	names["promise.broken"] = of("receipt phone reading")
	for _, k := range triage.Kinds {
		names["crisis."+k], names["kind."+k] = nil, nil
	}
	for _, n := range of("crisis.suicide.beside crisis.suicide.acted crisis.violence.own crisis.medical_emergency.fever crisis.secret found heard media.case masked.none listening.again crisis.medical_emergency.missing offer.again consent.part") {
		names[n] = nil
	}
	names["fever"], names["pick.one"], names["promise.phone"] = of("line"), of("field"), of("phone")
	for _, w := range whos {
		names["who."+w] = nil
	}
	for _, a := range ages {
		names["age."+a] = nil
	}
	return names
}

// queries are the questions about the service that the program knows; a town may ask
// and answer others.
var queries = strings.Fields("delete secret reader cost name when machine what missing hide night call elsewhere person language detail keep angry takeback")

var hole = regexp.MustCompile(`\{[^{}\n]{0,40}\}`)

// tongues are those that a resident may be helped in, beside the Japanese, and
// inTongues what is said in each; labels and q.… come on top.
var (
	tongues   = []string{"en", "zh", "vi", "ko", "pt", "tl", "es"}
	inTongues = []string{"hello", "consent", "crisis"}
)

// agreeing are the only labels that may say 同意.
var agreeing = []string{"button.self", "button.other", "button.refuse"}

// checkTexts finds texts that are missing, unknown, too long or that hold a
// value which is never filled in.
func (l *loader) checkTexts() {
	t := l.city.Texts
	for name := range holes {
		if t[name] == "" && name != "district.unknown" {
			l.fault(l.at(l.lines[name], l.in(textsFile)), "文「%s」がありません", name)
		}
	}
	for _, name := range keysOf(t) {
		at := l.at(l.lines[name], l.in(textsFile))
		tongue, what, _ := strings.Cut(name, ".")
		foreign := slices.Contains(tongues, tongue)
		switch {
		case name == "easy.phrases", foreign && what == "labels":
			l.checkPhrases(at, t[name])
		case foreign && (slices.Contains(inTongues, what) || strings.HasPrefix(what, "q.")):
			l.checkHoles(at, t[name], nil)
			l.checkText(at, t[name])
		default:
			l.checkJapanese(at, name)
		}
	}
	l.checkPromises()
}

// checkJapanese checks one text of the bot, or its やさしい日本語.
func (l *loader) checkJapanese(at place, name string) {
	t := l.city.Texts
	plain := name
	if !isText(name) {
		plain = strings.TrimPrefix(name, "easy.")
	}
	if id, isQuestion := strings.CutPrefix(name, "easy.q."); isQuestion {
		if l.city.Tree.Find(id) == nil && strings.HasPrefix(l.lines[name], "own-") {
			l.fault(at, "質問「%s」はありません", id)
		}
	} else if id, isQuery := strings.CutPrefix(strings.TrimSuffix(plain, ".case"), "query."); isQuery && l.asks(id) {
		l.checkHoles(at, t[name], strings.Fields("city reading to office phone days idle hours"))
		l.checkText(at, t[name])
		l.checkWording(at, t[name])
		return
	} else if !isText(plain) {
		known := slices.DeleteFunc(keysOf(t), func(name string) bool { return !isText(name) })
		l.fault(at, "「%s」という文は使われません%s", name, meant(name, known))
		return
	}
	l.checkHoles(at, t[name], holes[plain])
	l.checkText(at, t[name])
	if !strings.HasPrefix(plain, "desk.") && !strings.HasPrefix(plain, "kind.") {
		l.checkWording(at, t[name])
	}
	switch {
	case slices.Contains(agreeing, plain):
		l.checkLabel(at, strings.ReplaceAll(t[name], "同意", "どうい"))
	case strings.HasPrefix(plain, "button."):
		l.checkLabel(at, t[name])
	}
}

// asks says whether a question about the service has a rule of that ID.
func (l *loader) asks(id string) bool {
	return slices.ContainsFunc(l.lexicon.Queries, func(q triage.QueryRule) bool { return q.ID == id })
}

func isText(name string) bool {
	_, ok := holes[name]
	return ok
}

// checkPromises holds the texts to what is promised at the program's edges.
func (l *loader) checkPromises() {
	for _, p := range []struct{ name, needs string }{
		{"consent", "同意"}, {"consent", "{items}"}, {"consent", "{own}"}, {"consent", "{to}"}, {"consent", "{days}"}, {"consent", "{hours}"},
		{"consent.words", "{words}"}, {"phone.none", "電話番号：登録なし"}, {"consented", "{receipt}"}, {"staff", "{words}"}, {"staff.first", "{words}"}, {"staff.correct", "{words}"},
		{"crisis.again", "{line}"}, {"pass.ask", "同意"}, {"pass.ask", "{to}"},
	} {
		for _, name := range []string{p.name, "easy." + p.name} {
			if s, ok := l.city.Texts[name]; ok && s != "" && !strings.Contains(s, p.needs) {
				l.fault(l.at(l.lines[name], l.in(textsFile)), "文「%s」には「%s」が要ります", name, p.needs)
			}
		}
	}
	for name, want := range map[string]string{
		"button.self": "同意する（自分のこと）", "button.other": "同意する（ほかの人のこと）", "button.refuse": "同意しない",
	} {
		if s := l.city.Texts[name]; s != "" && s != want {
			l.fault(l.at(l.lines[name], l.in(textsFile)), "このボタンの文字は「%s」と決まっています", want)
		}
	}
}

// checkPhrases holds each line to もとのことば → やさしいことば.
func (l *loader) checkPhrases(at place, s string) {
	for line := range strings.Lines(s) {
		if from, to, ok := strings.Cut(strings.TrimSpace(line), " → "); strings.TrimSpace(line) != "" && (!ok || from == "" || to == "") {
			l.fault(at, "「%s」は「もとのことば → やさしいことば」の形で書きます", strings.TrimSpace(line))
		}
	}
}

func (l *loader) checkHoles(at place, s string, allowed []string) {
	if strings.ContainsAny(s, "｛｝") {
		l.fault(at, "全角の「｛ ｝」には何も入りません。半角の { } を使います")
	}
	for _, h := range hole.FindAllString(s, -1) {
		name := strings.Trim(h, "{}")
		if !slices.Contains(allowed, name) {
			l.fault(at, "「%s」に入るものがありません%s", h, meant(name, allowed))
		}
	}
}

// checkText holds a text to a length that leaves room for what is filled in:
// LINE takes 5,000 UTF-16 units.
func (l *loader) checkText(at place, s string) {
	if n := len(utf16.Encode([]rune(s))); n > maxText {
		l.fault(at, "文が %d 文字あります。%d 文字までにしてください", n, maxText)
	}
}
