package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
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
		o.Home = func(_ context.Context, user, _ string) (handoff.Home, error) { return homeOf(user), nil }
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
		o.Home = func(_ context.Context, user, _ string) (handoff.Home, error) { return homeOf(user), nil }
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
			o.Home = func(context.Context, string, string) (handoff.Home, error) {
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

// homesOf is a town whose home tabs show how often they were filled, and of which
// field.
func homesOf(t *testing.T) (*town, func(user string) string) {
	t.Helper()
	asked := 0
	tw := newFakeTown(t, func(o *Options) {
		o.Home = func(_ context.Context, user, field string) (handoff.Home, error) {
			asked++
			return handoff.Home{At: opened, Field: field, Delay: "投稿が待っています", Groups: []handoff.HomeGroup{
				{Title: fmt.Sprintf("【%s】の%d回目", field, asked), None: "いま、待っている相談はありません。"}}}, nil
		}
	})
	return tw, func(user string) string {
		v, _ := tw.Home(user)
		return v.Readable()
	}
}

func TestTheHomeTabKeepsTheChosenField(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tw, shown := homesOf(t)
		touch := func(action string, how ...slacktest.How) {
			t.Helper()
			v, _ := tw.Home("UDUTY")
			if _, err := tw.ClickView(t.Context(), "UDUTY", v.ID, action, how...); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		open := func() {
			t.Helper()
			if _, err := tw.OpenHome(t.Context(), "UDUTY"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		open()
		for _, part := range []string{"【】の1回目", "いま、待っている相談はありません。", "⏳ 投稿が待っています"} {
			if !strings.Contains(shown("UDUTY"), part) {
				t.Errorf("%q is missing in %s", part, shown("UDUTY"))
			}
		}
		touch(actionField, slacktest.WithValue("child"))
		open()
		time.Sleep(time.Minute)
		touch(actionRefresh)
		if got := shown("UDUTY"); !strings.Contains(got, "【child】の4回目") {
			t.Errorf("shown %s", got)
		}
		touch(actionField, slacktest.WithValue(everyField))
		if got := shown("UDUTY"); !strings.Contains(got, "【】の5回目") {
			t.Errorf("shown %s", got)
		}
		tw.nothingRefused(t)
	})
}

func TestHomeTabsFollowWhatHappensWithoutHaste(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tw, shown := homesOf(t)
		wants := func(part string) {
			t.Helper()
			synctest.Wait()
			if got := shown("UDUTY"); !strings.Contains(got, part) {
				t.Fatalf("%q is missing in %s", part, got)
			}
		}
		if _, err := tw.OpenHome(t.Context(), "UDUTY"); err != nil {
			t.Fatal(err)
		}
		wants("の1回目")
		c := tw.posted(t, openCase())
		time.Sleep(2 * time.Second)
		wants("の2回目")
		for i := range 5 { // in less than the pause
			c.Version++
			if _, err := tw.desk.Card(within(t), c.Card, handoff.NewCard(c, nil), handoff.Outbox{ID: c.ID}); err != nil {
				t.Fatal(i, err)
			}
		}
		wants("の2回目")
		time.Sleep(homeEvery)
		wants("の3回目")
		time.Sleep(homeLooks + time.Minute) // who does not look any more costs nothing
		tw.posted(t, claimedBy("UDUTY"))
		time.Sleep(homeEvery)
		wants("の3回目")
		tw.nothingRefused(t)
	})
}
