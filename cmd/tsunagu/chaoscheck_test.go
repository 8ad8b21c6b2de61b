//go:build unix

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// finding is one thing that must hold, how often it was looked at and what broke
// it.
type finding struct {
	what   string
	looked int
	broken []string
}

func (f *finding) holds(ok bool, format string, a ...any) {
	f.looked++
	if !ok {
		f.broken = append(f.broken, fmt.Sprintf(format, a...))
	}
}

var (
	markForm  = regexp.MustCompile(`しるしq[a-z]+qのq[a-z]+q`)
	replyForm = regexp.MustCompile(`q[a-z]+qさんへのへんじです。`)
	lineForm  = regexp.MustCompile(`U[0-9a-f]{32}`)
)

// check looks at everything that must hold, and prints what was done and found.
func (c *chaos) check() {
	all := []*finding{c.answers(), c.oneCard(), c.oneOwner(), c.words(), c.replies(), c.reminders(), c.stuck(), c.secrets(), c.takenBack(), c.blocked(), c.handedOn()}
	doubles, counted := c.doubles()
	all = append(all, doubles)
	var out strings.Builder
	tab := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tab, "\n%s, seed %d: what was done\t\n", c.store, *chaosSeed)
	for _, row := range c.figures() {
		fmt.Fprintf(tab, "  %s\t%d\n", row.name, row.n)
	}
	names, times := c.tally()
	for _, name := range names {
		fmt.Fprintf(tab, "  %s\t%d\n", name, times[name])
	}
	fmt.Fprintf(tab, "what must hold\tlooked at\tbroken\n")
	for _, f := range all {
		fmt.Fprintf(tab, "  %s\t%d\t%d\n", f.what, f.looked, len(f.broken))
	}
	_ = tab.Flush()
	for _, row := range counted {
		fmt.Fprintf(&out, "  repeated to a resident after %s: %d\n", row.name, row.n)
	}
	if !c.full && c.standby == nil {
		fmt.Fprintln(&out, "  the disk was never full: no right to mount one")
	}
	for _, row := range c.said() {
		fmt.Fprintf(&out, "  logged %d times: %s\n", row.n, row.name)
	}
	c.t.Log(out.String())
	for _, f := range all {
		for _, b := range f.broken[:min(len(f.broken), 3)] {
			c.t.Errorf("seed %d: %s: %s", *chaosSeed, f.what, b)
		}
	}
	for _, n := range c.notes {
		c.t.Errorf("seed %d: %s", *chaosSeed, n)
	}
}

type figure struct {
	name string
	n    int
}

func (c *chaos) figures() []figure {
	var acts, again int
	for _, p := range c.people {
		for _, a := range p.acts {
			acts++
			again += a.again
		}
	}
	var answered, closed, replies, pushes, conflicts int
	for _, w := range c.works {
		if w.sent {
			answered++
		}
		if w.closed {
			closed++
		}
	}
	sockets := 0
	for _, tn := range c.towns {
		sockets += tn.slack.Count("apps.connections.open")
		n := tn.line.Counts()
		replies, pushes, conflicts = replies+n.Replies, pushes+n.Pushes, conflicts+n.Conflicts
	}
	return []figure{{"conversations", len(c.people)}, {"messages and taps", acts}, {"webhooks sent again", again}, {"cases", len(c.works)},
		{"cases answered by staff", answered}, {"cases closed", closed}, {"replies", replies}, {"pushes", pushes},
		{"pushes that LINE had taken before (409)", conflicts}, {"sockets that Slack was asked for", sockets}}
}

var messageForm = regexp.MustCompile(`"level":"(\w+)","msg":"([^"]*)"`)

// said is what the serves logged, by level and message.
func (c *chaos) said() (out []figure) {
	for _, m := range messageForm.FindAllStringSubmatch(c.log.String(), -1) {
		name := m[1] + " " + m[2]
		if i := slices.IndexFunc(out, func(f figure) bool { return f.name == name }); i >= 0 {
			out[i].n++
		} else {
			out = append(out, figure{name, 1})
		}
	}
	slices.SortFunc(out, func(a, b figure) int { return strings.Compare(a.name, b.name) })
	return out
}

// answers: what was answered 200 was answered.
func (c *chaos) answers() *finding {
	f := &finding{what: "every message that was acknowledged is answered"}
	for _, p := range c.people {
		for _, a := range p.acts {
			f.holds(a.acked && (a.answered || a.silent), "%q was acknowledged %v, answered %v\n%s", a.what, a.acked, a.answered, p.story())
		}
	}
	return f
}

