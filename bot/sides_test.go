package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// sent is one call to LINE.
type sent struct {
	user    string
	push    bool
	quiet   bool
	text    string
	bubbles []bot.Bubble
}

// phone stands where LINE would: tokens work once, a retry key is taken once.
type phone struct {
	w       *world
	mu      sync.Mutex
	tokens  map[string]string
	keys    map[string]bool
	buttons map[string][]bot.Button
	seen    map[string][]bot.Button
	sent    []sent
	from    int
	down    bool // refuses everything
	full    bool // the month's messages are used up
	month   bot.Allowance
	lose    int // so many calls are taken, but their answer is lost
	dead    int // calls with a token that is spent
	left    []string
	// pictures are what messages show, fetched those that were asked for, fetching is
	// why none is given.
	pictures map[string][]byte
	fetched  []string
	fetching error
}

func (p *phone) Reply(_ context.Context, token string, b []bot.Bubble) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	user, ok := p.tokens[token]
	switch {
	case p.down:
		return &bot.SendError{Trouble: bot.Busy, Status: 500}
	case !ok:
		p.dead++
		return &bot.SendError{Trouble: bot.TokenDead, Status: 400}
	}
	delete(p.tokens, token)
	return p.take(sent{user: user, bubbles: b})
}

func (p *phone) Push(_ context.Context, user, key string, quiet bool, b []bot.Bubble) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.down:
		return &bot.SendError{Trouble: bot.Busy, Status: 500}
	case p.full:
		return &bot.SendError{Trouble: bot.Quota, Status: 429}
	case p.keys[key]:
		return nil
	}
	p.keys[key] = true
	return p.take(sent{user: user, push: true, quiet: quiet, bubbles: b})
}

func (p *phone) take(s sent) error {
	if len(s.bubbles) == 0 || len(s.bubbles) > 5 {
		p.w.t.Errorf("a call with %d bubbles", len(s.bubbles))
	}
	if raw, _ := json.Marshal(s.bubbles); strings.Contains(string(raw), "USTAFF") || strings.Contains(string(raw), "名前USTAFF") {
		p.w.t.Errorf("a resident is shown a member of staff: %s", raw)
	}
	var all []string
	for _, b := range s.bubbles {
		all = append(all, b.Text)
		for _, o := range b.Offices {
			all = append(all, "窓口 "+o.Name, strings.Join(o.Lines, "\n"))
		}
		if strings.Contains(b.Text, "{") {
			p.w.t.Errorf("a hole was left open: %s", b.Text)
		}
	}
	s.text = strings.Join(all, "\n")
	p.sent = append(p.sent, s)
	last := s.bubbles[len(s.bubbles)-1].Buttons
	p.buttons[s.user] = last
	p.seen[s.user] = append(p.seen[s.user], last...)
	if p.lose > 0 {
		p.lose--
		return &bot.SendError{Trouble: bot.Doubtful}
	}
	return nil
}

func (p *phone) Quota(context.Context) (bot.Allowance, error) {
	if p.down {
		return bot.Allowance{}, errors.New("LINE cannot be reached")
	}
	return p.month, nil
}

func (p *phone) Leave(_ context.Context, room string, _ bool) error {
	p.left = append(p.left, room)
	return nil
}

func (p *phone) mark() { p.from = len(p.sent) }

// since is what the user was told since the last mark.
func (p *phone) since(user string) string {
	var out []string
	for _, s := range p.sent[p.from:] {
		if s.user == lineID(user) {
			out = append(out, s.text)
		}
	}
	return strings.Join(out, "\n———\n")
}

func (p *phone) pushes(user string) (n int) {
	for _, s := range p.sent {
		if s.push && s.user == lineID(user) {
			n++
		}
	}
	return n
}

func (p *phone) data(user, label string) string {
	for _, list := range [][]bot.Button{p.buttons[lineID(user)], p.seen[lineID(user)]} {
		for _, b := range slices.Backward(list) {
			if b.Label == label && b.Data != "" {
				return b.Data
			}
		}
	}
	return ""
}

