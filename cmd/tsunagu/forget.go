package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/redisstore"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
	"tsunagu/handoff"
)

var forgetCommand = command{
	name: "forget", args: "--config tsunagu.yaml --city ID 受付番号",
	short: "ひとりの住民のデータを消す（serve を動かしたままでもよい）",
	long: `受付番号（みかん-4821）の住民について、残っているものを全部消します。やりとり、
すべての相談、つなぐが Slack に出したもの（Slack が答えをなくしたものも、探して消します）。
動いている serve が消し、なければこの命令が消します。全部消えるまで、30 秒まで待ちます。
保存先の記録も空にします（Redis では、追記ファイルを書き直します）。
消えないもの：職員がスレッドに書いたこと（あれば Slack で消してください）。監査の記録
（だれがいつ何をしたかと、受付番号。ことばはありません）は、決めた期間だけ残ります。
前に取ったバックアップや Redis のスナップショットには、封をしたまま残っています。
住民のスマホのトークは LINE に残ります。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		city := fs.String("city", "", "市の id")
		if err := parse(fs, args, 1, 1); err != nil {
			return err
		}
		receipt, ok := handoff.ReadReceipt(fs.Arg(0))
		if !ok {
			return wrong("「%s」は受付番号ではありません。みかん-4821 のように、ひらがな、ハイフン、数字 4 つです", fs.Arg(0))
		}
		cfg, err := loadConfig(s, *file, *city)
		if err != nil {
			return err
		}
		return forget(ctx, s, cfg, *city, receipt)
	},
}

// Times of forget.
const (
	forgetTime  = 30 * time.Second
	forgetPause = 200 * time.Millisecond
	logTime     = 20 * time.Second // until the store's log is without it
	forgetJobs  = 10000            // that may be due where no serve has run for long
)

// forget puts the job and waits for it, or does it where no serve runs.
func forget(ctx context.Context, s streams, cfg *config.Config, city, receipt string) (err error) {
	log := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := mustExist(cfg); err != nil {
		return err
	}
	made, err := settingsOf(cfg, log)
	if err != nil {
		return err
	}
	p, err := wire(ctx, made)
	beside := errors.Is(err, sqlitestore.ErrLocked)
	if beside {
		p, err = joined(ctx, cfg, made)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	conversation, err := p.bot.Forget(ctx, city, receipt)
	if errors.Is(err, bot.ErrNotFound) {
		return fmt.Errorf("%s に、受付番号 %s の相談はありません（もう消したものなら、tsunagu audit --case %[2]s に出ます）", city, receipt)
	}
	if err != nil {
		return err
	}
	gone, left, err := forgotten(ctx, p.bot, conversation, beside, forgetTime)
	switch {
	case err != nil:
		return err
	case !gone:
		fmt.Fprintf(s.err, "%s は、まだ消えていません。消す指示は保存してあり、動いている serve が消します。serve のログを見てください。\n", receipt)
		return failure(1)
	case left > 0:
		fmt.Fprintf(s.err, "%s は、ここからは消えました。Slack で消すことと探すことが、まだ %d 件あります。serve が動いていれば、1 日のあいだ、くりかえします。\n", receipt, left)
		return failure(1)
	}
	settle(ctx, log, p.store)
	fmt.Fprintf(s.out, "%s を消しました（ここと Slack の両方）。職員がスレッドに書いたことがあれば、それは Slack で消してください。\n", receipt)
	return nil
}

// forgotten waits until nothing is left of the conversation, or so long; where no other
// process does the jobs, it does those that are due.
func forgotten(ctx context.Context, b *bot.Bot, conversation string, beside bool, wait time.Duration) (gone bool, left int, err error) {
	end, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		if !beside {
			if _, err := b.Drain(end, forgetJobs); err != nil && end.Err() == nil {
				return gone, left, err
			}
		}
		if gone, err = b.Gone(ctx, conversation); err != nil {
			return gone, left, err
		}
		if gone {
			if left, err = b.Forgetting(ctx, conversation); err != nil || left == 0 {
				return gone, left, err
			}
		}
		select {
		case <-time.After(forgetPause):
		case <-end.Done():
			return gone, left, ctx.Err()
		}
	}
}

// joined is a program beside a running serve: it puts jobs and does none.
func joined(ctx context.Context, cfg *config.Config, made settings) (*program, error) {
	store, err := sqlitestore.Join(cfg.Store.File, cityIDs(cfg))
	if err != nil {
		return nil, err
	}
	p := &program{store: store, close: []func() error{store.Close}}
	clock, err := cityClock(ctx, store, made.Log)
	if err == nil {
		p.bot, err = bot.New(ctx, bot.Options{Store: store, Keys: made.Keys, Clock: clock, Log: made.Log})
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// settle makes sure that what was deleted is not left, sealed as it was, in the
// store's log. It warns where it cannot: the log then empties itself later.
func settle(ctx context.Context, log *slog.Logger, store bot.Store) {
	ctx, cancel := context.WithTimeout(ctx, logTime)
	defer cancel()
	var err error
	switch store := store.(type) {
	case *sqlitestore.Store:
		err = store.Settle(ctx)
	case *redisstore.Store:
		err = rewrite(ctx, store)
	}
	if err != nil {
		log.Warn("what was deleted may stand in the store's log a little longer, sealed", "error", err)
	}
}

// rewrite has Redis write its append-only files anew, and waits for it.
func rewrite(ctx context.Context, store *redisstore.Store) error {
	aof, err := rewritten(ctx, store)
	if err != nil || !aof {
		return err
	}
	if err := store.Rewrite(ctx); err != nil {
		return err
	}
	_, err = rewritten(ctx, store)
	return err
}

// rewritten waits until no append-only file is being written anew, and says
// whether there is any.
func rewritten(ctx context.Context, store *redisstore.Store) (aof bool, err error) {
	for {
		all, err := store.Health(ctx)
		if err != nil {
			return false, err
		}
		aof = slices.ContainsFunc(all, func(h redisstore.Health) bool { return h.AOF })
		if !slices.ContainsFunc(all, func(h redisstore.Health) bool { return h.Rewriting }) {
			return aof, nil
		}
		select {
		case <-time.After(forgetPause):
		case <-ctx.Done():
			return aof, ctx.Err()
		}
	}
}

// mustExist keeps a command from making an empty store where a path is wrong.
func mustExist(cfg *config.Config) error {
	if cfg.Store.File == "" {
		return nil
	}
	if _, err := os.Stat(cfg.Store.File); err != nil {
		return fmt.Errorf("保存先 %s がありません（serve を始めると、できます）", cfg.Store.File)
	}
	return nil
}

func cityIDs(cfg *config.Config) []string {
	var ids []string
	for _, c := range cfg.Cities {
		ids = append(ids, c.City.ID)
	}
	return ids
}
