package slack

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
)

// TestTheMentionFollowsTheShift calls whoever is on duty at that minute.
func TestTheMentionFollowsTheShift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noon := time.Now().Add(time.Hour)
		tw := newFakeTown(t, func(o *Options) {
			o.Duty = func(at time.Time) []string {
				switch {
				case at.Before(noon):
					return []string{"USECOND", "S01"}
				case at.Before(noon.Add(time.Hour)):
					return []string{"UOTHER"}
				}
				return nil
			}
		})
		c := openCase()
		c.Sheet.Urgency = "suicide"
		c = tw.posted(t, c)
		at := handoff.Spot{Channel: c.Card.Channel, Thread: c.Card.TS}
		call := func() []string {
			if _, err := tw.desk.Post(within(t), at, handoff.Post{Kind: handoff.PostNotice, Text: "緊急です", Mention: "duty"}, handoff.Outbox{ID: time.Now().String()}); err != nil {
				t.Fatal(err)
			}
			all := tw.Thread(at.Channel, at.Thread)
			return all[len(all)-1].Pings()
		}
		if got := tw.Thread(at.Channel, at.Thread)[0].Pings(); !slices.Equal(got, []string{"S01", "USECOND"}) {
			t.Errorf("an urgent card calls %v", got)
		}
		for _, want := range [][]string{{"S01", "USECOND"}, {"UOTHER"}, {"S01"}} {
			if got := call(); !slices.Equal(got, want) {
				t.Errorf("%v is called, want %v", got, want)
			}
			time.Sleep(61 * time.Minute) // into the next shift
		}
		tw.nothingRefused(t)
	})
}
