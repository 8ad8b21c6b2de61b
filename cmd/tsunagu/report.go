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
	name: "report", args: "--config tsunagu.yaml --city ID [--from 2026-11-01] [--to 2026-11-30]",
	short: "counts without personal data, as CSV",
	long: `Prints what was counted in a span of days (both included; this month when
nothing is said): a name, a label, a number. Numbers from 1 to 4 are written
"<5", so that nobody can be told from a small town's table.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
		city := fs.String("city", "", "the city's id")
		from := fs.String("from", "", "first day")
		to := fs.String("to", "", "last day")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
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
		facts, err := readFacts(ctx, cfg, *city, a, b)
		if err != nil {
			return err
		}
		return writeReport(csv.NewWriter(s.out), facts)
	},
}

func day(text string, otherwise time.Time) (string, error) {
	if text == "" {
		return otherwise.Format(time.DateOnly), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, directory.Tokyo)
	if err != nil {
		return "", wrong("%q is no day; write 2026-11-22", text)
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
		return nil, wrong("--city is missing; there are: %s", strings.Join(ids, " "))
	}
	if !slices.Contains(ids, city) {
		return nil, wrong("no city %q in %s; there are: %s", city, file, strings.Join(ids, " "))
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
		if _, _, path := bot.ParsePath(f.Name); path {
			continue // kept for rehearsing changes, too fine for a table
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
		count := strconv.Itoa(sums[n])
		if sums[n] < smallCell {
			count = "<" + strconv.Itoa(smallCell)
		}
		name, label, _ := strings.Cut(n, "|")
		if err := w.Write([]string{name, label, count}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
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
	if cfg.Store.File != "" {
		r, err := sqlitestore.OpenRead(cfg.Store.File, cityIDs(cfg)...)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	return openStore(ctx, cfg.Store.Redis.Reveal(), cityIDs(cfg))
}
