package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
)

// homeOf is a full home: every list and line as long as they come.
func homeOf(user string) handoff.Home {
	h := handoff.Home{At: opened}
	for range 12 {
		g := handoff.HomeGroup{Title: strings.Repeat("長", 300), N: 900}
		for range 40 {
			g.Lines = append(g.Lines, strings.Repeat("あ", 100)+" <!channel> 担当 <@"+user+"> "+strings.Repeat("<", 100))
		}
		h.Groups = append(h.Groups, g)
	}
	for range 40 {
		h.Week = append(h.Week, handoff.Row{Label: strings.Repeat("数", 90), Text: "1"})
	}
	return h
}

func TestTheHomeTabIsDrawnForItsPersonWithinSlacksLimits(t *testing.T) {
	tw := newTown(t, func(o *Options) {
		o.Home = func(_ context.Context, user string) (handoff.Home, error) { return homeOf(user), nil }
	})
	if a, err := tw.OpenHome(within(t), "UDUTY"); err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	if err := tw.WaitFor(within(t), func() bool { _, ok := tw.Home("UDUTY"); return ok }); err != nil {
		t.Fatal(err)
	}
	v, _ := tw.Home("UDUTY")
	if got := v.Readable(); !strings.Contains(got, "900 件") || !strings.Contains(got, "この7日間") {
		t.Errorf("shown %q", got)
	}
	if strings.Contains(v.Readable(), "@channel") {
		t.Error("a line calls the channel")
	}
	tw.nothingRefused(t)
}

func TestWhoMayNotActSeesNoCases(t *testing.T) {
	tw := newTown(t, func(o *Options) {
		o.Home = func(_ context.Context, user string) (handoff.Home, error) { return homeOf(user), nil }
	})
	for user, want := range map[string]string{"UOTHER": noDuty, "UGUEST": noGuest, "UFOREIGN": noForeign} {
		if _, err := tw.OpenHome(within(t), user); err != nil {
			t.Fatal(err)
		}
		if err := tw.WaitFor(within(t), func() bool { _, ok := tw.Home(user); return ok }); err != nil {
			t.Fatal(user, err)
		}
		if v, _ := tw.Home(user); v.Readable() != want {
			t.Errorf("%s sees %q", user, v.Readable())
		}
	}
}

func TestTheHomeTabIsDrawnAnewByItsButtonAtMostEveryThirtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		tw := newFakeTown(t, func(o *Options) {
			o.Home = func(context.Context, string) (handoff.Home, error) {
				if asked++; asked == 2 {
					return handoff.Home{}, errors.New("down")
				}
				return handoff.Home{At: opened}, nil
			}
		})
		open := func(want int) {
			t.Helper()
			if _, err := tw.OpenHome(t.Context(), "UDUTY"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if asked != want {
				t.Fatalf("asked %d times, want %d", asked, want)
			}
		}
		press := func(want int) {
			t.Helper()
			v, _ := tw.Home("UDUTY")
			if _, err := tw.ClickView(t.Context(), "UDUTY", v.ID, actionRefresh); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if asked != want {
				t.Fatalf("asked %d times, want %d", asked, want)
			}
		}
		open(1)
		press(1)
		open(2) // opening always looks again
		if v, _ := tw.Home("UDUTY"); v.Readable() != sayLater {
			t.Errorf("shown %q", v.Readable())
		}
		open(3)
		time.Sleep(29 * time.Second)
		press(3)
		time.Sleep(2 * time.Second)
		press(4)
		press(4)
	})
}
