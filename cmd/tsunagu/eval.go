package main

import (
	"bufio"
	"bytes"
	"cmp"
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
		fmt.Fprintf(s.err, "%d / %d 回め（%d 秒）\n", n, 2*folds, int(time.Since(began).Seconds()))
	})
	if asJSON {
		return printJSON(s.out, got)
	}
	all := len(shared.Examples) + len(own.Examples)
	fmt.Fprintf(s.out, "例文 %d。行で %d 組に分けた成績（似た文は学んでいる）\n\n", all, folds)
	printReport(s.out, got.Lines)
	fmt.Fprintf(s.out, "\n例文 %d。ファイルで %d 組に分けた成績（その場面をまるごと知らない）\n\n", all, folds)
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
			faults = append(faults, fmt.Sprintf("%s:%d: 行が 64 KiB より長いです", path, n))
		case len(bytes.TrimSpace(line)) == 0:
		case !utf8.Valid(line):
			faults = append(faults, fmt.Sprintf("%s:%d: 行が UTF-8 ではありません", path, n))
		case json.Unmarshal(line, &m) != nil || m.Text == "":
			faults = append(faults, fmt.Sprintf("%s:%d: 正解のついたメッセージではありません（text、field、crisis が要ります）", path, n))
		case !slices.Contains(labels, m.Field):
			faults = append(faults, fmt.Sprintf("%s:%d: field「%s」はありません。使えるのは：%s", path, n, m.Field, strings.Join(labels, " ")))
		default:
			set = append(set, m)
		}
	}
	if len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "\n"))
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("%s にメッセージがありません", path)
	}
	return set, nil
}

var labels = []string{triage.Elderly, triage.Disability, triage.Child, triage.Poverty, triage.Complex, triage.Unclear, triage.OutOfScope}

// worst is how many mistakes of each kind are printed.
const worst = 10

func printReport(w io.Writer, r triage.Report) {
	share := func(name string, s triage.Share) {
		fmt.Fprintf(w, "%s  %s（%d 件のうち %d）\n", percent(s), name, s.Of, s.Hit)
	}
	share("分野の正解率 accuracy：正解とぴったり", r.Strict)
	share("分野の正解率：also_ok もよしとする", r.Lenient)
	share("重なった相談（complex）で、中身の分野もぴったり", r.Components)
	share("危険に気づいた割合 crisis recall：何かの番号を出した", r.CrisisAny)
	share("危険に気づいた割合：あいまいなもの（note に soft）をのぞく", r.CrisisHard)
	share("危険の種類も合った", r.CrisisKind)
	share("危険のない文に、まちがって番号を出した", r.CalmAlarm)
	share("ことばだけ危ない文（decoy）に、まちがって番号を出した", r.DecoyAlarm)
	share("聞き返さずに進んだ（この市の決まりで）", r.Accepted)
	share("そのうち合っていた（also_ok もよしとする）", r.AcceptedRight)
	share("自信のある上から 70 % での正解率", r.At70)
	if r.Threshold <= 1 {
		fmt.Fprintf(w, "自信 %.2f から上なら、%.0f %% に聞き返さずに進め、その 95 %% が合います\n", r.Threshold, 100*r.Answered.Rate())
	}
	fmt.Fprintf(w, "\n分野ごと：左は、その分野の文を見つけた割合 recall、右は、そう読んだ文が合っていた割合 precision\n")
	for _, l := range labels {
		fmt.Fprintf(w, "%-12s %s  %s\n", l, percent(r.Recall[l]), percent(r.Precision[l]))
	}
	fmt.Fprintf(w, "\n取りちがえの表 confusion matrix：たてが正解、よこが読み方\n%-12s", "")
	for _, l := range labels {
		fmt.Fprintf(w, " %10s", l)
	}
	fmt.Fprintln(w)
	for _, l := range labels {
		fmt.Fprintf(w, "%-12s", l)
		for _, m := range labels {
			fmt.Fprintf(w, " %10d", r.Confusion[l][m])
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\n自信と、じっさいに合っていた割合\n")
	for _, b := range r.Bins {
		fmt.Fprintf(w, "%.1f〜%.1f  自信 %.2f  合っていた %.2f（%d 件）\n", b.From, b.To, b.Confidence, b.Right.Rate(), b.Right.Of)
	}
	fmt.Fprintf(w, "\n書き方（register）ごとの正解率、also_ok もよしとする\n")
	for _, name := range slices.Sorted(maps.Keys(r.Registers)) {
		fmt.Fprintf(w, "%s  %s（%d 件）\n", percent(r.Registers[name]), cmp.Or(name, "書いていない"), r.Registers[name].Of)
	}
	fmt.Fprintf(w, "\nまちがえた文（種類ごとに、自信のあったものから %d まで）\n", worst)
	shown := map[string]int{}
	for _, m := range r.Mistakes {
		if shown[m.What]++; shown[m.What] > worst {
			continue
		}
		fmt.Fprintf(w, "%s %s：正解 %s → 読み方 %s（自信 %.2f、%s）\n  %s\n", m.Message.ID, mistakes[m.What], labelled(m.Message.Field, m.Message.Crisis),
			labelled(m.Reading.Field, m.Reading.Crisis), m.Reading.Confidence, readBy[m.Reading.By], clipLine(m.Message.Text))
		for _, why := range m.Reading.Why[:min(3, len(m.Reading.Why))] {
			fmt.Fprintf(w, "    %s\n", because(why))
		}
	}
}

// percent is a share as people read it; of nothing there is none.
func percent(s triage.Share) string {
	if s.Of == 0 {
		return "    —  "
	}
	return fmt.Sprintf("%5.1f %%", 100*s.Rate())
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
	fmt.Fprintf(w, "%s から %s へ：読み方が変わるのは %d 件（よくなる %d、悪くなる %d）\n", a, b, len(moves), better, worse)
	for _, m := range moves {
		mark := "　　　　"
		if m.Better {
			mark = "よくなる"
		} else if m.Worse {
			mark = "悪くなる"
		}
		fmt.Fprintf(w, "%s %s → %s（正解 %s）\n    %s\n", mark, labelled(m.From.Field, m.From.Crisis), labelled(m.To.Field, m.To.Crisis), labelled(m.Message.Field, m.Message.Crisis), clipLine(m.Message.Text))
	}
}

// labelled names a field and, where there is one, a danger, in the words of the files.
func labelled(field, crisis string) string {
	if crisis == "" || crisis == triage.None {
		return field
	}
	return field + "・危険 " + crisis
}

// labelWords are the labels in Japanese.
var labelWords = map[string]string{triage.Elderly: "高齢", triage.Disability: "障害", triage.Child: "子ども", triage.Poverty: "生活困窮",
	triage.Complex: "重なった相談", triage.Unclear: "読みとれない", triage.OutOfScope: "相談ではない"}

// mistakes and readBy say in Japanese what a mistake is, and what a reading rests on.
var (
	mistakes = map[string]string{"field": "分野ちがい", "missed": "危険の見落とし", "alarm": "まちがいの警報"}
	readBy   = map[string]string{triage.ByRule: "規則から", triage.ByExample: "例文から", triage.ByLLM: "LLM から"}
)

// because is one ground of a reading: which way it pulls, how strongly, and what it is.
func because(x triage.Reason) string {
	return fmt.Sprintf("%s %+.2f　%s：%s", x.Label, x.Weight, strings.TrimSuffix(readBy[x.By], "から"), cmp.Or(x.Rule, x.Text))
}

func clipLine(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
