package transcript_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/bot/transcript"
	"tsunagu/directory"
	"tsunagu/triage"
)

var update = flag.Bool("update", false, "write what the program says into the plays")

// tinyTown has one question, one office and the texts of the plays in testdata.
func tinyTown() *bot.City {
	always := &directory.Hours{Open24: true}
	return &bot.City{
		ID: "komachi", Name: "小町", Accept: 0.8, Ask: 0.4, WordsOnCard: true, NoticeTaken: true, NoticeClosed: true, Limit: 30,
		Receivers: []string{"福祉課"}, Consent: "1", Keep: bot.DefaultKeep,
		Read: func(string) triage.Reading { return triage.Reading{Field: triage.Unclear} },
		Crisis: func(s string) string {
			if strings.Contains(s, "死にたい") {
				return triage.Suicide
			}
			return triage.None
		},
		Tree: triage.Tree{Start: "q", AfterWords: triage.End, Questions: []triage.Question{{ID: "q", Text: "何のことですか", Options: []triage.Option{
			{ID: "kaigo", Label: "介護", Field: "elderly", Worry: "介護", Goto: triage.End},
			{ID: "money", Label: "お金", Goto: triage.End, Worry: "お金"}}}}},
		Directory: directory.Directory{Prefecture: "岩手県",
			Fields:   []directory.Field{{ID: "elderly", Name: "高齢", Plain: "介護", Basic: "elderly"}},
			Offices:  []directory.Office{{ID: "soudan", Name: "総合窓口", General: true, Phone: "0190-00-0001", Address: "小町1番地", URL: "https://komachi.example.jp", Hours: always}},
			Policy:   directory.Policy{General: "soudan", Unknown: "general", Complex: "general"},
			Calendar: directory.Calendar{Staff: always}},
		Texts: bot.Texts{
			"greeting": "小町の入口です。{reading}。", "greeting.short": "小町の入口です。", "again": "もう一度。", "person": "人にも聞けます。{phone}", "outcome": "窓口です。",
			"outcome.unknown": "どこでも聞ける窓口です。", "offer": "どうしますか。", "offer.words": "まだ送っていません。", "phone": "電話 {phone}", "address": "場所 {address}",
			"consent": "送ってよいですか。同意のまえには送りません。\n{items}\n{own}", "consent.words": "ことば「{words}」", "consented": "受付番号は {receipt} です。",
			"received": "受け取りました（{receipt}）。", "status.open": "{receipt} は受け付けています。", "status.claimed": "{receipt} は職員が受け持っています。",
			"taken": "お知らせ（{receipt}）\n{from}が受け取りました。", "staff": "お知らせ（{receipt}）\n{words}", "closed": "お知らせ（{receipt}）\n終わりました。",
			"reopened": "{receipt} をひらきました。", "thanks": "どういたしまして。", "media": "ことばで書いてください。", "quit": "また、どうぞ。", "masked": "番号はかくしました。",
			"crisis.suicide": "いますぐ話せる人がいます。", "crisis.machine": "ここは機械です。", "crisis.case": "職員にも知らせました。", "limit": "少し待ってください。",
			"desk.urgent": "緊急：", "kind.suicide": "死にたい気持ち", "desk.reopened": "住民が書きました。", "desk.blocked": "ブロックされました。", "desk.unblocked": "ブロックが解かれました。", "district.unknown": "分からない",
			"button.unsure": "分からない", "button.back": "もどる", "button.quit": "やめる", "button.start": "さいしょから", "button.staff": "職員に相談する",
			"button.known": "分かった", "button.notyet": "まだ分からない", "button.self": "同意する（自分のこと）", "button.other": "同意する（ほかの人のこと）",
			"button.refuse": "同意しない", "button.other.worry": "べつの相談", "button.case": "職員への相談にもどる",
		},
	}
}

