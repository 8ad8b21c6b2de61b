//go:build unix

package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// What must hold of those who took something back, who left, and whose case went on
// to other hands.

// posts are all that staff can read in a town.
func (tn *town) posts() (out []slacktest.Message) {
	for _, id := range tn.channels() {
		out = append(out, tn.slack.AllMessages(id)...)
	}
	return out
}

// reads says whether a text stands anywhere.
func (tn *town) reads(text string) bool {
	return slices.ContainsFunc(tn.posts(), func(m slacktest.Message) bool { return strings.Contains(m.Text+string(m.Blocks), text) })
}

// says waits until the card of a case reads so.
func (d *desk) says(ctx context.Context, receipt, words string) bool {
	return poll(ctx, func() bool {
		now := d.live(receipt)
		return len(now) == 1 && strings.Contains(d.at(now[0]).Readable(), words)
	})
}

// takenBack: what a resident took back, and all words of one who left, stands
// nowhere.
func (c *chaos) takenBack() *finding {
	f := &finding{what: "words taken back, and those of who blocked, stand nowhere"}
	for _, p := range c.people {
		gone := p.gone
		if !slices.ContainsFunc(p.Heard(), func(e linetest.Entry) bool { return strings.Contains(e.Text, "急ぎの相談だと") }) {
			gone = append(gone, p.left...) // of an urgent case they stay for a while
		}
		for _, mark := range gone {
			f.holds(!p.town.reads(mark), "%s is gone and stands in Slack\n%s", mark, p.story())
		}
	}
	return f
}

// underWay is how long a call to LINE may have been under way when the card told of
// the block.
const underWay = 12 * time.Second

// blocked: once the desk knows that a resident left, nothing is sent there.
func (c *chaos) blocked() *finding {
	f := &finding{what: "who blocked the account is sent nothing"}
	for _, p := range c.people {
		if p.off.IsZero() {
			continue
		}
		late := slices.DeleteFunc(p.town.line.Dropped(p.ID), func(at time.Time) bool { return at.Before(p.off.Add(underWay)) })
		f.holds(len(late) == 0, "sent %d times, first at %v\n%s", len(late), late, p.story())
	}
	return f
}

// handedOn: who agreed once is not asked again because the case went on.
func (c *chaos) handedOn() *finding {
	f := &finding{what: "who agreed is asked nothing again when the case goes on"}
	for _, w := range c.works {
		if !w.handon || !w.claim {
			continue
		}
		f.holds(w.handed, "%s %s was not handed on", w.town.id, w.receipt)
		receipt := false
		for _, e := range w.Heard() {
			asks := func(b linetest.Button) bool { return strings.HasPrefix(b.Label, "同意する") }
			f.holds(!receipt || !slices.ContainsFunc(e.QuickReplies, asks), "%s %s is asked again\n%s", w.town.id, w.receipt, w.story())
			receipt = receipt || strings.Contains(e.Text, w.receipt)
		}
	}
	return f
}
