package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"tsunagu/bot"
)

var dumpTests = []test{
	{"List returns records of a city whose ID begins with prefix and comes after the given one, in the order of their IDs", func(p *probe) {
		p.use()
		whole := kase("2", "claimed", "U1", "child", 3, 4)
		whole.Body, whole.Keys, whole.Version, whole.Expires = []byte("b"), []string{"k2", "k1"}, 4, at(99)
		p.apply(bot.Change{Records: []bot.Record{record("v/3"), record("v/1"), record("v/10"), record("v/あ"), whole, record("w/1")}})
		for _, c := range []struct{ prefix, after, want string }{
			{"hokuto/v/", "", "v/1 v/10 v/3 v/あ"}, {"hokuto/v/1", "", "v/1 v/10"}, {"hokuto/v/1", "hokuto/v/1", "v/10"},
			{"hokuto/v/", "hokuto/v/2", "v/3 v/あ"}, {"hokuto/v/", "hokuto/a", "v/1 v/10 v/3 v/あ"}, {"hokuto/v/", "hokuto/v/あ", ""},
			{"hokuto/v/", "hokuto/w/1", ""}, {"", "", "c/2 v/1 v/10 v/3 v/あ w/1"}, {"kitakami/", "", ""}, {"hokuto/x", "", ""},
		} {
			page, err := p.s.List(p.ctx, city, c.prefix, c.after, 0)
			p.must(err)
			if got := ids(page); got != c.want {
				p.Errorf("List %q after %q: %q, want %q", c.prefix, c.after, got, c.want)
			}
		}
		page, err := p.s.List(p.ctx, city, "hokuto/c/", "", 1)
		p.must(err)
		p.same(page[0], whole)
		page, err = p.s.List(p.ctx, "kitakami", "", "", 1)
		p.must(err)
		if len(page) != 0 {
			p.Errorf("List of another city: %v", page)
		}
	}},
	{"List gives at most limit, which is 1..100; out of range means 100", func(p *probe) {
		p.use()
		var change bot.Change
		for i := range 130 {
			change.Records = append(change.Records, record(id("v", i)))
		}
		p.apply(change)
		for limit, want := range map[int]int{1: 1, 99: 99, 100: 100, 0: 100, -1: 100, 101: 100} {
			page, err := p.s.List(p.ctx, city, "", "", limit)
			p.must(err)
			if len(page) != want {
				p.Errorf("limit %d: %d records, want %d", limit, len(page), want)
			}
		}
	}},
	{"Dump gives all that the store holds of the cities it was opened with", func(p *probe) {
		p.use("nonoichi", city)
		want := p.world()
		for _, limit := range []int{1, 2, 3, 100, 0} {
			p.holds(p.dump(limit), want)
		}
	}},
	{"What stands unchanged from the first page to the last is given once", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("v/1"), record("v/2"), record("v/3"), record("v/4")}})
		seen := map[string]int{}
		for after := ""; ; {
			page, next, err := p.s.Dump(p.ctx, after, 1)
			p.must(err)
			for _, r := range page.Records {
				seen[r.ID]++
				if r.ID == "hokuto/v/2" {
					p.apply(bot.Change{Gone: []string{"hokuto/v/2"}, Records: []bot.Record{record("v/0")}})
				}
			}
			if after = next; after == "" {
				break
			}
		}
		for _, id := range []string{"hokuto/v/1", "hokuto/v/3", "hokuto/v/4"} {
			if seen[id] != 1 {
				p.Errorf("%s was given %d times", id, seen[id])
			}
		}
	}},
	{"Dump refuses what is not where a page of this store ended", func(p *probe) {
		p.use()
		for _, after := range []string{"x", "99,", "-1,", "1"} {
			_, _, err := p.s.Dump(p.ctx, after, 1)
			p.refused(err)
		}
	}},
	{"Fill writes a page of another store's Dump, all or nothing", func(p *probe) {
		p.use("nonoichi", city)
		want := p.world()
		pages := p.dump(2)
		from := p.s
		p.use("nonoichi", city)
		if p.s == from {
			p.Fatal("the suite needs a second store")
		}
		for _, page := range pages {
			p.must(p.s.Fill(p.ctx, page))
		}
		p.holds(p.dump(3), want)
		// What was filled in is as good as what was put: keys, lists, known IDs.
		p.finds("receipt/みかん-4821", "c/1")
		p.lists(bot.CaseQuery{Owner: "U1"}, "1")
		p.put(job("over", "lane-x"), job("waits", "lane-x"))
		p.waits(3) // both are known
		removed, err := p.s.Sweep(p.ctx, at(1000), time.Time{}, time.Time{})
		p.must(err)
		if !slices.Equal(removed, []string{"hokuto/c/1"}) {
			p.Errorf("removed %v", removed)
		}
	}},
	{"ErrConflict when anything of it stands here already", func(p *probe) {
		p.use()
		p.world()
		over := job("over", "l")
		for name, page := range map[string]bot.Page{
			"record":   {Records: []bot.Record{record("x/1"), record("v/1")}},
			"key":      {Records: []bot.Record{record("x/1"), record("x/2", "receipt/みかん-4821")}},
			"two":      {Records: []bot.Record{record("x/1", "twice"), record("x/2", "twice")}},
			"job":      {Jobs: []bot.Job{job("x", "l"), job("waits", "l")}},
			"done job": {Jobs: []bot.Job{job("x", "l"), over}},
			"done":     {Done: []bot.Job{{ID: "hokuto/j/x", City: city, Made: start}, over}},
			"fact":     {Facts: []bot.Fact{{City: city, Day: "2026-11-23", Name: "x", N: 1}, {City: city, Day: "2026-11-22", Name: "a", N: 1}}},
			"kept":     {Kept: []bot.Kept{{Name: "x"}, {Name: "key"}}},
		} {
			if err := p.s.Fill(p.ctx, page); !errors.Is(err, bot.ErrConflict) {
				p.Errorf("%s: %v, want %v", name, err, bot.ErrConflict)
			}
			p.hasNot("x/1")
		}
		p.facts("2026-11-22 a 2", "2026-11-23 b 1")
		p.put(job("x", "lane of x"))
		p.take(0, "held")
		p.take(0, "x")
		if kept, err := p.s.Keep(p.ctx, "x", []byte("fresh")); err != nil || string(kept) != "fresh" {
			p.Errorf("kept %q, %v", kept, err)
		}
	}},
	{"A page holds kept values or things of one city the store was opened with", func(p *probe) {
		p.use("nonoichi", city)
		other := bot.Record{ID: "nonoichi/v/1", City: "nonoichi"}
		for _, page := range []bot.Page{
			{Records: []bot.Record{record("v/1"), other}},
			{Records: []bot.Record{record("v/1")}, Facts: []bot.Fact{{City: "nonoichi", Day: "2026-11-22", Name: "x", N: 1}}},
			{Records: []bot.Record{{ID: "kitakami/v/1", City: "kitakami"}}},
			{Records: []bot.Record{{ID: "nonoichi/v/1", City: city}}},
			{Kept: []bot.Kept{{Name: "x"}}, Records: []bot.Record{record("v/1")}},
		} {
			p.refused(p.s.Fill(p.ctx, page))
		}
		p.hasNot("v/1")
	}},
	{"Jobs that were taken stay first in their lanes, and nobody holds their lease", func(p *probe) {
		p.use()
		p.put(timer("begun", "l", 5), job("first", "l"), job("second", "l"))
		p.commit(p.take(0, "first"), "first", bot.Change{})
		token := p.take(5, "begun")
		p.retry(token, "begun", 30)
		page := p.dump(100)
		p.use()
		for _, part := range page {
			p.must(p.s.Fill(p.ctx, part))
		}
		p.want(p.s.Retry(p.ctx, token, "hokuto/j/begun", at(40)), bot.ErrLeaseLost)
		p.want(p.try("filled", "begun", bot.Change{}), bot.ErrLeaseLost)
		p.idle(6, 30)
		got := p.takeAs("t", 30, "begun")
		if got.Tries != 1 || got.Takes != 2 {
			p.Errorf("tries %d, takes %d, want 1 and 2", got.Tries, got.Takes)
		}
		p.commit("t", "begun", bot.Change{})
		p.take(30, "second")
	}},
	{"Swap replaces a body, if it is still the old one", func(p *probe) {
		p.use()
		want := record("v/1", "k")
		p.apply(bot.Change{Records: []bot.Record{want, record("v/2")}})
		p.put(job("a", "l"), job("b", "l"))
		_, err := p.s.Keep(p.ctx, "key", []byte("kept\x00"))
		p.must(err)
		swap := func(want bool, id, old, fresh string) {
			p.Helper()
			got, err := p.s.Swap(p.ctx, id, []byte(old), []byte(fresh))
			p.must(err)
			if got != want {
				p.Errorf("Swap %s from %q: %v, want %v", id, old, got, want)
			}
		}
		swap(true, want.ID, "record v/1", "new\x00\xff")
		swap(false, want.ID, "record v/1", "newer")
		swap(false, "hokuto/v/3", "", "new")
		swap(false, "kitakami/v/1", "", "new")
		swap(false, "hokuto/v/2", "record v/1", "new")
		want.Body = []byte("new\x00\xff")
		p.has(want)
		p.has(record("v/2"))
		p.finds("k", "v/1")
		token := p.take(0, "a")
		swap(true, "hokuto/j/a", "body of a", "new a")
		swap(true, "hokuto/j/b", "body of b", "new b")
		if j := p.takeAs(token, 1, "a"); string(j.Body) != "new a" {
			p.Errorf("the held job's body is %q", j.Body)
		}
		p.commit(token, "a", bot.Change{})
		swap(false, "hokuto/j/a", "new a", "newer")
		if j := p.takeAs(p.token(), 1, "b"); string(j.Body) != "new b" || j.Tries != 0 || j.Takes != 1 {
			p.Errorf("the other job is %+v", j)
		}
		swap(true, "key", "kept\x00", "swapped")
		if kept, err := p.s.Keep(p.ctx, "key", nil); err != nil || string(kept) != "swapped" {
			p.Errorf("kept %q, %v", kept, err)
		}
	}},
}

