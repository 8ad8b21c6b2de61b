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
	short: "who did what, no content",
	long: `Prints a line for everything that was done with a case, oldest first: when, who
(a Slack user ID, "resident" or "program"), what, the case's 受付番号, and a note
(the field it was handed to, the rules' fingerprint). No word of anybody is in it.
What: claim release reply correct takeback keep handon help misroute escalate close reopen;
find, list, mine and home when somebody was shown the case (lists once a day for
each case); consent, reopen and withdraw by residents; back, expire and forget by
the program, and rules when it was started with other files than before. Who reads
a card in its channel is Slack's to know. It reads beside a running serve.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
		city := fs.String("city", "", "the city's id")
		from := fs.String("from", "", "first day, 2026-11-22")
		to := fs.String("to", "", "last day")
		who := fs.String("who", "", "only what this one did")
		what := fs.String("what", "", "only this")
		only := fs.String("case", "", "only this 受付番号")
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
		if *only != "" {
			receipt, ok := handoff.ReadReceipt(*only)
			if !ok {
				return wrong("--case wants a 受付番号, as in みかん-4821")
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
		write := tellDeed(s.out, *asCSV)
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
				}
			}
			if after = next; after == "" {
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
