package slack

import (
	"strconv"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
)

// message is a text for notifications and the blocks that are read.
type message struct {
	text   string
	blocks []api.Block
}

var tokyo = time.FixedZone("JST", 9*60*60)

// Bounds of a card beside Slack's own.
const (
	maxRows   = 30
	maxRow    = 600 // units
	maxLabel  = 40  // units
	maxLines  = 5
	maxQuotes = 24 // blocks
)

func itoa(n int) string { return strconv.Itoa(n) }

// drawCard draws a card: alarm, 受付番号 and state, owner, rows, words, buttons,
// what happened.
func (d *Desk) drawCard(c handoff.Card) message {
	m := message{text: d.fallback(c)}
	add := func(b ...api.Block) { m.blocks = append(m.blocks, b...) }
	if alarm := d.alarm(c); alarm != "" {
		add(section(alarm))
	}
	title := c.Receipt + "　" + c.Title
	if c.Drill {
		title = "【訓練】" + title
	}
	add(api.NewHeaderBlock(plain(cut(title, maxHeader))))
	if who := people(c); who != "" {
		add(section(who))
	}
	left := maxMessage
	if len(c.Rows) > 0 {
		block, used := rows(c.Rows)
		add(block)
		left -= used
	}
	if len(c.Words) > 0 {
		add(small("*" + c.Whose() + "*（そのまま。個人情報と思われるところは伏せています）"))
		add(quotes(c.Words, left, maxQuotes)...)
	}
	if len(c.Buttons) > 0 {
		add(buttons(c.Case, c.Version, c.Buttons))
	}
	if len(c.Lines) > 0 {
		add(small(history(c.Lines)))
	}
	return m
}

// people are the owner and the helpers.
func people(c handoff.Card) string {
	var parts []string
	if c.Owner != "" {
		parts = append(parts, "担当："+mention(c.Owner))
	}
	for i, h := range c.Helpers {
		if i == 5 {
			break
		}
		parts = append(parts, "応援："+mention(h))
	}
	return strings.Join(parts, "　")
}

// fallback is what notifications and screen readers say: 受付番号, 緊急度, field.
func (d *Desk) fallback(c handoff.Card) string {
	text := c.Receipt
	for _, f := range d.o.Fields {
		if f.ID == c.Field {
			text += "（" + f.Name + "）"
		}
	}
	if c.Alarm != "" {
		text = "【緊急】" + text
	}
	if c.Drill {
		text = "【訓練】" + text
	}
	return cut(text, 300)
}

func (d *Desk) alarm(c handoff.Card) string {
	var parts []string
	if c.Alarm != "" {
		parts = append(parts, "🚨 *"+escape(cut(c.Alarm, 500))+"*")
	}
	if c.Mention {
		if call := d.duty(); call != "" {
			parts = append(parts, call)
		}
	}
	return strings.Join(parts, "　")
}

// duty calls whoever is on duty at this minute, else the duty group; "" when the
// city has neither.
func (d *Desk) duty() string {
	var ids []string
	if d.o.Duty != nil {
		ids = d.o.Duty(d.o.Clock())
	}
	if len(ids) == 0 && d.o.DutyGroup != "" {
		ids = []string{d.o.DutyGroup}
	}
	var calls []string
	for _, id := range ids {
		if strings.HasPrefix(id, "S") {
			calls = append(calls, "<!subteam^"+escape(id)+">")
		} else {
			calls = append(calls, mention(id))
		}
	}
	return strings.Join(calls, " ")
}

func mention(user string) string { return "<@" + escape(user) + ">" }

