package main

import (
	"cmp"
	"encoding/csv"
	"maps"
	"slices"
	"strings"

	"tsunagu/bot"
	"tsunagu/config"
	"tsunagu/triage"
)

// list is one of the lists that help to mend the rules: its columns, and a fact's
// row; nil = the fact does not belong to it.
type list struct {
	columns []string
	row     func(*bot.City, bot.Fact) []string
}

var lists = map[string]*list{
	"llm": {[]string{"rules", "llm"}, func(_ *bot.City, f bot.Fact) []string {
		labels, ok := strings.CutPrefix(f.Name, "llm|disagree|")
		rules, other, _ := strings.Cut(labels, "|")
		if !ok {
			return nil
		}
		return []string{rules, other}
	}},
	"misread": {[]string{"from", "to", "path"}, func(c *bot.City, f bot.Fact) []string {
		m, ok := bot.ParseMisread(f)
		if !ok {
			return nil
		}
		return []string{m.From, m.To, readPath(c.Tree, m.Path)}
	}},
	"moved": {[]string{"was", "is", "path"}, func(c *bot.City, f bot.Fact) []string {
		was, path, ok := bot.ParsePath(f.Name)
		is, known := c.Outcome(path)
		if !known {
			is += " (a question or choice of it is gone)"
		}
		if !ok || was == is {
			return nil
		}
		return []string{was, is, readPath(c.Tree, path)}
	}},
}

// writeList sums a list's rows, the most frequent first, and hides small numbers.
func writeList(w *csv.Writer, l *list, c *bot.City, facts []bot.Fact) error {
	const sep = "\x1f"
	sums := map[string]int{}
	for _, f := range facts {
		if row := l.row(c, f); row != nil {
			sums[strings.Join(row, sep)] += f.N
		}
	}
	if err := w.Write(append(slices.Clone(l.columns), "count")); err != nil {
		return err
	}
	// Rows whose numbers are hidden stand in the order of their names, which says
	// nothing of the numbers.
	for _, key := range slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		rank := func(key string) int { return max(sums[key], smallCell-1) }
		return cmp.Or(cmp.Compare(rank(b), rank(a)), strings.Compare(a, b))
	}) {
		if err := w.Write(append(strings.Split(key, sep), shown(sums[key]))); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// readPath is a path for people who have the tree before them: each question's ID
// and what was tapped.
func readPath(tree triage.Tree, path []triage.Answer) string {
	var steps []string
	for _, a := range path {
		label := a.Option
		q := tree.Find(a.Question)
		switch {
		case q != nil && q.Districts:
			label = "（地区）" // is not counted
		case a.Option == triage.Unsure:
			label = "分からない"
		case a.Option == triage.Words:
			label = "ことばから " + strings.Join(a.Fields, "+")
		case a.Option == triage.Done:
			label = "これでぜんぶ"
		case q != nil:
			if i := slices.IndexFunc(q.Options, func(o triage.Option) bool { return o.ID == a.Option }); i >= 0 {
				label = q.Options[i].Label
			}
		}
		steps = append(steps, a.Question+":"+label)
	}
	return strings.Join(steps, " → ")
}

func townOf(cfg *config.Config, city string) *bot.City {
	return cfg.Cities[slices.IndexFunc(cfg.Cities, func(t config.Town) bool { return t.City.ID == city })].City
}
