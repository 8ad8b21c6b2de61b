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
	short: "seal everything with the first key (also while serve runs)",
	long: `Seals everything in the store anew with the first of the configured keys. To
change the key: write the new one behind the old one and start every serve anew;
put it first and start every serve anew; run rekey; when it reports nothing left,
take the old one out and start every serve anew. Backups stay sealed with the key
of their day: keep that key for as long as the backup.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
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
