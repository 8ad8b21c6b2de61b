package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
	"tsunagu/directory"
)

var reportCommand = command{
	name: "report", args: "--config tsunagu.yaml --city ID|all [--from 2026-11-01] [--to 2026-11-30] [--of llm|misread|moved]",
	short: "個人情報のない集計を CSV で出す",
	long: `期間（両端をふくむ。書かなければ今月）に数えたものを、表計算ソフトでそのまま開ける
CSV にします。市、期間、項目、区分、数と、終わりに機械のための名前（name、label）。
--city all なら、設定ファイルにある全部の市をつづけて出します。

1 から 4 までの数は「<5」と書きます。小さな町で、だれのことか分からないようにする
ためです。かくした行がある項目の合計は、「20以上」のように出します。
0 だったものは、行がありません。「職員が読む時間の外」は、その時間（calendar.staff）
を書いた市だけで数えます。数えるのは回数で、人の数ではありません。

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
		read, towns := loadConfig, []string{*city}
		if *city == allTowns && list == nil {
			read = func(s streams, file, _ string) (*config.Config, error) { return readConfig(s, file) }
		}
		cfg, err := read(s, *file, *city)
		if err != nil {
			return err
		}
		if *city == allTowns {
			towns = cityIDs(cfg)
		}
		if list != nil { // paths are counted by the month, and a month sorts before its days
			a = a[:len("2006-01")]
		}
		store, err := readStore(ctx, cfg)
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
		w := csv.NewWriter(s.out)
		if list == nil {
			_ = w.Write(append([]string{byteOrderMark + reportColumns[0]}, reportColumns[1:]...)) // Flush tells
		}
		for _, id := range towns {
			facts, err := store.Facts(ctx, id, a, b)
			if err != nil {
				return err
			}
			if list != nil {
				return writeList(w, list, townOf(cfg, id), facts)
			}
			writeReport(w, townOf(cfg, id), a+"〜"+b, facts)
		}
		w.Flush()
		return w.Error()
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
