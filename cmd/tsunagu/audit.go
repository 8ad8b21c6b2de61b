package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/directory"
	"tsunagu/handoff"
)

var auditCommand = command{
	name: "audit", args: "--config tsunagu.yaml --city ID [--from DAY] [--to DAY] [--who U0123] [--what claim] [--case 受付番号] [--csv]",
	short: "だれが何をしたか（中身はありません）",
	long: `相談にしたことを、古い順に 1 行ずつ出します。いつ、だれが（Slack のユーザー ID、
resident＝住民、program＝プログラム）、何を、受付番号、そえ書き（つなぎ直した分野、
決まりのしるし）。だれのことばも入っていません。
職員がしたこと：claim 引き受けた、release 手放した、reply 住民に送った、correct 訂正を送った、
takeback 写真を取り下げた、keep「対応中です」、handon つなぎ直した、help 応援を頼んだ、
misroute「担当がちがう」、escalate 多機関協働へ、close 終了、reopen 再開。
職員が見たこと：find 受付番号でさがした、list と mine 一覧、home ホームタブ（一覧は、相談ごとに
1 日 1 回）。住民：consent 同意した、reopen 終わったあとに書いた、withdraw 終わりにした。
プログラム：back 未対応にもどした、expire 期間がすぎて消した、forget 消した、rules 前とちがう
ファイルで始めた。チャンネルでカードを読んだ人は、Slack だけが知っています。
serve を動かしたまま使えます。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		city := fs.String("city", "", "市の id")
		from := fs.String("from", "", "はじめの日（2026-11-22）")
		to := fs.String("to", "", "おわりの日")
		who := fs.String("who", "", "この人がしたことだけ")
		what := fs.String("what", "", "これだけ")
		only := fs.String("case", "", "この受付番号だけ")
		asCSV := fs.Bool("csv", false, "見出しつきの CSV で出す")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		for _, d := range []*string{from, to} {
			if *d == "" {
				continue // without an end
			}
			var err error
			if *d, err = day(*d, time.Time{}); err != nil {
				return err
			}
		}
		if *only != "" {
			receipt, ok := handoff.ReadReceipt(*only)
			if !ok {
				return wrong("--case には、みかん-4821 のような受付番号を書きます")
			}
			*only = receipt
		}
		cfg, err := loadConfig(s, *file, *city)
		if err != nil {
			return err
		}
		keys, err := bot.ParseKeys(cfg.Keys.Reveal())
		if err != nil {
			return err
		}
		store, err := readStore(ctx, cfg)
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }()
		write, found := tellDeed(s.out, *asCSV), false
		for after := ""; ; {
			page, next, err := bot.Audit(ctx, store, keys, *city, *from, *to, after, 100)
			if err != nil {
				return err
			}
			for _, d := range page {
				if *who != "" && d.Who != *who || *what != "" && d.What != *what {
					continue
				}
				for _, d := range perCase(d) {
					if *only != "" && d.Receipt != *only {
						continue
					}
					if err := write(d); err != nil {
						return err
					}
					found = true
				}
			}
			if after = next; after == "" {
				if !found {
					_, _ = fmt.Fprintln(s.err, "当てはまる記録はありません（--what に書けることばは tsunagu help audit）")
				}
				return nil
			}
		}
	},
}

// perCase is a deed for each case that it showed, or the deed alone.
func perCase(d bot.Deed) []bot.Deed {
	if len(d.Seen) == 0 {
		return []bot.Deed{d}
	}
	var out []bot.Deed
	for _, receipt := range d.Seen {
		one := d
		one.Receipt = receipt
		out = append(out, one)
	}
	return out
}

// tellDeed writes deeds as CSV or for people.
func tellDeed(out io.Writer, asCSV bool) func(bot.Deed) error {
	if !asCSV {
		return func(d bot.Deed) error {
			said := fmt.Sprintf("%s  %-12s %-9s %s %s", d.At.In(directory.Tokyo).Format("2006-01-02 15:04:05"), d.Who, d.What, d.Receipt, d.Note)
			_, err := fmt.Fprintln(out, strings.TrimRight(said, " "))
			return err
		}
	}
	w := csv.NewWriter(out)
	row := func(cells ...string) error {
		_ = w.Write(cells) // Flush tells
		w.Flush()
		return w.Error()
	}
	head := false
	return func(d bot.Deed) error {
		if !head {
			head = true
			if err := row("at", "who", "what", "receipt", "note"); err != nil {
				return err
			}
		}
		return row(d.At.In(directory.Tokyo).Format("2006-01-02T15:04:05-07:00"), d.Who, d.What, d.Receipt, d.Note)
	}
}
