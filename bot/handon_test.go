package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func field(s string) func(*handoff.Action)  { return func(a *handoff.Action) { a.Field = s } }
func reason(s string) func(*handoff.Action) { return func(a *handoff.Action) { a.Reason = s } }

func at(s handoff.Spot) func(*handoff.Action) { return func(a *handoff.Action) { a.Spot = s } }

// openTown names every office in its consent.
func openTown() *bot.City {
	town := smallTown("komachi")
	town.Receivers = append(town.Receivers, "北包括センター", "くらし相談室")
	return town
}

// story is a claimed case with words on both sides.
func story(w *world) handoff.Case {
	w.t.Helper()
	w.says("r", "介護")
	w.says("r", "himitsu最初のことば")
	w.says("r", "職員に相談する")
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	w.clicks("USTAFFa", "claim", k)
	w.says("r", "himitsuつぎのことば")
	w.clicks("USTAFFa", "reply", k, text("返事のことば"))
	return w.caseNow(k)
}

func (w *world) caseNow(k handoff.Case) handoff.Case {
	w.t.Helper()
	n, err := w.bot.Case(w.ctx, k.City, k.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestHandingOnMovesTheStoryAndLeavesAPointer(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	old := k.Card
	heard := len(w.phone.sent)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("お金の話が主でした"))
	w.pass(10 * time.Second)
	n := w.caseNow(k)
	if n.Receipt != k.Receipt || n.Field != "poverty" || n.Owner != "" || n.Card == old || n.Card.TS == "" {
		t.Fatalf("the case is %+v", n)
	}
	has(t, w.desk.card(k), "未対応 "+k.Receipt, "いまの分野：生活困窮（", "分野（提案）：高齢")
	has(t, w.desk.at(old), "生活困窮へつなぎ直しました "+k.Receipt)
	hasNot(t, w.desk.at(old), "himitsu", "返事のことば", "介護")
	if len(w.desk.cardAt(old).Buttons) > 0 {
		t.Error("the pointer has buttons")
	}
	var there string
	for _, p := range w.desk.order {
		switch {
		case p.spot.Thread == old.TS && len(p.post.Words) > 0 && !p.gone:
			t.Errorf("words are left in the old thread: %v", p.post.Words)
		case p.spot.Thread == n.Card.TS:
			there += strings.Join(p.post.Words, "／") + p.post.Text + "\n"
		}
	}
	has(t, there, "[desk.moved] 高齢", "USTAFFa", "理由：お金の話が主でした")
	has(t, there, "つぎのことば")
	has(t, there, "返事のことば")
	if len(w.phone.sent) != heard {
		t.Error("the resident was asked or told something")
	}
	// Its new thread works, the old card's button does not.
	w.clicks("USTAFFb", "claim", k, at(old), func(a *handoff.Action) { a.Version = k.Version })
	if w.caseNow(k).Owner != "" {
		t.Error("a click on the old card claimed the case")
	}
	w.clicks("USTAFFb", "claim", k)
	w.clicks("USTAFFb", "reply", k, text("こちらで受けます"))
	has(t, w.phone.since("r"), "くらし相談室", "こちらで受けます") // the office that has it now
	if _, err := w.bot.Find(w.ctx, k.City, "thread/"+n.Card.Channel+"/"+n.Card.TS); err != nil {
		t.Error("the new thread is not found:", err)
	}
}

func TestHelpersAnswerFromTheirOwnChannelAndNeverOwn(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	w.clicks("USTAFFa", "help", k, field("poverty"))
	n := w.caseNow(k)
	c := w.desk.copies[k.ID+"/poverty"]
	if c == nil || n.Owner != "USTAFFa" || n.Copies["poverty"].Spot != c.spot {
		t.Fatalf("no companion: %+v", n.Copies)
	}
	has(t, drawn(c), "応援・対応中", "（住民から）himitsu最初のことば", "（住民から）himitsuつぎのことば", "（職員から）返事のことば")
	hasNot(t, w.desk.card(k), "いまの分野") // it stands where it began
	w.clicks("USTAFFb", "reply", k, text("まだ言えない"))
	hasNot(t, w.phone.since("r"), "まだ言えない")
	helping := at(c.spot)
	w.act(w.action("USTAFFb", "claim", k, helping), w.action("USTAFFc", "claim", k, helping))
	n = w.caseNow(k)
	if n.Owner != "USTAFFa" || !slices.Equal(n.Helpers, []string{"USTAFFb"}) {
		t.Fatalf("owner %q, helpers %v", n.Owner, n.Helpers)
	}
	has(t, w.desk.whispersTo("USTAFFc"), "<@USTAFFb>")
	w.clicks("USTAFFb", "reply", k, helping, text("応援からの返事"))
	has(t, w.phone.since("r"), "応援からの返事")
	// The companion follows: words, a taking back, the end.
	w.says("r", "himitsu取り消すことば")
	has(t, drawn(c), "取り消すことば")
	w.unsends("r", "himitsu取り消すことば")
	hasNot(t, drawn(c), "himitsu取り消すことば")
	w.clicks("USTAFFa", "close", k, outcome("connected"))
	has(t, drawn(c), "[desk.ended]")
	hasNot(t, drawn(c), "himitsu", "返事")
	w.clicks("USTAFFa", "reopen", k)
	w.clicks("USTAFFb", "reply", k, helping, text("もう応援ではない"))
	hasNot(t, w.phone.since("r"), "もう応援ではない")
}

func TestAMisroutedCaseMovesAndIsCounted(t *testing.T) {
	w := newWorld(t, openTown())
	w.says("r", "介護")
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFb", "misroute", k, field("poverty"))
	if n := w.caseNow(k); n.Owner != "USTAFFa" || n.Field != k.Field {
		t.Fatalf("somebody else moved an owned case: %+v", n)
	}
	has(t, w.desk.thread(), "[desk.misroute] 生活困窮 <@USTAFFb> @USTAFFa")
	w.clicks("USTAFFa", "misroute", k, field("poverty"))
	if n := w.caseNow(k); n.Owner != "" || n.Field != "poverty" {
		t.Fatalf("the owner did not move it: %+v", n)
	}
	facts, err := w.store.Facts(w.ctx, k.City, "0000", "9999")
	if err != nil {
		t.Fatal(err)
	}
	var route, path bool
	for _, f := range facts {
		route = route || f.Name == "misroute|"+k.Field+"|poverty" && f.N == 2
		if m, ok := bot.ParseMisread(f); ok {
			path = m.Month == "2026-11" && m.From == k.Field && m.To == "poverty" && len(m.Path) == 1 && m.Path[0].Question == "worry" && m.N == 2
		}
	}
	if !route || !path {
		t.Errorf("counted: %v", facts)
	}
}

func TestEscalatingFollowsTheConsent(t *testing.T) {
	for label, with := range map[string]bool{"同意する（自分のこと）": true, "同意する（ほかの人のこと）": false} {
		town := openTown()
		town.Directory.Policy.Coordinator, town.Directory.Policy.WithConsent, town.Directory.Policy.WithoutConsent = "soudan", "重層的支援会議", "支援会議"
		town.Receivers = append(town.Receivers, "総合窓口")
		w := newWorld(t, town)
		w.says("r", "職員に相談する")
		w.taps("r", label)
		k := w.caseOf("r")
		w.clicks("USTAFFa", "claim", k)
		posts := len(w.desk.copies)
		w.clicks("USTAFFa", "escalate", k, reason("家じゅうのこと"))
		n := w.caseNow(k)
		if n.Owner != "USTAFFa" {
			t.Errorf("%s: the owner is %q", label, n.Owner)
		}
		if with {
			c := w.desk.copies[k.ID+"/coordinator"]
			if c == nil || n.Sheet.Meeting != "重層的支援会議" {
				t.Fatalf("%s: %+v", label, n)
			}
			has(t, drawn(c), "応援の理由：家じゅうのこと", "会議：重層的支援会議")
			continue
		}
		if len(w.desk.copies) != posts || n.Sheet.Meeting != "支援会議" {
			t.Errorf("%s: something went out, or the meeting is %q", label, n.Sheet.Meeting)
		}
		has(t, w.desk.thread(), "[desk.step] 支援会議 理由：家じゅうのこと")
	}
}

func TestHandingOnSurvivesASlackThatIsAway(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	old := k.Card
	w.desk.away = true
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("わけ"))
	w.says("r", "himitsuあいだのことば")
	w.pass(20 * time.Minute)
	w.restart()
	w.pass(10 * time.Minute)
	w.desk.away = false
	w.pass(time.Hour)
	n := w.caseNow(k)
	if n.Card.TS == "" || n.Card == old {
		t.Fatal("no new card")
	}
	has(t, w.desk.at(old), "生活困窮へつなぎ直しました")
	count := map[string]int{}
	for _, p := range w.desk.order {
		if p.gone {
			continue
		}
		for _, words := range p.post.Words {
			count[words]++
			if p.spot.Thread != n.Card.TS {
				t.Errorf("%q stands in thread %s", words, p.spot.Thread)
			}
		}
	}
	for _, words := range []string{"himitsuつぎのことば", "返事のことば", "himitsuあいだのことば"} {
		if count[words] != 1 {
			t.Errorf("%q stands %d times", words, count[words])
		}
	}
}

