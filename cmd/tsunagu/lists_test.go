package main

import (
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
	"tsunagu/triage"
)

// counts puts facts into the office's store, as jobs do.
func (f *office) counts(facts ...bot.Fact) {
	f.t.Helper()
	s, err := openStore(f.t.Context(), "sqlite:"+f.file("tsunagu.db"), []string{"hokuto"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	now := time.Now()
	if err := s.Put(f.t.Context(), bot.Job{ID: "hokuto/j", City: "hokuto", Lane: "hokuto/j", Kind: "x", Due: now, Made: now}); err != nil {
		f.t.Fatal(err)
	}
	if _, _, err := s.Take(f.t.Context(), "t", now, time.Minute); err != nil {
		f.t.Fatal(err)
	}
	if err := s.Commit(f.t.Context(), "t", bot.Change{Done: "hokuto/j", Facts: facts}); err != nil {
		f.t.Fatal(err)
	}
}

func TestReportListsWhatHelpsToMendTheRules(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	month := func(name string, n int) bot.Fact { return bot.Fact{City: "hokuto", Day: "2026-11", Name: name, N: n} }
	day := func(d, name string, n int) bot.Fact {
		return bot.Fact{City: "hokuto", Day: "2026-11-" + d, Name: name, N: n}
	}
	f.counts(
		month("misread|child|elderly|top/kids who/family age/elderly", 7), month("misread|child|elderly|top/concrete", 2), month("misread|elderly|child|top/+words=elderly who/?", 1),
		bot.Fact{City: "hokuto", Day: "2026-10", Name: "misread|child|elderly|top/kids who/family age/elderly", N: 3},
		month("path|elderly|top/care care/memory", 9), month("path|child|top/care care/memory", 8), month("path|child|top/gone", 6), month("path|poverty|top/care care/memory", 1),
		day("01", "llm|disagree|elderly|poverty", 3), day("02", "llm|disagree|elderly|poverty", 3), day("02", "llm|agree", 20), day("02", "llm|disagree|child|poverty", 4),
		day("03", "outcome|child", 12),
	)
	span := func(of string) []string {
		return []string{"--city", "hokuto", "--from", "2026-11-01", "--to", "2026-11-30", "--of", of}
	}
	says := func(want string, args ...string) {
		t.Helper()
		if code, said := f.runs("report", args...); code != 0 || said != want {
			t.Errorf("%v: exit %d\n%s\nwant\n%s", args, code, said, want)
		}
	}
	says("rules,llm,count\nelderly,poverty,6\nchild,poverty,<5\n", span("llm")...)
	says("from,to,path,count\nchild,elderly,top:こども・子育て → who:家族のこと → age:65歳以上,7\n"+
		"child,elderly,top:うまく言えない,<5\nelderly,child,top:ことばから elderly → who:分からない,<5\n", span("misread")...)
	says("from,to,path,count\nchild,elderly,top:こども・子育て → who:家族のこと → age:65歳以上,10\n"+
		"child,elderly,top:うまく言えない,<5\nelderly,child,top:ことばから elderly → who:分からない,<5\n",
		"--city", "hokuto", "--from", "2026-10-01", "--to", "2026-11-30", "--of", "misread")
	says("was,is,path,count\nchild,elderly,top:介護・高齢 → care:もの忘れ・認知症,8\nchild,unknown (a question or choice of it is gone),top:gone,6\npoverty,elderly,top:介護・高齢 → care:もの忘れ・認知症,<5\n", span("moved")...)
	f.wants(2, []string{"--of は llm、misread、moved のどれかです"}, "report", span("words")...)
	f.wants(2, []string{"市「all」は"}, "report", "--city", "all", "--of", "moved")
}

func TestAListedPathDoesNotSayTheDistrict(t *testing.T) {
	_, path, _ := bot.ParsePath("path|elderly|where/* +also/+words=child")
	tree := triage.Tree{Questions: []triage.Question{{ID: "where", Districts: true}}}
	if got := readPath(tree, path); got != "where:（地区） → +also:ことばから child" {
		t.Errorf("reads %s", got)
	}
}
