package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tsunagu/directory"
)

// readDirectory reads fields, districts and offices.
func (l *loader) readDirectory() {
	n, ok := l.file(directoryFile, true, "")
	if !ok {
		return
	}
	d := &l.city.Directory
	areas := map[string][]string{} // office ID → areas it covers as a whole
	n.object(map[string]func(node){
		"fields": func(n node) {
			n.list(func(n node) {
				var f directory.Field
				n.object(map[string]func(node){"id": id(&f.ID), "name": text(&f.Name), "plain": text(&f.Plain), "basic": text(&f.Basic)})
				d.Fields = append(d.Fields, f)
			})
		},
		"areas": func(n node) {
			n.list(func(n node) {
				var a directory.Area
				n.object(map[string]func(node){"id": id(&a.ID), "name": text(&a.Name)})
				d.Areas = append(d.Areas, a)
			})
		},
		"districts": func(n node) {
			n.list(func(n node) {
				var t directory.District
				n.object(map[string]func(node){"id": id(&t.ID), "name": text(&t.Name), "kana": text(&t.Kana), "area": text(&t.Area), "aliases": texts(&t.Aliases)})
				d.Districts = append(d.Districts, t)
			})
		},
		"offices": func(n node) {
			n.list(func(n node) {
				o, whole := l.office(n)
				areas[o.ID] = whole
				d.Offices = append(d.Offices, o)
			})
		},
	})
	for i := range d.Offices {
		for _, t := range d.Districts {
			if o := &d.Offices[i]; slices.Contains(areas[o.ID], t.Area) && !slices.Contains(o.Districts, t.ID) {
				o.Districts = append(o.Districts, t.ID)
			}
		}
	}
	l.checkAreas(areas)
}

func (l *loader) office(n node) (o directory.Office, areas []string) {
	n.object(map[string]func(node){
		"id": id(&o.ID), "name": text(&o.Name), "place": boolean(&o.Place), "fields": texts(&o.Fields), "general": boolean(&o.General),
		"does": text(&o.Does), "easy": text(&o.Easy), "say": text(&o.Say),
		"districts": texts(&o.Districts), "areas": texts(&areas), "branch": text(&o.Branch),
		"operator": text(&o.Operator), "mode": text(&o.Mode), "department": text(&o.Department),
		"address": text(&o.Address), "phone": text(&o.Phone), "fax": text(&o.Fax), "url": text(&o.URL),
		"hours": hours(&o.Hours), "note": text(&o.Note), "source": text(&o.Source), "checked": date(&o.Checked),
	})
	return o, areas
}

// checkAreas faults offices that name areas which are not there.
func (l *loader) checkAreas(areas map[string][]string) {
	var known []string
	for _, a := range l.city.Directory.Areas {
		known = append(known, a.ID)
	}
	for i, o := range l.city.Directory.Offices {
		for j, a := range areas[o.ID] {
			if !slices.Contains(known, a) {
				l.fault(l.at("offices["+strconv.Itoa(i)+"].areas["+strconv.Itoa(j)+"]", l.name), "圏域「%s」は登録されていません%s", a, meant(a, known))
			}
		}
	}
}

// readHotlines reads the base's lines; a city's own line replaces the one of
// the same ID.
func (l *loader) readHotlines() {
	d := &l.city.Directory
	take := func(n node) {
		n.object(map[string]func(node){"hotlines": func(n node) {
			n.list(func(n node) {
				h := l.hotline(n)
				i := slices.IndexFunc(d.Hotlines, func(other directory.Hotline) bool { return other.ID == h.ID })
				if i >= 0 && !strings.HasPrefix(l.hotlines[i], rootOf(n.path)) {
					d.Hotlines[i], l.hotlines[i] = h, n.path
					return
				}
				d.Hotlines, l.hotlines = append(d.Hotlines, h), append(l.hotlines, n.path)
			})
		}})
	}
	if n, ok := l.baseFile(hotlinesFile, "base-lines"); ok {
		take(n)
	}
	if n, ok := l.file(hotlinesFile, false, "own-lines"); ok {
		take(n)
	}
}

// rootOf is the first part of a path, which names the file.
func rootOf(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first + "."
}

