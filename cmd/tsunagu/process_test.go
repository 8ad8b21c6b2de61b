package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

var receiptForm = regexp.MustCompile(`[ぁ-ん]{2,4}-[0-9]{4}`)

// heard waits until the resident has seen a bubble with the words.
func (w *world) heard(r *linetest.Resident, words string) {
	w.t.Helper()
	w.eventually("the resident reads "+words, func() bool {
		return slices.ContainsFunc(r.Heard(), func(e linetest.Entry) bool { return strings.Contains(e.Text, words) })
	})
}

// card waits for the card that carries a 受付番号.
func (w *world) card(tn *town, receipt string) slacktest.Message {
	w.t.Helper()
	var found slacktest.Message
	w.eventually("the card of "+receipt, func() bool {
		for _, m := range tn.slack.Messages(tn.channel()) {
			if strings.Contains(m.Readable(), receipt) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// consent leads a resident from a first word to a 受付番号.
func (w *world) consent(r *linetest.Resident, words string) string {
	w.t.Helper()
	w.say(r, words)
	w.eventually("an answer", func() bool { return len(r.Heard()) > 0 })
	w.say(r, "職員に相談する")
	w.tap(r, "同意する（自分のこと）")
	return w.receipt(r)
}

func (w *world) receipt(r *linetest.Resident) string {
	w.t.Helper()
	w.eventually("the 受付番号", func() bool { return heardReceipt(r) != "" })
	return heardReceipt(r)
}

func heardReceipt(r *linetest.Resident) string {
	for _, e := range r.Heard() {
		if m := receiptForm.FindString(e.Text); m != "" {
			return m
		}
	}
	return ""
}

// agree taps the consent that a resident sees, another one than before, and
// returns which it was.
func (w *world) agree(r *linetest.Resident, before string) string {
	w.t.Helper()
	w.eventually("the question for consent", func() bool { return agreement(r).Data != "" && agreement(r).Data != before })
	b := agreement(r)
	w.taken(r, "the tap on consent", r.Tap(b))
	return b.Data
}

// agreement is the newest button that the resident can agree with now; empty when
// there is none.
func agreement(r *linetest.Resident) (last linetest.Button) {
	for _, b := range r.Buttons() {
		if b.Label == "同意する（自分のこと）" {
			last = b
		}
	}
	return last
}

// close claims a case, answers the resident and closes it, as duty staff do.
func (w *world) claimAnswerClose(tn *town, r *linetest.Resident, receipt string) {
	w.t.Helper()
	card := w.card(tn, receipt)
	w.claims(tn, shiftUser, card)
	w.answers(tn, card, "あすの午前に、こちらからお返事します。")
	w.heard(r, "あすの午前に、こちらからお返事します。")
	w.eventually("the mark of the message", func() bool {
		return slices.ContainsFunc(tn.slack.Thread(tn.channel(), card.TS), func(m slacktest.Message) bool {
			return strings.Contains(m.Readable(), "LINEに渡しました")
		})
	})
	w.opens(tn, shiftUser, card, "close")
	w.submits(tn, shiftUser, "close", slacktest.One("outcome", "connected"))
	w.eventually("the card is closed", func() bool {
		m, _ := tn.slack.MessageAt(tn.channel(), card.TS)
		return strings.Contains(m.Readable(), "終了")
	})
}

// plain are a message's blocks without JSON's escapes.
func plain(m slacktest.Message) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(m.Blocks))
}

func TestInEachCityAResidentGoesFromAFirstMessageToAClaimedAndClosedCase(t *testing.T) {
	t.Parallel()
	cities := []string{"hokuto", "kitakami", "miyoshi", "musashimurayama", "nonoichi"}
	w := newWorld(t, "", cities...)
	w.start()
	for _, id := range cities {
		tn := w.towns[id]
		r := tn.line.Resident("")
		r.Follow()
		w.heard(r, "機械")
		receipt := w.consent(r, "どこに相談したらいいか分からない")
		w.claimAnswerClose(tn, r, receipt)
		w.say(r, "ありがとうございました")
		if n := len(cards(tn)); n != 1 {
			t.Errorf("%s: %d cards", id, n)
		}
	}
}

// cards are the posted cards of a town.
func cards(tn *town) []slacktest.Message { return cardsIn(tn, tn.channel()) }

func cardsIn(tn *town, channel string) []slacktest.Message {
	var out []slacktest.Message
	for _, m := range tn.slack.Messages(channel) {
		if m.Metadata != nil && m.Metadata.EventType == "tsunagu_card" {
			out = append(out, m)
		}
	}
	return out
}

func TestTwoMembersOfStaffClaimAtOnceAndTheLoserIsToldWhoWon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	r := tn.line.Resident("")
	card := w.card(tn, w.consent(r, "母の介護のことで"))
	both := []string{shiftUser, otherUser}
	loses := func(u string) bool {
		return slices.ContainsFunc(tn.slack.Ephemerals(u), func(m slacktest.Message) bool { return strings.Contains(m.Readable(), "すでに") })
	}
	w.brings("one is told who holds it", func() {
		var wg sync.WaitGroup
		for _, u := range both {
			wg.Go(func() {
				if a, err := insists(t.Context(), func() (slacktest.Answer, error) {
					return tn.slack.Click(t.Context(), u, tn.channel(), card.TS, "claim", slacktest.WithValue(claimValue(card)))
				}); err != nil || !a.Acked() {
					t.Errorf("claim by %s: %d %v", u, a.Status, err)
				}
			})
		}
		wg.Wait()
	}, func() bool { return slices.ContainsFunc(both, loses) })
	winner, loser := shiftUser, otherUser
	if loses(shiftUser) {
		winner, loser = otherUser, shiftUser
	}
	for _, m := range tn.slack.Ephemerals(winner) {
		if strings.Contains(m.Readable(), "すでに") {
			t.Errorf("the winner is told %s", m.Readable())
		}
	}
	if text := plain(tn.slack.Ephemerals(loser)[0]); !strings.Contains(text, winner) {
		t.Errorf("the loser is not told who won: %s", text)
	}
	w.brings("the guest is told", func() {
		w.presses(tn, guestUser, card, "release", slacktest.WithValue(claimValue(card)))
	}, func() bool { return len(tn.slack.Ephemerals(guestUser)) > 0 })
}

func TestKilledInTheMiddleOfTwentyConversationsNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	const n = 20
	residents := make([]*linetest.Resident, n)
	acked := make([][]string, n) // texts that were answered 200
	var wg sync.WaitGroup
	for i := range n {
		residents[i] = tn.line.Resident("")
		wg.Go(func() {
			r := residents[i]
			for _, text := range []string{"母の介護のことで困っています", "職員に相談する"} {
				if d := r.Say(text); d.Status == 200 {
					acked[i] = append(acked[i], text)
				}
			}
		})
	}
	// Killed as soon as the first answers come: the others are under way.
	w.eventually("the first answers", func() bool { return tn.line.Counts().Replies >= 5 })
	w.kill()
	wg.Wait()
	w.start()
	for i, r := range residents {
		if len(acked[i]) == 0 {
			continue // LINE was told 'no' and would send again
		}
		w.eventually(fmt.Sprintf("resident %d is answered", i), func() bool { return len(r.Heard()) > 0 })
	}
	// They go on, and the program is killed between the consent and the card.
	receipts := make([]string, n)
	for _, r := range residents {
		w.say(r, "職員に相談する")
	}
	tapped := make([]string, n)
	for i, r := range residents {
		tapped[i] = w.agree(r, "")
		if i == n/2 {
			w.eventually("a card is posted", func() bool { return len(cards(tn)) >= 1 })
			w.kill()
			w.start()
		}
	}
	for i, r := range residents {
		// Who had seen the question before may have tapped that one: then they are
		// asked again.
		w.eventually("the 受付番号, or the question again", func() bool {
			return heardReceipt(r) != "" || agreement(r).Data != "" && agreement(r).Data != tapped[i]
		})
		if heardReceipt(r) == "" {
			w.agree(r, tapped[i])
		}
		receipts[i] = w.receipt(r)
		w.card(tn, receipts[i])
	}
	slices.Sort(receipts)
	if len(slices.Compact(receipts)) != n {
		t.Error("a 受付番号 was given twice")
	}
	if got := len(cards(tn)); got != n {
		t.Errorf("%d cards for %d cases", got, n)
	}
}

