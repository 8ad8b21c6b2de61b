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
	short: "保存先を、別の空の保存先へ写す",
	long: `設定にある市のすべてを、空の保存先へ写し、読み直してくらべます。どちらも tsunagu.yaml
と同じ書き方です：sqlite:FILE（いまいるフォルダから）、redis://…、または、それを入れた
env:NAME。--from を書かなければ、設定の保存先です。先に serve を全部止めてください。
SQLite では動いていれば断りますが、Redis では分かりません。もとの保存先はそのままです。
終わったら、新しいほうを tsunagu.yaml に書き、serve を始め、全部あるのを見てから、
もとのほうを消してください。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		file := fs.String("config", "tsunagu.yaml", "設定ファイル")
		from := fs.String("from", "", "読む保存先")
		to := fs.String("to", "", "写す先の、空の保存先")
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
			return wrong("--to がありません")
		case a == b:
			return wrong("--from と --to が同じ保存先です")
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
			return "", wrong("保存先は、sqlite:FILE か redis://… か env:NAME と書きます")
		}
		return text, nil
	}
	v := strings.TrimSpace(os.Getenv(name))
	if v == "" {
		return "", wrong("環境変数 %s がありません", name)
	}
	return v, nil
}

func move(ctx context.Context, s streams, cities []string, from, to string) (err error) {
	if path, ok := strings.CutPrefix(from, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("保存先 %s がありません", path)
		}
	}
	open := func(url string) (bot.Store, error) {
		store, err := openStore(ctx, url, cities)
		if errors.Is(err, sqlitestore.ErrLocked) {
			return nil, fmt.Errorf("%s では serve が動いています。先に止めてください", url)
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
		return errors.New("写す先が空ではありません。何も書いていません。新しいファイルか、Redis の別の番号（データベース）にしてください")
	case err != nil:
		return fmt.Errorf("全部は写せませんでした（%s）。写す先を空にしてから、もう一度始めてください：%w", tally(moved), err)
	}
	fmt.Fprintf(s.out, "写して、読み直してくらべました：%s。もとの保存先は、そのままです。\n", tally(moved))
	return nil
}

func tally(h bot.Holdings) string {
	return fmt.Sprintf("記録 %d、仕事 %d、すんだ仕事 %d、集計 %d、保存した値 %d", h.Records, h.Jobs, h.Done, h.Facts, h.Kept)
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
