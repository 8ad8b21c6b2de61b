package transcript

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"regexp"
	"slices"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// stage is the two sides of a play: it stands where LINE and Slack would, keeps
// what each shows, and fails when a stage direction says so.
type stage struct {
	out      *strings.Builder
	lineDown bool
	lineFull bool
	deskDown bool

	users   map[string]string // LINE user ID → 住民
	staff   map[string]string // Slack user ID → 職員A
	tokens  map[string]string // reply token → user
	used    map[string]bool
	buttons map[string][]bot.Button // newest buttons per user
	all     map[string][]bot.Button // every button ever shown, for old taps
	pushed  map[string]bool         // retry keys
	rows    map[string]string       // card rows as printed last
	lines   map[string]int          // lines of a card's history printed so far
	words   map[string]string       // a post's words as printed last
	boxes   map[string]bool         // outbox IDs of cards that stand
	cards   []handoff.Card          // newest state per case, in order of appearance
	media   map[string]string       // what LINE calls a message's picture or file
	posts   int
	pushes  int
}

func newStage(out *strings.Builder) *stage {
	return &stage{out: out, users: map[string]string{}, staff: map[string]string{}, tokens: map[string]string{}, used: map[string]bool{},
		buttons: map[string][]bot.Button{}, all: map[string][]bot.Button{}, pushed: map[string]bool{}, rows: map[string]string{},
		lines: map[string]int{}, words: map[string]string{}, boxes: map[string]bool{}, media: map[string]string{}}
}

func (s *stage) Reply(_ context.Context, token string, b []bot.Bubble) error {
	if s.lineDown {
		return &bot.SendError{Trouble: bot.Busy, Status: 500}
	}
	user, ok := s.tokens[token]
	if !ok || s.used[token] {
		return &bot.SendError{Trouble: bot.TokenDead, Status: 400}
	}
	s.used[token] = true
	s.show(user, "つなぐ", b)
	return nil
}

func (s *stage) Push(_ context.Context, user, key string, quiet bool, b []bot.Bubble) error {
	switch {
	case s.lineDown:
		return &bot.SendError{Trouble: bot.Busy, Status: 500}
	case s.lineFull:
		return &bot.SendError{Trouble: bot.Quota, Status: 429}
	case s.pushed[key]:
		return nil
	}
	s.pushed[key] = true
	s.pushes++
	name := "つなぐ（通知）"
	if quiet {
		name = "つなぐ（音なしの通知）"
	}
	s.show(user, name, b)
	return nil
}

func (s *stage) Quota(context.Context) (bot.Allowance, error) { return bot.Allowance{}, nil }

func (s *stage) Leave(context.Context, string, bool) error { return nil }

// show prints what the resident sees.
func (s *stage) show(user, by string, bubbles []bot.Bubble) {
	if who := s.users[user]; who != "住民" {
		by += "→" + who
	}
	for _, b := range bubbles {
		if b.Text != "" {
			s.print(by + "：" + b.Text)
		}
		for _, o := range b.Offices {
			s.print("窓口カード：" + o.Name)
			for _, l := range o.Lines {
				s.print("  " + l)
			}
			var taps []string
			if o.Call != "" {
				taps = append(taps, "［電話をかける "+o.Call+"］")
			}
			if o.Map != "" {
				taps = append(taps, "［地図を見る］")
			}
			if o.Page != "" {
				taps = append(taps, "［ホームページ］")
			}
			if len(taps) > 0 {
				s.print("  " + strings.Join(taps, ""))
			}
		}
	}
	last := bubbles[len(bubbles)-1].Buttons
	s.buttons[user] = last
	s.all[user] = append(s.all[user], last...)
	if len(last) > 0 {
		var labels []string
		for _, b := range last {
			labels = append(labels, "［"+b.Label+"］")
		}
		s.print(strings.Join(labels, ""))
	}
}

func (s *stage) print(text string) {
	for _, l := range strings.Split(text, "\n") {
		if strings.TrimSpace(l) == "" {
			continue
		}
		s.out.WriteString("    " + l + "\n")
	}
}

func (s *stage) Card(_ context.Context, at handoff.Spot, card handoff.Card, box handoff.Outbox) (handoff.Spot, error) {
	if s.deskDown {
		return handoff.Spot{}, &handoff.DeskError{Reason: "away"}
	}
	if card.Pointer {
		s.print("カードが変わる（#" + strings.TrimPrefix(at.Channel, "C") + "）：" + card.Title + "　" + card.Receipt)
		return at, nil
	}
	if at.TS == "" && s.boxes[box.ID] {
		return s.spot(card), nil // found by its metadata
	}
	s.boxes[box.ID] = true
	if card.Companion {
		card.Case += "/" + card.Field // a card of its own
	}
	if i := slices.IndexFunc(s.cards, func(c handoff.Card) bool { return c.Case == card.Case }); i >= 0 {
		s.cards[i] = card
	} else {
		s.cards = append(s.cards, card)
	}
	head := "カード"
	if at.TS != "" {
		head = "カードが変わる"
	}
	title := head + "（#" + orDefault(card.Field) + "）：" + card.Title + "　" + card.Receipt
	if card.Mention && at.TS == "" {
		title += "　@当番"
	}
	if card.Owner != "" {
		title += "　担当 " + s.name(card.Owner)
	}
	s.print(title)
	rows := card.Rows
	if card.Alarm != "" {
		rows = append([]handoff.Row{{Label: "！緊急", Text: strings.TrimPrefix(card.Alarm, "緊急：")}}, rows...)
	}
	if len(card.Words) > 0 {
		rows = append(slices.Clone(rows), handoff.Row{Label: card.Whose(), Text: strings.Join(card.Words, "／")})
	}
	s.printRows(card.Case, rows)
	for _, l := range card.Lines[min(s.lines[card.Case], len(card.Lines)):] {
		who := "つなぐ"
		if l.Who != "" {
			who = s.name(l.Who)
		}
		s.print("  " + l.At.In(tokyo).Format("1/2 15:04") + " " + who + "　" + l.Text)
	}
	s.lines[card.Case] = len(card.Lines)
	var taps []string
	for _, b := range card.Buttons {
		taps = append(taps, "［"+b.Label()+"］")
	}
	if row := strings.Join(taps, ""); s.rows[card.Case+"taps"] != row {
		s.print("  " + row)
		s.rows[card.Case+"taps"] = row
	}
	return s.spot(card), nil
}

