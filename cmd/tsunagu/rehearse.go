package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/bot/transcript"
	"tsunagu/config"
	"tsunagu/triage"
)

var rehearseCommand = command{
	name: "rehearse", args: "--city DIR|NAME|all [--update] [PLAY…]",
	short: "市の台本を演じる。通らない選択肢も出す",
	long: `市の台本（conversations/*.txt）を、止めた時計で本物のプログラムに演じさせ、書いて
あるとおりかをくらべます。ちがいがあれば終了コードは 1 です。--update は、フォルダの
台本を、いまの返事に書きかえます（組みこみの市は、先に export で書き出します）。
おわりに、どの台本も通らない選択肢を出します。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", cityUsage+"、または all")
		update := fs.Bool("update", false, "いまの返事を台本に書く")
		if err := parse(fs, args, 0, 100); err != nil {
			return err
		}
		names := []string{*name}
		if *name == "all" {
			names = config.BuiltIn()
		}
		failed, base := 0, config.ReadBase()
		for _, n := range names {
			bad, err := rehearse(ctx, s, base, n, *update, fs.Args())
			if err != nil {
				return err
			}
			failed += bad
		}
		if failed > 0 {
			return failure(1)
		}
		return nil
	},
}

// rehearse runs the plays of one city and returns how many differ.
func rehearse(ctx context.Context, s streams, base *config.Base, name string, update bool, only []string) (failed int, err error) {
	city, err := loadCity(s, base, name)
	if err != nil {
		return 0, err
	}
	if update && !config.IsFolder(name) {
		return 0, wrong("--update はフォルダに使います。組みこみの市は、先に書き出します：tsunagu export --city %s DIR", name)
	}
	if city.Limit == 0 {
		city.Limit = config.DefaultPerMinute
	}
	plays, err := config.Plays(name)
	if err != nil {
		return 0, err
	}
	if len(plays) == 0 {
		fmt.Fprintf(s.out, "%s：台本がありません\n", city.ID)
		return 0, nil
	}
	city.Crisis("") // the reader learns on first use; that must not be a play's wait
	reached := map[string]bool{}
	for _, f := range plays {
		if len(only) > 0 && !slices.ContainsFunc(only, func(o string) bool { return strings.Contains(f.Name, o) }) {
			continue
		}
		ok, err := rehearseOne(ctx, s, city, f, update, reached)
		if err != nil {
			return failed, err
		}
		if !ok {
			failed++
		}
	}
	fmt.Fprintf(s.out, "%s：台本 %d 本、いまの返事とちがうもの %d 本\n", city.ID, len(plays), failed)
	if missing := unreached(city, reached); len(only) == 0 && len(missing) > 0 {
		fmt.Fprintf(s.out, "%s：どの台本も通らない選択肢：%s\n", city.ID, strings.Join(missing, ", "))
	}
	return failed, nil
}

func rehearseOne(ctx context.Context, s streams, city *bot.City, f config.PlayFile, update bool, reached map[string]bool) (bool, error) {
	play, errs := transcript.Parse(f.Name, f.Text)
	if len(errs) > 0 {
		for _, e := range errs {
			fmt.Fprintln(s.out, e)
		}
		return false, nil
	}
	got, err := playOnce(ctx, city, play, reached)
	if err != nil {
		fmt.Fprintln(s.out, err)
		if got == "" {
			return false, nil
		}
		fmt.Fprintln(s.out, lastLines(got, 12))
		return false, nil
	}
	if got == f.Text {
		return true, nil
	}
	if update {
		fmt.Fprintf(s.out, "%s：書きなおしました\n", f.Name)
		return true, os.WriteFile(f.Path, []byte(got), 0o644)
	}
	printDiff(s.out, f.Name, f.Text, got)
	return false, nil
}

// playOnce runs a play on a store of its own and notes the choices it took.
func playOnce(ctx context.Context, city *bot.City, play *transcript.Play, reached map[string]bool) (string, error) {
	got, facts, err := perform(ctx, city, play)
	for _, f := range facts {
		if a, ok := strings.CutPrefix(f.Name, "answer|"); ok {
			reached[a] = true
		}
	}
	return got, err
}

// playFacts runs a play and returns what was counted.
func playFacts(ctx context.Context, city *bot.City, play *transcript.Play) ([]bot.Fact, error) {
	_, facts, err := perform(ctx, city, play)
	return facts, err
}

func perform(ctx context.Context, city *bot.City, play *transcript.Play) (text string, facts []bot.Fact, err error) {
	dir, err := os.MkdirTemp("", "tsunagu-play")
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	keys, err := bot.NewKeys(make([]byte, 32))
	if err != nil {
		return "", nil, err
	}
	path := filepath.Join(dir, "play.db")
	open := func() (bot.Store, error) { return sqlitestore.Open(path, []string{city.ID}) }
	text, err = transcript.Run(ctx, play, transcript.Options{City: city, Keys: keys, Open: open})
	store, serr := open()
	if serr != nil {
		return text, nil, errors.Join(err, serr)
	}
	defer func() { _ = store.Close() }()
	facts, serr = store.Facts(ctx, city.ID, "0000-00-00", "9999-99-99")
	return text, facts, errors.Join(err, serr)
}

// unreached lists the choices of the tree that no play took.
func unreached(city *bot.City, reached map[string]bool) []string {
	var out []string
	for _, q := range city.Tree.Questions {
		ids := []string{}
		for _, o := range q.Options {
			if id := city.Counted(q.ID, o.ID); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		for _, id := range append(ids, triage.Unsure) {
			if !reached[q.ID+"/"+id] {
				out = append(out, q.ID+"/"+id)
			}
		}
	}
	return out
}

// printDiff shows the first lines that differ.
func printDiff(w io.Writer, name, want, got string) {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := at(a, i), at(b, i)
		if x == y {
			continue
		}
		fmt.Fprintf(w, "%s:%d: いまの返事とちがいます（- は台本、+ はいまの返事）\n", name, i+1)
		for j := i; j < min(i+4, max(len(a), len(b))); j++ {
			fmt.Fprintf(w, "  - %s\n  + %s\n", at(a, j), at(b, j))
		}
		return
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

func lastLines(s string, n int) string {
	l := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(l[max(0, len(l)-n):], "\n")
}
