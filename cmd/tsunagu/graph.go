package main

import (
	"context"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"strings"

	"tsunagu/bot"
	"tsunagu/config"
	"tsunagu/triage"
)

var graphCommand = command{
	name: "graph", args: "--city DIR|NAME [--format svg|mermaid] >tree.svg",
	short: "質問の流れを図にする（紙や wiki に）",
	long: `質問と選択肢と、それで決まる分野と、行き先を図にします。svg は印刷用（A3 横）、
mermaid は、図にできる wiki に貼る文字です。`,
	run: func(_ context.Context, s streams, fs *flag.FlagSet, args []string) error {
		name := fs.String("city", "", cityUsage)
		format := fs.String("format", "svg", "svg か mermaid")
		if err := parse(fs, args, 0, 0); err != nil {
			return err
		}
		city, err := loadCity(s, config.ReadBase(), *name)
		if err != nil {
			return err
		}
		switch *format {
		case "svg":
			return drawSVG(s.out, city)
		case "mermaid":
			return drawMermaid(s.out, city)
		}
		return wrong("「%s」という形はありません。svg か mermaid です", *format)
	},
}

// target is where a choice leads, End at the offices.
func target(q triage.Question, o triage.Option) string {
	if o.Goto != "" {
		return o.Goto
	}
	if q.Many {
		return ""
	}
	return q.Goto
}

func drawMermaid(w io.Writer, c *bot.City) error {
	label := strings.NewReplacer(`"`, "'", "\n", " ").Replace
	fmt.Fprintln(w, "flowchart LR")
	for _, q := range c.Tree.Questions {
		fmt.Fprintf(w, "  %s[\"%s\"]\n", q.ID, label(q.Text))
		seen := map[string][]string{}
		var order []string
		for _, o := range q.Options {
			to := target(q, o)
			if to == "" {
				continue
			}
			if seen[to] == nil {
				order = append(order, to)
			}
			label := o.Label
			if o.Field != "" {
				label += "（" + fieldOf(c, o.Field) + "）"
			}
			seen[to] = append(seen[to], label)
		}
		if q.Many {
			order, seen = append(order, q.Goto), map[string][]string{q.Goto: {q.DoneLabel}}
		}
		for _, to := range order {
			fmt.Fprintf(w, "  %s -- \"%s\" --> %s\n", q.ID, label(strings.Join(seen[to], "／")), to)
		}
	}
	_, err := fmt.Fprintf(w, "  %s([\"窓口の案内 → 職員に相談\"])\n", triage.End)
	return err
}

// Sizes of the drawing, in its own units.
const (
	boxWide, rowHigh, gapWide, gapHigh = 400, 24, 100, 26
	margin                             = 30
	textRunes                          = 25 // of a line in a box
	fieldRunes                         = 9  // of a field beside a choice
	columnRows                         = 60 // a taller column is set in two or more
)

// box is a question in the drawing.
type box struct {
	q         triage.Question
	text      []string
	col       int
	x, y, top int // top: rows that the text takes
}

// drawSVG lays the questions out in columns by their distance from the start.
func drawSVG(w io.Writer, c *bot.City) error {
	boxes, columns := layout(c)
	wide, high := 0, 0
	for _, col := range columns {
		tall := 0
		for _, b := range col {
			tall += b.rows()*rowHigh + gapHigh
		}
		high = max(high, margin+60+tall)
	}
	for i, col := range columns {
		tall := 0
		for _, b := range col {
			tall += b.rows()*rowHigh + gapHigh
		}
		y := (high + margin + 60 - tall) / 2
		for _, b := range col {
			b.x, b.y = margin+i*(boxWide+gapWide), y
			y += b.rows()*rowHigh + gapHigh
			wide = max(wide, b.x+boxWide)
		}
	}
	endX := wide + gapWide
	wide, high = endX+170+margin, high+margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="420mm" height="297mm" viewBox="0 0 %d %d" font-family="sans-serif" font-size="14">`+"\n", wide, high)
	fmt.Fprint(w, `<defs><marker id="to" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#5f8a9a"/></marker></defs>`+"\n")
	fmt.Fprintf(w, `<rect width="%d" height="%d" fill="#ffffff"/><text x="%d" y="%d" font-size="22" font-weight="bold">%s　質問の流れ</text>`+"\n", wide, high, margin, margin+10, escape(c.Name))
	fmt.Fprintf(w, `<text x="%d" y="%d" fill="#556">右の字は、その答えで決まる分野です。いちばん下の行の矢印は、ほかに矢印のない答えの行き先です。ことばで書かれたときは、読みとれれば、質問をとばします。</text>`+"\n", margin, margin+36)
	endY := high / 2
	for _, q := range c.Tree.Questions { // in their order, so that the same town is drawn the same
		b := boxes[q.ID]
		arrow := func(to string, row int) {
			x, y := b.x+boxWide, b.y+row*rowHigh+rowHigh/2
			if to == triage.End {
				curve(w, x, y, endX, endY)
			} else if t := boxes[to]; t != nil && t != b {
				curve(w, x, y, t.x, t.y+rowHigh/2)
			}
		}
		if q.Goto != "" { // one for all that lead there
			arrow(q.Goto, b.top+len(q.Options))
		}
		for i, o := range q.Options {
			if to := target(q, o); to != q.Goto {
				arrow(to, b.top+i)
			}
		}
	}
	for _, col := range columns {
		for _, b := range col {
			b.draw(w, c)
		}
	}
	fmt.Fprintf(w, `<rect x="%d" y="%d" width="170" height="60" rx="30" fill="#1d566e"/><text x="%d" y="%d" fill="#ffffff" text-anchor="middle">窓口の案内</text><text x="%d" y="%d" fill="#ffffff" text-anchor="middle">（職員に相談）</text>`+"\n",
		endX, endY-30, endX+85, endY-4, endX+85, endY+16)
	_, err := fmt.Fprintln(w, "</svg>")
	return err
}

