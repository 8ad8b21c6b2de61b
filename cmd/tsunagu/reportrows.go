package main

import (
	"cmp"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tsunagu/bot"
)

// allTowns in place of a town's ID asks for every town of the configuration.
const allTowns = "all"

// byteOrderMark lets a spreadsheet see that the file is UTF-8; without it Japanese is
// opened as noise.
const byteOrderMark = "\ufeff"

// reportColumns are for people first; name and label are the fact's own, for programs.
// A total has none.
var reportColumns = []string{"市", "期間", "項目", "区分", "数", "name", "label"}

// smallCell is the number below which a count could point to a person.
const smallCell = 5

// shown is a count as anybody may see it.
func shown(n int) string {
	if n < smallCell {
		return "<" + strconv.Itoa(smallCell)
	}
	return strconv.Itoa(n)
}

// wholes are rows that count what another counter counts in parts, and would tell its
// total.
var wholes = map[string]string{"staff|close": "closed", "staff|misroute": "misroute"}

// writeReport sums a town's days, row by row in the order of counters; facts that are
// none of them come last, as they are called. The caller flushes.
func writeReport(w *csv.Writer, c *bot.City, span string, facts []bot.Fact) {
	sums := map[string]map[string]int{} // by name and label
	for _, f := range facts {
		_, _, path := bot.ParsePath(f.Name)
		if _, misread := bot.ParseMisread(f); path || misread {
			continue // for the lists; too fine for a table
		}
		name, label, _ := strings.Cut(f.Name, "|")
		if id, option, ok := strings.Cut(label, "/"); ok && name == "answer" {
			label = id + "/" + c.Counted(id, option) // an earlier release told the 地区
		}
		if sums[name] == nil {
			sums[name] = map[string]int{}
		}
		sums[name][label] += f.N
	}
	row := func(cells ...string) { _ = w.Write(append([]string{c.Name, span}, cells...)) } // Flush tells
	for _, k := range counters {
		labels := sums[k.name]
		delete(sums, k.name)
		if k.sum && len(labels) > 0 {
			row(k.says, "合計", total(labels), "", "")
		}
		for _, label := range inOrder(labels, k.order) {
			part := ""
			if k.label != nil {
				part = k.label(c, label)
			}
			n := shown(labels[label])
			if whole := wholes[k.name+"|"+label]; labels[label] >= smallCell && strings.HasSuffix(total(sums[whole]), "以上") {
				n = strconv.Itoa(smallCell) + "以上"
			}
			row(k.says, part, n, k.name, label)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		for _, label := range inOrder(sums[name], nil) {
			row(name, label, shown(sums[name][label]), name, label)
		}
	}
}

// total is the sum of a whole's parts, or "20以上" where parts are hidden: it says no more
// than the rows do, for what it says otherwise would depend on what they hide.
func total(parts map[string]int) string {
	all, hidden, cells := 0, 0, 0
	for label, n := range parts {
		if label == noDistrict {
			continue // counted beside its field
		}
		if all += n; n < smallCell {
			hidden, cells = hidden+n, cells+1
		}
	}
	switch {
	case cells == 0 || cells == 1 && hidden == all:
		return shown(all)
	case hidden == all:
		return strconv.Itoa(cells) + "以上" // each is one at least
	}
	return strconv.Itoa(all-hidden) + "以上"
}

// inOrder sorts labels as the counter has them, else by their numbers, the greatest
// first; those that are hidden stand by name, which says nothing of the numbers.
func inOrder(labels map[string]int, order []string) []string {
	at := func(label string) int {
		if i := slices.Index(order, label); i >= 0 {
			return i
		}
		return len(order)
	}
	return slices.SortedFunc(maps.Keys(labels), func(a, b string) int {
		return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(max(labels[b], smallCell-1), max(labels[a], smallCell-1)), strings.Compare(a, b))
	})
}