// ids are a page's IDs without the city.
func ids(page []bot.Record) string {
	var all []string
	for _, r := range page {
		all = append(all, strings.TrimPrefix(r.ID, city+"/"))
	}
	return strings.Join(all, " ")
}

// world fills the store with everything there is, and returns it in the order of
// Dump. At start it has a job to take named held.
func (p *probe) world() bot.Page {
	p.Helper()
	c1 := kase("1", "claimed", "U1", "child", 3, 4)
	c1.Body, c1.Keys, c1.Version, c1.Expires = []byte{0, 1, 255}, []string{"receipt/みかん-4821", "k"}, 4, at(99)
	records := []bot.Record{c1, record("v/1"), record("v/2", "w"), record("v/3")}
	facts := []bot.Fact{{City: city, Day: "2026-11-22", Name: "a", N: 2}, {City: city, Day: "2026-11-23", Name: "b", N: 1}}
	over, also := job("over", "l1"), job("also", "l2")
	p.put(over, also)
	p.commit(p.take(0, "over"), "over", bot.Change{Records: records, Facts: facts})
	p.commit(p.take(0, "also"), "also", bot.Change{})
	held, waits, later := job("held", "l1"), job("waits", "l1"), timer("a-timer", "l1", 60)
	p.put(held, waits, later)
	for _, k := range []string{"key", "clock"} {
		_, err := p.s.Keep(p.ctx, k, []byte(k+"\x00"))
		p.must(err)
	}
	return bot.Page{
		Kept:    []bot.Kept{{Name: "clock", Value: []byte("clock\x00")}, {Name: "key", Value: []byte("key\x00")}},
		Records: records,
		Jobs:    []bot.Job{held, waits, later},
		Done:    []bot.Job{{ID: also.ID, City: city, Made: start}, {ID: over.ID, City: city, Made: start}},
		Facts:   facts,
	}
}

