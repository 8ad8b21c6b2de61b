package config

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"tsunagu/triage"
)

// Messages by three authors who saw neither the rules nor the examples. The floors
// lie a little under what is read today (triage/README.md, 6): a change of words,
// examples or learner that falls below one is a step back.
func TestMessagesOfOthersAreRead(t *testing.T) {
	lexicon, err := Lexicon("hokuto")
	if err != nil {
		t.Fatal(err)
	}
	reader, faults := triage.NewReader(lexicon)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, file := range []string{"others-a.jsonl", "others-b.jsonl", "others-c.jsonl"} {
		rep := triage.Evaluate(labelled(t, "../triage/testdata/"+file), reader.Read, 0.6)
		for _, x := range []struct {
			name     string
			got      triage.Share
			from, to float64
		}{
			{"field", rep.Strict, 0.85, 1},
			{"field or one a careful worker could choose", rep.Lenient, 0.91, 1},
			{"right among the surest 70 %", rep.At70, 0.96, 1},
			{"guidance in danger", rep.CrisisAny, 0.88, 1},
			{"alarm in calm", rep.CalmAlarm, 0, 0.06},
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

// Of names and words that nobody taught the few known letters make no danger.
func TestWhatIsHardlyKnownMakesNoDanger(t *testing.T) {
	lexicon, err := Lexicon("hokuto")
	if err != nil {
		t.Fatal(err)
	}
	r, _ := triage.NewReader(lexicon)
	for _, text := range []string{"佐藤さん、もへろ、山田さん", "ぬぺもへろ、佐藤さん"} {
		if got := r.Crisis(text); got != triage.None {
			t.Errorf("%s: %s", text, got)
		}
	}
}
