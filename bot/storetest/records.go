package storetest

import (
	"fmt"
	"slices"
	"time"

	"tsunagu/bot"
)

func id(kind string, i int) string { return fmt.Sprintf("%s/%03d", kind, i) }

var recordTests = []test{
	{"Load returns a record by its ID; ErrNotFound when there is none", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("v/1", "k")}})
		p.has(record("v/1", "k"))
		p.hasNot("v/2")
		for _, id := range []string{"", "v/1", "kitakami/v/1", "hokuto"} {
			_, err := p.s.Load(p.ctx, id)
			p.want(err, bot.ErrNotFound)
		}
	}},
	{"Records replace what stood under their IDs", func(p *probe) {
		p.use()
		first := record("c/1", "a", "b")
		first.State, first.Owner, first.Field, first.Version, first.Due = "claimed", "U1", "child", 3, at(5)
		p.apply(bot.Change{Records: []bot.Record{first}})
		p.apply(bot.Change{Records: []bot.Record{record("c/1")}})
		p.has(record("c/1"))
	}},
	{"Find returns the record of a city that has the key; ErrNotFound when none", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "receipt/みかん-4821")}})
		got, err := p.s.Find(p.ctx, city, "receipt/みかん-4821")
		p.must(err)
		p.same(got, record("c/1", "receipt/みかん-4821"))
		p.finds("receipt/みかん", "")
		p.finds("", "")
		_, err = p.s.Find(p.ctx, "kitakami", "receipt/みかん-4821")
		p.want(err, bot.ErrNotFound)
	}},
	{"Count says how many records of a city stand whose ID begins with prefix", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("v/1"), record("v/2"), record("v/30"), record("c/1"), record("w/1")}})
		p.apply(bot.Change{Gone: []string{"hokuto/v/2"}})
		p.apply(bot.Change{Records: []bot.Record{record("v/1")}})
		for prefix, want := range map[string]int{"hokuto/v/": 2, "hokuto/v/3": 1, "hokuto/": 4, "": 4, "hok": 4,
			"hokuto/x": 0, "kitakami/": 0} {
			n, err := p.s.Count(p.ctx, city, prefix)
			p.must(err)
			if n != want {
				p.Errorf("Count %q: %d, want %d", prefix, n, want)
			}
		}
		n, err := p.s.Count(p.ctx, "kitakami", "")
		p.must(err)
		if n != 0 {
			p.Errorf("Count of another city: %d", n)
		}
	}},
}

// kase is a case touched so many seconds after start.
func kase(name, state, owner, field string, touched, due int) bot.Record {
	r := bot.Record{ID: city + "/c/" + name, City: city, State: state, Owner: owner, Field: field, Touched: at(touched)}
	if due != 0 {
		r.Due = at(due)
	}
	return r
}

// lists expects the query to give these cases in this order, by pages of any
// size.
func (p *probe) lists(q bot.CaseQuery, want ...string) {
	p.Helper()
	for _, limit := range []int{0, 1, 2, 100, 101, -1} {
		var got []string
		q.Limit, q.Cursor = limit, ""
		for {
			page, cursor, err := p.s.Cases(p.ctx, city, q)
			p.must(err)
			if limit > 0 && len(page) > limit {
				p.Fatalf("a page of %d has %d cases", limit, len(page))
			}
			for _, r := range page {
				got = append(got, r.ID[len("hokuto/c/"):])
			}
			if cursor == "" {
				break
			}
			q.Cursor = cursor
		}
		if !slices.Equal(got, want) {
			q.Cursor = ""
			p.Fatalf("%+v: %v, want %v", q, got, want)
		}
	}
}