// oneCard: every 受付番号 stands on one card, and no card is of nobody.
func (c *chaos) oneCard() *finding {
	f := &finding{what: "every consented case has exactly one card"}
	for _, d := range c.desks {
		d.look()
		for receipt, list := range d.cards {
			i := slices.IndexFunc(c.works, func(w *work) bool { return w.town == d.town && w.receipt == receipt })
			most := 1
			if i >= 0 && c.works[i].handed {
				most = 2 // with what is left where it stood
			}
			f.holds(i >= 0 && len(list) <= most, "%s %s stands on %d cards, known to its resident: %v", d.town.id, receipt, len(list), i >= 0)
		}
	}
	for _, w := range c.works {
		n := len(c.desks[w.town.id].live(w.receipt))
		f.holds(n == 1, "%s %s has %d cards to press, handed on: %v\n%s", w.town.id, w.receipt, n, w.handed, w.story())
	}
	return f
}

// oneOwner: nobody took a case that another held, and the card names who did.
func (c *chaos) oneOwner() *finding {
	f := &finding{what: "a case has one owner, whom its card names"}
	for _, id := range c.cities {
		cmd := exec.Command(binary, "audit", "--config", filepath.Join(c.dir, "tsunagu.yaml"), "--city", id, "--csv")
		cmd.Env = c.env
		out, err := cmd.Output()
		rows, rerr := csv.NewReader(strings.NewReader(string(out))).ReadAll()
		if err != nil || rerr != nil {
			c.note(fmt.Sprintf("audit: %v %v", err, rerr))
			return f
		}
		holder, last := map[string]string{}, map[string]string{}
		for _, row := range rows {
			switch who, what, receipt := row[1], row[2], row[3]; what {
			case "claim":
				f.holds(holder[receipt] == "", "%s %s: %s took what %s held", id, receipt, who, holder[receipt])
				holder[receipt], last[receipt] = who, who
			case "close", "release", "reopen", "handon":
				holder[receipt] = ""
			}
		}
		for _, w := range c.works {
			if w.town.id == id && w.owner != "" {
				f.holds(w.owner == last[w.receipt], "%s %s: the card named %s, the audit says %q", id, w.receipt, w.owner, last[w.receipt])
			}
		}
	}
	return f
}

// words: what belongs to a case stands in Slack once, what nobody consented to
// does not stand there.
func (c *chaos) words() *finding {
	f := &finding{what: "words of a case stand in Slack once, others never"}
	seen, where := map[string]int{}, map[string]string{}
	for _, tn := range c.towns {
		for _, m := range tn.posts() {
			for _, mark := range markForm.FindAllString(string(m.Blocks), -1) {
				seen[mark]++
				where[mark] += fmt.Sprintf("    %s %s in %s: %.80q\n", m.Channel, m.TS, m.ThreadTS, m.Readable())
			}
		}
	}
	for _, p := range c.people {
		for _, mark := range p.before {
			f.holds(seen[mark] == 0, "%s stands in Slack without consent\n%s", mark, p.story())
		}
		closed := slices.ContainsFunc(c.works, func(w *work) bool { return w.person == p && w.closed })
		handed := slices.ContainsFunc(c.works, func(w *work) bool { return w.person == p && w.handed })
		for _, mark := range p.open {
			gone := (mark == p.first || handed) && closed && seen[mark] == 0 // the card of a closed case shows no words
			f.holds(seen[mark] == 1 || gone, "%s stands in Slack %d times\n%s%s", mark, seen[mark], where[mark], p.story())
		}
	}
	return f
}

// replies: what staff confirmed reached its resident and nobody else.
func (c *chaos) replies() *finding {
	f := &finding{what: "what staff sent reaches its resident only"}
	for _, w := range c.works {
		if w.claim && w.answer {
			f.holds(w.sent && w.heard(w.text) > 0, "%s %s: sent %v, read %d times; owner %s\n%s", w.town.id, w.receipt, w.sent, w.heard(w.text), w.owner, w.story())
		}
		if w.claim && w.close {
			f.holds(w.closed, "%s %s was not closed", w.town.id, w.receipt)
		}
	}
	for _, p := range c.people {
		own := letters(p.n) + "さん"
		for _, e := range p.Heard() {
			for _, text := range replyForm.FindAllString(e.Text, -1) {
				f.holds(strings.HasPrefix(text, own), "%s was sent to %s", text, own)
			}
		}
	}
	return f
}

// reminders: a timer that several serves see speaks once. A case that was handed on
// waits anew, and has another.
func (c *chaos) reminders() *finding {
	f := &finding{what: "a case is reminded of once each time it waits"}
	for _, w := range c.works {
		d := c.desks[w.town.id]
		n, most := 0, 1
		if w.handed {
			most = 2
		}
		var told strings.Builder
		for _, at := range d.cards[w.receipt] {
			for _, m := range d.town.slack.Thread(at.channel, at.ts) {
				n += strings.Count(string(m.Blocks), "まだだれも引き受けていません")
				fmt.Fprintf(&told, "    %s %s %.60q\n", at.channel, m.TS, m.Readable())
			}
		}
		f.holds(n <= most, "%s %s was reminded of %d times\n%s", d.town.id, w.receipt, n, told.String())
	}
	return f
}

