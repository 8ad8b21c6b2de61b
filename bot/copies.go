package bot

import (
	"slices"

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
	p.Edit, p.Words = true, nil
	for _, o := range t.c.Words { // words that were joined into one post
		if o.Spot == m.Spot {
			p.Words = append(p.Words, o.ID)
		}
	}
	t.posts = append(t.posts, p)
}

// posted notes where the copy of messages stands.
func (t *turn) posted(r result) {
	for _, id := range r.Sent {
		m := t.c.find(id)
		if m == nil { // forgotten meanwhile
			t.erase = append(t.erase, r.Spot)
			continue
		}
		m.Spot, m.Late = r.Spot, false
		if m.Gone || m.Staff != "" && m.Mark != handoff.MarkSending {
			t.redraw(m)
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
	for _, id := range r.Post.Words {
		m := t.c.find(id)
		if m == nil {
			continue
		}
		m.Late = true
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
		since := orTime(m.LateAt, m.At)
		if t.now.Sub(since) > giveUpLine {
			t.fact("unposted")
			continue
		}
		p := t.copyOf(m)
		p.Edit, p.Again, p.Since = m.Spot.TS != "", true, since
		t.posts = append(t.posts, p)
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
