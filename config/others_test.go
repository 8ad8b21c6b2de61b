package config

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"tsunagu/triage"
)

// Messages by five authors who saw neither the rules nor the examples. The floors
// lie a little under what is read today (triage/README.md, 6): a change of words,
// examples or learner that falls below one is a step back.
func TestMessagesOfOthersAreRead(t *testing.T) {
	reader := ReadBase().reader()
	sets := map[string][]triage.Labelled{}
	for _, file := range []string{"others-a.jsonl", "others-b.jsonl", "others-c.jsonl", "others-d.jsonl", "others-e.jsonl"} {
		sets[file] = labelled(t, "../triage/testdata/"+file)
		sets["all"] = append(sets["all"], sets[file]...)
	}
	for file, set := range sets {
		rep := triage.Evaluate(set, reader.Read, 0.6)
		danger, alarm := 0.93, 0.04 // one message of a set is more than a hundredth
		if file == "all" {
			danger, alarm = 0.97, 0.02
		}
		for _, x := range []struct {
			name     string
			got      triage.Share
			from, to float64
		}{
			{"field", rep.Strict, 0.85, 1},
			{"field or one a careful worker could choose", rep.Lenient, 0.92, 1},
			{"right among the surest 70 %", rep.At70, 0.97, 1},
			{"guidance in danger", rep.CrisisAny, danger, 1},
			{"alarm in calm", rep.CalmAlarm, 0, alarm},
			{"alarm at a decoy", rep.DecoyAlarm, 0, 0.05},
		} {
			if r := x.got.Rate(); r < x.from || r > x.to {
				t.Errorf("%s: %s: %d of %d", file, x.name, x.got.Hit, x.got.Of)
			}
		}
	}
}

func labelled(t *testing.T, name string) []triage.Labelled {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var set []triage.Labelled
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var m triage.Labelled
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		set = append(set, m)
	}
	if lines.Err() != nil || len(set) < 400 {
		t.Fatalf("%s: %d messages, %v", name, len(set), lines.Err())
	}
	return set
}

// What a resident may type to choose, the name of a district or of a button, is no
// danger, however it is read elsewhere; nor are answers of a word.
func TestNamesOfChoicesRaiseNoAlarm(t *testing.T) {
	for _, name := range BuiltIn() {
		c, faults := LoadCity(name)
		if len(faults) > 0 {
			t.Fatal(Report(faults))
		}
		names := []string{"はい", "いいえ", "いらない", "昨日から", "母です", "えーと", "ぬぺぬぺ"}
		for _, d := range c.Directory.Districts {
			names = append(append(names, d.Name, d.Kana), d.Aliases...)
		}
		for _, q := range c.Tree.Questions {
			for _, o := range q.Options {
				names = append(names, o.Label)
			}
		}
		for _, text := range names {
			if kind := c.Crisis(text); kind != triage.None && kind != "" {
				t.Errorf("%s: %s raises %s", name, text, kind)
			}
		}
	}
}

// Names and words that nobody taught say nothing: no field, no danger.
func TestNamesAndUnknownWordsSayNothing(t *testing.T) {
	base := ReadBase()
	r := base.reader()
	for _, text := range []string{
		"山田太郎さん 佐藤さん", "ぬぺもへろの、佐藤さんです", "佐藤さん", "鈴木一郎さん、高橋花子さん", "田中くんと渡辺くん",
		"小林さん、加藤さん、吉田さん、山本さん", "もへろさん", "ぬぺもへろ", "へのへのもへじさん", "伊藤氏 中村氏",
		"斎藤さんの、ほげほげです", "松本さん もへもへ", "井上さんちのぴよぴよ", "佐々木健太", "高橋です",
		"渡辺と申します", "むにゃらもへ、清水さん", "橋本さん、ぬるぽ", "長谷川誠さん 岡田美咲さん 藤井翔太さん", "ほにゃらら太郎さん",
		"ぴろぴろの森さん", "西村さんと石川さんと前田さん", "小川です、ふがふが", "近藤ちゃん", "坂本龍太郎氏",
		"佐藤さん、もへろ、山田さん", "ぬぺもへろ、佐藤さん", "木村ゆうとくん", "ゆうかちゃん", "イチローくん",
		"サトウさん", "カトウさん、ゴトウさん", "ｻｲﾄｳ様", "イケガミさん", "カジさんです", "アカネちゃん",
	} {
		if got := r.Read(text); got.Field != triage.Unclear || got.Crisis != triage.None {
			t.Errorf("%s reads %s, %s", text, got.Field, got.Crisis)
		}
		if kind := r.Crisis(text); kind != triage.None {
			t.Errorf("%s raises %s", text, kind)
		}
	}
	// A town's own word, taught by ten lines, is no stranger.
	var own []triage.Example
	for _, line := range []string{"ぬぺろ便に乗りたい", "ぬぺろ便の予約", "ぬぺろ便はだれが使えますか", "祖母がぬぺろ便を使うには", "ぬぺろ便の登録をしたい",
		"ぬぺろ便の回数券", "ぬぺろ便で病院へ", "ぬぺろ便は土曜も走りますか", "父のぬぺろ便の申し込み", "ぬぺろ便の時間"} {
		own = append(own, triage.Example{Text: line, Field: triage.Elderly, Crisis: triage.None})
	}
	r, _ = r.Town(base.untaught, own)
	for _, text := range []string{"ぬぺろ便", "ぬぺろ便です", "ぬぺろ便のこと"} {
		if got := r.Read(text); got.Field != triage.Elderly || got.Crisis != triage.None {
			t.Errorf("%s reads %s, %s", text, got.Field, got.Crisis)
		}
	}
}
