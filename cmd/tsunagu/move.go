package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
)

var moveCommand = command{
	name: "move", args: "--config tsunagu.yaml [--from URL] --to URL",
	short: "copy the store into another, empty one",
	long: `Copies all that is kept of the configuration's cities into an empty store, reads
it again and compares. Both are written as in tsunagu.yaml: sqlite:FILE (relative
to the folder you are in), redis://… or env:NAME, which holds such an address;
--from is the configuration's store when it is not given. End every serve first:
with SQLite this command refuses while one runs, with Redis it cannot see that.
The old store stays as it is. Afterwards write the new one into tsunagu.yaml,
start serve, see that all is there, and then remove the old one.`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "the configuration")
		from := fs.String("from", "", "the store to read")
		to := fs.String("to", "", "the empty store to fill")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		cfg, err := readConfig(s, *file)
		if err != nil {
			return err
		}
		a, err := storeAddress(*from)
		if err != nil {
			return err
		}
		if a == "" {
			a = storeURL(cfg)
		}
		b, err := storeAddress(*to)
		if err != nil {
			return err
		}
		switch {
		case b == "":
			return wrong("--to is missing")
		case a == b:
			return wrong("--from and --to are the same store")
		}
		return move(ctx, s, cityIDs(cfg), a, b)
	},
}

// storeAddress reads a store's address; env:NAME keeps a password off the
// command line.
func storeAddress(text string) (string, error) {
	name, ok := strings.CutPrefix(text, "env:")
	if !ok {
		if text != "" && !strings.HasPrefix(text, "sqlite:") && !strings.HasPrefix(text, "redis") {
			return "", wrong("a store is sqlite:FILE, redis://… or env:NAME")
		}
		return text, nil
	}
	v := strings.TrimSpace(os.Getenv(name))
	if v == "" {
		return "", wrong("the environment has no %s", name)
	}
	return v, nil
}

func move(ctx context.Context, s streams, cities []string, from, to string) (err error) {
	if path, ok := strings.CutPrefix(from, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("there is no store %s", path)
		}
	}
	open := func(url string) (bot.Store, error) {
		store, err := openStore(ctx, url, cities)
		if errors.Is(err, sqlitestore.ErrLocked) {
			return nil, fmt.Errorf("a serve runs on %s; end it first", url)
		}
		return store, err
	}
	source, err := open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := open(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	moved, err := bot.Move(ctx, source, target, every(s.err, 1000))
	switch {
	case errors.Is(err, bot.ErrNotEmpty):
		return errors.New("the store to fill is not empty; nothing was written. Give a new file, or another database of Redis")
	case err != nil:
		return fmt.Errorf("not all was copied (%s); empty the new store before you try again: %w", tally(moved), err)
	}
	fmt.Fprintf(s.out, "copied and compared: %s. The old store is as it was.\n", tally(moved))
	return nil
}

func tally(h bot.Holdings) string {
	return fmt.Sprintf("%d records, %d jobs, %d done jobs, %d counters, %d kept values", h.Records, h.Jobs, h.Done, h.Facts, h.Kept)
}

// every tells of the progress about every n things.
func every(out io.Writer, n int) func(bot.Holdings) {
	next := n
	return func(h bot.Holdings) {
		if h.Things() >= next {
			next = h.Things() + n
			fmt.Fprintf(out, "… %s\n", tally(h))
		}
	}
}
