package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Line is a hotline as it stands at one moment.
type Line struct {
	Hotline
	Open bool
	// Now says whether the line takes calls at that moment, and if not, when it
	// does: いま つながります; いまは時間外（きょう午後4時から）.
	Now string
}

// Text says the line in two rows: name and number; hours, cost, for whom, and
// whether it takes calls now.
func (l Line) Text() string {
	facts := make([]string, 0, 4)
	for _, fact := range []string{l.HoursText, l.Cost, l.Audience, l.Languages} {
		if fact != "" {
			facts = append(facts, fact)
		}
	}
	return l.Name + "　" + l.Number + "\n" + strings.Join(append(facts, l.Now), "・")
}

// Lines lists the hotlines for a crisis kind (in triage's words) in a
// prefecture; an empty prefecture means the directory's. The kind's lines come
// first: those that take calls at t, then by Rank. The lines marked Always close
// the list, three-digit numbers first, unless they stood above. A line whose
// hours are not verified is left out. 110, 119 and 189 are never missing.
//
// Elder and disability abuse have no national line: the caller adds the town's
// office.
func (d Directory) Lines(kind, prefecture string, t time.Time) []Line {
	if prefecture == "" {
		prefecture = d.Prefecture
	}
	var first, last []Line
	listed := map[string]bool{}
	for _, h := range append(slices.Clone(d.Hotlines), emergency(d.Hotlines)...) {
		serves := slices.Contains(h.Kinds, kind) || slices.Contains(h.Kinds, "any")
		if !h.Hours.ever() || !h.reaches(prefecture) || !serves && !h.Always || listed[h.Number] {
			continue
		}
		listed[h.Number] = true
		line := h.at(t)
		if serves {
			first = append(first, line)
		} else {
			last = append(last, line)
		}
	}
	slices.SortStableFunc(first, func(a, b Line) int {
		if a.Open != b.Open {
			return cmp.Compare(b.order(), a.order())
		}
		return cmp.Compare(a.Rank, b.Rank)
	})
	slices.SortStableFunc(last, func(a, b Line) int {
		return cmp.Or(
			cmp.Compare(utf8.RuneCountInString(a.Number), utf8.RuneCountInString(b.Number)),
			cmp.Compare(a.Number, b.Number))
	})
	return append(first, last...)
}

func (l Line) order() int {
	if l.Open {
		return 1
	}
	return 0
}

// at is the line at a moment. The town's calendar does not bind it.
func (h Hotline) at(t time.Time) Line {
	line := Line{Hotline: h, Open: OpenAt(h.Hours, Calendar{}, t)}
	if line.HoursText == "" {
		line.HoursText = h.Hours.Weekly()
		if off := h.Hours.DaysOff(Calendar{}); off != "" {
			line.HoursText += "（" + off + "）"
		}
	}
	line.Now = "いま つながります"
	if !line.Open {
		line.Now = "いまは時間外"
		if next, ok := NextOpen(h.Hours, Calendar{}, t); ok {
			line.Now += "（" + Moment(next, t) + "から）"
		}
	}
	return line
}

// reaches says whether the line can be called from a prefecture. One that is
// kept to some prefectures is not offered where the prefecture is unknown.
func (h Hotline) reaches(prefecture string) bool {
	same := func(other string) bool { return bareName(other) == bareName(prefecture) }
	if len(h.Only) > 0 && !slices.ContainsFunc(h.Only, same) {
		return false
	}
	return !slices.ContainsFunc(h.Except, same)
}

// bareName is a prefecture without 都, 府 or 県; 京都 stays whole.
func bareName(prefecture string) string {
	if utf8.RuneCountInString(prefecture) < 3 {
		return prefecture
	}
	for _, suffix := range []string{"都", "府", "県"} {
		if rest, ok := strings.CutSuffix(prefecture, suffix); ok {
			return rest
		}
	}
	return prefecture
}

// emergency are the three numbers that a list must never miss, as far as the
// directory lacks a usable entry of its own.
func emergency(have []Hotline) []Hotline {
	free := func(id, name, number string, rank int, kinds ...string) Hotline {
		return Hotline{ID: id, Name: name, Number: number, Kinds: kinds, Hours: &Hours{Open24: true},
			HoursText: "24時間", Cost: "無料", Always: true, Rank: rank}
	}
	all := []Hotline{
		free("119", "救急・消防", "119", 10, "medical_emergency", "fire_crime"),
		free("189", "児童相談所虐待対応ダイヤル", "189", 20, "child_abuse"),
		free("110", "警察", "110", 30, "violence", "child_abuse", "elder_abuse", "disability_abuse", "fire_crime"),
	}
	return slices.DeleteFunc(all, func(e Hotline) bool {
		return slices.ContainsFunc(have, func(h Hotline) bool {
			return h.Number == e.Number && h.Always && h.Hours.ever() && len(h.Only)+len(h.Except) == 0
		})
	})
}
