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
	receipt                      string
	claim, answer, close, handon bool

	mu     sync.Mutex
	text   string // the answer's own words
	owner  string
	sent   bool // the confirmation was acknowledged
	handed bool
	closed bool
}

// place is where a card stands.
type place struct{ channel, ts string }

// desk are a town's cards and the people who work on them.
type desk struct {
	town *town
	todo chan *work

	mu    sync.Mutex
	cards map[string][]place // by receipt; those that were handed on leave a pointer
	known map[string]bool    // ts that were read
}

// look reads cards that are new.
func (d *desk) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, channel := range d.town.channels() {
		for _, m := range cardsIn(d.town, channel) {
			if d.known[m.TS] {
				continue
			}
			d.known[m.TS] = true
			receipt := receiptForm.FindString(m.Readable())
			d.cards[receipt] = append(d.cards[receipt], place{channel, m.TS})
		}
	}
}

// live are the cards of a case on which something can be pressed.
func (d *desk) live(receipt string) []place {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.cards[receipt]), func(at place) bool { return len(d.at(at).Buttons()) == 0 })
}

// at is the card as it stands now.
func (d *desk) at(at place) slacktest.Message {
	m, _ := d.town.slack.MessageAt(at.channel, at.ts)
	return m
}

// otherField is the field that has a channel of its own.
const otherField = "poverty"

// channels are where cards of a town may stand.
func (tn *town) channels() []string {
	return []string{tn.channel(), tn.channel() + strings.ToUpper(otherField)}
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

// serve claims the case, hands it on, answers and closes it, trying again whenever
// Slack says that the app did not respond.
func (c *clerk) serve(ctx context.Context, w *work) {
	at, ok := c.claim(ctx, w, "")
	if ok && w.handon {
		if ok = c.handsOn(ctx, w, at); ok {
			at, ok = c.claim(ctx, w, at.channel)
		}
	}
	if !ok || w.answer && !c.reply(ctx, w, at) {
		return
	}
	if w.close && c.ends(ctx, w, at) {
		closed := poll(ctx, func() bool { return strings.Contains(c.at(at).Readable(), "終了") })
		w.mu.Lock()
		w.closed = closed
		w.mu.Unlock()
	}
}

var ownerForm = regexp.MustCompile(`担当：<@(\w+)>`)

func (c *clerk) owner(at place) string {
	if found := ownerForm.FindStringSubmatch(plain(c.at(at))); found != nil {
		return found[1]
	}
	return ""
}

// claim waits for the case's card elsewhere than in a channel and presses its
// button, now and then together with the rival, until the card names somebody.
func (c *clerk) claim(ctx context.Context, w *work, before string) (at place, ok bool) {
	if !poll(ctx, func() bool {
		now := c.live(w.receipt)
		if len(now) == 1 {
			at = now[0]
		}
		return len(now) == 1 && at.channel != before
	}) {
		return at, false
	}
	for ctx.Err() == nil {
		who := []string{c.user}
		if c.r.IntN(3) == 0 {
			who = append(who, c.rival)
		}
		var all sync.WaitGroup
		for _, u := range who {
			all.Go(func() { _, _ = c.town.slack.Click(ctx, u, at.channel, at.ts, "claim") })
		}
		all.Wait()
		soon, cancel := context.WithTimeout(ctx, 20*time.Second)
		owner := ""
		named := poll(soon, func() bool { owner = c.owner(at); return owner != "" })
		cancel()
		if named {
			w.mu.Lock()
			w.owner = owner
			w.mu.Unlock()
			return at, true
		}
	}
	return at, false
}

// handsOn passes the case to another field, which has another channel.
func (c *clerk) handsOn(ctx context.Context, w *work, at place) bool {
	field := otherField
	if at.channel != c.town.channel() {
		field = "elderly"
	}
	values := slacktest.Values{"field": {field}, "reason": {"こちらの話でした"}}
	if !c.through(ctx, w.owner, at, "handon", values) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handed = true
	return true
}

func (c *clerk) reply(ctx context.Context, w *work, at place) bool {
	text := fmt.Sprintf("%sさんへのへんじです。", letters(w.n))
	w.mu.Lock()
	w.text = text
	w.mu.Unlock()
	// A form that says "not now" is closed, and all begins anew.
	for now := noticed; now != ""; {
		var ok bool
		if now, ok = c.submitted(ctx, w.owner, at, "reply", slacktest.One("text", text)); ok && now == "reply_confirm" {
			now, ok = c.submit(ctx, w.owner, "reply_confirm", nil)
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
func (c *clerk) ends(ctx context.Context, w *work, at place) bool {
	return c.through(ctx, w.owner, at, "close", slacktest.One("outcome", "informed"))
}

// through submits a form until it is closed and not only answered with a notice.
func (c *clerk) through(ctx context.Context, owner string, at place, action string, values slacktest.Values) bool {
	for {
		now, ok := c.submitted(ctx, owner, at, action, values)
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
// its place, as submit does; nothing does when the button has gone, because what it
// is for was done.
func (c *clerk) submitted(ctx context.Context, user string, at place, action string, values slacktest.Values) (now string, ok bool) {
	for _, v := range c.town.slack.Views(user) {
		_, _ = c.town.slack.CloseView(ctx, user, v.ID)
	}
	for ctx.Err() == nil {
		if _, has := c.at(at).Button(action); !has {
			return "", true
		}
		_, _ = c.town.slack.Click(ctx, user, at.channel, at.ts, action)
		soon, cancel := context.WithTimeout(ctx, 4*time.Second)
		opened := poll(soon, func() bool { return c.top(user, action) != "" })
		cancel()
		if opened {
			if now, ok = c.submit(ctx, user, action, values); ok {
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
	d := &desk{town: tn, todo: make(chan *work, 10_000), cards: map[string][]place{}, known: map[string]bool{}}
	var members []string
	for i := range clerks {
		for _, u := range []string{fmt.Sprintf("UCLERK%02dA", i), fmt.Sprintf("UCLERK%02dB", i)} {
			members = append(members, u)
			tn.slack.AddUser(slacktest.User{ID: u, Name: strings.ToLower(u), TeamID: "T1"})
		}
	}
	tn.slack.AddGroup(slacktest.Group{ID: groupID, Handle: "toban", Members: members})
	for _, id := range tn.channels() {
		tn.slack.AddChannel(slacktest.Channel{ID: id, Name: strings.ToLower(id), Private: true, Members: append(slices.Clone(members), slacktest.BotUser)})
	}
	for i := range clerks {
		c := &clerk{desk: d, user: members[2*i], rival: members[2*i+1], r: rand.New(rand.NewPCG(seed, uint64(i)))}
		all.Go(func() { c.run(ctx) })
	}
	go func() {
		_ = poll(ctx, func() bool { d.look(); return false })
	}()
	return d
}
