package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"tsunagu/directory"
	"tsunagu/triage"
)

// Bounds of LINE: docs of the Messaging API, quick replies and action labels.
const (
	maxQuick = 13 // buttons
	maxLabel = 20 // grapheme clusters
	maxText  = 2000
)

var (
	whos = []string{"self", "family", "neighbour", "professional"}
	ages = []string{"child", "young", "middle", "elderly"}
)

// questionAt is the place of a part of a question, "" for the question itself.
func (l *loader) questionAt(q triage.Question, part string) place {
	return l.at(l.questions[q.ID]+part, l.in(triageFile))
}

func optionPart(i int, key string) string { return ".options[" + strconv.Itoa(i) + "]" + key }

// checkTree finds what would leave a resident without a question or an answer.
func (l *loader) checkTree() {
	t := &l.city.Tree
	if len(t.Questions) == 0 {
		l.fault(place{file: l.in(triageFile)}, "質問が一つもありません")
		return
	}
	l.checkGoto(l.at("triage.start", l.in(triageFile)), "start", t.Start)
	l.checkGoto(l.at("triage.after_words", l.in(triageFile)), "after_words", t.AfterWords)
	for _, q := range t.Questions {
		l.checkQuestion(q)
	}
	l.checkWays()
}

// checkGoto faults a destination that is missing or is no question.
func (l *loader) checkGoto(at place, what, to string) {
	t := &l.city.Tree
	switch {
	case to == "":
		l.fault(at, "%s がありません。次の質問の id か、窓口を案内する「end」を書きます", what)
	case to != triage.End && t.Find(to) == nil:
		known := []string{triage.End}
		for _, q := range t.Questions {
			known = append(known, q.ID)
		}
		l.fault(at, "%s「%s」：そのような質問はありません%s", what, to, meant(to, known))
	}
}

func (l *loader) checkQuestion(q triage.Question) {
	if q.Text == "" {
		l.fault(l.questionAt(q, ""), "質問の文（text）がありません")
	}
	for part, s := range map[string]string{".text": q.Text, ".again": q.Again} {
		l.checkText(l.questionAt(q, part), s)
		l.checkWording(l.questionAt(q, part), s)
		if strings.Contains(s, "同意") {
			l.fault(l.questionAt(q, part), "「同意」は同意の画面だけで使います")
		}
	}
	if len(q.Options) == 0 {
		l.fault(l.questionAt(q, ""), "選択肢がありません")
	}
	if len(q.Options) > directory.MaxChoices {
		l.fault(l.questionAt(q, ".options"), "選択肢が %d あります。%d までです（LINE のボタンは「分からない」「もどる」「やめる」を入れて %d まで）", len(q.Options), directory.MaxChoices, maxQuick)
	}
	if q.Many && q.DoneLabel == "" {
		l.fault(l.questionAt(q, ""), "いくつも選べる質問には done_label（「これで全部」など）が要ります")
	}
	if q.DoneLabel != "" {
		l.checkLabel(l.questionAt(q, ".done_label"), q.DoneLabel)
	}
	if q.Goto != "" || q.Many || len(q.OnlyFields)+len(q.OnlyWho) > 0 {
		l.checkGoto(l.questionAt(q, ".goto"), "goto", q.Goto)
	}
	if q.Unsure != "" {
		l.checkGoto(l.questionAt(q, ".unsure"), "unsure", q.Unsure)
	}
	for i, f := range q.OnlyFields {
		l.known(l.questionAt(q, ".only_fields["+strconv.Itoa(i)+"]"), "分野", f, l.fieldIDs())
	}
	for i, w := range q.OnlyWho {
		l.known(l.questionAt(q, ".only_who["+strconv.Itoa(i)+"]"), "only_who", w, whos)
	}
	l.checkOptions(q)
}

func (l *loader) checkOptions(q triage.Question) {
	ids, labels := map[string]bool{}, map[string]bool{}
	for i, o := range q.Options {
		at := func(key string) place {
			if q.Districts {
				return l.districtAt(o.ID)
			}
			return l.questionAt(q, optionPart(i, key))
		}
		switch {
		case o.ID == "":
			l.fault(at(""), "id がありません")
		case ids[o.ID]:
			l.fault(at(".id"), "id「%s」がこの質問の中で二度使われています", o.ID)
		}
		switch f := triage.Fold(o.Label); {
		case o.Label == "":
			l.fault(at(""), "ボタンの文字（label）がありません")
		case labels[f]:
			l.fault(at(".label"), "「%s」がこの質問の中で二度使われています", o.Label)
		default:
			labels[f] = true
		}
		ids[o.ID] = true
		if o.Label != "" && slices.Contains(l.standing(), triage.Fold(o.Label)) {
			l.fault(at(".label"), "「%s」は、いつでも使えるボタンやことばと同じです。ほかの言い方にします", o.Label)
		}
		l.checkLabel(at(".label"), o.Label)
		l.checkWording(at(".label"), o.Label)
		l.checkWording(at(".worry"), o.Worry)
		l.checkWording(at(".wish"), o.Wish)
		if o.Goto != "" {
			l.checkGoto(at(".goto"), "goto", o.Goto)
		} else if q.Goto == "" {
			l.fault(at(""), "「%s」を選んだあとの行き先（goto）がありません。窓口を案内するときは「end」と書きます", o.Label)
		}
		l.known(at(".field"), "分野", o.Field, l.fieldIDs())
		l.known(at(".who"), "who", o.Who, whos)
		l.known(at(".age"), "age", o.Age, ages)
		l.known(at(".pattern"), "重なりの名前", o.Pattern, keysOf(l.city.Patterns))
		if !q.Districts {
			l.known(at(".district"), "地区", o.District, l.districtIDs())
		}
	}
}

