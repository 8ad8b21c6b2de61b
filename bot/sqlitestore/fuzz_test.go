package sqlitestore

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
)

// FuzzFill: a page is taken whole or not at all, what was taken is dumped as it
// was given, and a place that no page ended at is refused or reads on.
func FuzzFill(f *testing.F) {
	at := time.Date(2026, 11, 22, 3, 0, 0, 1000, time.UTC)
	add := func(p bot.Page, after string) {
		raw, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw), after)
	}
	add(bot.Page{Kept: []bot.Kept{{Name: "naming key", Value: []byte{1}}}}, "0,naming key")
	add(bot.Page{Records: []bot.Record{{ID: "hokuto/c/1", City: "hokuto", Body: []byte("x"), Keys: []string{"receipt/みかん-4821"}, State: "open", Field: "elderly", Owner: "U1", Due: at, Version: 2, Touched: at, Expires: at}}}, "1,hokuto/c/1")
	add(bot.Page{Jobs: []bot.Job{{ID: "hokuto/line/1", City: "hokuto", Lane: "l", Kind: "think", Due: at, Made: at, Takes: 1, Body: []byte("b")}, {ID: "hokuto/line/2", City: "hokuto", Lane: "l", Kind: "think", Made: at, Due: at}}}, "2,9223372036854775807")
	add(bot.Page{Done: []bot.Job{{ID: "hokuto/line/0", City: "hokuto", Made: at}}, Facts: []bot.Fact{{City: "hokuto", Day: "2026-11-22", Name: "case|elderly", N: 3}}}, "3,x,y")
	add(bot.Page{Records: []bot.Record{{ID: "else/c/1", City: "else"}}}, "-1,")
	f.Fuzz(func(t *testing.T, text, after string) {
		var page bot.Page
		if json.Unmarshal([]byte(text), &page) != nil || len(text) > 10000 {
			return
		}
		tidy(&page)
		s := openTest(t, filepath.Join(t.TempDir(), "t.db"))
		filled := s.Fill(t.Context(), page)
		var got bot.Page
		for next := ""; ; {
			p, n, err := s.Dump(t.Context(), next, 7)
			if err != nil {
				t.Fatal(err)
			}
			got.Kept, got.Records, got.Jobs = append(got.Kept, p.Kept...), append(got.Records, p.Records...), append(got.Jobs, p.Jobs...)
			got.Done, got.Facts = append(got.Done, p.Done...), append(got.Facts, p.Facts...)
			if next = n; next == "" {
				break
			}
		}
		n := len(got.Kept) + len(got.Records) + len(got.Jobs) + len(got.Done) + len(got.Facts)
		want := len(page.Kept) + len(page.Records) + len(page.Jobs) + len(page.Done) + len(page.Facts)
		if filled != nil && n > 0 || filled == nil && n != want {
			t.Errorf("%d of %d things stand after %v", n, want, filled)
		}
		if filled == nil && len(page.Records) == 1 && !reflect.DeepEqual(got.Records, page.Records) {
			t.Errorf("got %+v, want %+v", got.Records, page.Records)
		}
		if filled == nil && len(page.Jobs) == 1 && !reflect.DeepEqual(got.Jobs, page.Jobs) {
			t.Errorf("got %+v, want %+v", got.Jobs, page.Jobs)
		}
		if _, next, err := s.Dump(t.Context(), after, 1); err == nil && next != "" && next == after {
			t.Errorf("from %q the pages do not go on", after)
		}
	})
}

// tidy gives times the form in which stores keep them, and empty lists that of
// no list.
func tidy(p *bot.Page) {
	for i := range p.Records {
		r := &p.Records[i]
		r.Due, r.Touched, r.Expires = kept(r.Due), kept(r.Touched), kept(r.Expires)
		if len(r.Keys) == 0 {
			r.Keys = nil
		}
		if len(r.Body) == 0 {
			r.Body = nil
		}
		for k := range r.Keys {
			r.Keys[k] = strings.ToValidUTF8(r.Keys[k], "")
		}
	}
	for i := range p.Jobs {
		j := &p.Jobs[i]
		j.Due, j.Made = kept(j.Due), kept(j.Made)
		if j.Due.IsZero() {
			j.Due = j.Made
		}
		if len(j.Body) == 0 {
			j.Body = nil
		}
	}
}

func kept(t time.Time) time.Time {
	if t.IsZero() || t.Unix() == 0 {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}