func (p *phone) labels(user string) string {
	var out []string
	for _, b := range p.buttons[lineID(user)] {
		out = append(out, b.Label)
	}
	return strings.Join(out, "｜")
}

func (p *phone) receipt(user string) string {
	for _, s := range slices.Backward(p.sent) {
		if s.user == lineID(user) {
			if m := receiptForm.FindString(s.text); m != "" {
				return m
			}
		}
	}
	return ""
}

// standing is a card as it stands in Slack.
type standing struct {
	card   handoff.Card
	spot   handoff.Spot
	box    string
	posted int // how many messages were made of it
}

type postedPost struct {
	post handoff.Post
	spot handoff.Spot
	box  string
	gone bool
}

type whispered struct{ user, text string }

// desk stands where Slack would. It looks for an outbox ID only when the earlier
// attempt is doubtful, as a real one does.
type desk struct {
	w        *world
	mu       sync.Mutex
	n        int
	away     bool
	slow     bool                 // nothing is posted into threads
	during   func()               // is done while the next words are being posted
	lose     int                  // so many calls are stored, but their answer is lost
	cards    map[string]*standing // the newest card of each case
	copies   map[string]*standing // companions by case and field
	stood    []*standing          // every card that was posted
	boxes    map[string]handoff.Spot
	posts    map[string]*postedPost
	order    []*postedPost
	whispers []whispered
	deleted  []handoff.Spot
	files    []*shownFile      // in order
	chosen   map[string][]byte // pictures that staff can choose, by ID
	fetched  int
	showing  func()                     // is done while the next file is being shown
	carding  func()                     // is done while the next card is being posted
	blind    bool                       // what was posted is not found
	page     int                        // so much is found at a time, 0 = all
	looks    func(handoff.Search) error // hears of every look, and may spoil it
	searched int                        // cards that were looked for before they were posted
	heard    chan struct{}              // told of every whisper, when not nil
}

func (d *desk) check(v any) error {
	if d.away {
		return &handoff.DeskError{Reason: "away"}
	}
	raw, err := json.Marshal(v)
	if err != nil || strings.Contains(string(raw), "Uline") {
		d.w.t.Errorf("Slack is told a LINE user ID: %s", raw)
	}
	return nil
}

func (d *desk) answer(at handoff.Spot) (handoff.Spot, error) {
	if d.lose > 0 {
		d.lose--
		return handoff.Spot{}, &handoff.DeskError{Reason: "timeout", Doubtful: true}
	}
	return at, nil
}

func (d *desk) spot(channel, thread string) handoff.Spot {
	d.n++
	return handoff.Spot{Channel: channel, TS: fmt.Sprintf("1700000000.%06d", d.n), Thread: thread}
}

func (d *desk) Card(_ context.Context, at handoff.Spot, card handoff.Card, box handoff.Outbox) (handoff.Spot, error) {
	if carding := d.carding; carding != nil && at.TS == "" {
		d.carding = nil
		carding()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, card, box}); err != nil {
		return at, err
	}
	var s *standing
	for _, o := range d.stood {
		if o.spot == at || at.TS == "" && o.box == box.ID {
			s = o
		}
	}
	if at.TS == "" && box.Doubtful {
		d.searched++
		if d.blind {
			s = nil
		}
	}
	if at.TS == "" && box.Doubtful && s != nil {
		at = s.spot
	}
	if at.TS != "" {
		if s == nil {
			d.w.t.Errorf("a card that does not stand was edited")
			return at, nil
		}
		s.card = card
		return d.answer(s.spot)
	}
	if s == nil {
		s = &standing{box: box.ID}
		d.stood = append(d.stood, s)
		if card.Companion {
			if d.copies == nil {
				d.copies = map[string]*standing{}
			}
			d.copies[card.Case+"/"+card.Field] = s
		} else {
			d.cards[card.Case] = s
		}
	}
	s.card, s.spot = card, d.spot("C"+card.Field, "")
	s.posted++
	return d.answer(s.spot)
}

