package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
	"tsunagu/triage"
	"tsunagu/triage/llm"
)

// allowed is all that a label of ours may say. A metric that is not listed, or a
// value that is not, may be about somebody.
var allowed = map[string]map[string][]string{
	"jobs_waiting": nil, "oldest_job_seconds": nil, "conversations_open": nil,
	"lane_waiting": {"kind": bot.Kinds}, "lane_oldest_seconds": {"kind": bot.Kinds},
	"cards_waiting": ofCity, "card_waiting_seconds": ofCity, "cards_posted_total": ofCity,
	"slack_backoff_seconds": ofCity, "line_quota_used": ofCity, "line_quota_limit": ofCity,
	"jobs_given_up_total": {"kind": bot.Kinds}, "jobs_total": {"kind": append(slices.Clone(bot.Kinds), "unknown"), "outcome": {"done", "failed", "given up", "lease lost", "left alone", "too late"}},
	"line_sent_total":      {"how": {"reply", "push"}, "outcome": {"ok", "token", "quota", "refused", "busy", "doubtful"}},
	"slack_sent_total":     {"what": {"card", "post", "whisper", "erase", "file"}, "outcome": {"ok", "refused", "limited", "doubtful", "failed"}},
	"webhooks_total":       {"city": {"hokuto"}, "from": {"line", "slack"}, "code": {"200", "401", "405", "413", "400", "503"}},
	"claims_total":         {"outcome": {"won", "lost"}},
	"crisis_answers_total": {"kind": triage.Kinds},
	"llm_asked_total":      {"outcome": llm.Outcomes},
	"slack_delay_seconds":  {"what": {"card", "words"}, "le": {"1", "2", "5", "10", "30", "60", "300", "1800", "7200", "86400", "+Inf"}},

	// what the kernel says of any process
	"process_cpu_seconds_total": nil, "process_start_time_seconds": nil, "process_resident_memory_bytes": nil, "process_virtual_memory_bytes": nil, "process_virtual_memory_max_bytes": nil,
	"process_open_fds": nil, "process_max_fds": nil, "process_network_receive_bytes_total": nil, "process_network_transmit_bytes_total": nil,
}

var ofCity = map[string][]string{"city": {"hokuto"}}

var (
	sampleForm = regexp.MustCompile(`^(?:tsunagu_)?([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? (\S+)$`)
	labelForm  = regexp.MustCompile(`([a-z]+)="([^"]*)",?`)
)

// bounded fails the test where /metrics says anything that is not on the list.
func bounded(t *testing.T, metrics string) {
	t.Helper()
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(metrics), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		m := sampleForm.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("a line of another form: %s", line)
			continue
		}
		may, known := allowed[m[1]]
		if _, err := strconv.ParseFloat(m[3], 64); !known || err != nil {
			t.Errorf("not on the list: %s", line)
			continue
		}
		seen[m[1]] = true
		if rest := labelForm.ReplaceAllString(m[2], ""); rest != "" {
			t.Errorf("labels of another form: %s", line)
		}
		for _, l := range labelForm.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(may[l[1]], l[2]) {
				t.Errorf("the label %s=%q may not stand: %s", l[1], l[2], line)
			}
		}
	}
	for name := range allowed {
		if !seen[name] && !strings.HasPrefix(name, "process_network_") { // not every system counts these
			t.Errorf("%s is missing", name)
		}
	}
}

// value is a sample of /metrics, such as claims_total{outcome="won"}; -1 when there
// is none.
func (w *world) value(sample string) float64 {
	w.t.Helper()
	for _, line := range strings.Split(w.metrics(), "\n") {
		if rest, ok := strings.CutPrefix(line, "tsunagu_"+sample+" "); ok {
			v, err := strconv.ParseFloat(rest, 64)
			if err != nil {
				w.t.Fatal(err)
			}
			return v
		}
	}
	return -1
}

func (w *world) shows(sample string, least, most float64) {
	w.t.Helper()
	if v := w.value(sample); v < least || v > most {
		w.t.Errorf("%s is %v, want %v to %v", sample, v, least, most)
	}
}

