//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tsunagu/handoff/slack/slacktest"
)

// work is a case as the people around it know it, and what staff mean to do.
type work struct {
	*person
	receipt              string
	claim, answer, close bool

	mu     sync.Mutex
	text   string // the answer's own words
	owner  string
	sent   bool // the confirmation was acknowledged
	closed bool
}

// desk are a town's cards and the people who work on them.
type desk struct {
	town *town
	todo chan *work

	mu    sync.Mutex
	cards map[string][]string // receipt → ts of its cards
	known map[string]bool     // ts that were read
}

// look reads cards that are new.
func (d *desk) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range cards(d.town) {
		if d.known[m.TS] {
			continue
		}
		d.known[m.TS] = true
		receipt := receiptForm.FindString(m.Readable())
		d.cards[receipt] = append(d.cards[receipt], m.TS)
	}
}

func (d *desk) find(receipt string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if list := d.cards[receipt]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// clerk is a member of staff, and a second one who wants the same cases.
type clerk struct {
	*desk
	user, rival string
	r           *rand.Rand
}

func (c *clerk) run(ctx context.Context) {
	for w := range c.todo {
		if w.claim {
			c.serve(ctx, w)
		}
	}
}

// serve claims the case, answers and closes it, trying again whenever Slack
// says that the app did not respond.
func (c *clerk) serve(ctx context.Context, w *work) {
	ts := ""
	if !poll(ctx, func() bool { ts = c.find(w.receipt); return ts != "" }) {
		return
	}
	owner := c.claim(ctx, ts)
	if owner == "" {
		return
	}
	w.mu.Lock()
	w.owner = owner
	w.mu.Unlock()
	if w.answer && !c.reply(ctx, w, ts, owner) {
		return
	}
	if w.close && c.ends(ctx, owner, ts) {
		closed := poll(ctx, func() bool {
			m, _ := c.town.slack.MessageAt(c.town.channel(), ts)
			return strings.Contains(m.Readable(), "終了")
		})
		w.mu.Lock()
		w.closed = closed
		w.mu.Unlock()
	}
}

var ownerForm = regexp.MustCompile(`担当：<@(\w+)>`)

func (c *clerk) owner(ts string) string {
	m, _ := c.town.slack.MessageAt(c.town.channel(), ts)
	if found := ownerForm.FindStringSubmatch(plain(m)); found != nil {
		return found[1]
	}
	return ""
}

// claim presses the button, now and then together with the rival, until the card
// names somebody.
func (c *clerk) claim(ctx context.Context, ts string) (owner string) {
	for ctx.Err() == nil {
		who := []string{c.user}
		if c.r.IntN(3) == 0 {
			who = append(who, c.rival)
		}
		var all sync.WaitGroup
		for _, u := range who {
			all.Go(func() { _, _ = c.town.slack.Click(ctx, u, c.town.channel(), ts, "claim") })
		}
		all.Wait()
		soon, cancel := context.WithTimeout(ctx, 20*time.Second)
		named := poll(soon, func() bool { owner = c.owner(ts); return owner != "" })
		cancel()
		if named {
			return owner
		}
	}
	return ""
}

func (c *clerk) reply(ctx context.Context, w *work, ts, owner string) bool {
	text := fmt.Sprintf("%sさんへのへんじです。", letters(w.n))
	w.mu.Lock()
	w.text = text
	w.mu.Unlock()
	// A form that says "not now" is closed, and all begins anew.
	for now := noticed; now != ""; {
		var ok bool
		if now, ok = c.submitted(ctx, owner, ts, "reply", "reply", slacktest.One("text", text)); ok && now == "reply_confirm" {
			now, ok = c.submit(ctx, owner, "reply_confirm", nil)
		}
		if !ok {
			return false
		}
	}
	w.mu.Lock()
	w.sent = true
	w.mu.Unlock()
	return poll(ctx, func() bool { return w.heard(text) > 0 })
}

// ends closes the case.
func (c *clerk) ends(ctx context.Context, owner, ts string) bool {
	for {
		now, ok := c.submitted(ctx, owner, ts, "close", "close", slacktest.One("outcome", "informed"))
		if !ok || now == "" {
			return ok
		}
	}
}

// heard is how often the resident reads the words.
func (w *work) heard(words string) (n int) {
	for _, e := range w.Heard() {
		n += strings.Count(e.Text, words)
	}
	return n
}

// noticed is what stands in the place of a form that could not be taken.
const noticed = "notice"

// submitted opens a form by its button and submits it. It returns what stands in
// its place, as submit does.
func (c *clerk) submitted(ctx context.Context, user, ts, button, callback string, values slacktest.Values) (now string, ok bool) {
	for _, v := range c.town.slack.Views(user) {
		_, _ = c.town.slack.CloseView(ctx, user, v.ID)
	}
	for ctx.Err() == nil {
		_, _ = c.town.slack.Click(ctx, user, c.town.channel(), ts, button)
		soon, cancel := context.WithTimeout(ctx, 4*time.Second)
		opened := poll(soon, func() bool { return c.top(user, callback) != "" })
		cancel()
		if opened {
			if now, ok = c.submit(ctx, user, callback, values); ok {
				return now, true
			}
		}
	}
	return "", false
}

func (c *clerk) top(user, callback string) string {
	all := c.town.slack.Views(user)
	if len(all) == 0 || all[len(all)-1].CallbackID != callback {
		return ""
	}
	return all[len(all)-1].ID
}

// submit submits the form in front, the same again until it is acknowledged, and
// returns the callback of what stands in its place, "" when it is closed. What came
// before it meanwhile, from an earlier press, is closed.
func (c *clerk) submit(ctx context.Context, user, callback string, values slacktest.Values) (now string, ok bool) {
	id := ""
	if !poll(ctx, func() bool { id = c.top(user, callback); return id != "" }) {
		return "", false
	}
	for {
		_, err := c.town.slack.Submit(ctx, user, id, values)
		open := c.town.slack.Views(user)
		i := slices.IndexFunc(open, func(v slacktest.View) bool { return v.ID == id })
		switch {
		case i < 0:
			return "", err == nil
		case err == nil && open[i].CallbackID != callback:
			return open[i].CallbackID, true
		}
		// It stands there anew when it could not be stored.
		for _, v := range slices.Backward(open[i+1:]) {
			_, _ = c.town.slack.CloseView(ctx, user, v.ID)
		}
		if !pause(ctx, time.Second) {
			return "", false
		}
	}
}

// openDesk lets people work in a town.
func openDesk(ctx context.Context, tn *town, clerks int, seed uint64, all *sync.WaitGroup) *desk {
	d := &desk{town: tn, todo: make(chan *work, 10_000), cards: map[string][]string{}, known: map[string]bool{}}
	var members []string
	for i := range clerks {
		for _, u := range []string{fmt.Sprintf("UCLERK%02dA", i), fmt.Sprintf("UCLERK%02dB", i)} {
			members = append(members, u)
			tn.slack.AddUser(slacktest.User{ID: u, Name: strings.ToLower(u), TeamID: "T1"})
		}
	}
	tn.slack.AddGroup(slacktest.Group{ID: groupID, Handle: "toban", Members: members})
	tn.slack.AddChannel(slacktest.Channel{ID: tn.channel(), Name: "soudan", Private: true, Members: append(slices.Clone(members), slacktest.BotUser)})
	for i := range clerks {
		c := &clerk{desk: d, user: members[2*i], rival: members[2*i+1], r: rand.New(rand.NewPCG(seed, uint64(i)))}
		all.Go(func() { c.run(ctx) })
	}
	go func() {
		_ = poll(ctx, func() bool { d.look(); return false })
	}()
	return d
}