// rows draws labelled lines, literally; it says how many units they take.
func rows(all []handoff.Row) (block api.Block, used int) {
	var lines []api.RichTextElement
	for i, r := range all {
		if i == maxRows {
			break
		}
		label, text := cut(literal(r.Label), maxLabel)+"　", cut(literal(r.Text), maxRow)
		used += units(label) + units(text)
		lines = append(lines, api.NewRichTextSection(
			api.NewRichTextSectionTextElement(label, &api.RichTextSectionTextStyle{Bold: true}),
			api.NewRichTextSectionTextElement(text, nil),
		))
	}
	return api.NewRichTextBlock("", lines...), used
}

// history draws the newest lines.
func history(all []handoff.Line) string {
	if len(all) > maxLines {
		all = all[len(all)-maxLines:]
	}
	var lines []string
	for _, l := range all {
		who := "つなぐ"
		if l.Who != "" {
			who = mention(l.Who)
		}
		lines = append(lines, l.At.In(tokyo).Format("1/2 15:04")+"　"+who+"　"+escape(cut(l.Text, 200)))
	}
	return strings.Join(lines, "\n")
}

// buttons draws what may be pressed. Release asks once more, as it acts at once;
// closing asks in its own form.
func buttons(id string, version int, kinds []handoff.Kind) api.Block {
	var out []api.BlockElement
	for _, k := range kinds {
		b := api.NewButtonBlockElement(string(k), value(id, version), plain(k.Label()))
		switch k {
		case handoff.Claim, handoff.Reply:
			b.Style = api.StylePrimary
		case handoff.Keep:
			b.Style = api.StylePrimary
		case handoff.Close:
			b.Style = api.StyleDanger
		case handoff.TakeBack:
			b.Confirm = api.NewConfirmationBlockObject(plain("取り下げますか"), plain("住民は、この写真をもう開けなくなります。文は残ります。スマホに残った写真は消せません。"), plain("取り下げる"), plain("やめる"))
		case handoff.Release:
			b.Confirm = api.NewConfirmationBlockObject(plain("手放しますか"), plain("ほかの人が引き受けられるようになります。"), plain("手放す"), plain("やめる"))
		}
		out = append(out, b)
	}
	return api.NewActionBlock("", out...)
}

// value is what a button carries.
func value(id string, version int) string { return id + ":" + itoa(version) }

// parseValue reads a button's value.
func parseValue(s string) (id string, version int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 1 || i > 200 {
		return "", 0, false
	}
	version, err := strconv.Atoi(s[i+1:])
	return s[:i], version, err == nil && version >= 0
}

// called calls a post's Mention, "" where nobody is to be called or nobody is on duty.
func (d *Desk) called(who string) string {
	switch who {
	case "":
		return ""
	case "duty":
		return d.duty()
	}
	return mention(who)
}

// drawPost draws a message in a case's thread.
func (d *Desk) drawPost(p handoff.Post) message {
	var m message
	add := func(b ...api.Block) { m.blocks = append(m.blocks, b...) }
	switch p.Kind {
	case handoff.PostWords:
		m.text = "住民からのことばがあります"
		head := "*住民から*"
		if p.Text != "" {
			head += "　" + escape(p.Text)
		}
		if who := d.called(p.Mention); who != "" {
			add(section(who + "　" + head)) // a section calls, on every phone
		} else {
			add(small(head))
		}
		add(quotes(p.Words, maxMessage, maxQuotes)...)
	case handoff.PostSent:
		m.text = "住民への返事"
		line := "*住民へ*"
		if p.By != "" {
			line += "　" + mention(p.By)
		}
		add(small(line))
		add(quotes(p.Words, maxMessage, maxQuotes)...)
		if p.Text != "" {
			add(small(escape(p.Text)))
		}
	default:
		m.text = "つなぐからのお知らせ"
		text := ours(p.Text)
		if who := d.called(p.Mention); who != "" {
			text = who + "　" + text
		}
		if strings.TrimSpace(text) == "" {
			text = "（お知らせ）"
		}
		add(section(text))
	}
	if p.Button != "" {
		add(buttons(p.Case, p.Version, []handoff.Kind{p.Button}))
	}
	return m
}
