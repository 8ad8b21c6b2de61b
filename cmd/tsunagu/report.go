package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
	"tsunagu/directory"
)

var reportCommand = command{
	name: "report", args: "--config tsunagu.yaml --city ID [--from 2026-11-01] [--to 2026-11-30] [--of llm|misread|moved]",
	short: "個人情報のない集計を CSV で出す",
	long: `期間（両端をふくむ。書かなければ今月）に数えたものを、名前、区分、数で出します。
1 から 4 までの数は「<5」と書きます。小さな町で、だれのことか分からないようにする
ためです。

--of をつけると、表のかわりに、決まりを直す人のための一覧を、月ごとに出します。
  llm      同じことばを、決まりと LLM がちがう読み方をしたところ
  misread  ちがう分野に案内した道すじ（職員が「担当がちがう」で知らせたもの）
  moved    いまの決まりなら、別のところへ行く道すじ
道すじは、質問の ID と、押された選択肢だけです。住民のことばは出ません。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		city := fs.String("city", "", "市の id")
		from := fs.String("from", "", "はじめの日")
		to := fs.String("to", "", "おわりの日")
		of := fs.String("of", "", "表のかわりの一覧：llm、misread、moved")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		list := lists[*of]
		if *of != "" && list == nil {
			return wrong("--of は llm、misread、moved のどれかです（「%s」ではなく）", *of)
		}
		now := time.Now().In(directory.Tokyo)
		first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, directory.Tokyo)
		a, err := day(*from, first)
		if err != nil {
			return err
		}
		b, err := day(*to, first.AddDate(0, 1, -1))
		if err != nil {
			return err
		}
		cfg, err := loadConfig(s, *file, *city)
		if err != nil {
			return err
		}
		if list != nil { // paths are counted by the month, and a month sorts before its days
			a = a[:len("2006-01")]
		}
		facts, err := readFacts(ctx, cfg, *city, a, b)
		if err != nil {
			return err
		}
		w := csv.NewWriter(s.out)
		if list != nil {
			return writeList(w, list, townOf(cfg, *city), facts)
		}
		return writeReport(w, facts)
	},
}

func day(text string, otherwise time.Time) (string, error) {
	if text == "" {
		return otherwise.Format(time.DateOnly), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, directory.Tokyo)
	if err != nil {
		return "", wrong("「%s」は日付ではありません。2026-11-22 と書きます", text)
	}
	return t.Format(time.DateOnly), nil
}

// loadConfig reads the configuration for a command about one city.
func loadConfig(s streams, file, city string) (*config.Config, error) {
	cfg, err := readConfig(s, file)
	if err != nil {
		return nil, err
	}
	ids := cityIDs(cfg)
	if city == "" {
		return nil, wrong("--city がありません。あるのは：%s", strings.Join(ids, " "))
	}
	if !slices.Contains(ids, city) {
		return nil, wrong("市「%s」は %s にありません。あるのは：%s", city, file, strings.Join(ids, " "))
	}
	return cfg, nil
}

// readConfig reads the configuration, or prints every fault in it.
func readConfig(s streams, file string) (*config.Config, error) {
	cfg, faults := config.Load(file)
	if config.Failed(faults) {
		fmt.Fprint(s.err, config.Report(faults))
		return nil, failure(1)
	}
	return cfg, nil
}

func readFacts(ctx context.Context, cfg *config.Config, city, from, to string) ([]bot.Fact, error) {
	store, err := readStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	return store.Facts(ctx, city, from, to)
}

// smallCell is the number below which a count could point to a person.
const smallCell = 5

// writeReport sums the days and hides small numbers.
func writeReport(w *csv.Writer, facts []bot.Fact) error {
	sums := map[string]int{}
	var names []string
	for _, f := range facts {
		_, _, path := bot.ParsePath(f.Name)
		if _, misread := bot.ParseMisread(f); path || misread {
			continue // for the lists; too fine for a table
		}
		if _, ok := sums[f.Name]; !ok {
			names = append(names, f.Name)
		}
		sums[f.Name] += f.N
	}
	slices.Sort(names)
	if err := w.Write([]string{"name", "label", "count"}); err != nil {
		return err
	}
	for _, n := range names {
		name, label, _ := strings.Cut(n, "|")
		if err := w.Write([]string{name, label, shown(sums[n])}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// shown is a count as anybody may see it.
func shown(n int) string {
	if n < smallCell {
		return "<" + strconv.Itoa(smallCell)
	}
	return strconv.Itoa(n)
}

// readable is the part of a store that commands read.
type readable interface {
	bot.Lister
	bot.Dumper
	Facts(ctx context.Context, city, from, to string) ([]bot.Fact, error)
	Close() error
}

// readStore opens the store for reading, also while serve runs.
func readStore(ctx context.Context, cfg *config.Config) (readable, error) {
	if err := mustExist(cfg); err != nil {
		return nil, err
	}
	if cfg.Store.File != "" {
		r, err := sqlitestore.OpenRead(cfg.Store.File, cityIDs(cfg)...)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	return openStore(ctx, cfg.Store.Redis.Reveal(), cityIDs(cfg))
}
