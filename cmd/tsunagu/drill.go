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
	short: "訓練のカードを出し、押されるのを待つ（serve を動かしたまま）",
	long: `動いている serve に、「訓練」のカードを default のチャンネルへ、ふだんと同じ道で出させ、
当番が「確認」を押すのを待ちます。どこまで進んだかを知らせます：頼みを受け取る serve が
ない、カードが Slack に出ない、押したことが返ってこない。--to をつけると、その職員
だけに見えます（だれも呼ばずに試せます）。集計には入りません。うまくいかなければ
終了コードは 1 です。city.yaml に「drill: weekly」と書くと、serve が毎週自分でします。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		city := fs.String("city", "", "市の id")
		to := fs.String("to", "", "この職員だけに出す（Slack のユーザー ID）。書かなければ全員に")
		wait := fs.Duration("wait", 10*time.Minute, "押されるのを待つ長さ（1h まで）")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		if *wait <= 0 || *wait > time.Hour {
			return wrong("--wait は 1h までの長さです（10m など）")
		}
		if *to != "" && !staffForm.MatchString(*to) {
			return wrong("--to には、U0123ABCD のような Slack のユーザー ID を書きます")
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
