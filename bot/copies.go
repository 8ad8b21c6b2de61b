package bot

import (
	"maps"
	"slices"
	"time"
	"unicode/utf16"

	"tsunagu/handoff"
)

// copyOf is the thread's copy of a message.
func (t *turn) copyOf(m *Message) post {
	if m.Staff != "" {
		return post{Key: "sent/" + m.ID, Words: []string{m.ID},
			Post: handoff.Post{Kind: handoff.PostSent, Case: m.Case, By: m.Staff, Text: m.Mark}}
	}
	return post{Key: "words/" + m.ID, Words: []string{m.ID}, Post: handoff.Post{Kind: handoff.PostWords, Case: m.Case}}
}

// redraw draws what stands in Slack of a message again. A copy that is still on
// its way is drawn again once it is known where it stands.
func (t *turn) redraw(m *Message) {
	if m.Case == "" {
		return
	}
	if t.k != nil && t.k.ID == m.Case && (slices.Contains(t.k.Sheet.Words, m.ID) || len(t.k.Copies) > 0) {
		t.kDirty, t.card = true, true
	}
	if m.Spot.TS == "" || m.Faded && !m.Gone {
		return
	}
	p := t.copyOf(m)
	p.Edit, p.Words = true, t.c.copiedTo(m.Spot)
	if m.Staff == "" {
		p.Key = "words/" + p.Words[0] // one edit, however many parts of it changed
	}
	if !slices.ContainsFunc(t.posts, func(o post) bool { return o.Edit && o.Key == p.Key }) {
		t.posts = append(t.posts, p)
	}
}

