package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"tsunagu/bot"
)

var commitTests = []test{
	{"Commit applies the change: the job is done", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		want := bot.Record{ID: "hokuto/c/1", City: city, Body: []byte{1, 0, 2}, Keys: []string{"receipt/みかん-4821", "thread/C01/1.2"},
			State: "claimed", Field: "elderly", Owner: "U01", Due: at(60), Version: 7, Touched: at(1), Expires: at(999)}
		bare := bot.Record{ID: "hokuto/v/1", City: city}
		p.commit(p.take(0, "a"), "a", bot.Change{
			Records: []bot.Record{want, bare},
			Put:     []bot.Job{job("b", "l"), timer("t", "l", 9)},
			Facts:   []bot.Fact{{City: city, Day: "2026-11-22", Name: "outcome|elderly|rule", N: 1}},
		})
		p.has(want)
		p.has(bare)
		p.facts("2026-11-22 outcome|elderly|rule 1")
		p.commit(p.take(0, "b"), "b", bot.Change{Gone: []string{bare.ID}})
		p.hasNot("v/1")
		p.take(9, "t")
	}},
	{"Commit applies the change, all or nothing", func(p *probe) {
		p.use()
		p.apply(bot.Change{
			Records: []bot.Record{record("c/1", "taken"), record("c/2", "kept"), record("c/3", "freed")},
			Facts:   []bot.Fact{{City: city, Day: "2026-11-22", Name: "x", N: 1}},
		})
		p.put(job("a", "l"), job("b", "l"))
		t := p.take(0, "a")
		changed := record("c/3", "new")
		changed.Body = []byte("changed")
		p.want(p.try(t, "a", bot.Change{
			Gone:    []string{"hokuto/c/2"},
			Records: []bot.Record{changed, record("c/4", "fresh"), record("c/5", "taken")},
			Put:     []bot.Job{job("never", "other")},
			Facts:   []bot.Fact{{City: city, Day: "2026-11-22", Name: "x", N: 1}},
		}), bot.ErrConflict)
		p.has(record("c/2", "kept"))
		p.has(record("c/3", "freed"))
		p.hasNot("c/4")
		p.hasNot("c/5")
		for key, id := range map[string]string{"taken": "c/1", "kept": "c/2", "freed": "c/3", "new": "", "fresh": ""} {
			p.finds(key, id)
		}
		p.facts("2026-11-22 x 1")
		p.waits(2)
		p.idle(0, 15) // a is still leased, b behind it
		// The caller draws another key and commits the same job.
		p.commit(t, "a", bot.Change{Records: []bot.Record{record("c/5", "free")}})
		p.finds("free", "c/5")
		p.take(0, "b")
	}},
	{"Commit erases the job's body", func(p *probe) {
		p.use()
		if p.opts.Raw == nil {
			return
		}
		secret := []byte("a-body-that-must-not-stay")
		j := job("a", "l")
		j.Body = secret
		p.put(j)
		t := p.take(0, "a")
		if !bytes.Contains(p.opts.Raw(p.T, p.s), secret) {
			p.Fatal("the body of a waiting job is not in the raw data: the test would see nothing")
		}
		p.commit(t, "a", bot.Change{})
		raw := p.opts.Raw(p.T, p.s)
		if bytes.Contains(raw, secret) {
			p.Fatal("the body of the done job is still kept")
		}
		if !bytes.Contains(raw, []byte("hokuto/j/a")) {
			p.Fatal("the ID of the done job is not kept")
		}
	}},
	{"What a record no longer says is gone from the store", func(p *probe) {
		p.use()
		if p.opts.Raw == nil {
			return
		}
		old := record("c/1", "key-that-must-not-stay")
		old.Body = []byte("words-that-must-not-stay")
		p.apply(bot.Change{Records: []bot.Record{old, record("c/2")}})
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "short")}})
		raw := p.opts.Raw(p.T, p.s)
		if bytes.Contains(raw, []byte("that-must-not-stay")) {
			p.Fatal("old words or keys are still kept")
		}
		p.apply(bot.Change{Gone: []string{"hokuto/c/1"}})
		if bytes.Contains(p.opts.Raw(p.T, p.s), []byte("record c/1")) {
			p.Fatal("a deleted record is still kept")
		}
	}},
	{"Committed again with the same token it returns nil and changes nothing", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		t := p.take(0, "a")
		change := bot.Change{
			Records: []bot.Record{record("v/1", "k")},
			Facts:   []bot.Fact{{City: city, Day: "2026-11-22", Name: "x", N: 1}},
			Put:     []bot.Job{timer("b", "l", 50)},
		}
		p.commit(t, "a", change)
		p.apply(bot.Change{Gone: []string{"hokuto/v/1"}})
		p.commit(t, "a", change)
		p.hasNot("v/1")
		p.facts("2026-11-22 x 1")
		p.waits(1)
		p.want(p.try("another", "a", change), bot.ErrLeaseLost)
	}},
	{"With Forget the ID is not kept either: committed again it is ErrLeaseLost", func(p *probe) {
		p.use()
		over := bot.Change{Done: "hokuto/j/a", Forget: true}
		for next, more := range map[string]bot.Change{"b": {}, "c": {Records: []bot.Record{record("v/1")}}} {
			more.Done, more.Forget = over.Done, true
			held := job("a", "l")
			held.Hold = &bot.Hold{Token: "a", Until: at(15)}
			p.put(held) // nobody knows it
			p.put(job(next, "l"))
			p.want(p.s.Commit(p.ctx, "another", more), bot.ErrLeaseLost)
			p.want(p.s.Commit(p.ctx, "", more), bot.ErrLeaseLost)
			p.must(p.s.Commit(p.ctx, "a", more))
			p.want(p.s.Commit(p.ctx, "a", more), bot.ErrLeaseLost)
			p.want(p.s.Commit(p.ctx, "a", over), bot.ErrLeaseLost)
			p.commit(p.take(0, next), next, bot.Change{})
		}
		p.has(record("v/1"))
	}},
	{"Many that forget at the same time end their own jobs only", func(p *probe) {
		p.use()
		var all sync.WaitGroup
		for i := range 100 {
			j := job(fmt.Sprint("e", i), fmt.Sprint("lane", i%50))
			if i < 50 {
				j.Hold = &bot.Hold{Token: j.ID, Until: at(15)}
			}
			p.put(j)
		}
		for i := range 100 {
			id := fmt.Sprint("hokuto/j/e", i)
			all.Go(func() {
				want := error(nil)
				if i >= 50 {
					want = bot.ErrLeaseLost // it stands behind another
				}
				if err := p.s.Commit(p.ctx, id, bot.Change{Done: id, Forget: true}); !errors.Is(err, want) {
					p.Errorf("%s: %v, want %v", id, err, want)
				}
			})
		}
		all.Wait()
		p.waits(50)
		for i := range 50 {
			p.take(0, fmt.Sprint("e", 50+i))
		}
	}},
	{"ErrLeaseLost when the token holds no lease of it", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		change := bot.Change{Records: []bot.Record{record("v/1")}}
		p.want(p.try("nobody", "a", change), bot.ErrLeaseLost)
		p.want(p.try("", "a", change), bot.ErrLeaseLost)
		p.want(p.try("nobody", "unknown", change), bot.ErrLeaseLost)
		old := p.take(0, "a")
		t := p.take(15, "a") // another Take re-issued it
		p.want(p.try(old, "a", change), bot.ErrLeaseLost)
		p.hasNot("v/1")
		p.waits(1)
		p.commit(t, "a", change)
		p.want(p.try(old, "a", change), bot.ErrLeaseLost)
	}},
	{"An expired lease that nobody took still commits", func(p *probe) {
		p.use()
		p.put(job("a", "l"), job("b", "l"))
		t := p.take(0, "a")
		p.put(job("c", "other"))
		u := p.take(10, "c")
		p.retry(u, "c", 9999)
		p.commit(t, "a", bot.Change{Records: []bot.Record{record("v/1")}})
		p.has(record("v/1"))
		p.take(3600, "b")
	}},
	{"ErrConflict when a key belongs to another record", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "receipt/みかん-4821")}})
		p.want(p.tryApply(bot.Change{Records: []bot.Record{record("c/2", "receipt/みかん-4821")}}), bot.ErrConflict)
		p.want(p.tryApply(bot.Change{Records: []bot.Record{record("c/3", "same"), record("c/4", "same")}}), bot.ErrConflict)
		p.finds("same", "")
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "receipt/みかん-4821", "more", "more")}}) // its own
		p.finds("more", "c/1")
	}},
	{"Keys of two cities do not meet", func(p *probe) {
		p.use("hokuto", "nonoichi")
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "k")}})
		p.must(p.s.Put(p.ctx, bot.Job{ID: "nonoichi/j/x", City: "nonoichi", Lane: "l", Due: start, Made: start}))
		_, _, err := p.s.Take(p.ctx, "t", start, lease)
		p.must(err)
		p.must(p.s.Commit(p.ctx, "t", bot.Change{Done: "nonoichi/j/x",
			Records: []bot.Record{{ID: "nonoichi/c/1", City: "nonoichi", Keys: []string{"k"}}}}))
		p.finds("k", "c/1")
		r, err := p.s.Find(p.ctx, "nonoichi", "k")
		p.must(err)
		if r.ID != "nonoichi/c/1" {
			p.Fatalf("found %s", r.ID)
		}
	}},
	{"A key that is no longer listed is free again", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "a", "b")}})
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "b", "c")}})
		p.finds("a", "")
		p.finds("b", "c/1")
		p.finds("c", "c/1")
		p.apply(bot.Change{Records: []bot.Record{record("c/2", "a")}})
		p.finds("a", "c/2")
	}},
	{"Gone lists record IDs to delete with their keys, before Records are written", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "a"), record("c/2", "b")}})
		p.apply(bot.Change{Gone: []string{"hokuto/c/1", "hokuto/c/unknown"}, Records: []bot.Record{record("c/3", "a")}})
		p.hasNot("c/1")
		p.finds("a", "c/3")
		p.finds("b", "c/2")
	}},
	{"A key moves from one record to another in one change", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "a"), record("c/2", "b")}})
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "b"), record("c/2", "a")}})
		p.finds("a", "c/2")
		p.finds("b", "c/1")
	}},
	{"All of a change belongs to the city of its job", func(p *probe) {
		p.use("hokuto", "nonoichi")
		p.put(job("a", "l"))
		t := p.take(0, "a")
		for _, change := range []bot.Change{
			{Records: []bot.Record{{ID: "nonoichi/c/1", City: "nonoichi"}}},
			{Records: []bot.Record{{ID: "hokuto/c/1", City: "nonoichi"}}},
			{Gone: []string{"nonoichi/c/1"}},
			{Put: []bot.Job{{ID: "nonoichi/j/1", City: "nonoichi", Due: start, Made: start}}},
			{Facts: []bot.Fact{{City: "nonoichi", Day: "2026-11-22", Name: "x", N: 1}}},
		} {
			p.refused(p.try(t, "a", change))
		}
		p.refused(p.s.Commit(p.ctx, t, bot.Change{}))
		p.waits(1)
		p.commit(t, "a", bot.Change{})
	}},
	{"A record stands once in a change, and its keys have one line", func(p *probe) {
		p.use()
		for _, records := range [][]bot.Record{{record("c/1"), record("c/1")}, {record("c/1", "")}, {record("c/1", "a\nb")}} {
			p.refused(p.tryApply(bot.Change{Records: records}))
		}
		p.hasNot("c/1")
	}},
	{"A change of many parts is applied whole", func(p *probe) {
		p.use()
		var change bot.Change
		for i := range 300 {
			r := record(id("v", i), id("k", i))
			r.Body = bytes.Repeat([]byte{byte(i)}, 2000)
			change.Records = append(change.Records, r)
			change.Put = append(change.Put, job(id("n", i), id("l", i%7)))
		}
		p.apply(change)
		for i := range 300 {
			p.finds(id("k", i), id("v", i))
		}
		p.waits(300)
	}},
}
