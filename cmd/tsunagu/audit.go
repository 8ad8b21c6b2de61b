package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"time"

	"tsunagu/bot"
	"tsunagu/directory"
)

var auditCommand = command{
	name: "audit", args: "--config tsunagu.yaml --city ID [--from DAY] [--to DAY] [--who U0123] [--what claim] [--csv]",
	short: "who did what, no content",
	long: `Prints a line for everything that was done with a case, oldest first: when, who
(a Slack user ID, "resident" or "program"), what, and the case's 受付番号. No word
of anybody is in it. What: claim release reply correct handon help misroute
escalate close reopen, consent and withdraw by residents, expire and forget by
the program. It reads beside a running serve.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
		city := fs.String("city", "", "the city's id")
		from := fs.String("from", "", "first day, 2026-11-22")
		to := fs.String("to", "", "last day")
		who := fs.String("who", "", "only what this one did")
		what := fs.String("what", "", "only this")
		asCSV := fs.Bool("csv", false, "CSV with a head line")
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
		write := tellDeed(s.out, *asCSV)
		for after := ""; ; {
			page, next, err := bot.Audit(ctx, store, keys, *city, *from, *to, after, 100)
			if err != nil {
				return err
			}
			for _, d := range page {
				if (*who == "" || d.Who == *who) && (*what == "" || d.What == *what) {
					if err := write(d); err != nil {
						return err
					}
				}
			}
			if after = next; after == "" {
				return nil
			}
		}
	},
}

// tellDeed writes deeds as CSV or for people.
func tellDeed(out io.Writer, asCSV bool) func(bot.Deed) error {
	if !asCSV {
		return func(d bot.Deed) error {
			_, err := fmt.Fprintf(out, "%s  %-12s %-9s %s\n", d.At.In(directory.Tokyo).Format("2006-01-02 15:04:05"), d.Who, d.What, d.Receipt)
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
			if err := row("at", "who", "what", "receipt"); err != nil {
				return err
			}
		}
		return row(d.At.In(directory.Tokyo).Format("2006-01-02T15:04:05-07:00"), d.Who, d.What, d.Receipt)
	}
}
