package bot

import (
	"slices"
	"strings"
	"time"

	"tsunagu/handoff"
	"tsunagu/triage"
)

// sheet fills the つなぐシート from the path.
func (t *turn) sheet(given handoff.ConsentGiven) handoff.Sheet {
	p := t.profile()
	ch := t.choice()
	s := handoff.Sheet{Urgency: t.c.Urgency, Consent: given, Wishes: p.Wishes, Shown: t.c.Shown}
	if t.c.Easy {
		s.Wishes = append(slices.Clone(s.Wishes), t.easyWish())
	}
	if s.Urgency != "" {
		s.UrgencyWhy = t.urgencyWhy("", t.c.dangers()...)
	}
	s.Standing = t.city.Texts["who."+p.Who]
	s.Age = t.city.Texts["age."+p.Age]
	worries := p.Worries
	for _, f := range p.Fields {
		if plain := t.city.fieldPlain(f); len(p.Worries) == 0 || !t.worryOf(p, f) {
			worries = append(worries, plain)
		}
	}
	for _, id := range p.Patterns {
		if o := t.patternOption(id); len(worries) == 0 && o != nil && o.Worry != "" {
			worries = []string{o.Worry}
		}
	}
	if len(worries) > 0 {
		s.Main, s.Others = worries[0], slices.Clone(worries[1:])
	} else if p.Unknown {
		s.Main = t.city.Texts["worry.unknown"]
	}
	for _, id := range p.Patterns {
		s.Patterns = append(s.Patterns, t.patternName(id))
	}
	s.District = t.districtName(p.District)
	for _, f := range p.Fields {
		s.Fields = append(s.Fields, t.city.fieldName(f))
	}
	if ch.Complex {
		s.Fields = append([]string{"複合"}, s.Fields...)
	}
	for _, pick := range ch.Picks() {
		s.Offices = append(s.Offices, pick.Office.Name)
	}
	s.Why = append(append(t.trail(nil), p.Why...), ch.Why...)
	pol := t.city.Directory.Policy
	if given.State == handoff.ConsentSelf {
		s.Meeting = pol.WithConsent
	} else if given.State == handoff.ConsentOther {
		s.Meeting = pol.WithoutConsent
	}
	return s
}

// worryOf says whether a tapped worry already names the field.
func (t *turn) worryOf(p triage.Profile, field string) bool {
	for _, a := range t.c.Path {
		if q := t.city.Tree.Find(a.Question); q != nil {
			if o := q.Option(a.Option); o != nil && o.Field == field && o.Worry != "" {
				return true
			}
		}
	}
	return false
}

// trail is the path of answers as labels.
func (t *turn) trail(without func(triage.Option) bool) []string {
	var out []string
	for _, a := range t.c.Path {
		q := t.city.Tree.Find(a.Question)
		if q == nil {
			continue
		}
		if o := q.Option(a.Option); o != nil && without != nil && without(*o) {
			continue
		} else if o != nil {
			out = append(out, "「"+o.Label+"」")
		} else if a.Option == triage.Unsure {
			out = append(out, "「分からない」")
		}
	}
	return out
}

func (t *turn) patternName(id string) string { return orElse(t.city.Patterns[id], id) }

func (t *turn) districtName(id string) string {
	if id == "" {
		return t.city.Texts["district.unknown"]
	}
	for _, d := range t.city.Directory.Districts {
		if d.ID == id {
			return d.Name
		}
	}
	for _, a := range t.city.Directory.Areas {
		if a.ID == id {
			return a.Name
		}
	}
	return id
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// union appends to all what more has beyond it.
func union(all, more []string) []string {
	for _, x := range more {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// named puts the town's names for fields into a card's history, on a claimed one what
// the resident is yet to hear of it, and on a closed one until when words are kept.
func (c *City) named(card handoff.Card, k handoff.Case) handoff.Card {
	if c.NoticeTaken && k.State == handoff.Claimed && !k.Announced && !k.Blocked {
		card.Rows = append(card.Rows, handoff.Row{Label: "住民への知らせ", Text: c.Texts.say(false, "desk.taken", "minutes", itoa(int(takenPause/time.Minute)))})
	}
	if k.Round > 0 && k.State != handoff.Closed {
		// The proposals further down are of the path, not of where the case is.
		row := handoff.Row{Label: "いまの分野", Text: c.placeName(k.Field) + "（つなぎ直しました。提案は、はじめのものです）"}
		card.Rows = slices.Insert(card.Rows, 0, row)
	}
	if k.State == handoff.Closed {
		card.Rows = append(card.Rows, handoff.Row{Label: "スレッドのことば", Text: k.Closed.Add(c.Keep.Closed).In(tokyo).Format("1月2日 15:04") + " に消えます"})
	}
	for i, e := range k.History {
		if i < len(card.Lines) && e.Note != "" && (c.field(e.Note) != nil || e.Note == handoff.Coordinator || e.Note == triage.Complex) {
			card.Lines[i].Text = strings.Replace(card.Lines[i].Text, "（"+e.Note+"）", "（"+c.placeName(e.Note)+"）", 1)
		}
	}
	return card
}
