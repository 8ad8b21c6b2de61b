package triage

import (
	"slices"
	"strings"
)

// run is a stretch of digits and what stands between them.
type run struct {
	from, to int      // runes
	groups   []string // digits as ASCII
	gaps     []string // between groups
}

// maskNumbers masks telephone, card and personal numbers, postal codes and 番地.
func maskNumbers(s string) string {
	r := []rune(s)
	var b strings.Builder
	for i := 0; i < len(r); {
		if asciiDigit(r[i]) < 0 && r[i] != '〒' && r[i] != '+' && r[i] != '＋' {
			b.WriteRune(r[i])
			i++
			continue
		}
		x := runAt(r, i)
		if len(x.groups) == 0 {
			b.WriteRune(r[i])
			i++
			continue
		}
		put, to := judge(r, x)
		if put == "" {
			b.WriteString(string(r[i:to]))
		} else {
			b.WriteString(put)
		}
		i = to
	}
	return b.String()
}

// judge says what a run is: the first reading that fits, from the whole of it
// down to its first group. What is nobody's number is given back unmasked.
func judge(r []rune, x run) (put string, to int) {
	international := r[x.from] == '+' || r[x.from] == '＋'
	if r[x.from] == '〒' {
		return maskPlace, x.end(r, len(x.groups))
	}
	for n := len(x.groups); n > 0; n-- {
		groups, gaps := x.groups[:n], x.gaps[:n-1]
		digits := strings.Join(groups, "")
		end := x.end(r, n)
		dashed := n > 1 && !strings.ContainsAny(strings.Join(gaps, ""), " 　()（）")
		switch {
		case date(groups):
			if !x.dashAfter(n) {
				return "", end
			}
		case international && strings.HasPrefix(digits, "81") && len(digits) >= 11 && len(digits) <= 13,
			digits[0] == '0' && (len(digits) == 10 || len(digits) == 11) && len(groups[0]) != 1:
			return maskPhone, end
		case len(digits) >= 12 && len(digits) <= 16 && (n == 1 || even(groups)) && !unit(r, end):
			return maskNumber, end
		case n == 2 && dashed && len(groups[0]) == 3 && len(groups[1]) == 4 && !unit(r, end):
			return maskPlace, end
		case n >= 3 && n <= 5 && dashed && short(groups) && !x.dashAfter(n) && !counted(r, end):
			return maskPlace, end
		}
	}
	return "", x.end(r, 1)
}

// dashAfter says whether a dash joins the first n groups to the next one.
func (x *run) dashAfter(n int) bool {
	return n < len(x.groups) && strings.Contains(x.gaps[n-1], "-")
}

// end is the rune after the first n groups.
func (x *run) end(r []rune, n int) int {
	i := x.from
	for i < len(r) && asciiDigit(r[i]) < 0 {
		i++
	}
	for k := range n {
		i += len(x.groups[k])
		if k < n-1 {
			i += len([]rune(x.gaps[k]))
		}
	}
	return i
}

// runAt reads the run that starts at i.
func runAt(r []rune, i int) run {
	x := run{from: i}
	for i < len(r) && (r[i] == '〒' || r[i] == '+' || r[i] == '＋' || i > x.from && i < x.from+2 && r[i] == ' ') {
		i++
	}
	for i < len(r) && len(x.groups) < 20 {
		from := i
		var g strings.Builder
		for i < len(r) && asciiDigit(r[i]) >= 0 && i-from < 20 {
			g.WriteByte(byte('0' + asciiDigit(r[i])))
			i++
		}
		if i == from {
			break
		}
		x.groups = append(x.groups, g.String())
		x.to = i
		gap := i
		for gap < len(r) && gap-i < 2 && separator(r[gap]) {
			gap++
		}
		if gap == i || gap >= len(r) || asciiDigit(r[gap]) < 0 {
			break
		}
		x.gaps = append(x.gaps, strings.Map(plainSeparator, string(r[i:gap])))
		i = gap
	}
	return x
}

func asciiDigit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '０' && r <= '９':
		return int(r - '０')
	}
	return -1
}

func separator(r rune) bool {
	return strings.ContainsRune("-‐‑‒–—―−ーｰ－ 　()（）", r)
}

func plainSeparator(r rune) rune {
	if strings.ContainsRune(" 　()（）", r) {
		return r
	}
	return '-'
}

// date recognises 2026-11-22 and 2026 11 22.
func date(g []string) bool {
	return len(g) == 3 && len(g[0]) == 4 && (strings.HasPrefix(g[0], "19") || strings.HasPrefix(g[0], "20")) && len(g[1]) <= 2 && len(g[2]) <= 2
}

// even says whether the groups are those of a card or personal number.
func even(g []string) bool {
	for _, s := range g {
		if len(s) < 3 || len(s) > 6 {
			return len(strings.Join(g, "")) == len(g) // digit by digit
		}
	}
	return true
}

func short(g []string) bool {
	for _, s := range g {
		if len(s) > 4 {
			return false
		}
	}
	return true
}

// counted says whether what follows makes a number an amount or a rank: 円, 歳,
// 番目, 組, 号車.
func counted(r []rune, i int) bool {
	return unit(r, i) || i < len(r) && (strings.ContainsRune("目組班対", r[i]) ||
		i+1 < len(r) && slices.Contains([]string{"番目", "番線", "号車", "号線", "枚目", "件目", "本目"}, string(r[i:i+2])) || r[i] == '車')
}

// unit says whether a counter follows: 円, 歳 and the like make it an amount.
func unit(r []rune, i int) bool {
	return i < len(r) && strings.ContainsRune("円万千百億歳才人名年月日時分秒回個点位度％%キ㎞㎝階週か%", r[i])
}