// stuck: nothing waits, nothing stands as 送信中, no process ended by itself.
func (c *chaos) stuck() *finding {
	f := &finding{what: "nothing is stuck, no serve ended by itself"}
	for _, s := range c.replicas {
		// A timer may have come due this second; what is stuck does not go away.
		ctx, cancel := context.WithTimeout(c.t.Context(), settleTime)
		var age float64
		idle := poll(ctx, func() bool {
			var ok bool
			age, ok = s.metric("tsunagu_oldest_job_seconds")
			return ok && age == 0
		})
		cancel()
		f.holds(idle, "%s: the oldest job has waited for %.0f s", s.name, age)
		s.mu.Lock()
		f.holds(len(s.odd) == 0, "%s ended: %v\n%s", s.name, s.odd, c.plainly())
		s.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), settleTime)
	defer cancel()
	var sending []string
	f.holds(poll(ctx, func() bool { sending = c.sending(); return len(sending) == 0 }), "送信中 for ever: %v", sending)
	return f
}

// plainly are the last words of serves that ended: lines of the log that are no JSON.
func (c *chaos) plainly() (out string) {
	for l := range strings.Lines(c.log.String()) {
		if !strings.HasPrefix(l, "{") {
			out += "    " + l
		}
	}
	return out
}

// secrets: neither the log nor Slack holds what it must not.
func (c *chaos) secrets() *finding {
	f := &finding{what: "no words, LINE IDs or secrets where they must not be"}
	log := c.log.String()
	for _, bad := range []string{lineSecret, lineToken, "xoxb-", "slack-secret-", slacktest.DefaultAppToken, "しるし", "へんじです", "panic"} {
		f.holds(!strings.Contains(log, bad), "the log holds %q", bad)
	}
	f.holds(!lineForm.MatchString(log), "the log holds a LINE user ID")
	for _, tn := range c.towns {
		for _, call := range tn.slack.Calls() {
			f.holds(!lineForm.Match(call.Args), "a LINE user ID went to Slack in %s", call.Method)
		}
		f.holds(tn.line.Counts().Profiles == 0, "LINE was asked for a profile")
	}
	return f
}

// doubles: nobody reads the same twice, unless LINE's answer to the first was
// lost; those are counted by what lost it.
func (c *chaos) doubles() (*finding, []figure) {
	f := &finding{what: "nobody reads the same twice without cause"}
	causes := map[string]int{}
	for _, p := range c.people {
		for _, first := range p.twiceRead() {
			cause := c.cause(first.At)
			f.holds(cause != "", "read twice, first at %s: %.60s\n%s", first.At.Format("15:04:05.000"), first.Text, p.story())
			if cause != "" {
				causes[cause]++
			}
		}
		f.looked++
	}
	var out []figure
	for name, n := range causes {
		out = append(out, figure{name, n})
	}
	slices.SortFunc(out, func(a, b figure) int { return strings.Compare(a.name, b.name) })
	return f, out
}

// twiceRead are the first of bubbles that came again: the same call between two
// acts, or words that are said once only.
func (p *person) twiceRead() (out []linetest.Entry) {
	chat := p.Chat()
	once := map[string]linetest.Entry{}
	for i, a := range p.acts {
		to := len(chat)
		if i+1 < len(p.acts) {
			to = p.acts[i+1].from
		}
		calls, first := map[string]string{}, map[string]linetest.Entry{}
		var order []string
		for _, e := range chat[min(a.from, to):to] {
			if e.From != linetest.Bot {
				continue
			}
			if _, known := first[e.RequestID]; !known {
				first[e.RequestID] = e
				order = append(order, e.RequestID)
			}
			calls[e.RequestID] += string(e.Raw) + "\n"
		}
		said := map[string]linetest.Entry{}
		for _, id := range order {
			// A reply goes by the token of its own event: only a push repeats.
			if e, again := said[calls[id]]; again && first[id].How == linetest.Push {
				out = append(out, e)
				continue
			}
			said[calls[id]] = first[id]
			if text := first[id].Text; replyForm.MatchString(text) || strings.HasPrefix(text, "受け取りました。受付番号は") {
				if e, again := once[text]; again && first[id].How == linetest.Push {
					out = append(out, e)
					continue
				}
				once[text] = first[id]
			}
		}
	}
	return out
}
