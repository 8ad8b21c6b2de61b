package config

import (
	"slices"
	"strconv"
	"strings"

	"tsunagu/directory"
	"tsunagu/triage"
)

// readTriage reads the tree. With "base: true" the base's questions stand where
// the city has none of that ID, and its start and after_words where the city
// says nothing.
func (l *loader) readTriage() {
	n, ok := l.file(triageFile, true, "triage")
	if !ok {
		return
	}
	inherit := false
	own := l.tree(n, &inherit)
	l.townFields(&own, false)
	t := &l.city.Tree
	if inherit {
		if n, ok := l.baseFile(triageFile, "base-triage"); ok {
			*t = l.tree(n, new(bool))
			l.townFields(t, true)
		}
	}
	if own.Start != "" {
		t.Start = own.Start
	}
	if own.AfterWords != "" {
		t.AfterWords = own.AfterWords
	}
	seen := map[string]bool{}
	for i, q := range own.Questions {
		prefix := "triage.questions[" + strconv.Itoa(i) + "]"
		if q.ID == "" {
			continue // faulted when read
		}
		if seen[q.ID] {
			l.fault(l.at(prefix+".id", l.name), "id「%s」が二度使われています", q.ID)
			continue
		}
		seen[q.ID] = true
		l.questions[q.ID] = prefix
		if old := t.Find(q.ID); old != nil {
			*old = q
		} else {
			t.Questions = append(t.Questions, q)
		}
	}
	l.fillDistricts()
}

// fieldList reads a field, or several of which the first counts that the city
// has; they stand joined until townFields chooses.
func fieldList(to *string) func(node) {
	return func(n node) {
		if len(n.y.Content) == 0 {
			text(to)(n)
			return
		}
		var list []string
		texts(&list)(n)
		*to = strings.Join(list, "|")
	}
}

// townFields settles options that name several fields, and maps the base's basic
// fields to the city's own. What the base names and the city lacks is left out:
// such a choice leads to the general desk.
func (l *loader) townFields(t *triage.Tree, base bool) {
	known := l.fieldIDs()
	for i := range t.Questions {
		if base {
			t.Questions[i].OnlyFields = l.townOnly(t.Questions[i].OnlyFields)
		}
		for j := range t.Questions[i].Options {
			o := &t.Questions[i].Options[j]
			if o.Field == "" {
				continue
			}
			list := strings.Split(o.Field, "|")
			k := slices.IndexFunc(list, func(f string) bool { return slices.Contains(known, f) })
			switch {
			case k >= 0:
				o.Field = list[k]
			case base:
				o.Field = l.basicField(list)
			default:
				o.Field = list[len(list)-1] // the check faults it
			}
		}
	}
}

// townOnly maps the fields that one of the base's questions is asked for: those
// of the ID, else all that belong to it. With none of them it is asked always.
func (l *loader) townOnly(fields []string) []string {
	var out []string
	for _, f := range fields {
		if slices.Contains(l.fieldIDs(), f) {
			out = append(out, f)
			continue
		}
		for _, own := range l.city.Directory.Fields {
			if own.Basic == f {
				out = append(out, own.ID)
			}
		}
	}
	return out
}

// basicField is the city's first field that belongs to one of the basic ones.
func (l *loader) basicField(basics []string) string {
	for _, f := range l.city.Directory.Fields {
		if slices.Contains(basics, f.Basic) {
			return f.ID
		}
	}
	return ""
}

func (l *loader) tree(n node, inherit *bool) (t triage.Tree) {
	n.object(map[string]func(node){
		"base": boolean(inherit), "start": text(&t.Start), "after_words": text(&t.AfterWords),
		"questions": func(n node) {
			n.list(func(n node) {
				q := l.question(n)
				if q.ID == "" {
					n.fault("id がありません")
				}
				if n.path[0] == 'b' {
					l.questions[q.ID] = n.path
				}
				t.Questions = append(t.Questions, q)
			})
		},
	})
	return t
}

