package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is something wrong with a file, told to the person who wrote it.
type Fault struct {
	File string // as the person named it
	Line int    // from 1; 0 = the file as a whole
	Col  int    // from 1, in characters
	Text string // one Japanese sentence; never a secret's value
	// Warning is true when the service can run with it all the same.
	Warning bool
}

// String is file:line:column: text.
func (f Fault) String() string {
	place := f.File
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Col)
	}
	if f.Warning {
		return place + ": 注意：" + f.Text
	}
	return place + ": " + f.Text
}

// Failed says whether any fault is more than a warning.
func Failed(faults []Fault) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return !f.Warning })
}

// Report writes faults a line each, warnings before them and, when any is more than a warning, how
// many of those there are and that nothing was started.
func Report(faults []Fault) string {
	var b strings.Builder
	n := 0
	for _, f := range faults {
		if f.Warning {
			b.WriteString(f.String() + "\n")
		}
	}
	for _, f := range faults {
		if !f.Warning { // last, where the eye is when many lines have gone by
			b.WriteString(f.String() + "\n")
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(&b, "まちがいが %d 件あり、始められません。\n", n)
	}
	return b.String()
}

// sorted orders faults by place and drops repetitions.
func sorted(faults []Fault) []Fault {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return slices.Compact(faults)
}

// errorsOnly leaves the warnings out.
func errorsOnly(faults []Fault) []Fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return f.Warning })
}

// listed bounds the words that are named where none is near.
const listed = 14

// meant is the known word that a misspelt one most likely stands for, as the end
// of a fault's text; where none is near, all that may be written if they are few.
func meant(word string, known []string) string {
	end := near(word, known)
	if end == "" && len(known) > 0 && len(known) <= listed {
		end = "（書けるのは " + strings.Join(known, "、") + "）"
	}
	return end
}

// near is the known word that is near, as the end of a fault's text, or "".
func near(word string, known []string) string {
	best, at := "", 4
	for _, k := range known {
		if d := distance(word, k, at); d < at {
			best, at = k, d
		}
	}
	if best == "" || at*2 > max(len([]rune(word)), 2) {
		return ""
	}
	return "（もしかして「" + best + "」ですか）"
}

// distance counts the characters to change, add, drop or swap; limit is enough.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit || len(x) > 100 {
		return limit
	}
	var before, last []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before, last, row = last, row, make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(y)]
}