func TestForgettingTakesEveryPlaceAlong(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("わけ"))
	w.clicks("USTAFFb", "claim", k)
	w.clicks("USTAFFb", "help", k, field("elderly"))
	w.pass(10 * time.Second)
	n := w.caseNow(k)
	if _, err := w.bot.Forget(w.ctx, k.City, k.Receipt); err != nil {
		t.Fatal(err)
	}
	w.drain()
	for _, spot := range []handoff.Spot{k.Card, n.Card, n.Copies["elderly"].Spot} {
		if spot.TS == "" || !slices.Contains(w.desk.deleted, spot) {
			t.Errorf("%+v was not deleted", spot)
		}
	}
}

func TestAnEditedSourceIsAnsweredToItsSenderAlone(t *testing.T) {
	w := newWorld(t)
	k := story(w)
	w.clicks("USTAFFa", "reply", k, text("9時に来てください"), func(a *handoff.Action) { a.Source = "1700000000.000900" })
	edit := func(ts, id string) {
		t.Helper()
		if err := w.bot.Edited(w.ctx, k.City, k.Card.Channel, k.Card.TS, ts, id, false); err != nil {
			t.Fatal(err)
		}
		w.drain()
	}
	heard := len(w.phone.sent)
	edit("1700000000.000777", "1") // mere talk
	if n := len(w.desk.whispers); n != 0 {
		t.Fatalf("%d whispers about talk", n)
	}
	edit("1700000000.000900", "2")
	edit("1700000000.000900", "2")
	if got := w.desk.whispersTo("USTAFFa"); got != "[desk.edited]" {
		t.Errorf("the sender heard %q", got)
	}
	if len(w.phone.sent) != heard {
		t.Error("the resident heard of it")
	}
	w.clicks("USTAFFa", "correct", k, text("10時でした"))
	has(t, w.phone.since("r"), "[staff.correct]", "10時でした")
}

