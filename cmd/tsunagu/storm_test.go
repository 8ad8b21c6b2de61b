package main

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// TestFiftyStaffClaimTwentyCardsAtOnce lets everybody on duty press every button
// at the same moment, each request sent twice: one of them has each case, and
// every other one hears who. Where a machine does not get through with all that in
// Slack's three seconds, people press again, as Slack tells them to.
func TestFiftyStaffClaimTwentyCardsAtOnce(t *testing.T) {
	const people, cases = 50, 20
	w := newWorld(t, "2026-11-24T10:00:00+09:00", "hokuto")
	tn := w.towns["hokuto"]
	tn.slack.SetThrottle(slacktest.Throttle{Off: true})
	staff := make([]string, people)
	for i := range staff {
		staff[i] = fmt.Sprintf("USTORM%02d", i)
		tn.slack.AddUser(slacktest.User{ID: staff[i], Name: fmt.Sprint("storm", i), TeamID: "T1"})
	}
	tn.slack.AddGroup(slacktest.Group{ID: groupID, Handle: "toban", Members: staff})
	tn.slack.AddChannel(slacktest.Channel{ID: tn.channel(), Name: "soudan", Private: true, Members: append([]string{slacktest.BotUser}, staff...)})
	w.start()

	residents := make([]*linetest.Resident, cases)
	for i := range residents {
		residents[i] = tn.line.Resident("")
		w.say(residents[i], "職員に相談する")
	}
	found := make([]slacktest.Message, cases)
	for _, r := range residents {
		w.tap(r, "同意する（自分のこと）")
	}
	for i, r := range residents {
		found[i] = w.card(tn, w.receipt(r))
	}

	began := time.Now()
	var presses atomic.Int64
	press := func(u string, m slacktest.Message, how ...slacktest.How) {
		if a, err := insists(t.Context(), func() (slacktest.Answer, error) {
			presses.Add(1)
			return tn.slack.Click(t.Context(), u, tn.channel(), m.TS, "claim", append(how, slacktest.WithValue(claimValue(m)))...)
		}); err != nil || !a.Acked() {
			t.Errorf("%s was not heard: %d %v", u, a.Status, err)
		}
	}
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for _, m := range found {
		for _, u := range staff {
			wg.Go(func() {
				<-gate
				press(u, m, slacktest.Twice())
			})
		}
	}
	close(gate)
	wg.Wait()
	t.Logf("%d clicks, each twice, were acknowledged within %v", people*cases, time.Since(began).Round(time.Millisecond))

	owner := regexp.MustCompile(`担当：<@(\w+)>`)
	owners := map[string]int{}
	for i, m := range found {
		w.eventually(fmt.Sprintf("card %d names its owner", i), func() bool {
			now, _ := tn.slack.MessageAt(tn.channel(), m.TS)
			return owner.MatchString(plain(now))
		})
		now, _ := tn.slack.MessageAt(tn.channel(), m.TS)
		owners[owner.FindStringSubmatch(plain(now))[1]]++
	}
	// Each hears of every case that is somebody else's: once, if all went at once.
	told := func(u string) (n, later int) {
		for _, e := range tn.slack.Ephemerals(u) {
			switch text := plain(e); {
			case strings.Contains(text, "もう一度お試しください"):
				later++
			case strings.Contains(text, "あなたが担当しています") && owners[u] > 0: // who pressed again
			case !strings.Contains(text, "引き受けています") || !strings.Contains(text, "USTORM") || strings.Contains(text, "<@"+u+">"):
				t.Errorf("%s was told %q", u, e.Readable())
			default:
				n++
			}
		}
		return n, later
	}
	turnedAway := map[string]int{}
	for _, u := range staff {
		w.eventually(u+" is told", func() bool {
			n, later := told(u)
			if later > turnedAway[u] {
				turnedAway[u] = later
				for _, m := range found {
					press(u, m)
				}
			}
			return n >= cases-owners[u]
		})
	}
	t.Logf("everybody knew after %v and %d presses", time.Since(began).Round(time.Millisecond), presses.Load())
	if presses.Load() > people*cases {
		return // who pressed more often is told more often
	}
	for _, u := range staff {
		if n, _ := told(u); n != cases-owners[u] {
			t.Errorf("%s holds %d cases and was told %d times", u, owners[u], n)
		}
	}
}

// TestWordsUnderABusySlackAreJoined writes ten messages while Slack turns the
// channel away: one post holds them all, and an unsend replaces its own part.
func TestWordsUnderABusySlackAreJoined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-11-24T10:00:00+09:00", "hokuto")
	tn := w.towns["hokuto"]
	w.start()
	r := tn.line.Resident("")
	w.say(r, "職員に相談する")
	w.tap(r, "同意する（自分のこと）")
	card := w.card(tn, w.receipt(r))
	posts := func() (out []string) {
		for _, m := range tn.slack.Thread(tn.channel(), card.TS)[1:] {
			if text := m.Readable(); strings.Contains(text, "住民から") {
				out = append(out, text)
			}
		}
		return out
	}
	mend := tn.slack.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.RateLimited, RetryAfter: 3 * time.Second})
	var taken string // LINE's ID of the message to be taken back
	for i := range 10 {
		d := w.say(r, fmt.Sprintf("ことば%dばん", i))
		if i == 4 {
			taken = d.MessageIDs[0]
		}
	}
	w.eventually("all words are thought about", func() bool { return w.value(`lane_waiting{kind="think"}`) == 0 })
	mend()
	w.eventually("the words stand in the thread", func() bool { return strings.Contains(strings.Join(posts(), ""), "ことば9ばん") })
	got := posts()
	if len(got) > 2 || strings.Count(strings.Join(got, ""), "ばん") != 10 {
		t.Errorf("%d posts: %q", len(got), got)
	}
	w.taken(r, "the unsend", r.Unsend(taken))
	w.eventually("its own part is replaced", func() bool { return strings.Contains(strings.Join(posts(), ""), "（取り消されました）") })
	if got := strings.Join(posts(), ""); strings.Contains(got, "ことば4ばん") || strings.Count(got, "ばん") != 9 {
		t.Errorf("after the unsend: %q", got)
	}
}
