package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tsunagu/bot"
)

// Bench measures put, take and commit of one job as one operation, by so many
// callers at once.
func Bench(b *testing.B, s bot.Store, callers int) {
	var n atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				if err := round(b, s, fmt.Sprintf("%d-%d", b.N, i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func round(b *testing.B, s bot.Store, name string) error {
	body := make([]byte, 512)
	j := bot.Job{ID: "hokuto/b/" + name, City: city, Lane: name, Due: start, Made: start, Body: body}
	if err := s.Put(b.Context(), j); err != nil {
		return err
	}
	taken, _, err := s.Take(b.Context(), name, start, time.Minute)
	if err != nil {
		return err
	}
	if taken == nil {
		return fmt.Errorf("no job to take")
	}
	rec := bot.Record{ID: "hokuto/v/" + taken.Lane, City: city, Body: body, Touched: start}
	return s.Commit(b.Context(), name, bot.Change{Done: taken.ID, Records: []bot.Record{rec}})
}