var caseTests = []test{
	{"Cases lists cases of a city (records with a State), most recently touched last", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{
			kase("late", "open", "", "child", 30, 0), kase("b", "open", "", "child", 20, 0),
			kase("a", "open", "", "child", 20, 0), kase("first", "claimed", "U1", "child", 10, 0),
			record("v/1"), kase("over", "closed", "", "child", 15, 0),
		}})
		p.lists(bot.CaseQuery{Open: true}, "first", "a", "b", "late")
		p.apply(bot.Change{Records: []bot.Record{kase("first", "claimed", "U1", "child", 40, 0)}})
		p.lists(bot.CaseQuery{Open: true}, "a", "b", "late", "first")
		page, _, err := p.s.Cases(p.ctx, "kitakami", bot.CaseQuery{Open: true})
		p.must(err)
		if len(page) != 0 {
			p.Fatalf("cases of another city: %v", page)
		}
	}},
	{"Cases lists whole records", func(p *probe) {
		p.use()
		want := kase("1", "claimed", "U1", "child", 3, 4)
		want.Body, want.Keys, want.Version, want.Expires = []byte("b"), []string{"k2", "k1"}, 4, at(99)
		p.apply(bot.Change{Records: []bot.Record{want}})
		page, _, err := p.s.Cases(p.ctx, city, bot.CaseQuery{Owner: "U1"})
		p.must(err)
		if len(page) != 1 {
			p.Fatalf("%d cases, want 1", len(page))
		}
		p.same(page[0], want)
	}},
	{"CaseQuery selects cases of one city by exactly one of its first five fields", func(p *probe) {
		p.use()
		all := []bot.Record{
			kase("1", "open", "", "child", 1, 0), kase("2", "open", "", "elderly", 2, 50),
			kase("3", "claimed", "U1", "child", 3, 10), kase("4", "claimed", "U2", "child", 4, 60),
			kase("5", "closed", "U1", "child", 5, 5), kase("6", "claimed", "U1", "elderly", 6, 0),
			kase("7", "closed", "", "child", 7, 5),
		}
		p.apply(bot.Change{Records: all})
		p.lists(bot.CaseQuery{Open: true}, "1", "2", "3", "4", "6")
		p.lists(bot.CaseQuery{Unclaimed: true}, "1", "2")
		p.lists(bot.CaseQuery{Owner: "U1"}, "3", "6")
		p.lists(bot.CaseQuery{Owner: "U9"})
		p.lists(bot.CaseQuery{Field: "child"}, "1", "3", "4")
		p.lists(bot.CaseQuery{DueBefore: at(50)}, "3")
		p.lists(bot.CaseQuery{DueBefore: at(61)}, "2", "3", "4")
		// A case leaves every list it no longer belongs to.
		p.apply(bot.Change{Records: []bot.Record{kase("3", "closed", "", "child", 8, 0), kase("4", "claimed", "U1", "elderly", 9, 0)},
			Gone: []string{"hokuto/c/1"}})
		p.lists(bot.CaseQuery{Open: true}, "2", "6", "4")
		p.lists(bot.CaseQuery{Unclaimed: true}, "2")
		p.lists(bot.CaseQuery{Owner: "U1"}, "6", "4")
		p.lists(bot.CaseQuery{Owner: "U2"})
		p.lists(bot.CaseQuery{Field: "child"})
		p.lists(bot.CaseQuery{DueBefore: at(61)}, "2")
	}},
	{"Another number of them is an error", func(p *probe) {
		p.use()
		for _, q := range []bot.CaseQuery{{}, {Open: true, Unclaimed: true}, {Owner: "U1", Field: "child"}, {Open: true, DueBefore: start}} {
			_, _, err := p.s.Cases(p.ctx, city, q)
			p.refused(err)
		}
		_, _, err := p.s.Cases(p.ctx, city, bot.CaseQuery{Open: true, Cursor: "no cursor"})
		p.refused(err)
	}},
	{"Limit 1..100; out of range means 100", func(p *probe) {
		p.use()
		var change bot.Change
		var want []string
		for i := range 250 {
			name := fmt.Sprintf("%03d", i)
			change.Records = append(change.Records, kase(name, "open", "", "child", 7, 9)) // one moment for all
			want = append(want, name)
		}
		p.apply(change)
		for limit, size := range map[int]int{0: 100, -5: 100, 101: 100, 100: 100, 99: 99} {
			page, cursor, err := p.s.Cases(p.ctx, city, bot.CaseQuery{Open: true, Limit: limit})
			p.must(err)
			if len(page) != size || cursor == "" {
				p.Fatalf("limit %d: a page of %d, cursor %q", limit, len(page), cursor)
			}
		}
		p.lists(bot.CaseQuery{Open: true}, want...)
		p.lists(bot.CaseQuery{DueBefore: at(10)}, want...)
	}},
	{"A page at a time; cursor is \"\" on the last page", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{kase("1", "open", "", "child", 1, 0), kase("2", "open", "", "child", 2, 0),
			kase("3", "open", "", "child", 3, 0), kase("4", "open", "", "child", 4, 0)}})
		q := bot.CaseQuery{Open: true, Limit: 2}
		page, cursor, err := p.s.Cases(p.ctx, city, q)
		p.must(err)
		if len(page) != 2 || cursor == "" {
			p.Fatalf("%d cases, cursor %q", len(page), cursor)
		}
		// What the cursor stands on is gone by the next page, and 1 comes again at the end.
		p.apply(bot.Change{Gone: []string{"hokuto/c/2"}, Records: []bot.Record{kase("1", "open", "", "child", 5, 0)}})
		q.Cursor, q.Limit = cursor, 3
		page, cursor, err = p.s.Cases(p.ctx, city, q)
		p.must(err)
		if len(page) != 3 || page[0].ID != "hokuto/c/3" || page[2].ID != "hokuto/c/1" || cursor != "" {
			p.Fatalf("%v, cursor %q", page, cursor)
		}
	}},
}

