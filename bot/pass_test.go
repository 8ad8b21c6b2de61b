package bot_test

import (
	"slices"
	"testing"

	"tsunagu/directory"
)

func TestAReceiverThatTheConsentDidNotNameIsAskedForFirst(t *testing.T) {
	w := newWorld(t)
	k := story(w)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("お金の話"))
	has(t, w.phone.since("r"), "[pass.ask] "+k.Receipt, "くらし相談室", "同意", "1 同意する（自分のこと）", "3 同意しない")
	has(t, w.desk.whispersTo("USTAFFa"), "[desk.asked] くらし相談室")
	if n := w.caseNow(k); n.Field != k.Field || n.Owner != "USTAFFa" || n.Card != k.Card {
		t.Fatalf("the case moved before the tap: %+v", n)
	}
	// Words in between go to the case, and the question still stands.
	w.says("r", "himitsuどうしてですか")
	has(t, w.desk.thread(), "どうしてですか")
	has(t, w.taps("r", "同意する（自分のこと）"), "[pass.yes] くらし相談室")
	n := w.caseNow(k)
	if n.Field != "poverty" || n.Owner != "" || !slices.Contains(n.Sheet.Consent.To, "くらし相談室") {
		t.Fatalf("after the tap the case is %+v", n)
	}
	has(t, w.desk.thread(), "[desk.agreed] くらし相談室 @USTAFFa")
	// The same tap again does nothing.
	data := w.phone.data("r", "同意する（自分のこと）")
	w.tapsData("r", data)
	if again := w.caseNow(k); again.Version != n.Version {
		t.Error("a second tap moved the case")
	}
}

// TestAnOfficeIsNamedByItsOwnNameOnly tries what a town may write as receivers:
// くらし相談室 must not be read out of the name of another office.
func TestAnOfficeIsNamedByItsOwnNameOnly(t *testing.T) {
	for receiver, named := range map[string]bool{
		"小町くらし相談室": true, "案内した窓口（福祉課、くらし相談室）": true, "くらし相談室のうち、合うところ": true, "生活課": true, "小町の生活課": true,
		"東くらし相談室": false, "くらし相談室分室": false, "第2くらし相談室": false, "ひがし くらし相談室": false, "市民生活課": false,
	} {
		town := smallTown("komachi")
		town.Receivers = append(town.Receivers, receiver)
		town.Directory.Offices[1].Department = "生活課"
		town.Directory.Offices = append(town.Directory.Offices, directory.Office{ID: "higashi", Name: "ひがし くらし相談室"})
		w := newWorld(t, town)
		k := story(w)
		w.clicks("USTAFFa", "handon", k, field("poverty"), reason("お金の話"))
		if moved := w.caseNow(k).Field == "poverty"; moved != named {
			t.Errorf("with %q as receiver the case moved without a question: %t", receiver, moved)
		}
	}
}

func TestAMessageOfStaffLeavesTheQuestionItsButtons(t *testing.T) {
	w := newWorld(t)
	k := story(w)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("お金の話"))
	w.phone.since("r")
	w.clicks("USTAFFa", "reply", k, text("もうひとつの返事"))
	has(t, w.phone.since("r"), "もうひとつの返事", "[pass.ask]", "1 同意する（自分のこと）")
	has(t, w.taps("r", "同意しない"), "[pass.no]")
	w.clicks("USTAFFa", "reply", k, text("さいごの返事"))
	hasNot(t, w.phone.since("r"), "[pass.ask]")
}

func TestAResidentWhoDoesNotAgreeKeepsTheCaseWhereItIs(t *testing.T) {
	w := newWorld(t)
	k := story(w)
	w.clicks("USTAFFa", "help", k, field("poverty"))
	has(t, w.says("r", "同意しない"), "[pass.no]")
	n := w.caseNow(k)
	if n.Owner != "USTAFFa" || len(n.Copies) != 0 || n.Pass != nil || len(w.desk.copies) != 0 {
		t.Errorf("the case is %+v", n)
	}
	has(t, w.desk.thread(), "[desk.declined]", "@USTAFFa")
}

func TestTheMeetingFollowsTheConsentThatWasAskedFor(t *testing.T) {
	for label, meeting := range map[string]string{"同意する（自分のこと）": "重層的支援会議", "同意する（ほかの人のこと）": "支援会議"} {
		town := smallTown("komachi")
		town.Directory.Offices = append(town.Directory.Offices, directory.Office{ID: "chosei", Name: "調整センター"})
		town.Directory.Policy.Coordinator, town.Directory.Policy.WithConsent, town.Directory.Policy.WithoutConsent = "chosei", "重層的支援会議", "支援会議"
		w := newWorld(t, town)
		k := w.consults("r")
		w.clicks("USTAFFa", "claim", k)
		w.clicks("USTAFFa", "escalate", k, reason("家じゅうのこと"))
		has(t, w.phone.since("r"), "[pass.ask]", "調整センター")
		if len(w.desk.copies) != 0 {
			t.Fatal("it went out before the tap")
		}
		w.taps("r", label)
		if got := w.caseNow(k).Sheet.Meeting; got != meeting || w.desk.copies[k.ID+"/coordinator"] == nil {
			t.Errorf("%s: the meeting is %q, copies %v", label, got, w.desk.copies)
		}
	}
}

func TestAnAnswerToAnEarlierQuestionCountsForNothing(t *testing.T) {
	w := newWorld(t)
	k := story(w)
	w.clicks("USTAFFa", "help", k, field("poverty"))
	old := w.phone.data("r", "同意する（自分のこと）")
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("やはり移す"))
	has(t, w.tapsData("r", old), "[pass.ask]") // the present question again
	if n := w.caseNow(k); len(n.Copies) != 0 || n.Field != k.Field || n.Pass == nil {
		t.Errorf("an old tap did something: %+v", n)
	}
}
