package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tsunagu/bot"
	"tsunagu/bot/transcript"
	"tsunagu/config"
	"tsunagu/triage"
)

var diffCommand = command{
	name: "diff", args: "--city NEW --against OLD [--config tsunagu.yaml]",
	short: "決まりを直すと何が変わるかを、公開の前に見る",
	long: `市の 2 つの版をくらべます。終わり方が変わる台本、読み方が変わる例文、--config を
つけると、過去の相談（文は残っていません。道すじと終わり方だけ）のうち、いまなら
別のところへ行くものを出します。何も変えません。ちがいがあっても終了コードは 0 です。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		newer := fs.String("city", "", "新しい版。"+cityUsage)
		older := fs.String("against", "", "もとの版")
		file := fs.String("config", "", "設定ファイル（tsunagu.yaml）。過去の相談もくらべる")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		if *older == "" {
			return wrong("--against（もとの版）がありません：%s", cityUsage)
		}
		base := config.ReadBase()
		a, err := loadCity(s, base, *older)
		if err != nil {
			return err
		}
		b, err := loadCity(s, base, *newer)
		if err != nil {
			return err
		}
		if err := diffPlays(ctx, s.out, *newer, *older, a, b); err != nil {
			return err
		}
		if err := diffExamples(s.out, base, *newer, a, b); err != nil {
			return err
		}
		if *file == "" {
			return nil
		}
		return diffPast(ctx, s, *file, a, b)
	},
}

// diffPlays runs the plays of the new version (and those only the old one has)
// on both, and names those that end elsewhere.
func diffPlays(ctx context.Context, w io.Writer, newer, older string, a, b *bot.City) error {
	plays, err := config.Plays(newer)
	if err != nil {
		return err
	}
	old, err := config.Plays(older)
	if err != nil {
		return err
	}
	base := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	for _, o := range old {
		if !slices.ContainsFunc(plays, func(p config.PlayFile) bool { return base(p.Name) == base(o.Name) }) {
			plays = append(plays, o)
		}
	}
	moved := 0
	for _, f := range plays {
		play, errs := transcript.Parse(f.Name, f.Text)
		if len(errs) > 0 {
			return errs[0]
		}
		was, err1 := outcomesOf(ctx, a, play)
		is, err2 := outcomesOf(ctx, b, play)
		if ctx.Err() != nil {
			return ctx.Err() // what was cut off moved nowhere
		}
		if was == is && (err1 == nil) == (err2 == nil) {
			continue
		}
		moved++
		fmt.Fprintf(w, "台本 %s（%s）\n", f.Name, play.Title)
		for _, e := range []error{err1, err2} {
			if e != nil {
				fmt.Fprintf(w, "    %v\n", e)
			}
		}
		fmt.Fprintf(w, "    %s → %s\n", was, is)
	}
	fmt.Fprintf(w, "台本：%d 本のうち %d 本で、行き着く先が変わります\n", len(plays), moved)
	return nil
}

// outcomesOf plays a play and lists what was counted about where it led.
func outcomesOf(ctx context.Context, c *bot.City, play *transcript.Play) (string, error) {
	facts, err := playFacts(ctx, c, play)
	var out []string
	for _, f := range facts {
		name, _, _ := strings.Cut(f.Name, "|")
		if slices.Contains([]string{"outcome", "crisis", "case", "miss", "outofscope"}, name) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", "), err
}

func diffExamples(w io.Writer, base *config.Base, newer string, a, b *bot.City) error {
	shared, own, err := base.Lexicons(newer)
	if err != nil {
		return err
	}
	var set []triage.Labelled
	for _, e := range slices.Concat(shared.Examples, own.Examples) {
		set = append(set, triage.Labelled{Text: e.Text, Field: e.Field, Fields: e.Fields, Crisis: e.Crisis, Decoy: e.Decoy})
	}
	moves := triage.Compare(set, a.Read, b.Read)
	printMoved(w, moves)
	fmt.Fprintf(w, "例文：%d のうち %d で、読み方が変わります\n", len(set), len(moves))
	return nil
}

// printMoved prints fifty: danger that is not seen any more stands first, and
// none of it is left out.
func printMoved(w io.Writer, moves []triage.Move) {
	lost := func(m triage.Move) bool { return m.From.Crisis != triage.None && m.To.Crisis == triage.None }
	slices.SortStableFunc(moves, func(x, y triage.Move) int {
		switch {
		case lost(x) == lost(y):
			return 0
		case lost(x):
			return -1
		}
		return 1
	})
	for i, m := range moves {
		if i >= 50 && !lost(m) {
			fmt.Fprintf(w, "… ほかに %d\n", len(moves)-i)
			return
		}
		what := "例文"
		if lost(m) {
			what = "例文（危険に気づかなくなる）"
		}
		fmt.Fprintf(w, "%s %s → %s：%s\n", what, labelled(m.From.Field, m.From.Crisis), labelled(m.To.Field, m.To.Crisis), clipLine(m.Message.Text))
	}
}

// diffPast walks counted paths through both trees.
func diffPast(ctx context.Context, s streams, file string, a, b *bot.City) error {
	cfg, err := loadConfig(s, file, b.ID)
	if err != nil {
		return err
	}
	facts, err := readFacts(ctx, cfg, b.ID, "0000-00", "9999-99")
	if err != nil {
		return err
	}
	moved, all := map[string]int{}, 0
	for _, f := range facts {
		_, path, ok := bot.ParsePath(f.Name)
		if !ok {
			continue
		}
		all += f.N
		was, _ := a.Outcome(path)
		is, known := b.Outcome(path)
		if !known {
			is += "（通った質問か選択肢が、もうありません）"
		}
		if was != is {
			moved[was+" → "+is] += f.N
		}
	}
	sum := 0
	for _, m := range slices.Sorted(maps.Keys(moved)) {
		fmt.Fprintf(s.out, "これまでの相談 %s：%d 件\n", m, moved[m])
		sum += moved[m]
	}
	fmt.Fprintf(s.out, "これまでの相談：%d 件のうち %d 件で、行き着く先が変わります\n", all, sum)
	return nil
}