var otherTests = []test{
	{"Facts returns the day counters of a city from..to (inclusive, days), by day and name", func(p *probe) {
		p.use()
		var facts []bot.Fact
		for _, day := range []string{"2026-11-23", "2026-11-21", "2026-11-22", "2026-12-01"} {
			facts = append(facts, bot.Fact{City: city, Day: day, Name: "b", N: 2}, bot.Fact{City: city, Day: day, Name: "a", N: 1})
		}
		p.apply(bot.Change{Facts: facts})
		got, err := p.s.Facts(p.ctx, city, "2026-11-22", "2026-11-23")
		p.must(err)
		want := []bot.Fact{{City: city, Day: "2026-11-22", Name: "a", N: 1}, {City: city, Day: "2026-11-22", Name: "b", N: 2},
			{City: city, Day: "2026-11-23", Name: "a", N: 1}, {City: city, Day: "2026-11-23", Name: "b", N: 2}}
		if !slices.Equal(got, want) {
			p.Fatalf("got %v, want %v", got, want)
		}
		got, err = p.s.Facts(p.ctx, "kitakami", "2026-11-22", "2026-11-23")
		p.must(err)
		if len(got) != 0 {
			p.Fatalf("facts of another city: %v", got)
		}
	}},
	{"The same fact counted again adds up", func(p *probe) {
		p.use()
		f := bot.Fact{City: city, Day: "2026-11-22", Name: "x|child|あ", N: 2}
		p.apply(bot.Change{Facts: []bot.Fact{f, f}})
		f.N = -1
		p.apply(bot.Change{Facts: []bot.Fact{f}})
		p.facts("2026-11-22 x|child|あ 3")
	}},
	{"Keep stores value under name unless name is known, and returns what is kept", func(p *probe) {
		p.use()
		for i, want := range []string{"first\x00", "first\x00"} {
			got, err := p.s.Keep(p.ctx, "hokuto/key", []byte([]string{"first\x00", "second"}[i]))
			p.must(err)
			if string(got) != want {
				p.Fatalf("kept %q, want %q", got, want)
			}
		}
		got, err := p.s.Keep(p.ctx, "empty", nil)
		p.must(err)
		again, err := p.s.Keep(p.ctx, "empty", []byte("x"))
		p.must(err)
		if len(got) != 0 || len(again) != 0 {
			p.Fatalf("an empty value came back as %q, %q", got, again)
		}
	}},
	{"Waiting counts the jobs that are not done, and says since when the oldest that is due has waited", func(p *probe) {
		p.use("hokuto", "nonoichi")
		wait := func(now, n int, since time.Time) {
			p.Helper()
			got, oldest, err := p.s.Waiting(p.ctx, at(now))
			p.must(err)
			if got != n || !oldest.Equal(since) {
				p.Fatalf("at +%ds: %d since %v, want %d since %v", now, got, oldest, n, since)
			}
		}
		wait(0, 0, time.Time{})
		p.must(p.s.Put(p.ctx, bot.Job{ID: "nonoichi/j/t", City: "nonoichi", Lane: "l", Due: at(20), Made: start}))
		wait(0, 1, time.Time{})
		p.put(job("a", "l"), job("b", "l"))
		wait(5, 3, start)
		t := p.take(0, "a")
		wait(5, 3, start) // leased is not done
		p.commit(t, "a", bot.Change{})
		p.retry(p.take(0, "b"), "b", 30)
		wait(10, 2, time.Time{})
		wait(25, 2, at(20))
		wait(30, 2, at(20))
	}},
	{"Queues says for each kind of job that is due how many there are and since when the oldest has waited", func(p *probe) {
		p.use("hokuto", "nonoichi")
		says := func(now int, want ...string) {
			p.Helper()
			got, err := p.s.Queues(p.ctx, at(now))
			p.must(err)
			var lines []string
			for _, q := range got {
				lines = append(lines, fmt.Sprintf("%s %d %v", q.Kind, q.N, q.Oldest.Sub(start)))
			}
			if !slices.Equal(lines, want) {
				p.Fatalf("at +%ds: %q, want %q", now, lines, want)
			}
		}
		of := func(city, id, kind string, due int) bot.Job {
			return bot.Job{ID: city + "/j/" + id, City: city, Lane: city + "/" + id, Kind: kind, Due: at(due), Made: start}
		}
		says(0)
		p.must(p.s.Put(p.ctx, of("hokuto", "a", "say", 2), of("hokuto", "b", "card", 3), of("hokuto", "c", "say", 1), of("hokuto", "d", "think", 20)))
		p.must(p.s.Put(p.ctx, of("nonoichi", "e", "card", 2)))
		says(0)
		says(2, "card 1 2s", "say 2 1s")
		says(19, "card 2 2s", "say 2 1s")
		says(20, "card 2 2s", "say 2 1s", "think 1 20s")
		t := p.take(1, "c")
		says(19, "card 2 2s", "say 2 1s") // leased is not done
		p.commit(t, "c", bot.Change{})
		says(19, "card 2 2s", "say 1 2s")
	}},
	{"Sweep removes records whose Expires is before now, and returns their IDs", func(p *probe) {
		p.use()
		stays, goes, never := kase("stays", "open", "U1", "child", 1, 3), kase("goes", "open", "U1", "child", 1, 3), record("never")
		stays.Expires, goes.Expires, goes.Keys = at(10), at(9), []string{"k"}
		p.apply(bot.Change{Records: []bot.Record{stays, goes, never}})
		removed, err := p.s.Sweep(p.ctx, at(10), time.Time{}, time.Time{})
		p.must(err)
		if !slices.Equal(removed, []string{"hokuto/c/goes"}) {
			p.Fatalf("removed %v", removed)
		}
		p.has(stays)
		p.has(never)
		p.hasNot("c/goes")
		p.finds("k", "")
		p.lists(bot.CaseQuery{Owner: "U1"}, "stays")
		p.apply(bot.Change{Records: []bot.Record{{ID: "hokuto/c/new", City: city, Keys: []string{"k"}}}})
	}},
	{"Sweep goes by the last Expires a record had", func(p *probe) {
		p.use()
		r := record("v/1")
		r.Expires = at(5)
		p.apply(bot.Change{Records: []bot.Record{r}})
		r.Expires = at(50)
		p.apply(bot.Change{Records: []bot.Record{r, record("v/2")}})
		removed, err := p.s.Sweep(p.ctx, at(10), time.Time{}, time.Time{})
		p.must(err)
		if len(removed) != 0 {
			p.Fatalf("removed %v", removed)
		}
		p.has(r)
	}},
	{"Sweep removes done job IDs whose Made is before doneBefore", func(p *probe) {
		p.use()
		old, fresh, waiting := job("old", "1"), job("new", "2"), job("waiting", "3")
		old.Made, old.Due = at(-10), at(-10)
		waiting.Made, waiting.Due = at(-10), at(-10)
		p.put(old, fresh, waiting)
		p.commit(p.take(0, "old"), "old", bot.Change{})
		p.commit(p.take(0, "new"), "new", bot.Change{})
		_, err := p.s.Sweep(p.ctx, at(0), at(0), time.Time{})
		p.must(err)
		p.waits(1) // a job that waits is never swept
		p.put(old, fresh)
		p.waits(2)
		p.take(0, "waiting")
		p.take(0, "old")
		p.idle(0, 15)
	}},
	{"Sweep removes facts of days before that of factsBefore in Asia/Tokyo", func(p *probe) {
		p.use()
		for _, day := range []string{"2026-11-20", "2026-11-21", "2026-11-22"} {
			p.apply(bot.Change{Facts: []bot.Fact{{City: city, Day: day, Name: "x", N: 1}}})
		}
		// 23:30 UTC on the 20th is the morning of the 21st in Tokyo.
		_, err := p.s.Sweep(p.ctx, start, time.Time{}, time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC))
		p.must(err)
		p.facts("2026-11-21 x 1", "2026-11-22 x 1")
	}},
	{"Sweep removes any number", func(p *probe) {
		p.use()
		for n := range 4 {
			var change bot.Change
			for i := range 300 {
				r := record(fmt.Sprintf("v/%d-%d", n, i))
				r.Expires = at(i % 2 * 100)
				change.Records = append(change.Records, r)
			}
			p.apply(change)
		}
		removed, err := p.s.Sweep(p.ctx, at(50), at(50), at(50))
		p.must(err)
		slices.Sort(removed)
		if n := len(slices.Compact(removed)); n != 600 {
			p.Fatalf("removed %d, want 600", n)
		}
		n, err := p.s.Count(p.ctx, city, "")
		p.must(err)
		if n != 600 {
			p.Fatalf("%d records left, want 600", n)
		}
	}},
}