func (l *loader) question(n node) (q triage.Question) {
	n.object(map[string]func(node){
		"id": id(&q.ID), "text": text(&q.Text), "again": text(&q.Again), "many": boolean(&q.Many), "done_label": text(&q.DoneLabel),
		"goto": text(&q.Goto), "only_fields": texts(&q.OnlyFields), "only_who": texts(&q.OnlyWho), "unsure": text(&q.Unsure),
		"districts": boolean(&q.Districts),
		"options": func(n node) {
			n.list(func(n node) {
				var o triage.Option
				n.object(map[string]func(node){
					"id": id(&o.ID), "label": text(&o.Label), "words": texts(&o.Words), "goto": text(&o.Goto),
					"field": fieldList(&o.Field), "worry": text(&o.Worry), "pattern": text(&o.Pattern),
					"who": text(&o.Who), "age": text(&o.Age), "district": text(&o.District), "wish": text(&o.Wish), "complex": boolean(&o.Complex),
				})
				q.Options = append(q.Options, o)
			})
		},
	})
	return q
}

// fillDistricts gives the district question its choices: a district each, or,
// where they are many, an area each that answers to its districts' names. In a
// city without districts the question is taken out.
func (l *loader) fillDistricts() {
	t, d := &l.city.Tree, l.city.Directory
	areas, districts := d.DistrictMenu("")
	for i := range t.Questions {
		q := &t.Questions[i]
		if !q.Districts || len(d.Districts) == 0 {
			continue
		}
		if len(q.Options) > 0 {
			l.fault(l.at(l.questions[q.ID]+".options", l.name), "districts: true の質問には選択肢を書きません（地区から作ります）")
		}
		q.Options = nil
		for _, a := range areas {
			o := triage.Option{ID: a.ID, Label: a.Name, District: a.ID}
			for _, t := range d.Districts {
				if t.Area == a.ID {
					o.Words = append(o.Words, names(t)...)
				}
			}
			q.Options = append(q.Options, o)
		}
		for _, t := range districts {
			q.Options = append(q.Options, triage.Option{ID: t.ID, Label: t.Name, District: t.ID, Words: names(t)})
		}
	}
	if len(d.Districts) == 0 {
		dropDistricts(t)
	}
}

// names are all names that a resident may type for a district, with and without
// 地区.
func names(d directory.District) []string {
	var out []string
	for _, s := range append([]string{d.Name, d.Kana}, d.Aliases...) {
		for _, s := range append([]string{s}, strings.Split(s, "・")...) {
			if s != "" && !slices.Contains(out, s) {
				out = append(out, s, s+"地区")
			}
		}
	}
	return out
}

// dropDistricts takes the district questions out and leads past them.
func dropDistricts(t *triage.Tree) {
	past := map[string]string{}
	for _, q := range t.Questions {
		if q.Districts {
			past[q.ID] = q.Goto
		}
	}
	follow := func(to *string) {
		for range past {
			next, ok := past[*to]
			if !ok {
				return
			}
			*to = next
		}
	}
	t.Questions = slices.DeleteFunc(t.Questions, func(q triage.Question) bool { return q.Districts })
	follow(&t.Start)
	follow(&t.AfterWords)
	for i := range t.Questions {
		q := &t.Questions[i]
		follow(&q.Goto)
		follow(&q.Unsure)
		for j := range q.Options {
			follow(&q.Options[j].Goto)
		}
	}
}

// widen lets an area stand for a district: the resident names the area only, and
// every office that covers all of it is the office there. It is done after the
// directory was checked.
func widen(d *directory.Directory) {
	areas, _ := d.DistrictMenu("")
	for _, a := range areas {
		var within []string
		for _, t := range d.Districts {
			if t.Area == a.ID {
				within = append(within, t.ID)
			}
		}
		for i := range d.Offices {
			o := &d.Offices[i]
			if len(within) > 0 && !slices.ContainsFunc(within, func(id string) bool { return !slices.Contains(o.Districts, id) }) {
				o.Districts = append(slices.Clone(o.Districts), a.ID)
			}
		}
	}
	for _, a := range areas {
		d.Districts = append(slices.Clone(d.Districts), directory.District{ID: a.ID, Name: a.Name})
	}
}
