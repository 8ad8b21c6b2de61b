package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tsunagu/config"
	"tsunagu/triage"
)

var evalCommand = command{
	name: "eval", args: "--city DIR|NAME [--compare DIR|NAME] [--json] FILE.jsonl | --city DIR|NAME --cross [FOLDS] [--json]",
	short: "正解のついたメッセージで、読み方を採点する（正解率、取りちがえ、危険の見落とし）",
	long: `正解のついたメッセージ（1 行に {"text","field","also_ok","crisis","decoy",…}）を、
市の決まりと例文がどう読むかを採点します。--compare で、別の市や直したフォルダなら
どこが変わるか（よくなる、わるくなる）を出します。--json はプログラム向けです。

--cross はファイルが要りません。市の例文を組に分け（書かなければ 5 組、20 組まで）、
1 組をかくして残りを覚え、かくした組を読むことを、すべての組でします。行で分けた
ときと、ファイルごと分けたときの 2 回です。`,
	run: func(ctx context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", cityUsage)
		other := fs.String("compare", "", "くらべる市")
		asJSON := fs.Bool("json", false, "JSON で出す")
		cross := fs.Bool("cross", false, "市の例文を、かくしながら採点する")
		if err := parse(fs, args, 0, 1); err != nil {
			return err
		}
		if fs.NArg() == 0 && !*cross {
			return wrong("正解のついたメッセージのファイル（または --cross）がありません")
		}
		base := config.ReadBase()
		city, err := loadCity(s, base, *name)
		if err != nil {
			return err
		}
		if *cross {
			return crossEval(s, base, *name, city.Accept, fs.Arg(0), *asJSON)
		}
		set, err := readLabelled(fs.Arg(0))
		if err != nil {
			return err
		}
		if *other != "" {
			second, err := loadCity(s, base, *other)
			if err != nil {
				return err
			}
			printMoves(s.out, triage.Compare(set, city.Read, second.Read), *name, *other)
			return nil
		}
		rep := triage.Evaluate(set, city.Explain, city.Accept)
		if *asJSON {
			return printJSON(s.out, rep)
		}
		printReport(s.out, rep)
		return nil
	},
}

// crossEval scores a city's own examples.
func crossEval(s streams, base *config.Base, name string, accept float64, arg string, asJSON bool) error {
	folds := 5
	if arg != "" {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 2 || n > 20 {
			return wrong("「%s」は組の数ではありません。2 から 20 までです", arg)
		}
		folds = n
	}
	shared, own, err := base.Lexicons(name)
	if err != nil {
		return err
	}
	began := time.Now()
	got := triage.CrossValidate(shared, own, folds, accept, func(n int) {
		fmt.Fprintf(s.err, "fold %d of %d (%d s)\n", n, 2*folds, int(time.Since(began).Seconds()))
	})
	if asJSON {
		return printJSON(s.out, got)
	}
	all := len(shared.Examples) + len(own.Examples)
	fmt.Fprintf(s.out, "%d examples, %d folds cut by line: alike sentences are learned\n\n", all, folds)
	printReport(s.out, got.Lines)
	fmt.Fprintf(s.out, "\n%d examples, %d folds cut by file: the whole situation is new\n\n", all, folds)
	printReport(s.out, got.Files)
	return nil
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// readLabelled reads a labelled set; every fault with its line.
func readLabelled(path string) ([]triage.Labelled, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var set []triage.Labelled
	var faults []string
	r := bufio.NewReaderSize(f, maxLine)
	for n := 1; ; n++ {
		line, long, err := readLine(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		var m triage.Labelled
		switch {
		case long:
			faults = append(faults, fmt.Sprintf("%s:%d: the line is longer than 64 KiB", path, n))
		case len(bytes.TrimSpace(line)) == 0:
		case !utf8.Valid(line):
			faults = append(faults, fmt.Sprintf("%s:%d: the line is not UTF-8", path, n))
		case json.Unmarshal(line, &m) != nil || m.Text == "":
			faults = append(faults, fmt.Sprintf("%s:%d: not a labelled message (text, field, crisis …)", path, n))
		case !slices.Contains(labels, m.Field):
			faults = append(faults, fmt.Sprintf("%s:%d: field %q is none of %s", path, n, m.Field, strings.Join(labels, " ")))
		default:
			set = append(set, m)
		}
	}
	if len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "\n"))
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("%s holds no messages", path)
	}
	return set, nil
}

