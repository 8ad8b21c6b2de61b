package line

import (
	"strings"

	"tsunagu/bot"
)

// LINE's limits of cards; the sizes of JSON with room for what stands around.
const (
	maxCards     = 12
	maxCardBytes = 28_000 // LINE: 30 KB a card
	maxCardsSize = 48_000 // LINE: 50 KB all cards
	maxAlt       = 1500   // UTF-16 units
	maxName      = 100    // UTF-16 units of an office's name
	maxLines     = 20     // of one card
	maxLine      = 1000   // UTF-16 units
)

// Colours with a contrast of at least 7:1, for tired eyes.
const (
	ink   = "#111111"
	green = "#0B5132" // under white letters
)

// drawOffices makes a Flex message of at most twelve cards: one alone stands by
// itself, several side by side. Lines are shortened until LINE takes the size.
func drawOffices(offices []bot.OfficeCard) *message {
	offices = offices[:min(len(offices), maxCards)]
	m := &message{Type: "flex", AltText: altText(offices)}
	if len(offices) == 1 {
		m.Contents = drawCard(offices[0], maxCardBytes)
		return m
	}
	all := &carousel{Type: "carousel"}
	for _, o := range offices {
		all.Contents = append(all.Contents, drawCard(o, min(maxCardBytes, maxCardsSize/len(offices))))
	}
	m.Contents = all
	return m
}

// drawCard makes a card whose JSON has at most size bytes: first long lines are
// shortened, then the last ones go, at the very end the links.
func drawCard(o bot.OfficeCard, size int) *bubble {
	lines := o.Lines[:min(len(o.Lines), maxLines)]
	for width := maxLine; width > 50; width /= 2 {
		if c := card(o, lines, width); fits(c, size) {
			return c
		}
	}
	for n := len(lines); n > 0; n-- {
		if c := card(o, lines[:n], 50); fits(c, size) {
			return c
		}
	}
	o.Map, o.Page = "", ""
	return card(o, lines[:min(len(lines), 1)], 50)
}

// card draws one office in large wrapping letters that follow the size chosen
// in the app. All cards are equally wide, as LINE demands.
func card(o bot.OfficeCard, lines []string, width int) *bubble {
	var words []part
	write := func(s, size, weight string) {
		if s = strings.TrimSpace(s); s != "" {
			words = append(words, part{Type: "text", Text: s, Size: size, Weight: weight, Color: ink, Wrap: true, Scaling: true})
		}
	}
	write(shorten(o.Name, maxName), "lg", "bold")
	for _, l := range lines {
		write(shorten(l, width), "md", "")
	}
	if len(words) == 0 {
		write("（名前は登録されていません）", "md", "")
	}
	var buttons []part
	press := func(label, uri, style, color string) {
		if a := open(label, uri); a != nil {
			buttons = append(buttons, part{Type: "button", Action: a, Style: style, Color: color, Height: "md", Scaling: true})
		}
	}
	press("電話をかける", telURI(o.Call), "primary", green)
	press("地図を見る", httpsURI(o.Map), "secondary", "")
	press("ホームページ", httpsURI(o.Page), "secondary", "")

	// A body that grows keeps the buttons of neighbouring cards on one height.
	c := &bubble{Type: "bubble", Size: "mega", Body: column(words, "md", 1)}
	if len(buttons) > 0 {
		c.Footer = column(buttons, "sm", 0)
	}
	return c
}

func column(contents []part, spacing string, flex int) *box {
	return &box{Type: "box", Layout: "vertical", Contents: contents, Spacing: spacing, Flex: flex}
}

// altText is what stands in a notification and wherever cards are not shown:
// all that the cards say, or at least whom to call when that is too long.
func altText(offices []bot.OfficeCard) string {
	var full, brief []string
	for _, o := range offices {
		name, lines := shorten(strings.TrimSpace(o.Name), maxName), strings.Join(o.Lines, "\n")
		call := strings.TrimSpace(name + " " + cut(o.Call, 30))
		if call != "" {
			brief = append(brief, call)
		}
		if strings.Contains(lines, o.Call) {
			call = name // the lines say the number
		}
		full = append(full, strings.TrimSpace(call+"\n"+lines))
	}
	text := strings.TrimSpace(strings.Join(full, "\n\n"))
	if units(text) > maxAlt {
		text = shorten(strings.Join(brief, "\n"), maxAlt)
	}
	if text == "" {
		text = "窓口のご案内"
	}
	return text
}
