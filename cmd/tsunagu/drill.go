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
		return errors.Join(errors.New("serve が動いていません。先に始めてください（押されたことは serve に届きます）"), p.Close())
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
			fmt.Fprintf(s.out, "訓練のカードが Slack に出ました。カードの「確認」を押してください（%.0f 秒まで待ちます）。\n", wait.Seconds())
		}
		if state.By != "" {
			fmt.Fprintf(s.out, "押されました：%s、指示から %.0f 秒。\n", state.By, state.At.Sub(state.Made).Seconds())
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-end.Done():
		}
		switch {
		case !began:
			fmt.Fprintln(s.err, "指示を受け取る serve がありません。この設定で serve が動いていますか。")
		case !posted:
			fmt.Fprintln(s.err, "カードが Slack に出ません。serve のログと tsunagu doctor を見てください。")
		default:
			fmt.Fprintln(s.err, "カードは出ましたが、押されたことが届きません。Slack の Interactivity は入っていますか、Request URL は合っていますか。tsunagu doctor も見てください。")
		}
		return failure(1)
	}
}
