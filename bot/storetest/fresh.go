package storetest

import "tsunagu/bot"

// fresh is the change of a job of that lane that was never put, thought from a
// record with that body ("" = there was none).
func fresh(lane, from, body string, change bot.Change) bot.Change {
	change.Fresh = &bot.Fresh{Lane: lane, Made: start, From: city + "/" + from}
	if body != "" {
		change.Fresh.Body = []byte(body)
	}
	return change
}

var freshTests = []test{
	{"A fresh job needs no lease: it is done when its ID is new", func(p *probe) {
		p.use()
		say := job("say", "line")
		say.Hold = &bot.Hold{Token: "say", Until: at(15)}
		change := fresh("l", "v/1", "", bot.Change{
			Records: []bot.Record{record("v/1", "k")},
			Put:     []bot.Job{say, timer("t", "l", 9)},
			Facts:   []bot.Fact{{City: city, Day: "2026-11-22", Name: "x", N: 1}},
		})
		p.commit("a", "a", change)
		p.has(record("v/1", "k"))
		p.facts("2026-11-22 x 1")
		if !say.Hold.Got {
			p.Error("what follows was not leased")
		}
		p.put(job("a", "l")) // known
		p.waits(2)
		p.commit("a", "a", change) // again with the same token
		p.facts("2026-11-22 x 1")
		p.want(p.try("b", "a", fresh("l", "v/1", "record v/1", bot.Change{})), bot.ErrLeaseLost)
		p.put(job("w", "other"))
		p.want(p.try("b", "w", fresh("third", "v/1", "record v/1", bot.Change{})), bot.ErrLeaseLost)
		p.commit("say", "say", bot.Change{})
		p.take(0, "w")
		p.take(9, "t")
	}},
	{"A fresh job is done when nothing that was taken or is ready stands in its lane", func(p *probe) {
		p.use()
		lost := func(id string) {
			p.Helper()
			p.want(p.try(id, id, fresh("l", "v/1", "", bot.Change{Records: []bot.Record{record("v/1")}, Put: []bot.Job{job("never", "x")}})), bot.ErrLeaseLost)
			p.hasNot("v/1")
		}
		p.put(timer("t", "l", 30)) // blocks nobody
		p.commit("a", "a", fresh("l", "v/1", "", bot.Change{}))
		p.put(job("b", "l"))
		lost("c") // ready
		b := p.take(0, "b")
		lost("c") // taken
		p.retry(b, "b", 20)
		lost("c") // given back
		p.commit(p.take(20, "b"), "b", bot.Change{})
		p.waits(1)
		p.commit("c", "c", fresh("l", "v/1", "", bot.Change{}))
		p.take(30, "t")
		lost("d")
	}},
	{"A fresh job is done when the record that it was thought from is still that one", func(p *probe) {
		p.use()
		lost := func(body string) {
			p.Helper()
			p.want(p.try("a", "a", fresh("l", "v/1", body, bot.Change{Gone: []string{city + "/v/1"}})), bot.ErrLeaseLost)
		}
		lost("record v/1")
		p.apply(bot.Change{Records: []bot.Record{record("v/1")}})
		lost("")
		lost("record v/0")
		p.has(record("v/1"))
		p.commit("a", "a", fresh("l", "v/1", "record v/1", bot.Change{Gone: []string{city + "/v/1"}}))
		p.hasNot("v/1")
		p.commit("b", "b", bot.Change{Fresh: &bot.Fresh{Lane: "l", Made: start}}) // from none
		p.refused(p.s.Commit(p.ctx, "c", bot.Change{Done: city + "/j/c", Fresh: &bot.Fresh{Lane: "l", From: "kitakami/v/1"}}))
	}},
	{"A fresh job whose keys are taken changes nothing", func(p *probe) {
		p.use()
		p.apply(bot.Change{Records: []bot.Record{record("c/1", "taken")}})
		p.want(p.try("a", "a", fresh("l", "v/1", "", bot.Change{Records: []bot.Record{record("v/1"), record("c/2", "taken")}})), bot.ErrConflict)
		p.hasNot("v/1")
		p.commit("a", "a", fresh("l", "v/1", "", bot.Change{Records: []bot.Record{record("v/1"), record("c/2", "free")}}))
		p.finds("free", "c/2")
	}},
}
