package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/handoff"
)

// world is the whole spine on a real store, with the two sides and the clock in
// the test's hands.
type world struct {
	t     testing.TB
	ctx   context.Context
	path  string
	keys  *bot.Keys
	towns []*bot.City
	store *sqlitestore.Store
	bot   *bot.Bot
	now   time.Time
	beat  time.Duration // between two events
	phone *phone
	desk  *desk
	log   lockedBuffer
	n     int
	last  bot.Event
	ids   map[string]string // message IDs by words
}

func newWorld(t testing.TB, towns ...*bot.City) *world {
	t.Helper()
	if len(towns) == 0 {
		towns = []*bot.City{smallTown("komachi")}
	}
	keys, err := bot.NewKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "town.db"), keys: keys, towns: towns, now: tuesday, beat: 7 * time.Second, ids: map[string]string{}}
	w.phone = &phone{w: w, tokens: map[string]string{}, keys: map[string]bool{}, buttons: map[string][]bot.Button{}, seen: map[string][]bot.Button{}}
	w.desk = &desk{w: w, cards: map[string]*standing{}, boxes: map[string]handoff.Spot{}, posts: map[string]*postedPost{}}
	w.open()
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) open() {
	w.t.Helper()
	var ids []string
	var towns []bot.Town
	for _, c := range w.towns {
		ids = append(ids, c.ID)
		towns = append(towns, bot.Town{City: c, Messenger: w.phone, Desk: w.desk})
	}
	store, err := sqlitestore.Open(w.path, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = store
	if w.bot, err = bot.New(w.ctx, w.options(towns)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) options(towns []bot.Town) bot.Options {
	return bot.Options{Store: w.store, Keys: w.keys, Towns: towns, Clock: func() time.Time { return w.now },
		Log: jsonLog(&w.log)}
}

// jsonLog writes all levels.
func jsonLog(to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// restart closes the store and opens all anew.
func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

func (w *world) drain() {
	w.t.Helper()
	if _, err := w.bot.Drain(w.ctx, 5000); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time go by, stopping at every timer.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	to := w.now.Add(d)
	for {
		next, err := w.bot.Drain(w.ctx, 5000)
		if err != nil {
			w.t.Fatal(err)
		}
		if next.IsZero() || next.After(to) {
			break
		}
		w.now = next
	}
	w.now = to
	w.drain()
}

// event makes an event of the first town with a live reply token.
func (w *world) event(user string, kind bot.EventKind) bot.Event {
	w.n++
	w.now = w.now.Add(w.beat)
	e := bot.Event{ID: fmt.Sprint("e", w.n), City: w.towns[0].ID, User: lineID(user), Kind: kind, At: w.now}
	if kind != bot.Unfollow && kind != bot.Unsend {
		e.Token = fmt.Sprint("token", w.n)
		w.phone.tokens[e.Token] = e.User
	}
	return e
}

// lineID is a user ID as LINE has them.
func lineID(user string) string { return "Uline" + strings.Repeat("0", 20) + user }

func (w *world) accept(e bot.Event) {
	w.t.Helper()
	w.last = e
	w.phone.mark()
	if err := w.bot.Accept(w.ctx, e); err != nil {
		w.t.Fatal(err)
	}
	w.drain()
}

func (w *world) words(user, text string) bot.Event {
	e := w.event(user, bot.Text)
	e.Text, e.Message = text, fmt.Sprint("m", w.n)
	w.ids[text] = e.Message
	return e
}

func (w *world) says(user, text string) string {
	w.t.Helper()
	w.accept(w.words(user, text))
	return w.phone.since(user)
}

// taps a button that was shown to the user, the newest of that label.
func (w *world) taps(user, label string) string {
	w.t.Helper()
	data := w.phone.data(user, label)
	if data == "" {
		w.t.Fatalf("%s has no button %q; shown last: %s", user, label, w.phone.labels(user))
	}
	return w.tapsData(user, data)
}

func (w *world) tapsData(user, data string) string {
	w.t.Helper()
	e := w.event(user, bot.Tap)
	e.Data = data
	w.accept(e)
	return w.phone.since(user)
}

func (w *world) does(user string, kind bot.EventKind) string {
	w.t.Helper()
	w.accept(w.event(user, kind))
	return w.phone.since(user)
}

func (w *world) unsends(user, text string) string {
	w.t.Helper()
	e := w.event(user, bot.Unsend)
	e.Message = w.ids[text]
	w.accept(e)
	return w.phone.since(user)
}

// consults walks the shortest way to a case and returns it.
func (w *world) consults(user string) handoff.Case {
	w.t.Helper()
	w.says(user, "職員に相談する")
	w.taps(user, "同意する（自分のこと）")
	return w.caseOf(user)
}

// caseOf is the newest case that the user was told of.
func (w *world) caseOf(user string) handoff.Case {
	w.t.Helper()
	receipt := w.phone.receipt(user)
	k, err := w.bot.Find(w.ctx, w.towns[0].ID, "receipt/"+receipt)
	if err != nil {
		w.t.Fatalf("case %q: %v", receipt, err)
	}
	return k
}

// clicks lets a member of staff do something with the case as it stands.
func (w *world) clicks(staff string, kind handoff.Kind, k handoff.Case, more ...func(*handoff.Action)) {
	w.t.Helper()
	w.act(w.action(staff, kind, k, more...))
}

func (w *world) action(staff string, kind handoff.Kind, k handoff.Case, more ...func(*handoff.Action)) handoff.Action {
	w.t.Helper()
	now, err := w.bot.Case(w.ctx, k.City, k.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	a := handoff.Action{ID: fmt.Sprint("a", w.n), City: k.City, Kind: kind, Case: k.ID, Version: now.Version, By: staff, Name: "名前" + staff, Spot: now.Card}
	for _, f := range more {
		f(&a)
	}
	return a
}

func (w *world) act(actions ...handoff.Action) {
	w.t.Helper()
	w.phone.mark()
	for _, a := range actions {
		if err := w.bot.Act(w.ctx, a); err != nil {
			w.t.Fatal(err)
		}
	}
	w.drain()
}

func text(s string) func(*handoff.Action)    { return func(a *handoff.Action) { a.Text = s } }
func outcome(s string) func(*handoff.Action) { return func(a *handoff.Action) { a.Outcome = s } }

// has fails unless every part stands in got, in order.
func has(t testing.TB, got string, parts ...string) {
	t.Helper()
	rest := got
	for _, p := range parts {
		i := strings.Index(rest, p)
		if i < 0 {
			t.Fatalf("%q is missing in\n%s", p, got)
		}
		rest = rest[i+len(p):]
	}
}

func hasNot(t testing.TB, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(got, p) {
			t.Fatalf("%q should not stand in\n%s", p, got)
		}
	}
}

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
	lose    int  // so many calls are taken, but their answer is lost
	dead    int  // calls with a token that is spent
	left    []string
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
	lose     int // so many calls are stored, but their answer is lost
	cards    map[string]*standing
	boxes    map[string]handoff.Spot
	posts    map[string]*postedPost
	order    []*postedPost
	whispers []whispered
	deleted  []handoff.Spot
	heard    chan struct{} // told of every whisper, when not nil
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
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, card, box}); err != nil {
		return at, err
	}
	s := d.cards[card.Case]
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
		s = &standing{}
		d.cards[card.Case] = s
	}
	s.card, s.spot = card, d.spot("C"+card.Field, "")
	s.posted++
	return d.answer(s.spot)
}

func (d *desk) Post(_ context.Context, at handoff.Spot, post handoff.Post, box handoff.Outbox) (handoff.Spot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, post, box}); err != nil {
		return at, err
	}
	if spot, ok := d.boxes[box.ID]; ok && box.Doubtful && at.TS == "" {
		return d.answer(spot)
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

func (d *desk) Whisper(_ context.Context, at handoff.Spot, user, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check([]any{at, user, text}); err != nil {
		return err
	}
	d.whispers = append(d.whispers, whispered{user, text})
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
	s := d.cards[k.ID]
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

// lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
