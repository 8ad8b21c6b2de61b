package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

func TestTheHomeTabSortsWhatWaitsAndForWhom(t *testing.T) {
	w := newWorld(t)
	open := w.consults("1")
	mine := w.consults("2")
	answered := w.consults("3")
	w.clicks("USTAFFa", "claim", mine)
	w.clicks("USTAFFb", "claim", answered)
	w.clicks("USTAFFb", "reply", answered, text("こんにちは"))
	w.says("1", "死にたい")
	done := w.consults("4")
	w.clicks("USTAFFb", "close", done, outcome("informed"))
	h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", "")
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]handoff.HomeGroup{}
	for _, g := range h.Groups {
		lists[g.Title] = g
	}
	for title, want := range map[string][]string{
		"未対応": {"【緊急】", open.Receipt}, "自分の担当": {mine.Receipt, "<@USTAFFa>"}, "住民の返事待ち": {answered.Receipt},
		"だれが何件": {"<@USTAFFa>　1 件", "<@USTAFFb>　1 件"},
	} {
		has(t, strings.Join(lists[title].Lines, "\n"), want...)
	}
	if n := lists["未対応"].N; n != 1 {
		t.Errorf("%d are unclaimed", n)
	}
	if n := lists["約束が近い"].N; n != 2 { // answered has none any more
		t.Errorf("%d promises are near: %v", n, lists["約束が近い"].Lines)
	}
	w.now = open.Promised.Add(time.Minute)
	late, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", "")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, g := range late.Groups {
		all += strings.Join(g.Lines, "\n")
	}
	has(t, all, "を過ぎています")
	for _, r := range []string{"1", "2"} { // nobody can answer them: nothing is near
		w.does(r, bot.Unfollow)
	}
	late, err = w.bot.Home(w.ctx, "komachi", "USTAFFa", "")
	if i := slices.IndexFunc(late.Groups, func(g handoff.HomeGroup) bool { return g.Title == "約束が近い" }); err != nil || late.Groups[i].N != 0 {
		t.Errorf("%v %v", err, late.Groups[i].Lines)
	}
	week := map[string]string{}
	for _, r := range h.Week {
		week[r.Label] = r.Text
	}
	if week["新しい相談"] != "4" || week["引き受け"] != "2" || week["終了"] != "1" {
		t.Errorf("the week counts %v", week)
	}
	if _, err := w.bot.Home(w.ctx, "tokai", "USTAFFa", ""); err == nil {
		t.Error("a city that is none of ours has a home")
	}
}

// TestTheWeekCountsWhatHappened: neither what the resident declined nor who helps is
// counted as handed on or taken.
func TestTheWeekCountsWhatHappened(t *testing.T) {
	w := newWorld(t)
	week := func() map[string]string {
		t.Helper()
		h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", "")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, r := range h.Week {
			out[r.Label] = r.Text
		}
		return out
	}
	k := story(w)
	w.clicks("USTAFFa", "help", k, field("poverty"))
	w.taps("r", "同意する（自分のこと）")
	w.clicks("USTAFFb", "claim", k, at(w.caseNow(k).Copies["poverty"].Spot))
	w.clicks("USTAFFb", "release", k, at(w.caseNow(k).Copies["poverty"].Spot))
	other := w.consults("r2")
	w.clicks("USTAFFa", "handon", other, field("poverty"), reason("わけ"))
	w.says("r2", "同意しない")
	if got := week(); got["引き受け"] != "1" || got["つなぎ直し"] != "0" {
		t.Errorf("before: %v", got)
	}
	w.clicks("USTAFFa", "handon", other, field("poverty"), reason("わけ"))
	w.taps("r2", "同意する（自分のこと）")
	if got := week(); got["つなぎ直し"] != "1" {
		t.Errorf("after: %v", got)
	}
}

func TestTheHomeTabOfOneFieldAndOfNone(t *testing.T) {
	w := newWorld(t)
	k := w.consults("1")
	w.clicks("USTAFFa", "claim", k)
	for field, n := range map[string]int{"": 1, w.caseNow(k).Field: 1, "poverty": 0} {
		h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", field)
		if err != nil || h.Field != field {
			t.Fatal(h.Field, err)
		}
		for _, g := range h.Groups {
			if (g.Title == "自分の担当" || g.Title == "だれが何件") && g.N != n {
				t.Errorf("%q: %s has %d", field, g.Title, g.N)
			}
			if g.N == 0 && g.None == "" {
				t.Errorf("%s says nothing when it is empty", g.Title)
			}
			if g.Title == "だれが何件" && n == 1 {
				has(t, g.Lines[0], "<@USTAFFa>　1 件："+k.Receipt)
			}
		}
	}
}

func TestTheHomeTabSaysThatPostsWait(t *testing.T) {
	w := newWorld(t)
	w.consults("1")
	if h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", ""); err != nil || h.Delay != "" {
		t.Error(h.Delay, err)
	}
	w.desk.away = true
	w.beat = 0
	w.says("1", "ことば")
	w.now = w.now.Add(time.Minute) // nobody works meanwhile
	h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa", "")
	if err != nil {
		t.Fatal(err)
	}
	has(t, h.Delay, "投稿が", "待っています")
	w.consults("2")
	w.now = w.now.Add(time.Minute)
	if h, err = w.bot.Home(w.ctx, "komachi", "USTAFFa", "poverty"); err != nil {
		t.Fatal(err)
	}
	has(t, h.Delay, "カードが出ていない相談が 1 件")
}

func TestStaffFindWhatAResidentSays(t *testing.T) {
	w := newWorld(t)
	mine, other := w.consults("1"), w.consults("2")
	w.clicks("USTAFFa", "claim", mine)
	ask := func(what, arg string) string {
		t.Helper()
		text, err := w.bot.List(w.ctx, "komachi", "USTAFFa", what, arg)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	word, digits, _ := strings.Cut(mine.Receipt, "-")
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
	for _, typed := range []string{mine.Receipt, " " + word + "　" + digits, word + "ー" + wide, word + "－" + digits, word + digits} {
		has(t, ask("find", typed), mine.Receipt, "対応中", "<@USTAFFa>")
	}
	has(t, ask("find", "むら-0000"), "「むら-0000」の相談はありません")
	has(t, ask("find", "<!channel>"), "みかん-4821")
	has(t, ask("list", ""), "未対応　1 件", "・"+other.Receipt, "対応中　1 件", "・"+mine.Receipt)
	has(t, ask("mine", ""), "担当　1 件", mine.Receipt)
	hasNot(t, ask("mine", ""), other.Receipt)
	w.clicks("USTAFFa", "close", mine, outcome("informed"))
	has(t, ask("mine", ""), "ありません")
	w.clicks("USTAFFb", "close", other, outcome("informed"))
	has(t, ask("list", ""), "ありません")
}
