package storetest

import "tsunagu/bot"

var holdTests = []test{
	{"A job with a Hold is leased at once if it is new, due when it is made, and nothing that was taken or is ready stands before it in its lane", func(p *probe) {
		p.use()
		p.putHeld(true, job("a", "l"), "a", 15)
		p.idle(0, 15)
		p.putHeld(false, job("a", "l"), "again", 15)       // known
		p.putHeld(false, job("b", "l"), "b", 15)           // behind what was taken
		p.putHeld(false, job("c", "l"), "c", 15)           // behind what waits
		p.putHeld(false, timer("t", "other", 30), "t", 15) // not due
		p.putHeld(true, job("d", "other"), "d", 15)        // a timer blocks nobody
		p.commit("a", "a", bot.Change{})
		p.putHeld(false, job("a", "l"), "again", 15) // done
		p.putHeld(false, job("e", "l"), "e", 15)     // behind what is ready
		p.commit(p.take(0, "b"), "b", bot.Change{})
		p.commit(p.take(0, "c"), "c", bot.Change{})
		p.commit(p.take(0, "e"), "e", bot.Change{})
		p.commit("d", "d", bot.Change{})
		p.idle(0, 30)
	}},
	{"The record that it asks for comes with the lease, as Load gives it", func(p *probe) {
		p.use()
		want := record("v/1", "k")
		p.apply(bot.Change{Records: []bot.Record{want}})
		ask := func(name, lane, load string) *bot.Hold {
			j := job(name, lane)
			j.Hold = &bot.Hold{Token: name, Until: at(15), Load: load}
			p.put(j)
			return j.Hold
		}
		if h := ask("a", "l", want.ID); h.Record == nil {
			p.Error("no record")
		} else {
			p.same(*h.Record, want)
		}
		if h := ask("b", "l", want.ID); h.Got || h.Record != nil {
			p.Errorf("without a lease: %+v", h)
		}
		if h := ask("c", "other", city+"/v/none"); !h.Got || h.Record != nil {
			p.Errorf("without a record: %+v", h)
		}
		j := job("d", "third")
		j.Hold = &bot.Hold{Token: "d", Until: at(15), Load: want.ID}
		want.Body = []byte("as the change leaves it")
		p.commit("a", "a", bot.Change{Records: []bot.Record{want}, Put: []bot.Job{j}})
		if j.Hold.Record == nil {
			p.Fatal("no record of the same change")
		}
		p.same(*j.Hold.Record, want)
	}},
	{"A held job whose lease has ended is taken by another", func(p *probe) {
		p.use()
		p.putHeld(true, job("a", "l"), "a", 15)
		p.put(job("b", "l"))
		if j := p.takeAs("other", 15, "a"); j.Takes != 2 {
			p.Fatalf("takes %d, want 2", j.Takes)
		}
		p.want(p.try("a", "a", bot.Change{}), bot.ErrLeaseLost)
		p.retry("other", "a", 20)
		p.idle(15, 20)
		p.commit(p.take(20, "a"), "a", bot.Change{})
		p.take(20, "b")
	}},
	{"New jobs with a Hold are leased as in Put, when Done has left its lane", func(p *probe) {
		p.use()
		p.put(job("a", "l"), job("x", "busy"))
		t := p.take(0, "a")
		p.take(0, "x")
		same, other, busy := job("same", "l"), job("other", "free"), job("late", "busy")
		for _, j := range []*bot.Job{&same, &other, &busy} {
			j.Hold = &bot.Hold{Token: j.ID, Until: at(15)}
		}
		p.want(p.try("nobody", "a", bot.Change{Put: []bot.Job{other}}), bot.ErrLeaseLost)
		if other.Hold.Got {
			p.Error("a refused change has given a lease")
		}
		p.commit(t, "a", bot.Change{Put: []bot.Job{same, other, busy}})
		if !same.Hold.Got || !other.Hold.Got || busy.Hold.Got {
			p.Errorf("leased: same lane %v, free lane %v, busy lane %v", same.Hold.Got, other.Hold.Got, busy.Hold.Got)
		}
		p.idle(0, 15)
		p.commit(same.ID, "same", bot.Change{})
		p.commit(other.ID, "other", bot.Change{})
		p.waits(2)
	}},
}

// putHeld puts a job with a hold until so many seconds after start, and expects
// that it is leased or not.
func (p *probe) putHeld(want bool, j bot.Job, token string, until int) {
	p.Helper()
	j.Hold = &bot.Hold{Token: token, Until: at(until)}
	p.put(j)
	if j.Hold.Got != want {
		p.Fatalf("%s with a hold: leased %v, want %v", j.ID, j.Hold.Got, want)
	}
}