// posted sends a body that nobody signed.
func (w *world) posted(path string, want int) {
	w.t.Helper()
	res, err := http.Post("http://"+w.addr+path, "application/json", strings.NewReader("{}"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != want {
		w.t.Errorf("%s: %s", path, res.Status)
	}
}

func TestWhatIsSeenFromOutsideIsOfNobody(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t, "2026-11-24T10:00:00+09:00", "hokuto"), newMind(t)
	w.more("llm: {base_url: " + m.url + ", model: small}")
	m.will(answers("?", 0))
	tn := w.towns["hokuto"]
	tn.line.SetMonthlyLimit(200, 160)
	w.expected = []string{"reached your monthly limit"}
	w.start()

	// Four fifths of the month's messages are used: the desk hears it once.
	notices := func() (n int) {
		for _, msg := range tn.slack.Messages(tn.channel()) {
			if strings.Contains(msg.Readable(), "8割を使いました（200通のうち160通）") {
				n++
			}
		}
		return n
	}
	w.eventually("the desk hears of the month's messages", func() bool { return notices() > 0 })
	w.shows(`line_quota_used{city="hokuto"}`, 160, 160)
	w.shows(`line_quota_limit{city="hokuto"}`, 200, 200)

	r := tn.line.Resident("")
	w.exchange(r, vague, danger)
	card := w.card(tn, w.consentAgain(r))
	w.claims(tn, shiftUser, card)
	w.eventually("a claim is counted", func() bool { return w.value(`claims_total{outcome="won"}`) == 1 })
	w.shows(`webhooks_total{city="hokuto",code="200",from="line"}`, 3, 99)
	w.shows(`webhooks_total{city="hokuto",code="401",from="line"}`, 0, 0)
	w.posted("/line/hokuto/webhook", http.StatusUnauthorized)
	w.posted("/slack/hokuto/events", http.StatusUnauthorized)
	w.shows(`webhooks_total{city="hokuto",code="401",from="line"}`, 1, 1)
	w.shows(`webhooks_total{city="hokuto",code="401",from="slack"}`, 1, 1)
	w.shows(`crisis_answers_total{kind="suicide"}`, 1, 1)
	w.shows(`llm_asked_total{outcome="garbage"}`, 1, 1)
	w.shows(`cards_posted_total{city="hokuto"}`, 1, 1)
	w.shows(`slack_delay_seconds_count{what="card"}`, 1, 1)
	w.shows(`slack_sent_total{outcome="ok",what="card"}`, 1, 9)

	// Slack asks for patience: it is seen, and so is the card that waits.
	mend := tn.slack.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.RateLimited, RetryAfter: 4 * time.Second})
	other := tn.line.Resident("")
	receipt := w.consent(other, "母の介護のことで困っています")
	w.eventually("the pause is seen", func() bool { return w.value(`slack_backoff_seconds{city="hokuto"}`) > 0 })
	w.eventually("the card that waits is seen", func() bool { return w.value(`card_waiting_seconds{city="hokuto"}`) > 0 })
	w.shows(`cards_waiting{city="hokuto"}`, 1, 1)
	mend()
	w.card(tn, receipt)
	w.eventually("nothing waits any more", func() bool {
		return w.value(`cards_waiting{city="hokuto"}`) == 0 && w.value(`card_waiting_seconds{city="hokuto"}`) == 0
	})

	// The month is used up: what staff send waits, and comes with the resident's own
	// next word by reply.
	tn.line.SetMonthlyLimit(200, 200)
	pushes := tn.line.Counts().Pushes
	const answer = "あすの午前に、こちらからお返事します。"
	w.answers(tn, card, answer)
	w.eventually("the thread says that it waits", func() bool {
		return slices.ContainsFunc(tn.slack.Thread(tn.channel(), card.TS), func(m slacktest.Message) bool {
			return strings.Contains(m.Readable(), "今月の上限")
		})
	})
	if heard(r, answer) {
		t.Error("a push went through beyond the limit")
	}
	w.shows(`line_sent_total{how="push",outcome="quota"}`, 1, 2)
	w.say(r, "まだですか")
	w.heard(r, answer)
	if n := tn.line.Counts().Pushes; n != pushes {
		t.Errorf("%d pushes beyond the limit", n-pushes)
	}
	w.eventually("the mark says that LINE has it", func() bool {
		return slices.ContainsFunc(tn.slack.Thread(tn.channel(), card.TS), func(m slacktest.Message) bool {
			return strings.Contains(m.Readable(), answer) && strings.Contains(m.Readable(), "LINEに渡しました")
		})
	})

	if n := notices(); n != 1 {
		t.Errorf("the desk heard %d times of the month", n)
	}
	metrics := w.metrics()
	bounded(t, metrics)
	for _, never := range []string{r.ID, other.ID, receipt, shiftUser, "もやもや", "介護"} {
		if strings.Contains(metrics, never) {
			t.Errorf("/metrics says %q", never)
		}
	}
	for _, line := range strings.Split(w.log.String(), "\n") {
		if strings.Contains(line, `"conversation"`) && !regexp.MustCompile(`"conversation":"[a-z2-7]{6}"`).MatchString(line) {
			t.Errorf("a log line does not go by the short name: %s", line)
		}
	}
}

// consentAgain goes on from wherever the resident is to a 受付番号.
func (w *world) consentAgain(r *linetest.Resident) string {
	w.t.Helper()
	w.say(r, "職員に相談する")
	w.tap(r, "同意する（自分のこと）")
	return w.receipt(r)
}

func heard(r *linetest.Resident, text string) bool {
	return slices.ContainsFunc(r.Heard(), func(e linetest.Entry) bool { return strings.Contains(e.Text, text) })
}

// A label that nobody listed is seen, so that the test above can fail.
func TestTheListOfLabelsIsClosed(t *testing.T) {
	for _, line := range []string{`tsunagu_claims_total{outcome="UTOUBANA"} 1`, `tsunagu_claims_total{user="x",outcome="won"} 1`, `tsunagu_words_total 1`, `go_goroutines 5`} {
		if m := sampleForm.FindStringSubmatch(line); m != nil {
			may, known := allowed[m[1]]
			bad := !known
			for _, l := range labelForm.FindAllStringSubmatch(m[2], -1) {
				bad = bad || !slices.Contains(may[l[1]], l[2])
			}
			if !bad {
				t.Error(fmt.Sprint("passes: ", line))
			}
		}
	}
}