// run plays a script on a store of its own.
func run(t testing.TB, p *transcript.Play) (string, error) {
	t.Helper()
	keys, err := bot.NewKeys(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "play.db")
	return transcript.Run(context.Background(), p, transcript.Options{City: tinyTown(), Keys: keys,
		Open: func() (bot.Store, error) { return sqlitestore.Open(path, []string{"komachi"}) }})
}

func TestThePlaysSayWhatIsWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no plays", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, errs := transcript.Parse(file, string(raw))
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			got, err := run(t, p)
			if err != nil {
				t.Fatalf("%v\n%s", err, got)
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(raw) {
				t.Errorf("the program says:\n%s", got)
			}
		})
	}
}

func TestAPlaySaysTheSameTwice(t *testing.T) {
	raw, err := os.ReadFile("testdata/directions.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := transcript.Parse("x", string(raw))
	a, err := run(t, p)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := run(t, p); a != b {
		t.Error("two runs differ")
	}
}

func TestFaultsOfAScriptNameTheirLine(t *testing.T) {
	const head = "# 題\nとき：2026-11-24 10:00\n"
	for script, want := range map[string]string{
		"":                                  "play:1:",
		"# 題\nとき：きのう":                       "play:2:",
		head + "住民は笑う":                      "play:3:",
		head + "\n（雨がふる）":                   "play:4:",
		head + "住民：歌を送る":                    "play:3:",
		head + "（あすの 25:00 になる）":            "play:3:",
		head + strings.Repeat("x", 300<<10): "play:",
		head + "住民「こんにちは」\n住民→［空を飛ぶ］":   "play:4:",
		head + "職員A→［引き受ける］":            "play:3:",
		head + "（2026-11-23 10:00 になる）": "play:3:",
		head + "住民「職員に相談する」\n住民→［同意する（自分のこと）］\n職員A→［おどる］":       "play:5:",
		head + "住民「職員に相談する」\n住民→［同意する（自分のこと）］\n職員A→［終了］「気分しだい」": "play:5:",
	} {
		p, errs := transcript.Parse("play", script)
		var err error
		switch {
		case len(errs) > 0:
			err = errs[0]
		default:
			_, err = run(t, p)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, not at %s", script, err, want)
		}
	}
}

func TestWhatDoesNotFitTheCityIsFoundWithoutPlaying(t *testing.T) {
	const head = "# 題\nとき：2026-11-24 10:00\n"
	for script, want := range map[string]string{
		head + "住民→［介護］\n住民→［職員に相談する］\n職員A→［つなぎ直す］「高齢：理由」\n職員A（#elderly）→［引き受ける］\n職員A（#default）→［終了］「窓口につながった」\n": "",
		head + "住民→［空を飛ぶ］":            "play:3: ボタン［空を飛ぶ］",
		head + "（雨がふる）":               "play:3: 知らないト書き",
		head + "職員A→［おどる］":            "play:3: カードに［おどる］",
		head + "職員A→［終了］「気分しだい」":      "play:3: 終わり方「気分しだい」",
		head + "\n職員A→［応援を頼む］「税金」":    "play:4: 分野「税金」",
		head + "職員A（#zeikin）→［引き受ける］": "play:3: 分野「zeikin」",
	} {
		faults := transcript.Check("play", script, tinyTown())
		switch {
		case want == "" && len(faults) > 0, want != "" && len(faults) != 1:
			t.Errorf("%q: %v", script, faults)
		case want != "" && !strings.HasPrefix(faults[0].Error(), want):
			t.Errorf("%q: %v, not %s", script, faults[0], want)
		}
	}
}

func TestOnlyTheLinesOfPeopleCount(t *testing.T) {
	a, errs := transcript.Parse("a", "# 題\nとき：2026-11-24 10:00\n住民「こんにちは」\n    つなぐ：何か古いこと\n\t［古いボタン］\n")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	got, err := run(t, a)
	if err != nil || strings.Contains(got, "古い") || !strings.Contains(got, "何のことですか") {
		t.Errorf("%v\n%s", err, got)
	}
	if !a.At.Equal(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)) {
		t.Error(a.At)
	}
}