// layout puts each question into the column of its distance from the start.
func layout(c *bot.City) (map[string]*box, [][]*box) {
	boxes := map[string]*box{}
	for _, q := range c.Tree.Questions {
		text := wrap(q.Text, textRunes)
		if len(q.OnlyFields) > 0 {
			var names []string
			for _, f := range q.OnlyFields {
				names = append(names, fieldOf(c, f))
			}
			text = append(text, wrap("（"+strings.Join(names, "、")+"のときだけ聞きます）", textRunes)...)
		}
		boxes[q.ID] = &box{q: q, text: text, top: len(text), col: -1}
	}
	// The longest way decides, so that arrows point right. A checked tree has no
	// loops; the bound keeps an unchecked one from running for ever.
	queue := []string{c.Tree.Start}
	if b := boxes[c.Tree.Start]; b != nil {
		b.col = 0
	}
	for n := 0; len(queue) > 0 && n < 100*len(boxes); n++ {
		b := boxes[queue[0]]
		queue = queue[1:]
		if b == nil {
			continue
		}
		next := []string{b.q.Goto, b.q.Unsure}
		for _, o := range b.q.Options {
			next = append(next, target(b.q, o))
		}
		for _, id := range next {
			if t := boxes[id]; t != nil && t != b && t.col < b.col+1 && b.col+1 <= len(boxes) {
				t.col = b.col + 1
				queue = append(queue, id)
			}
		}
	}
	var columns [][]*box
	for _, q := range c.Tree.Questions {
		b := boxes[q.ID]
		if b.col < 0 {
			b.col = 0
		}
		for len(columns) <= b.col {
			columns = append(columns, nil)
		}
		columns[b.col] = append(columns[b.col], b)
	}
	var folded [][]*box
	for _, col := range columns {
		folded = append(folded, fold(col)...)
	}
	return boxes, folded
}

// fold sets a tall column in several, so that the drawing fits a sheet.
func fold(col []*box) [][]*box {
	var out [][]*box
	rows := columnRows
	for _, b := range col {
		if rows += b.rows() + 1; rows > columnRows {
			out, rows = append(out, nil), b.rows()
		}
		out[len(out)-1] = append(out[len(out)-1], b)
	}
	return out
}

func (b *box) rows() int { return b.top + len(b.q.Options) + 1 }

func (b *box) draw(w io.Writer, c *bot.City) {
	rows := b.rows()
	fmt.Fprintf(w, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="#f3f6f7" stroke="#1d566e"/>`+"\n", b.x, b.y, boxWide, rows*rowHigh)
	line := func(i int, text, style string) {
		fmt.Fprintf(w, `<text x="%d" y="%d" %s>%s</text>`+"\n", b.x+10, b.y+i*rowHigh+17, style, escape(text))
	}
	for i, t := range b.text {
		line(i, t, `font-weight="bold"`)
	}
	for i, o := range b.q.Options {
		line(b.top+i, "・"+o.Label, "")
		if o.Field != "" {
			fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end" font-size="12" fill="#1d566e">%s</text>`+"\n", b.x+boxWide-10, b.y+(b.top+i)*rowHigh+17, escape(briefField(c, o.Field)))
		}
	}
	last := "分からない・もどる・やめる"
	if b.q.Many {
		last = b.q.DoneLabel + "・" + last
	}
	line(rows-1, last, `fill="#667"`)
}

func curve(w io.Writer, x1, y1, x2, y2 int) {
	fmt.Fprintf(w, `<path d="M%d %d C%d %d %d %d %d %d" fill="none" stroke="#8fb0bd" marker-end="url(#to)"/>`+"\n", x1, y1, x1+60, y1, x2-60, y2, x2, y2)
}

// briefField names a field beside a choice, without what it says in brackets.
func briefField(c *bot.City, id string) string {
	name, _, _ := strings.Cut(fieldOf(c, id), "（")
	if r := []rune(name); len(r) > fieldRunes {
		return string(r[:fieldRunes-1]) + "…"
	}
	return name
}

// wrap cuts a text into lines of n characters; 、 and 。 hang over, they begin no line.
func wrap(s string, n int) []string {
	var out []string
	for _, part := range strings.Split(s, "\n") {
		r := []rune(part)
		for len(r) > n {
			end := n
			for end < len(r) && strings.ContainsRune("、。）」？！", r[end]) {
				end++
			}
			out = append(out, string(r[:end]))
			r = r[end:]
		}
		if len(r) > 0 {
			out = append(out, string(r))
		}
	}
	return out
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
