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
			fmt.Fprintf(s.err, "… %d 件を見て、%d 件の封をしなおしました\n", r.Looked, r.Sealed)
		}
	})
	if err != nil {
		return fmt.Errorf("%d 件を見て、%d 件の封をしなおしたところで止まりました。もう一度 rekey してください：%w", r.Looked, r.Sealed, err)
	}
	settle(ctx, slog.New(slog.NewJSONHandler(s.err, nil)), store)
	fmt.Fprintf(s.out, "%d 件を見て、%d 件を、先頭の鍵で封をしなおしました。\n", r.Looked, r.Sealed)
	bad := false
	for _, c := range []struct {
		n    int
		text string
	}{
		{r.Unknown, "件は、設定にない鍵で封がしてあり、そのままにしました。その鍵を見つけて、ほかの鍵のうしろに書きたしてください。"},
		{r.Broken, "件は、合うはずの鍵でも開かず、そのままにしました。このプログラムの外で、こわれたものです。"},
		{r.Old, "件は、まだ古い鍵のままです。古い鍵を先頭にした serve が動いています。新しい鍵を先頭にして serve を全部始めなおし、もう一度 rekey してください。"},
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
