package storetest

import (
	"bytes"
	"fmt"
	"time"

	"tsunagu/bot"
)

var putTests = []test{
	{"Put stores jobs of one city, all or none", func(p *probe) {
		p.use("hokuto", "nonoichi")
		other := job("c", "l")
		other.ID, other.City = "nonoichi/j/c", "nonoichi"
		p.refused(p.s.Put(p.ctx, job("a", "l"), other))
		p.waits(0)
		p.put(job("a", "l"), job("b", "l"))
		p.put()
		p.waits(2)
	}},
	{"Put returns when the jobs would survive a crash", func(p *probe) {
		p.use()
		if p.opts.Reopen == nil {
			return
		}
		p.put(job("a", "l"), job("done", "other"))
		p.commit(p.take(0, "a"), "a", bot.Change{Records: []bot.Record{record("c/1", "receipt/みかん-4821")}})
		p.s = p.opts.Reopen(p.T, p.s)
		p.put(job("a", "l"))
		p.take(0, "done")
		p.idle(0, 15)
		p.finds("receipt/みかん-4821", "c/1")
	}},
	{"A job whose ID is known changes nothing", func(p *probe) {
		p.use()
		first, again := job("a", "l"), job("a", "other")
		again.Body = []byte("another body")
		p.put(first)
		p.put(again)
		p.put(again, again)
		token := p.token()
		if got := p.takeAs(token, 0, "a"); got.Lane != "l" || !bytes.Equal(got.Body, first.Body) {
			p.Fatalf("got lane %q body %q", got.Lane, got.Body)
		}
		p.put(again) // leased
		p.idle(0, 15)
		p.retry(token, "a", 30)
		p.put(again) // retried
		p.idle(0, 30)
		p.waits(1)
	}},
	{"A job whose ID is known changes nothing, even when that job is done", func(p *probe) {
		p.use()
		p.put(job("a", "l"), job("a", "l"))
		p.commit(p.take(0, "a"), "a", bot.Change{})
		p.put(job("a", "l"))
		p.apply(bot.Change{Put: []bot.Job{job("a", "l")}})
		p.idle(0, 0)
		p.waits(0)
	}},
	{"Jobs of two cities, of a city the store was not opened with, or whose ID does not begin with the city and a slash, are an error", func(p *probe) {
		p.use()
		for _, bad := range []bot.Job{
			{ID: "kitakami/j/a", City: "kitakami", Due: start, Made: start},
			{ID: "a", City: city, Due: start, Made: start},
			{ID: "hokutoa/j", City: city, Due: start, Made: start},
			{ID: "hokuto/a", Due: start, Made: start},
		} {
			p.refused(p.s.Put(p.ctx, job("good", "l"), bad))
			p.refused(p.s.Put(p.ctx, bad))
		}
		p.waits(0)
	}},
	{"Stores keep times to the microsecond and give a job back as it was put", func(p *probe) {
		p.use()
		want := bot.Job{ID: "hokuto/line/01H", City: city, Lane: "think/みかん", Kind: "line", Tries: 3,
			Made: start.Add(time.Microsecond), Due: start.Add(time.Microsecond), Body: []byte{0, 255, '\n', '\'', 0xe3}}
		p.put(want)
		got, _, err := p.s.Take(p.ctx, "t", at(1), lease)
		p.must(err)
		if got == nil || !got.Made.Equal(want.Made) || !got.Due.Equal(want.Due) || !bytes.Equal(got.Body, want.Body) {
			p.Fatalf("got %+v, want %+v", got, want)
		}
		got.Made, got.Due, got.Body, want.Takes = want.Made, want.Due, want.Body, 1
		if fmt.Sprint(*got) != fmt.Sprint(want) {
			p.Fatalf("got %+v, want %+v", *got, want)
		}
	}},
	{"A zero Due means Made", func(p *probe) {
		p.use()
		j := job("a", "l")
		j.Due = time.Time{}
		p.put(j, job("b", "l"))
		p.take(0, "a")
	}},
}