func TestACardThatWasPostedBeforeACrashIsFoundNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.expected = []string{"Slack"}
	w.start()
	tn := w.towns["hokuto"]
	// Slack stores the card but its answer never comes; the program dies while
	// it waits.
	tn.slack.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.LostAnswer, Times: 1})
	r := tn.line.Resident("")
	receipt := w.consent(r, "母の介護のことで困っています")
	w.eventually("the card is stored at Slack", func() bool { return len(cards(tn)) == 1 })
	w.kill()
	w.start()
	w.claimAnswerClose(tn, r, receipt)
	if n := len(cards(tn)); n != 1 {
		t.Errorf("%d cards", n)
	}
}

func TestBadInputIsRefusedWithItsStatusAndGoodEventsBesideItAreServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	hook := "http://" + w.addr + "/line/hokuto/webhook"
	const words = "だれにも見せたくないことば"
	status := func(method, url string, body []byte, header map[string]string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		answer, _ := io.ReadAll(res.Body)
		if strings.Contains(string(answer), words) {
			t.Error("an answer repeats the body")
		}
		return res.StatusCode
	}
	sign := func(body []byte) map[string]string {
		return map[string]string{"X-Line-Signature": linetest.Sign(lineSecret+"hokuto", body)}
	}
	broken := []byte(`{"events":[{"message":"` + words)
	huge := bytes.Repeat([]byte("あ"), 1<<19)
	for _, c := range []struct {
		name, method, url string
		body              []byte
		header            map[string]string
		want              int
	}{
		{"no signature", "POST", hook, []byte(`{"events":[]}`), nil, 401},
		{"wrong signature", "POST", hook, []byte(`{"events":[]}`), map[string]string{"X-Line-Signature": "AAAA"}, 401},
		{"body over 1 MiB", "POST", hook, huge, sign(huge), 413},
		{"broken JSON", "POST", hook, broken, sign(broken), 400},
		{"no events", "POST", hook, []byte(`{"destination":"U","events":[]}`), sign([]byte(`{"destination":"U","events":[]}`)), 200},
		{"another method", "GET", hook, nil, nil, 405},
		{"unknown city", "POST", "http://" + w.addr + "/line/nowhere/webhook", nil, nil, 404},
		{"Slack without a signature", "POST", "http://" + w.addr + "/slack/hokuto/events", []byte(`{}`), nil, 401},
		{"health", "GET", "http://" + w.addr + "/healthz", nil, nil, 200},
		{"metrics", "GET", "http://" + w.addr + "/metrics", nil, nil, 200},
	} {
		if got := status(c.method, c.url, c.body, c.header); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	r := tn.line.Resident("")
	good := r.TextEvent("母の介護のことで困っています")
	if d := tn.line.Deliver(good.With("source", nil).With("webhookEventId", 7), r.TextEvent("母の介護のことで困っています")); d.Status != 200 {
		t.Errorf("a malformed event beside a good one: %d", d.Status)
	}
	w.eventually("the good one is answered", func() bool { return len(r.Heard()) > 0 })
	if strings.Contains(w.log.String(), words) || strings.Contains(w.log.String(), "母の介護") {
		t.Error("the log holds a resident's words")
	}
}