func (l *loader) hotline(n node) (h directory.Hotline) {
	n.object(map[string]func(node){
		"id": id(&h.ID), "name": text(&h.Name), "number": text(&h.Number), "only": texts(&h.Only), "except": texts(&h.Except),
		"kinds": texts(&h.Kinds), "audience": text(&h.Audience), "hours": hours(&h.Hours), "hours_text": text(&h.HoursText),
		"cost": text(&h.Cost), "languages": text(&h.Languages), "source": text(&h.Source), "verified": date(&h.Verified),
		"always": boolean(&h.Always), "rank": number(&h.Rank),
	})
	return h
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,39}$`)

// id reads a name that stands in taps, counters and addresses.
func id(to *string) func(node) {
	return func(n node) {
		text(to)(n)
		if *to != "" && !idForm.MatchString(*to) {
			n.fault("id は半角の小文字と数字、- _ . だけで、40文字までです")
		}
	}
}

var spanForm = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})[-~〜–—−ー]([0-9]{1,2}):([0-9]{2})$`)

// spans reads the opening hours of a day: "9:00-17:00", one or several.
func spans(to *[]directory.Span) func(node) {
	one := func(n node) {
		s, _ := n.scalar()
		m := spanForm.FindStringSubmatch(strings.ReplaceAll(norm.NFKC.String(s), " ", ""))
		if m == nil {
			n.fault("時間は \"9:00-17:00\" のように、半角の引用符で囲んで書きます")
			return
		}
		minute := func(h, m string) int {
			hh, _ := strconv.Atoi(h) // the pattern lets digits through only
			mm, _ := strconv.Atoi(m)
			if mm > 59 {
				n.fault("分は 59 までです")
			}
			return hh*60 + mm
		}
		*to = append(*to, directory.Span{From: minute(m[1], m[2]), To: minute(m[3], m[4])})
	}
	return func(n node) {
		*to = nil
		if len(n.y.Content) == 0 && n.y.Value != "" {
			one(n)
			return
		}
		n.list(one)
	}
}

// hours reads a week. A named day goes before weekdays, weekdays before daily,
// wherever they stand.
func hours(to **directory.Hours) func(node) {
	return func(n node) {
		if !n.pairs() {
			n.fault("時間は、曜日といっしょに書きます。例：hours: {weekdays: [\"9:00-17:00\"]}")
			return
		}
		h := &directory.Hours{}
		days := [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
		var daily, weekdays []directory.Span
		var named [7][]directory.Span
		written := map[string]bool{}
		keys := map[string]func(node){
			"daily": spans(&daily), "weekdays": spans(&weekdays),
			"holidays": boolean(&h.Holidays), "open24": boolean(&h.Open24),
			"closed": func(n node) {
				n.list(func(n node) {
					var run directory.Dates
					dates(&run)(n)
					h.Closed = append(h.Closed, run)
				})
			},
		}
		for i, day := range days {
			keys[day] = func(n node) {
				written[day] = true
				spans(&named[i])(n)
			}
		}
		before := len(errorsOnly(n.n.faults))
		n.object(keys)
		if n.y.Tag == "!!null" {
			return
		}
		n.n.broken[n.path] = len(errorsOnly(n.n.faults)) > before
		for i, day := range days {
			switch {
			case written[day]:
				h.Week[i] = named[i]
			case weekdays != nil && i >= 1 && i <= 5:
				h.Week[i] = weekdays
			default:
				h.Week[i] = daily
			}
		}
		*to = h
	}
}

// duty reads the 当番表.
func duty(to *[]directory.Shift) func(node) {
	return func(n node) {
		*to = nil
		n.list(func(n node) {
			var s directory.Shift
			n.object(map[string]func(node){"hours": hours(&s.Hours), "call": texts(&s.Call)})
			*to = append(*to, s)
		})
	}
}

// dates reads a run of days: {from: 12-29, to: 01-03}, or one day.
func dates(to *directory.Dates) func(node) {
	return func(n node) {
		if len(n.y.Content) == 0 && n.y.Value != "" {
			text(&to.From)(n)
			return
		}
		n.object(map[string]func(node){"from": text(&to.From), "to": text(&to.To)})
	}
}