// copiedTo lists the messages whose copies stand at a place: more than one where
// they were joined.
func (c *Conversation) copiedTo(at handoff.Spot) (ids []string) {
	for _, m := range c.Words {
		if m.Spot == at {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// lag is how late the first of a post's messages comes to the thread, or came.
func (c *Conversation) lag(ids []string, now time.Time) (longest time.Duration) {
	for _, id := range ids {
		if m := c.find(id); m != nil && m.Spot.TS != "" {
			longest = max(longest, m.Lag)
		} else if m != nil {
			longest = max(longest, now.Sub(m.waited()))
		}
	}
	return longest
}

// written says when words were written that are told again in another thread, where
// Slack's own time says nothing of it; "" for others.
func (c *Conversation) written(ids []string) string {
	var from, to string
	for _, id := range ids {
		if m := c.find(id); m != nil && !m.LateAt.IsZero() {
			to = m.At.In(tokyo).Format("1月2日 15:04")
			from = orElse(from, to)
		}
	}
	if from == to {
		return from
	}
	return from + " から " + to
}

// calls is whom the resident's words call in the thread: who holds the case, by the
// first words since they took it, wrote or said that they work on it, and by words of
// danger always; of danger in a case that nobody holds those on duty. Nobody follows a
// thread they only pressed a button above. Danger that raised the 緊急度 called already.
func (c *City) calls(k handoff.Case, conv *Conversation, ids []string) string {
	if k.State == handoff.Closed {
		return ""
	}
	since, first, danger := k.Claimed, "", false
	if k.Kept.After(since) {
		since = k.Kept
	}
	for _, m := range conv.Words {
		switch {
		case m.Case != k.ID || m.Gone || slices.Contains(k.Sheet.Words, m.ID):
		case m.Staff != "":
			first = ""
		default:
			raised := slices.ContainsFunc(slices.Collect(maps.Values(conv.Crisis)), m.At.Equal)
			danger = danger || !raised && slices.Contains(ids, m.ID) && c.crisisKind(Event{Kind: Text, Text: m.Text}) != ""
			switch {
			case first != "" || m.At.Before(since) || thanks(m.Text):
			case raised:
				first = called
			default:
				first = m.ID
			}
		}
	}
	if danger {
		return orElse(k.Owner, "duty")
	}
	if slices.Contains(ids, first) {
		return k.Owner
	}
	return ""
}

// called stands for words that somebody was called to in another way.
const called = "-"

// Bounds of one post of joined words: what a Desk shows of a post in full.
const (
	maxJoined      = 20    // messages
	maxJoinedUnits = 10000 // UTF-16 units
)

// carry puts the resident's words on their way to the thread. While the words
// just before them are still on their way they go along with those: the busier
// Slack is, the fewer posts it gets; but between a line of a picture and words is
// the picture's place. since is when they were put first, zero for
// now.
func (t *turn) carry(m *Message, since time.Time) {
	if p := t.c.before(m); p != nil && (p.Media == "" || m.Media != "") && t.underWay(p.Post) && t.c.room(p.Post, m.Text) {
		m.Post = p.Post
		return
	}
	m.Post = m.ID
	p := t.copyOf(m)
	p.Again, p.Since = !since.IsZero(), since
	t.posts = append(t.posts, p)
}

// joinWithin is how old the words of a job may be that more words join: one that was
// lost must not take others along.
const joinWithin = 2 * time.Minute

// underWay says whether a job carries that message's words, put now or lately.
func (t *turn) underWay(by string) bool {
	m := t.c.find(by)
	return m != nil && (t.now.Sub(m.At) < joinWithin || slices.ContainsFunc(t.posts, func(p post) bool { return !p.Edit && slices.Contains(p.Words, by) }))
}

// before is the case's message before one, by either side.
func (c *Conversation) before(m *Message) *Message {
	var last *Message
	for i := range c.Words {
		o := &c.Words[i]
		if o == m {
			return last
		}
		if o.Case == m.Case {
			last = o
		}
	}
	return nil
}

// carried lists the messages that one job carries, in order.
func (c *Conversation) carried(by string) (ids []string) {
	for _, m := range c.Words {
		if m.Post == by {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// room says whether one more text fits into a job's post.
func (c *Conversation) room(by, text string) bool {
	ids := c.carried(by)
	n := units(text)
	for _, s := range c.texts(ids) {
		n += units(s)
	}
	return len(ids) < maxJoined && n <= maxJoinedUnits
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// posted notes where the copy of messages stands.
func (t *turn) posted(r result) {
	if t.k != nil && r.Spot.Thread != t.k.Card.TS { // handed on while it was on its way: it is told there
		t.erase = append(t.erase, r.Spot)
		return
	}
	kept := false
	for _, id := range r.Sent {
		if m := t.c.find(id); m != nil {
			m.Spot, m.Late, m.Post, kept = r.Spot, false, "", true
			m.Lag = t.now.Sub(m.waited())
		}
	}
	if !kept { // forgotten meanwhile
		t.erase = append(t.erase, r.Spot)
		return
	}
	for _, id := range r.Sent {
		if m := t.c.find(id); m != nil && (m.Gone || m.unshown() || m.Staff != "" && m.Mark != handoff.MarkSending) {
			t.redraw(m)
		}
	}
	// What came while it was being posted goes next.
	if r.Post != nil && len(r.Post.Words) > 0 {
		for _, id := range t.c.carried(r.Post.Words[0]) {
			t.carry(t.c.find(id), time.Time{})
		}
	}
}

// unposted lets words wait for another round, in their order, and repeats the
// program's own posts for an hour.
func (t *turn) unposted(r result) {
	pause := again(t.now.Sub(r.Since))
	if len(r.Post.Words) == 0 {
		patience := giveUpDesk
		if r.Post.Post.Mention != "" {
			patience = giveUpLine // somebody must find it, however late
		}
		if t.now.Sub(r.Since) > patience {
			t.fact("unposted")
			return
		}
		p := *r.Post
		p.Again, p.Since = true, r.Since
		t.timers = append(t.timers, timer{Kind: timerPost, Due: t.now.Add(pause), Post: &p})
		return
	}
	for _, id := range append(t.c.carried(r.Post.Words[0]), r.Post.Words...) {
		m := t.c.find(id)
		if m == nil {
			continue
		}
		m.Late, m.Post = true, ""
		if !t.c.Repost {
			t.c.Repost = true
			t.timers = append(t.timers, timer{Kind: timerPost, Due: t.now.Add(pause)})
		}
	}
}

// repost puts the case's late messages on the way again.
func (t *turn) repost() {
	if t.k == nil {
		return
	}
	for i := range t.c.Words {
		m := &t.c.Words[i]
		if !m.Late || m.Case != t.k.ID {
			continue
		}
		m.Late = false
		since := m.waited()
		if t.now.Sub(since) > giveUpLine {
			t.fact("unposted")
			continue
		}
		switch {
		case m.Spot.TS != "":
			n := len(t.posts)
			t.redraw(m)
			for i := n; i < len(t.posts); i++ {
				t.posts[i].Again, t.posts[i].Since = true, since
			}
		case m.Staff == "":
			t.carry(m, since)
			t.showAgain(m)
		default:
			p := t.copyOf(m)
			p.Again, p.Since = true, since
			t.posts = append(t.posts, p)
		}
	}
}

// waits says whether an earlier message of the case is late: whatever follows it
// waits too.
func (c *Conversation) waits(m *Message) bool {
	for i := range c.Words {
		o := &c.Words[i]
		if o == m {
			return false
		}
		if o.Late && o.Case == m.Case {
			return true
		}
	}
	return false
}

// notice puts a line of the program into the case's thread.
func (t *turn) notice(key, text, mention string) {
	t.posts = append(t.posts, post{Key: key, Post: handoff.Post{Kind: handoff.PostNotice, Case: t.k.ID, Text: text, Mention: mention}})
}

// reasoned is a notice that says why, in staff's own words.
func (t *turn) reasoned(key, text, mention string) {
	t.notice(key, text, mention)
	t.posts[len(t.posts)-1].Kept = true
}