func TestAnEditedSourceIsHeardOfWhereItsSenderMayNotSendAnyMore(t *testing.T) {
	for name, do := range map[string]func(w *world, k handoff.Case){
		"closed":    func(w *world, k handoff.Case) { w.clicks("USTAFFa", "close", k, outcome("informed")) },
		"handed on": func(w *world, k handoff.Case) { w.clicks("USTAFFa", "handon", k, field("poverty"), reason("わけ")) },
		"released":  func(w *world, k handoff.Case) { w.clicks("USTAFFa", "release", k) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, openTown())
			k := story(w)
			w.clicks("USTAFFa", "reply", k, text("9時に来てください"), source("1700000000.000900"))
			do(w, k)
			w.pass(time.Minute)
			for _, ts := range []string{"1700000000.000777", "1700000000.000900"} {
				if err := w.bot.Edited(w.ctx, k.City, k.Card.Channel, k.Card.TS, ts, "1", false); err != nil {
					t.Fatal(err)
				}
				w.drain()
			}
			if got := w.desk.whispersTo("USTAFFa"); got != "[desk.edited.late]" {
				t.Errorf("the sender heard %q", got)
			}
		})
	}
}

func TestStaffsReasonsGoWithTheWords(t *testing.T) {
	for name, end := range map[string]func(w *world, k handoff.Case){
		"its days are over": func(w *world, k handoff.Case) {
			w.clicks("USTAFFb", "close", k, outcome("informed"))
			w.pass(bot.DefaultKeep.Closed - time.Hour)
			has(w.t, w.desk.thread(), "himitsuの家のこと")
			w.pass(2 * time.Hour)
		},
		"forgotten": func(w *world, k handoff.Case) {
			if _, err := w.bot.Forget(w.ctx, k.City, k.Receipt); err != nil {
				w.t.Fatal(err)
			}
			w.drain()
		},
	} {
		t.Run(name, func(t *testing.T) {
			town := openTown()
			town.Directory.Policy.Coordinator = "soudan"
			town.Receivers = append(town.Receivers, "総合窓口")
			w := newWorld(t, town)
			k := story(w)
			w.clicks("USTAFFa", "handon", k, field("poverty"), reason("himitsuの家のこと"))
			w.clicks("USTAFFb", "claim", k)
			w.clicks("USTAFFb", "escalate", k, reason("himitsuの家のみんな"))
			w.pass(time.Minute)
			has(t, w.desk.thread(), "himitsuの家のこと", "himitsuの家のみんな")
			end(w, k)
			hasNot(t, w.desk.thread(), "himitsu")
		})
	}
}