// standing are the labels and words that work at every question.
func (l *loader) standing() []string {
	out := []string{triage.Fold("状況"), triage.Fold("やさしい日本語")}
	for _, name := range []string{"unsure", "back", "quit", "start", "staff"} {
		out = append(out, triage.Fold(l.city.Texts["button."+name]))
	}
	return out
}

// known faults a word that is not in the list; "" passes.
func (l *loader) known(at place, what, word string, list []string) {
	if word != "" && !slices.Contains(list, word) {
		l.fault(at, "%s「%s」は登録されていません%s", what, word, meant(word, list))
	}
}

func (l *loader) fieldIDs() []string {
	var out []string
	for _, f := range l.city.Directory.Fields {
		out = append(out, f.ID)
	}
	return out
}

func (l *loader) districtIDs() []string {
	var out []string
	for _, d := range l.city.Directory.Districts {
		out = append(out, d.ID)
	}
	for _, a := range l.city.Directory.Areas {
		out = append(out, a.ID)
	}
	return out
}

// districtAt is where a district or an area is written.
func (l *loader) districtAt(id string) place {
	for i, a := range l.city.Directory.Areas {
		if a.ID == id {
			return l.at("areas["+strconv.Itoa(i)+"].name", l.in(directoryFile))
		}
	}
	i := slices.IndexFunc(l.city.Directory.Districts, func(d directory.District) bool { return d.ID == id })
	return l.at("districts["+strconv.Itoa(i)+"].name", l.in(directoryFile))
}

// checkLabel holds a button's label to LINE's bound; 同意 stands on the consent
// question's buttons only.
func (l *loader) checkLabel(at place, label string) {
	if n := uniseg.GraphemeClusterCount(label); n > maxLabel {
		l.fault(at, "「%s」は %d 文字です。ボタンの文字は %d 文字までです", label, n, maxLabel)
	}
	if strings.Contains(label, "同意") {
		l.fault(at, "「同意」は同意の画面のボタンだけで使います")
	}
	if strings.Contains(label, "\n") {
		l.fault(at, "ボタンの文字に改行は使えません")
	}
}

// checkWays looks for questions that nobody reaches, ways that never end, and
// choices that say nothing.
func (l *loader) checkWays() {
	t := &l.city.Tree
	const (
		onWay = 1
		done  = 2
	)
	seen := map[string]int{}
	var walk func(id string, at place)
	walk = func(id string, at place) {
		q := t.Find(id)
		switch {
		case q == nil || seen[id] == done:
			return
		case seen[id] == onWay:
			l.fault(at, "質問「%s」へ戻ってしまい、終わりません", id)
			return
		}
		seen[id] = onWay
		for _, w := range l.ways(*q) {
			walk(w.to, w.at)
		}
		seen[id] = done
	}
	walk(t.Start, l.at("triage.start", l.in(triageFile)))
	walk(t.AfterWords, l.at("triage.after_words", l.in(triageFile)))
	for _, q := range t.Questions {
		if seen[q.ID] == 0 {
			l.warn(l.questionAt(q, ""), "質問「%s」には、どこからも行けません", q.ID)
		}
		for i, o := range q.Options {
			empty := o.Field == "" && o.Worry == "" && o.Pattern == "" && o.Who == "" && o.Age == "" && o.District == "" && o.Wish == "" && !o.Complex
			if empty && !l.asksField(orElse(o.Goto, q.Goto), map[string]bool{}) {
				l.warn(l.questionAt(q, optionPart(i, "")), "「%s」は何の相談かを伝えないので、総合の窓口だけを案内します。そのつもりなら worry を書いてください", o.Label)
			}
		}
	}
}

type way struct {
	to string
	at place
}

// ways are all steps that lead on from a question.
func (l *loader) ways(q triage.Question) []way {
	var out []way
	if q.Goto != "" {
		out = append(out, way{q.Goto, l.questionAt(q, ".goto")})
	}
	if q.Unsure != "" {
		out = append(out, way{q.Unsure, l.questionAt(q, ".unsure")})
	}
	for i, o := range q.Options {
		if o.Goto != "" && !(q.Many && o.Goto == q.ID) {
			out = append(out, way{o.Goto, l.questionAt(q, optionPart(i, ".goto"))})
		}
	}
	return out
}

// asksField says whether a choice of field still comes on the way from a
// question.
func (l *loader) asksField(id string, seen map[string]bool) bool {
	q := l.city.Tree.Find(id)
	if q == nil || seen[id] {
		return false
	}
	seen[id] = true
	if slices.ContainsFunc(q.Options, func(o triage.Option) bool { return o.Field != "" || o.Complex || o.Pattern != "" }) {
		return true
	}
	return slices.ContainsFunc(l.ways(*q), func(w way) bool { return l.asksField(w.to, seen) })
}

func keysOf(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
