package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
)

var rekeyCommand = command{
	name: "rekey", args: "--config tsunagu.yaml",
	short: "全部を、先頭の鍵で封をしなおす（serve を動かしたままでもよい）",
	long: `保存先の全部を、設定の先頭の鍵で封をしなおします。鍵をかえる順番：新しい鍵をうしろに
書きたして、serve を全部始めなおす。先頭に移して、もう一度始めなおす。rekey。警告が
出なければ、古い鍵を消して始めなおす。バックアップは、取った日の鍵のままです。
バックアップがあるあいだは、その鍵も残してください。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		cfg, err := readConfig(s, *file)
		if err != nil {
			return err
		}
		return rekey(ctx, s, cfg)
	},
}

func rekey(ctx context.Context, s streams, cfg *config.Config) error {
	keys, err := bot.ParseKeys(cfg.Keys.Reveal())
	if err != nil {
		return err
	}
	if err := mustExist(cfg); err != nil {
		return err
	}
	var store bot.Store
	if cfg.Store.File != "" {
		store, err = sqlitestore.Join(cfg.Store.File, cityIDs(cfg))
	} else {
		store, err = openStore(ctx, cfg.Store.Redis.Reveal(), cityIDs(cfg))
	}
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	next := 1000
	r, err := bot.Rekey(ctx, store, keys, func(r bot.Rekeyed) {
		if r.Looked >= next {
			next = r.Looked + 1000
			fmt.Fprintf(s.err, "… looked at %d, sealed %d anew\n", r.Looked, r.Sealed)
		}
	})
	if err != nil {
		return fmt.Errorf("after %d of %d sealed anew: %w", r.Sealed, r.Looked, err)
	}
	settle(ctx, slog.New(slog.NewJSONHandler(s.err, nil)), store)
	fmt.Fprintf(s.out, "%d looked at, %d sealed anew with the first key.\n", r.Looked, r.Sealed)
	bad := false
	for _, c := range []struct {
		n    int
		text string
	}{
		{r.Unknown, "are sealed with a key that is not configured; they were left alone. Find that key and write it behind the others."},
		{r.Broken, "do not open with the key they name; they were left alone. They were damaged outside of this program."},
		{r.Old, "are still sealed with a later key, because a serve goes on using it first. Start every serve anew with the new key first, then run rekey again."},
	} {
		if c.n > 0 {
			bad = true
			fmt.Fprintf(s.err, "%d %s\n", c.n, c.text)
		}
	}
	if bad {
		return failure(1)
	}
	return nil
}