// dump is all pages of the store.
func (p *probe) dump(limit int) (pages []bot.Page) {
	p.Helper()
	for after, n := "", 0; ; n++ {
		page, next, err := p.s.Dump(p.ctx, after, limit)
		p.must(err)
		if size := len(page.Kept) + len(page.Records) + len(page.Jobs) + len(page.Done) + len(page.Facts); size > bot.PageLimit(limit) {
			p.Fatalf("a page of %d has %d things", limit, size)
		}
		if _, err := page.City(); err != nil {
			p.Fatal(err)
		}
		pages = append(pages, page)
		if after = next; after == "" {
			return pages
		}
		if n > 1000 {
			p.Fatal("the dump does not end")
		}
	}
}

// holds expects the pages to have exactly this.
func (p *probe) holds(pages []bot.Page, want bot.Page) {
	p.Helper()
	var got bot.Page
	for _, page := range pages {
		got.Kept, got.Records, got.Jobs = append(got.Kept, page.Kept...), append(got.Records, page.Records...), append(got.Jobs, page.Jobs...)
		got.Done, got.Facts = append(got.Done, page.Done...), append(got.Facts, page.Facts...)
	}
	for _, c := range []struct{ got, want any }{{got.Kept, want.Kept}, {got.Records, want.Records}, {got.Jobs, want.Jobs}, {got.Done, want.Done}, {got.Facts, want.Facts}} {
		if !reflect.DeepEqual(c.got, c.want) {
			p.Fatalf("dump\n got %s\nwant %s", fmt.Sprintf("%+v", c.got), fmt.Sprintf("%+v", c.want))
		}
	}
}