func (d *desk) Post(_ context.Context, at handoff.Spot, post handoff.Post, box handoff.Outbox) (handoff.Spot, error) {
	if during := d.during; during != nil && post.Kind == handoff.PostWords {
		d.during = nil
		during()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, post, box}); err != nil {
		return at, err
	}
	if d.slow && at.TS == "" && post.Kind != handoff.PostNotice {
		return at, &handoff.DeskError{Reason: "ratelimited", After: 5 * time.Second}
	}
	if spot, ok := d.boxes[box.ID]; ok && box.Doubtful && at.TS == "" {
		at = spot // found: drawn as it is now
	}
	if at.TS != "" {
		if d.posts[at.TS] == nil {
			d.w.t.Errorf("a post that does not stand was edited")
			return at, nil
		}
		d.posts[at.TS].post = post
		return d.answer(at)
	}
	p := &postedPost{post: post, spot: d.spot(at.Channel, at.Thread), box: box.ID}
	d.posts[p.spot.TS], d.boxes[box.ID] = p, p.spot
	d.order = append(d.order, p)
	return d.answer(p.spot)
}

func (d *desk) Find(_ context.Context, x handoff.Search) (found []handoff.Spot, next string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := x.At
	if at.Channel == "" {
		at.Channel = "C" + x.Field
	}
	if at.Thread == "" && len(x.Boxes) == 0 {
		d.w.t.Error("a whole channel was searched")
	}
	if looks := d.looks; looks != nil {
		if err := looks(x); err != nil {
			return nil, "", err
		}
	}
	if err := d.check(x); err != nil || d.blind {
		return nil, "", err
	}
	for _, s := range d.stood {
		if s.spot.Channel == at.Channel && at.Thread == "" && !slices.Contains(d.deleted, s.spot) && slices.Contains(x.Boxes, s.box) {
			found = append(found, s.spot)
		}
	}
	for _, p := range d.order {
		if p.spot.Channel == at.Channel && p.spot.Thread == at.Thread && !p.gone && (slices.Contains(x.Boxes, p.box) || len(x.Boxes) == 0) {
			found = append(found, p.spot)
		}
	}
	if d.page == 0 || len(found) <= d.page {
		return found, "", nil
	}
	return found[:d.page], "more", nil
}

func (d *desk) Whisper(_ context.Context, at handoff.Spot, w handoff.Whisper) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, w}); err != nil {
		return err
	}
	d.whispers = append(d.whispers, whispered{w.User, w.Text})
	if d.heard != nil {
		d.heard <- struct{}{}
	}
	return nil
}

func (d *desk) Delete(_ context.Context, at handoff.Spot) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(at); err != nil {
		return err
	}
	d.deleted = append(d.deleted, at)
	for _, f := range d.files {
		f.gone = f.gone || at.File != "" && f.id == at.File
	}
	if p := d.posts[at.TS]; p != nil {
		p.gone = true
	}
	return nil
}

// thread is what stands in the threads now, a line for each post.
func (d *desk) thread() string {
	var out []string
	for _, p := range d.order {
		if !p.gone {
			line := string(p.post.Kind) + "：" + strings.Join(p.post.Words, "／") + " " + p.post.Text
			if p.post.Mention != "" {
				line += " @" + p.post.Mention
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// card is the newest card, drawn as text.
func (d *desk) card(k handoff.Case) string {
	return drawn(d.cards[k.ID])
}

func drawn(s *standing) string {
	if s == nil {
		return ""
	}
	out := []string{s.card.Title + " " + s.card.Receipt + " " + s.card.Owner, s.card.Alarm}
	for _, r := range s.card.Rows {
		out = append(out, r.Label+"："+r.Text)
	}
	return strings.Join(append(out, "ことば："+strings.Join(s.card.Words, "／")), "\n")
}

func (d *desk) whispersTo(user string) string {
	var out []string
	for _, w := range d.whispers {
		if w.user == user {
			out = append(out, w.text)
		}
	}
	return strings.Join(out, "\n")
}

func (d *desk) cases() []string { return slices.Sorted(maps.Keys(d.cards)) }
