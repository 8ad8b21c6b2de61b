package bot_test

import (
	"fmt"
	"testing"
	"time"

	"tsunagu/bot"
)

// BenchmarkAnswer is one event from Accept to the reply: three commits of one
// job each.
func BenchmarkAnswer(b *testing.B) {
	town := smallTown("komachi")
	town.Limit = 0
	w := newWorld(b, town)
	for i := 0; b.Loop(); i++ {
		w.accept(w.words(fmt.Sprint(i%50), "状況"))
	}
}

// BenchmarkStoreCycle is the bare store doing the same: put a job, take it and
// commit it with a record and the next job, take and commit that.
func BenchmarkStoreCycle(b *testing.B) {
	w := newWorld(b)
	body := make([]byte, 1500)
	now := time.Now()
	for i := 0; b.Loop(); i++ {
		job := func(kind string) bot.Job {
			return bot.Job{ID: fmt.Sprintf("komachi/%s%d", kind, i), City: "komachi", Lane: "komachi/" + kind, Kind: kind, Due: now, Made: now, Body: body}
		}
		if err := w.store.Put(w.ctx, job("think")); err != nil {
			b.Fatal(err)
		}
		for _, kind := range []string{"think", "say"} {
			token := fmt.Sprint(kind, i)
			got, _, err := w.store.Take(w.ctx, token, now, time.Minute)
			if err != nil || got == nil {
				b.Fatal("nothing to take", err)
			}
			change := bot.Change{Done: got.ID}
			if kind == "think" {
				change.Records = []bot.Record{{ID: fmt.Sprint("komachi/v/", i%50), City: "komachi", Body: body, Touched: now}}
				change.Put = []bot.Job{job("say")}
			}
			if err := w.store.Commit(w.ctx, token, change); err != nil {
				b.Fatal(err)
			}
		}
	}
}
