//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"tsunagu/bot/linetest"
)

// busy is the beginning of what a resident reads while nothing can be stored; it
// is no answer, LINE sends the event again.
const busy = "いま、うまく受け取れませんでした"

// person is a resident with a will of their own. Everything they choose comes
// from r.
type person struct {
	*linetest.Resident
	town *town
	n    int
	r    *rand.Rand
	pace time.Duration // longest pause between two acts
	// late and twice are how often, in percent, LINE delivers that way.
	late, twice int

	mu     sync.Mutex
	acts   []act
	open   []string // marks of words that belong to a case
	before []string // marks of words written before any consent
	gone   []string // marks of words that were taken back
	left   []string // marks of words that a block wipes
	first  string   // the mark that stands on the card
	mark   int
	// off is when the card said that they blocked the account.
	off time.Time
}

// act is one thing a resident did and what LINE heard of it.
type act struct {
	what     string
	from     int // entries of the chat before it
	acked    bool
	answered bool
	silent   bool // silent by design
	again    int  // deliveries after the first
}

// deliver sends an event as LINE does: again while it is not taken, sometimes
// late, sometimes once more though it was taken. It returns which act it was,
// and whether it was taken before ctx ended.
func (p *person) deliver(ctx context.Context, e linetest.Event, what string, silent bool) (i int, acked bool) {
	p.mu.Lock()
	p.acts = append(p.acts, act{what: what, from: len(p.Chat()), silent: silent})
	i = len(p.acts) - 1
	late, twice := p.r.IntN(100) < p.late, p.r.IntN(100) < p.twice
	wait := time.Duration(p.r.IntN(6000)) * time.Millisecond
	p.mu.Unlock()
	if late && !pause(ctx, wait) {
		return i, false
	}
	d, again := p.town.line.Deliver(e), 0
	for ; !d.OK() && pause(ctx, min(500*time.Millisecond<<min(again, 3), 3*time.Second)); again++ {
		d = p.town.line.Redeliver(d)
	}
	if d.OK() && twice {
		again++
		p.town.line.Redeliver(d)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acts[i].acked, p.acts[i].again = d.OK(), again
	return i, d.OK()
}

// heardSince are the answers since an act: calls of the bot, without those that
// only ask to send again.
func (p *person) heardSince(from int) (calls int) {
	chat := p.Chat()
	seen := map[string]bool{}
	sorry := map[string]bool{}
	for _, e := range chat[min(from, len(chat)):] {
		if e.From == linetest.Bot {
			seen[e.RequestID] = true
			if strings.HasPrefix(e.Text, busy) {
				sorry[e.RequestID] = true
			}
		}
	}
	return len(seen) - len(sorry)
}

// do acts and waits for the answer; false when ctx ended first.
func (p *person) do(ctx context.Context, e linetest.Event, what string) bool {
	i, acked := p.deliver(ctx, e, what, false)
	if !acked || !p.answered(ctx, i) {
		return false
	}
	return pause(ctx, time.Duration(p.r.Int64N(int64(p.pace)+1)))
}

func (p *person) answered(ctx context.Context, i int) bool {
	p.mu.Lock()
	from := p.acts[i].from
	p.mu.Unlock()
	ok := poll(ctx, func() bool { return p.heardSince(from) > 0 })
	p.mu.Lock()
	p.acts[i].answered = ok
	p.mu.Unlock()
	return ok
}

// marked are words that can be found again.
func (p *person) marked(text string) (words, mark string) {
	p.mark++
	mark = fmt.Sprintf("しるし%sの%s", letters(p.n), letters(p.mark))
	return text + mark, mark
}

// letters writes a number without digits, which the mask might take.
func letters(n int) string {
	s := ""
	for {
		s = string(rune('a'+n%26)) + s
		if n /= 26; n == 0 {
			return "q" + s + "q"
		}
	}
}

var openers = []string{"母の介護のことで困っています", "お金がなくて家賃が払えません", "子どもが学校に行きません", "仕事をやめて生活が苦しいです",
	"どこに相談したらいいか分かりません", "父のもの忘れが気になります", "こころが重くて眠れません", "相談があります"}

// wander taps what is offered, whatever it is, but consents to nothing.
func (p *person) wander(ctx context.Context, steps int) bool {
	for range steps {
		var all []linetest.Button
		for _, b := range p.Buttons() {
			if b.Type == "postback" && !strings.Contains(b.Label, "同意する") {
				all = append(all, b)
			}
		}
		if len(all) == 0 {
			return true
		}
		b := all[p.r.IntN(len(all))]
		e, err := p.TapEvent(b, "")
		if err != nil {
			continue
		}
		if !p.do(ctx, e, "taps "+b.Label) {
			return false
		}
	}
	return true
}

// guide is a conversation that needs nobody: words, taps, and an end.
func (p *person) guide(ctx context.Context) bool {
	if p.r.IntN(3) == 0 && !p.do(ctx, p.FollowEvent(false), "follows") {
		return false
	}
	words, mark := p.marked(openers[p.r.IntN(len(openers))] + "。")
	p.before = append(p.before, mark)
	if !p.do(ctx, p.TextEvent(words), "says "+words) {
		return false
	}
	switch n := p.r.IntN(100); {
	case n < 8:
		if !p.do(ctx, p.TextEvent("もう死にたい"), "is in danger") {
			return false
		}
	case n < 14:
		if !p.do(ctx, p.StickerEvent("446", "1988"), "sends a sticker") {
			return false
		}
	case n < 22:
		if !p.swapped(ctx) {
			return false
		}
	}
	if !p.wander(ctx, 1+p.r.IntN(4)) {
		return false
	}
	last := []string{"さいしょから", "もどる", "やめる", "状況"}[p.r.IntN(4)]
	return p.do(ctx, p.TextEvent(last), "says "+last)
}

// swapped sends two messages that reach the program in the other order.
func (p *person) swapped(ctx context.Context) bool {
	first, second := p.TextEvent("さっきのつづきです"), p.TextEvent("もう一つあります")
	i, acked := p.deliver(ctx, second, "says two things, the second comes first", false)
	if !acked || !p.answered(ctx, i) {
		return false
	}
	return p.do(ctx, first, "the first comes second")
}

// consult goes as far as a 受付番号, then adds words to the case.
func (p *person) consult(ctx context.Context) (receipt string, ok bool) {
	words, mark := p.marked(openers[p.r.IntN(len(openers))] + "。")
	p.before = append(p.before, mark)
	said := p.TextEvent(words)
	if !p.do(ctx, said, "says "+words) {
		return "", false
	}
	if p.r.IntN(8) == 0 && !p.takesBack(ctx, said, mark) {
		return "", false
	}
	if !p.do(ctx, p.TextEvent("職員に相談する"), "wants a person") {
		return "", false
	}
	label := []string{"同意する（自分のこと）", "同意する（ほかの人のこと）"}[p.r.IntN(2)]
	var b linetest.Button
	if !poll(ctx, func() bool {
		all := p.Buttons()
		i := slices.IndexFunc(all, func(b linetest.Button) bool { return b.Label == label })
		if i >= 0 {
			b = all[i]
		}
		return i >= 0
	}) {
		return "", false
	}
	e, err := p.TapEvent(b, "")
	if err != nil || !p.do(ctx, e, "taps "+label) {
		return "", false
	}
	p.open, p.before = p.before, nil
	if len(p.open) > 0 {
		p.first = p.open[0]
	}
	if !poll(ctx, func() bool { receipt = p.receipt(); return receipt != "" }) {
		return "", false
	}
	for range p.r.IntN(3) {
		words, mark := p.marked("つけくわえます。")
		e := p.TextEvent(words)
		p.open = append(p.open, mark)
		early := p.r.IntN(10) == 0 // the unsend overtakes its message
		if early && !p.takesBack(ctx, e, mark) {
			return receipt, false
		}
		if _, acked := p.deliver(ctx, e, "adds "+words, true); !acked {
			return receipt, false
		}
		if !early && p.r.IntN(4) == 0 && !p.regrets(ctx, e, mark) {
			return receipt, false
		}
		if !pause(ctx, time.Duration(p.r.Int64N(int64(p.pace)+1))) {
			return receipt, false
		}
	}
	if p.first != "" && p.r.IntN(8) == 0 && !p.regrets(ctx, said, p.first) {
		return receipt, false
	}
	return receipt, true
}

// regrets takes a message back at once, or when staff can read it.
func (p *person) regrets(ctx context.Context, e linetest.Event, mark string) bool {
	if p.r.IntN(2) == 0 && !poll(ctx, func() bool { return p.town.reads(mark) }) {
		return false
	}
	return p.takesBack(ctx, e, mark)
}

// takesBack has LINE tell that a message was taken back (送信取消).
func (p *person) takesBack(ctx context.Context, e linetest.Event, mark string) bool {
	_, acked := p.deliver(ctx, p.UnsendEvent(e.MessageID()), "takes back "+mark, true)
	is := func(m string) bool { return m == mark }
	p.open, p.before = slices.DeleteFunc(p.open, is), slices.DeleteFunc(p.before, is)
	p.gone = append(p.gone, mark)
	return acked
}

// blocks ends it for good: all that was written is to go, and nothing comes any more.
func (p *person) blocks(ctx context.Context) bool {
	_, acked := p.deliver(ctx, p.UnfollowEvent(), "blocks the account", true)
	p.left, p.open, p.before = append(p.open, p.before...), nil, nil
	return acked
}

// receipt is the 受付番号 that this resident was told, or "".
func (p *person) receipt() string {
	for _, e := range p.Heard() {
		if m := receiptForm.FindString(e.Text); m != "" {
			return m
		}
	}
	return ""
}

// story is the conversation for a report.
func (p *person) story() string {
	var out strings.Builder
	for _, e := range p.Chat() {
		text := strings.ReplaceAll(e.Text, "\n", " / ")
		if runes := []rune(text); len(runes) > 60 {
			text = string(runes[:60]) + "…"
		}
		fmt.Fprintf(&out, "    %s %-8s %-5s %s\n", e.At.Format("15:04:05.000"), e.From, e.How, text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.acts {
		fmt.Fprintf(&out, "    %+v\n", a)
	}
	return out.String()
}