// printRows prints what changed of a card, and forgets rows that went, so that
// they are printed when they come back.
func (s *stage) printRows(id string, rows []handoff.Row) {
	now := map[string]bool{}
	for _, r := range rows {
		key := id + ":" + r.Label // a companion's id goes on with a slash
		now[key] = true
		if s.rows[key] != r.Text {
			s.print("  " + r.Label + "：" + r.Text)
			s.rows[key] = r.Text
		}
	}
	for key := range s.rows {
		if strings.HasPrefix(key, id+":") && !now[key] {
			delete(s.rows, key)
		}
	}
}

func (s *stage) spot(card handoff.Card) handoff.Spot {
	return handoff.Spot{Channel: "C" + orDefault(card.Field), TS: card.Receipt}
}

func orDefault(field string) string {
	if field == "" {
		return "default"
	}
	return field
}

func (s *stage) Post(_ context.Context, at handoff.Spot, p handoff.Post, _ handoff.Outbox) (handoff.Spot, error) {
	if s.deskDown {
		return handoff.Spot{}, &handoff.DeskError{Reason: "away"}
	}
	head := "スレッド"
	if at.TS != "" {
		head = "スレッドが変わる"
	}
	who := map[handoff.PostKind]string{handoff.PostWords: "住民「", handoff.PostSent: "住民へ「", handoff.PostNotice: ""}[p.Kind]
	text := head + "："
	if p.Mention == "duty" {
		text += "@当番 "
	} else if p.Mention != "" {
		text += "@" + s.name(p.Mention) + " "
	}
	switch p.Kind {
	case handoff.PostNotice:
		text += s.named(p.Text)
	case handoff.PostSent:
		text += who + strings.Join(p.Words, "／") + "」 " + p.Text
		if at.TS != "" && s.words[at.TS] == strings.Join(p.Words, "／") {
			text = head + "：住民へ送ったことば　" + p.Text // only the mark is new
		}
	default:
		text += who + strings.Join(p.Words, "／") + "」"
		if p.Text != "" {
			text += "（" + p.Text + "）"
		}
	}
	s.print(text)
	if p.Button != "" {
		s.print("  ［" + p.Button.Label() + "］")
	}
	if at.TS == "" {
		s.posts++
		at.TS = fmt.Sprint("p", s.posts)
	}
	s.words[at.TS] = strings.Join(p.Words, "／")
	return at, nil
}

func (s *stage) Whisper(_ context.Context, _ handoff.Spot, w handoff.Whisper) error {
	user, text := w.User, w.Text
	if s.deskDown {
		return &handoff.DeskError{Reason: "away"}
	}
	s.print(s.name(user) + "だけに：" + s.named(text))
	return nil
}

// named puts people's names where a text of ours mentions them.
func (s *stage) named(text string) string {
	for id, name := range s.staff {
		text = strings.ReplaceAll(text, "<@"+id+">", name)
	}
	return channelName.ReplaceAllString(text, "#$1")
}

// channelName is a channel of the stage in a text: C and the field.
var channelName = regexp.MustCompile(`<#C([a-z0-9_-]+)>`)

func (s *stage) Delete(_ context.Context, at handoff.Spot) error {
	if at.File != "" {
		s.print("スレッドから消える：" + at.File)
	}
	return nil
}

// Fetch finds a picture of one point in every message, and a PDF in a file.
func (s *stage) Fetch(_ context.Context, message string, _ int64) ([]byte, error) {
	if s.media[message] == "file" {
		return []byte("%PDF-1.4\n"), nil
	}
	var b bytes.Buffer
	err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)))
	return b.Bytes(), err
}

func (s *stage) File(_ context.Context, _ handoff.Spot, f handoff.File) (handoff.Spot, error) {
	if s.deskDown {
		return handoff.Spot{}, &handoff.DeskError{Reason: "away"}
	}
	name := f.Stem + "." + f.Ext
	s.print("スレッドに出る：" + name)
	return handoff.Spot{File: name}, nil
}

func (s *stage) Find(context.Context, handoff.Search) ([]handoff.Spot, string, error) {
	return nil, "", nil
}

func (s *stage) FindFile(context.Context, handoff.Spot, string, time.Time) (handoff.Spot, error) {
	return handoff.Spot{}, nil
}

func (s *stage) name(user string) string {
	if n := s.staff[user]; n != "" {
		return n
	}
	return user
}

// clock stands still until a stage direction moves it.
type clock struct{ now time.Time }