var takeTests = []test{
	{"Take leases the oldest job: earliest put", func(p *probe) {
		p.use()
		a, b := job("a", "1"), job("b", "2")
		b.Due, b.Made = at(-60), at(-60) // put later all the same
		p.put(a)
		p.put(b, job("c", "3"))
		p.take(0, "a")
		p.take(0, "b")
		p.take(0, "c")
	}},
	{"Take leases a job that is due at now", func(p *probe) {
		p.use()
		p.put(timer("a", "l", 10))
		p.idle(9, 10)
		p.take(10, "a")
	}},
	{"Take leases a job that is not leased beyond now", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		p.take(0, "a")
		p.idle(14, 15)
		p.take(15, "a")
		p.idle(29, 30)
	}},
	{"Take leases a job that is first in its lane", func(p *probe) {
		p.use()
		p.put(job("a1", "a"), job("a2", "a"), job("a3", "a"), job("b1", "b"))
		t := p.take(0, "a1")
		p.take(0, "b1")
		p.idle(0, 15)
		p.commit(t, "a1", bot.Change{Put: []bot.Job{job("a4", "a")}})
		p.commit(p.take(0, "a2"), "a2", bot.Change{})
		p.commit(p.take(0, "a3"), "a3", bot.Change{})
		p.commit(p.take(0, "a4"), "a4", bot.Change{})
		p.idle(0, 15)
	}},
	{"Lanes of two cities do not meet", func(p *probe) {
		p.use("hokuto", "nonoichi")
		other := job("b", "l")
		other.ID, other.City = "nonoichi/j/b", "nonoichi"
		p.put(job("a", "l"))
		p.put(other)
		for range 2 {
			j, _, err := p.s.Take(p.ctx, p.token(), start, lease)
			p.must(err)
			if j == nil {
				p.Fatal("no job though the lane of the other city is free")
			}
		}
	}},
	{"nil when there is none", func(p *probe) {
		p.use()
		p.idle(0, 0)
		p.put(job("a", "l"))
		p.commit(p.take(0, "a"), "a", bot.Change{})
		p.idle(3600, 0)
	}},
	{"A timer that is not yet due blocks nobody", func(p *probe) {
		p.use()
		p.put(timer("later", "l", 60), job("a", "l"), job("b", "l"))
		p.commit(p.take(0, "a"), "a", bot.Change{Put: []bot.Job{timer("soon", "l", 30)}})
		p.commit(p.take(0, "b"), "b", bot.Change{})
		p.idle(0, 30)
		p.commit(p.take(30, "soon"), "soon", bot.Change{})
		p.take(60, "later")
	}},
	{"A timer that comes due takes its place by the order of Put", func(p *probe) {
		p.use()
		p.put(timer("t", "l", 10), job("a", "l"), job("b", "l"))
		p.commit(p.take(0, "a"), "a", bot.Change{})
		p.commit(p.take(10, "t"), "t", bot.Change{})
		p.take(10, "b")
	}},
	{"A timer waits behind what was put before it", func(p *probe) {
		p.use()
		p.put(job("a", "l"), timer("t", "l", 10))
		t := p.take(8, "a")
		p.idle(10, 23)
		p.commit(t, "a", bot.Change{})
		p.take(10, "t")
	}},
	{"A retried job that is not yet due holds its lane", func(p *probe) {
		p.use()
		p.put(job("a", "l"), job("b", "l"), timer("t", "l", 5), job("c", "other"))
		p.retry(p.take(0, "a"), "a", 20)
		p.commit(p.take(0, "c"), "c", bot.Change{})
		p.idle(0, 20)
		p.idle(19, 20)
		p.commit(p.take(20, "a"), "a", bot.Change{})
		p.commit(p.take(20, "b"), "b", bot.Change{})
		p.take(20, "t")
	}},
	{"A retried timer that is not yet due holds its lane", func(p *probe) {
		p.use()
		p.put(timer("t", "l", 5), job("b", "l"))
		p.retry(p.take(5, "t"), "t", 20)
		p.idle(5, 20)
		p.take(20, "t")
	}},
	{"A job that was once taken stays first in its lane until it is done, also before a timer that comes due meanwhile", func(p *probe) {
		p.use()
		p.put(timer("t", "l", 10), job("a", "l"))
		t := p.take(0, "a")
		p.idle(10, 15)
		p.retry(t, "a", 20)
		p.idle(15, 20)
		p.take(20, "a")
		p.commit(p.take(35, "a"), "a", bot.Change{})
		p.take(35, "t")
	}},
	{"The lease is the caller's random token (empty is an error) and ends at now+lease", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		_, _, err := p.s.Take(p.ctx, "", start, lease)
		p.refused(err)
		_, _, err = p.s.Take(p.ctx, "t", start, 2*time.Second)
		p.must(err)
		p.idle(1, 2)
		p.take(2, "a")
	}},
	{"The same token taken again returns the same job, leased anew", func(p *probe) {
		p.use()
		p.put(job("z", "1"), job("a", "2"), job("b", "3"))
		p.take(0, "z")
		first := p.takeAs("t", 0, "a")
		p.commit(p.take(0, "b"), "b", bot.Change{Put: []bot.Job{job("c", "4")}})
		again := p.takeAs("t", 10, "a")
		if !bytes.Equal(first.Body, again.Body) || first.Tries != again.Tries {
			p.Fatalf("first %+v, again %+v", first, again)
		}
		p.take(15, "z")
		p.take(15, "c")
		p.idle(15, 25)
		p.takeAs("t", 25, "a") // its lease is over, but nobody took it
	}},
	{"Takes counts how often the job was leased, this time included", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		takes := func(token string, seconds, want int) {
			p.Helper()
			if j := p.takeAs(token, seconds, "a"); j.Takes != want {
				p.Errorf("at +%ds: takes %d, want %d", seconds, j.Takes, want)
			}
		}
		takes("one", 0, 1)
		takes("one", 5, 1) // the same token counts once
		takes("two", 20, 2)
		p.retry("two", "a", 40)
		takes("two", 40, 3) // given back, then leased anew
	}},
	{"The same token taken again returns the same job in whatever city it is", func(p *probe) {
		p.use("hokuto", "nonoichi", "miyoshi")
		p.put(job("a", "l"), job("b", "2"))
		p.takeAs("t", 0, "a")
		for _, c := range []string{"nonoichi", "miyoshi"} {
			p.must(p.s.Put(p.ctx, bot.Job{ID: c + "/j/x", City: c, Lane: "l", Due: start, Made: start}))
		}
		for range 5 {
			p.takeAs("t", 0, "a")
		}
	}},
	{"The same token taken again returns another job when the first is done", func(p *probe) {
		p.use()
		p.put(job("a", "1"), job("b", "2"))
		p.takeAs("t", 0, "a")
		p.commit("t", "a", bot.Change{})
		p.takeAs("t", 0, "b")
	}},
	{"The same token taken again returns another job when the first was given back", func(p *probe) {
		p.use()
		p.put(job("a", "1"), job("b", "2"))
		p.takeAs("t", 0, "a")
		p.retry("t", "a", 30)
		p.takeAs("t", 0, "b")
	}},
	{"The same token taken again returns another job when the first's lease was re-issued", func(p *probe) {
		p.use()
		p.put(job("a", "1"))
		p.takeAs("t", 0, "a")
		p.take(15, "a")
		p.takeAs("t", 15, "")
	}},
	{"next is the earliest moment after now at which Take could return one (a due or the end of a lease)", func(p *probe) {
		p.use()
		p.put(timer("t1", "1", 40), timer("t2", "2", 30), job("a", "3"))
		t := p.take(0, "a")
		p.idle(0, 15) // the end of the lease
		p.retry(t, "a", 35)
		p.idle(15, 30) // a timer
		p.put(timer("t3", "4", 20))
		p.idle(15, 20)
		p.take(20, "t3")
		p.idle(20, 30)
		p.take(30, "t2")
		p.idle(30, 35) // a retry and the end of a lease
	}},
	{"next looks past a timer whose lane is held", func(p *probe) {
		p.use()
		p.put(job("a", "l"), timer("t", "l", 5))
		p.take(0, "a")
		p.idle(0, 15)
		p.idle(5, 15)
	}},
	{"next is of all cities", func(p *probe) {
		p.use("hokuto", "nonoichi", "miyoshi")
		p.must(p.s.Put(p.ctx, bot.Job{ID: "miyoshi/j/x", City: "miyoshi", Lane: "l", Due: at(40), Made: start}))
		p.must(p.s.Put(p.ctx, bot.Job{ID: "nonoichi/j/x", City: "nonoichi", Lane: "l", Due: at(20), Made: start}))
		for range 4 {
			p.idle(0, 20)
		}
	}},
	{"Tries cities in turn, so that no city starves another", func(p *probe) {
		p.use("hokuto", "nonoichi", "miyoshi")
		for i := range 30 {
			p.put(job(fmt.Sprint(i), fmt.Sprint(i)))
		}
		p.must(p.s.Put(p.ctx, bot.Job{ID: "miyoshi/j/x", City: "miyoshi", Lane: "l", Due: start, Made: start}))
		got := map[string]bool{}
		for range 3 {
			j, _, err := p.s.Take(p.ctx, p.token(), start, lease)
			p.must(err)
			got[j.City] = true
		}
		if !got["miyoshi"] {
			p.Fatalf("three Takes of three cities gave only %v", got)
		}
	}},
	{"Retry gives the job back with Tries+1 and a new due", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		for i := range 3 {
			t := p.token()
			j := p.takeAs(t, i*10, "a")
			if j.Tries != i || !j.Due.Equal(at(i*10)) || !j.Made.Equal(start) || !bytes.Equal(j.Body, []byte("body of a")) {
				p.Fatalf("take %d: %+v", i, j)
			}
			p.retry(t, "a", i*10+10)
		}
	}},
	{"Retry gives the job back if token still holds its lease; ErrLeaseLost otherwise", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		id := city + "/j/a"
		p.want(p.s.Retry(p.ctx, "nobody", id, at(5)), bot.ErrLeaseLost)
		p.want(p.s.Retry(p.ctx, "nobody", city+"/j/unknown", at(5)), bot.ErrLeaseLost)
		old := p.take(0, "a")
		t := p.take(15, "a")
		p.want(p.s.Retry(p.ctx, old, id, at(99)), bot.ErrLeaseLost)
		p.idle(15, 30)
		p.commit(t, "a", bot.Change{})
		p.want(p.s.Retry(p.ctx, t, id, at(99)), bot.ErrLeaseLost)
		p.idle(99, 0)
	}},
	{"Retried again with the same token it returns nil and changes nothing", func(p *probe) {
		p.use()
		p.put(job("a", "l"))
		t := p.take(0, "a")
		p.retry(t, "a", 20)
		p.retry(t, "a", 90)
		p.idle(0, 20)
		p.want(p.try(t, "a", bot.Change{}), bot.ErrLeaseLost)
		if j := p.takeAs("t", 20, "a"); j.Tries != 1 {
			p.Fatalf("tries %d, want 1", j.Tries)
		}
	}},
	{"A token says nothing of a job that it does not hold", func(p *probe) {
		p.use()
		p.put(job("a", "1"), job("b", "2"))
		t := p.take(0, "a")
		u := p.take(0, "b")
		p.want(p.try(t, "b", bot.Change{}), bot.ErrLeaseLost)
		p.want(p.s.Retry(p.ctx, u, city+"/j/a", at(1)), bot.ErrLeaseLost)
		p.waits(2)
	}},
}