func TestAClickOnACardWhoseAnswerWasLostAdoptsIt(t *testing.T) {
	w := newWorld(t, openTown())
	w.says("r", "職員に相談する")
	w.desk.lose = 1
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	if k.Card.TS != "" || len(w.desk.stood) != 1 {
		t.Fatalf("the card is known: %+v", k.Card)
	}
	w.clicks("USTAFFa", "claim", k, at(w.desk.stood[0].spot))
	k = w.caseNow(k)
	if k.Owner != "USTAFFa" || k.Card != w.desk.stood[0].spot {
		t.Fatalf("owner %q, card %+v", k.Owner, k.Card)
	}
	w.desk.lose = 1
	w.clicks("USTAFFa", "help", k, field("poverty"))
	// What stands elsewhere is not taken for the companion.
	for _, stray := range []handoff.Spot{{Channel: k.Card.Channel, TS: "1.1"}, {Channel: "Cx", TS: "1.2", Thread: "1.1"}} {
		w.clicks("USTAFFb", "misroute", k, field("elderly"), at(stray))
	}
	w.clicks("USTAFFb", "correct", k, at(handoff.Spot{Channel: "Cx", TS: "1.3"}), text("訂正"))
	if got := w.caseNow(k).Copies["poverty"].Spot; got.TS != "" {
		t.Fatalf("the companion stands at %+v", got)
	}
	orphan := w.desk.copies[k.ID+"/poverty"].spot
	w.clicks("USTAFFb", "claim", k, at(orphan))
	n := w.caseNow(k)
	if n.Copies["poverty"].Spot != orphan || !slices.Equal(n.Helpers, []string{"USTAFFb"}) {
		t.Errorf("the companion is %+v", n.Copies["poverty"])
	}
	w.pass(time.Hour)
	for _, s := range w.desk.stood {
		if s.posted != 1 {
			t.Errorf("a card was posted %d times", s.posted)
		}
	}
}

func TestAClickOnACardThatWasLeftIsNotTakenForTheNewCard(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	w.desk.away = true
	w.clicks("USTAFFa", "handon", k, field("poverty"), reason("わけ"))
	w.clicks("USTAFFb", "claim", k, at(k.Card), func(a *handoff.Action) { a.Version = k.Version })
	w.desk.away = false
	w.pass(time.Hour)
	if n := w.caseNow(k); n.Card == k.Card || n.Card.TS == "" || n.Owner != "" {
		t.Errorf("the case is %+v", n)
	}
	has(t, w.desk.at(k.Card), "つなぎ直しました")
}

func TestAFieldThatTheTownDoesNotHaveGetsNothing(t *testing.T) {
	w := newWorld(t, openTown())
	k := story(w)
	for _, kind := range []handoff.Kind{"handon", "help", "misroute"} {
		for _, f := range []string{"coordinator", "default", "nobody"} {
			w.clicks("USTAFFa", kind, k, field(f), reason("わけ"))
		}
	}
	if n := w.caseNow(k); n.Field != k.Field || len(n.Copies) != 0 || n.Owner != "USTAFFa" {
		t.Errorf("the case is %+v", n)
	}
	if n := strings.Count(w.desk.whispersTo("USTAFFa"), "[desk.nofield]"); n != 9 {
		t.Errorf("told %d times", n)
	}
}