var labels = []string{triage.Elderly, triage.Disability, triage.Child, triage.Poverty, triage.Complex, triage.Unclear, triage.OutOfScope}

// worst is how many mistakes of each kind are printed.
const worst = 10

func printReport(w io.Writer, r triage.Report) {
	share := func(name string, s triage.Share) {
		fmt.Fprintf(w, "%-34s %5.3f  (%d of %d)\n", name, s.Rate(), s.Hit, s.Of)
	}
	share("field, strict", r.Strict)
	share("field, lenient (also_ok)", r.Lenient)
	share("components of complex", r.Components)
	share("crisis recall (any guidance)", r.CrisisAny)
	share("crisis recall without soft lines", r.CrisisHard)
	share("crisis, the right kind", r.CrisisKind)
	share("false alarm, calm messages", r.CalmAlarm)
	share("false alarm, decoys", r.DecoyAlarm)
	share("answered at once by this city", r.Accepted)
	share("of these right (lenient)", r.AcceptedRight)
	share("right among the surest 70 %", r.At70)
	if r.Threshold <= 1 {
		fmt.Fprintf(w, "at confidence %.2f %.0f %% are answered at once, 95 %% of them rightly\n", r.Threshold, 100*r.Answered.Rate())
	}
	fmt.Fprintf(w, "\n%-12s %7s %9s\n", "", "recall", "precision")
	for _, l := range labels {
		fmt.Fprintf(w, "%-12s %7.3f %9.3f\n", l, r.Recall[l].Rate(), r.Precision[l].Rate())
	}
	fmt.Fprintf(w, "\nlabelled ↓ read →\n%-12s", "")
	for _, l := range labels {
		fmt.Fprintf(w, " %6.6s", l)
	}
	fmt.Fprintln(w)
	for _, l := range labels {
		fmt.Fprintf(w, "%-12s", l)
		for _, m := range labels {
			fmt.Fprintf(w, " %6d", r.Confusion[l][m])
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\nconfidence   said  was right\n")
	for _, b := range r.Bins {
		fmt.Fprintf(w, "%.1f to %.1f   %.2f  %.2f  (%d)\n", b.From, b.To, b.Confidence, b.Right.Rate(), b.Right.Of)
	}
	fmt.Fprintf(w, "\nregister                          lenient\n")
	for _, name := range slices.Sorted(maps.Keys(r.Registers)) {
		fmt.Fprintf(w, "%-32s  %.3f  (%d)\n", name, r.Registers[name].Rate(), r.Registers[name].Of)
	}
	fmt.Fprintf(w, "\nthe worst mistakes\n")
	shown := map[string]int{}
	for _, m := range r.Mistakes {
		if shown[m.What]++; shown[m.What] > worst {
			continue
		}
		fmt.Fprintf(w, "%s %s: %s → %s (crisis %s → %s) %.2f by %s\n  %s\n", m.Message.ID, m.What, m.Message.Field, m.Reading.Field,
			m.Message.Crisis, m.Reading.Crisis, m.Reading.Confidence, m.Reading.By, clipLine(m.Message.Text))
		for _, why := range m.Reading.Why[:min(3, len(m.Reading.Why))] {
			fmt.Fprintf(w, "    %s %+.2f %s%s\n", why.Label, why.Weight, why.Rule, why.Text)
		}
	}
}

func printMoves(w io.Writer, moves []triage.Move, a, b string) {
	better, worse := 0, 0
	for _, m := range moves {
		switch {
		case m.Better:
			better++
		case m.Worse:
			worse++
		}
	}
	fmt.Fprintf(w, "from %s to %s: %d messages are read differently, %d better, %d worse\n", a, b, len(moves), better, worse)
	for _, m := range moves {
		mark := "  "
		if m.Better {
			mark = "+ "
		} else if m.Worse {
			mark = "- "
		}
		fmt.Fprintf(w, "%s%s → %s (crisis %s → %s), labelled %s\n    %s\n", mark, m.From.Field, m.To.Field, m.From.Crisis, m.To.Crisis, m.Message.Field, clipLine(m.Message.Text))
	}
}

func clipLine(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
