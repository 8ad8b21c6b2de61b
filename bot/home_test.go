package bot_test

import (
	"strings"
	"testing"
	"time"

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
	h, err := w.bot.Home(w.ctx, "komachi", "USTAFFa")
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
	late, err := w.bot.Home(w.ctx, "komachi", "USTAFFa")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, g := range late.Groups {
		all += strings.Join(g.Lines, "\n")
	}
	has(t, all, "を過ぎています")
	week := map[string]string{}
	for _, r := range h.Week {
		week[r.Label] = r.Text
	}
	if week["新しい相談"] != "4" || week["引き受け"] != "2" || week["終了"] != "1" {
		t.Errorf("the week counts %v", week)
	}
	if _, err := w.bot.Home(w.ctx, "tokai", "USTAFFa"); err == nil {
		t.Error("a city that is none of ours has a home")
	}
}
