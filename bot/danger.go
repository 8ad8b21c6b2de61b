package bot

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tsunagu/triage"
)

// danger is the kind of danger in an event's words, and the words it was read in: its
// own, else those of the last minutes together, where they tell it in pieces. In a word
// of the talk itself (終了, いちばん上) only a rule finds any, unless danger was just told;
// おわりにする is such a word only where the button of that name is being asked about,
// 妻のことは送らないで at the consent.
func (t *turn) danger(e Event) (kind, text string) {
	kind = t.city.crisisKind(e)
	if kind != "" && t.tellAgain() != "" {
		return kind, e.Text
	}
	n, f := triage.Nth(e.Text), triage.Fold(e.Text)
	ends := t.c.Stage == StageStop && f == triage.Fold(t.t("button.end"))
	held := t.c.Stage == StageConsent && holdBack(e.Text)
	talk := commands[f] != "" || ends || held || n != 0 && n < 100 || assent(e.Text) || nod(e.Text)
	switch ruled := func(r triage.Reason) bool { return r.By == triage.ByRule && r.Label == kind }; {
	case kind == "" && talk, e.Kind != Text:
		return "", ""
	case kind == "":
		if e.Text = t.pieces(e.Text); e.Text == "" {
			return "", ""
		}
		return t.city.crisisKind(e), e.Text
	case talk && !slices.ContainsFunc(t.city.Read(e.Text).Why, ruled):
		return "", ""
	}
	return kind, e.Text
}

// Pieces are a few words each, sent one after the other: 夫が / 包丁. Whole sentences say
// themselves what they mean, and read as one they would say more than was meant.
const (
	pieceLong  = 12 // characters
	pieceFor   = 5 * time.Minute
	piecesMost = 4
)

// pieces are the words with the pieces sent just before them, since danger was told
// last; "" where there are none or where the words are no piece of a story.
func (t *turn) pieces(text string) string {
	short := func(s string) bool { return utf8.RuneCountInString(s) <= pieceLong }
	if !short(text) || thanks(text) || greeting(text) || closing(text) || nevermind(text) || t.query(text) != "" {
		return ""
	}
	all := []string{text}
	_, told := t.told()
	for _, m := range slices.Backward(t.c.Words) {
		if len(all) == piecesMost || !short(m.Text) || m.Staff != "" || m.Media != "" || !m.At.After(told) || t.now.Sub(m.At) > pieceFor {
			break
		}
		if t.city.crisisKind(Event{Kind: Text, Text: m.Text}) != "" {
			break // it was answered when it came
		}
		if !m.Gone {
			all = append(all, m.Text)
		}
	}
	if len(all) == 1 {
		return ""
	}
	slices.Reverse(all)
	return strings.Join(all, "。")
}

// told is the kind of danger that was told last, the heaviest of those told at once, and
// when.
func (t *turn) told() (kind string, at time.Time) {
	for _, k := range triage.Kinds {
		if told := t.c.Crisis[k]; told.After(at) {
			kind, at = k, told
		}
	}
	return kind, at
}
