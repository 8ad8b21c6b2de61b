package bot_test

import (
	"testing"
	"time"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// A helper answers for the office of the helper's channel; where several read there,
// none of them is named.
func TestAnAnswerNamesTheOfficeItComesFrom(t *testing.T) {
	town := openTown()
	w := newWorld(t, town)
	k := story(w)
	w.clicks("USTAFFa", handoff.Help, k, field("poverty"))
	there := w.caseNow(k).Copies["poverty"].Spot
	w.clicks("USTAFFb", handoff.Claim, k, at(there))
	w.clicks("USTAFFb", handoff.Reply, k, at(there), text("応援です"))
	has(t, w.phone.since("r"), "くらし相談室", "応援です")
	w.clicks("USTAFFa", handoff.Reply, k, text("担当です"))
	hasNot(t, w.phone.since("r"), "くらし相談室")

	town.Directory.Offices = append(town.Directory.Offices, directory.Office{ID: "kurashi2", Name: "もう一つの窓口", Fields: []string{"poverty"}})
	w.clicks("USTAFFb", handoff.Reply, k, at(there), text("二つめの応援です"))
	has(t, w.phone.since("r"), "」の窓口", "二つめの応援です")
	hasNot(t, w.phone.since("r"), "くらし相談室", "もう一つの窓口")
}

// In another thread Slack's own time says nothing of when words were written.
func TestWordsToldAgainSayWhenTheyWereWritten(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	hasNot(t, w.desk.thread(), "11月24日")
	w.pass(3 * time.Hour)
	w.says("r", "himitsuあとのことば")
	w.clicks("USTAFFa", handoff.HandOn, k, field("poverty"), reason("お金の話"))
	w.pass(time.Minute)
	has(t, w.desk.thread(), "つぎのことば", "11月24日 ", "返事のことば", "11月24日 ", "あとのことば", "11月24日 ")
}
