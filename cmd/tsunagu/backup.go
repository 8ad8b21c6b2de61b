package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"

	"tsunagu/bot/sqlitestore"
	"tsunagu/config"
)

var backupCommand = command{
	name: "backup", args: "--config tsunagu.yaml FILE",
	short: "保存先をファイルに写す（serve を動かしたままでもよい）",
	long: `いまの SQLite の全部を、新しいファイルに写します。読めるのは持ち主だけです。serve は
動きつづけます。写しも、もとと同じ鍵で封をしてあります。鍵は別の場所に置いてください。
もどすときは、serve を止め、写しをもとの場所に置き、となりの -wal と -shm を消してから
始めます。写したあとに消した住民のデータは、いっしょにもどります。もう一度 forget して
ください。Redis は、Redis のやり方（BGSAVE か追記ファイル）でバックアップします。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		if err := parse(fs, args, 1, 1); err != nil {
			return err
		}
		cfg, err := readConfig(s, *file)
		if err != nil {
			return err
		}
		return backup(ctx, s, cfg, fs.Arg(0))
	},
}

func backup(ctx context.Context, s streams, cfg *config.Config, to string) error {
	if cfg.Store.File == "" {
		return errors.New("保存先は Redis です。写しは Redis のやり方で取ります：redis-cli BGSAVE のあと dump.rdb を写すか、追記ファイルのフォルダを写します。" +
			"serve を全部止めれば、tsunagu move --to sqlite:FILE で、ファイルにも写せます")
	}
	if err := mustExist(cfg); err != nil {
		return err
	}
	r, err := sqlitestore.OpenRead(cfg.Store.File)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	err = r.Backup(ctx, to)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s は、もうあります。上書きはしません。別の名前にしてください", to)
	}
	if err != nil {
		return err
	}
	size := int64(0)
	if info, err := os.Stat(to); err == nil {
		size = info.Size()
	}
	fmt.Fprintf(s.out, "%s に写しました（%d KiB）。封がしてあり、鍵がなければ、だれにも読めません。鍵は別の場所に置いてください。\n", to, (size+1023)>>10)
	return nil
}
