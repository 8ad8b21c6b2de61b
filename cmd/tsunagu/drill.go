package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
)

var drillCommand = command{
	name: "drill", args: "--config tsunagu.yaml --city ID [--to U0123] [--wait 10m]",
	short: "post a 訓練 card and wait for its click (while serve runs)",
	long: `Has a running serve post a card marked 訓練 into the default channel, by the way
that every card goes, and waits until somebody on duty presses 「確認」. It says how
far it came: nobody took the order (no serve runs), the card did not get to Slack,
or the click did not come back. With --to only that member of staff sees it, in the
default channel: to try a new set-up without calling anybody. Nothing is counted. Exit 1 when it did not work.
With 「drill: weekly」 in city.yaml serve does the same every week by itself.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
		city := fs.String("city", "", "the city's id")
		to := fs.String("to", "", "Slack user ID of the only one who shall see it; empty = a card for all")
		wait := fs.Duration("wait", 10*time.Minute, "how long to wait for the click, 1h at most")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		if *wait <= 0 || *wait > time.Hour {
			return wrong("--wait is a length of time up to 1h")
		}
		if *to != "" && !staffForm.MatchString(*to) {
			return wrong("--to wants a Slack user ID, as in U0123ABCD")
		}
		cfg, err := loadConfig(s, *file, *city)
		if err != nil {
			return err
		}
		return drill(ctx, s, cfg, *city, *to, *wait)
	},
}

var staffForm = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)

// drillPause is how often a drill is looked at.
const drillPause = 300 * time.Millisecond

func drill(ctx context.Context, s streams, cfg *config.Config, city, to string, wait time.Duration) (err error) {
	log := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := mustExist(cfg); err != nil {
		return err
	}
	made, err := settingsOf(cfg, log)
	if err != nil {
		return err
	}
	p, err := wire(ctx, made) // over Redis it stands beside serve; it runs nothing
	switch {
	case errors.Is(err, sqlitestore.ErrLocked):
		p, err = joined(ctx, cfg, made)
	case err == nil && cfg.Store.File != "":
		return errors.Join(errors.New("no serve runs here: start it first, the click comes to it"), p.Close())
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	id, err := p.bot.Drill(ctx, city, to)
	if err != nil {
		return err
	}
	end, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(drillPause)
	defer tick.Stop()
	var state bot.DrillState
	began, posted := false, false
	for {
		d, err := p.bot.Drilled(end, id)
		switch {
		case err == nil:
			began, state = true, d
		case !errors.Is(err, bot.ErrNotFound) && end.Err() == nil:
			return err
		}
		if state.Shown && !posted {
			posted = true
			fmt.Fprintf(s.out, "The 訓練 card stands in Slack. Press 「確認」 on it; waiting up to %v.\n", wait)
		}
		if state.By != "" {
			fmt.Fprintf(s.out, "The click came back: %s, %v after the order.\n", state.By, state.At.Sub(state.Made).Round(time.Second))
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-end.Done():
		}
		switch {
		case !began:
			fmt.Fprintln(s.err, "Nobody took the order: does serve run with this configuration?")
		case !posted:
			fmt.Fprintln(s.err, "The card did not get to Slack: see serve's log, and tsunagu doctor.")
		default:
			fmt.Fprintln(s.err, "The card stands in Slack, but no click came back: is interactivity switched on, with the right address? See tsunagu doctor.")
		}
		return failure(1)
	}
}
