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
	short: "copy the store to a file (also while serve runs)",
	long: `Writes a whole copy of the SQLite store as of now to a new file, readable by its
owner only; serve goes on meanwhile. The copy is sealed like the store: keep the
keys apart from it. To restore, end serve, put the copy in the store's place,
remove the files ending in -wal and -shm beside it, and start serve. What a
resident had deleted since the copy comes back with it: forget it again.
Redis makes its own backups (BGSAVE, or the append-only file).`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
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
		return errors.New("the store is Redis, which makes its own backups: run redis-cli BGSAVE and copy dump.rdb, or copy the append-only folder; " +
			"or move everything into a file with tsunagu move --to sqlite:FILE while no serve runs")
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
		return fmt.Errorf("%s exists; a backup never overwrites: give another name", to)
	}
	if err != nil {
		return err
	}
	size := int64(0)
	if info, err := os.Stat(to); err == nil {
		size = info.Size()
	}
	fmt.Fprintf(s.out, "%s: %d KiB. It is sealed; without the keys nobody can read it, you neither.\n", to, (size+1023)>>10)
	return nil
}
