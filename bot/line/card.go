package line

import (
	"encoding/json"
	"strings"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

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
func drawOffices(offices []bot.OfficeCard) *api.FlexMessage {
	offices = offices[:min(len(offices), maxCards)]
	m := &api.FlexMessage{AltText: altText(offices)}
	if len(offices) == 1 {
		m.Contents = drawCard(offices[0], maxCardBytes)
		return m
	}
	all := &api.FlexCarousel{}
	for _, o := range offices {
		all.Contents = append(all.Contents, *drawCard(o, min(maxCardBytes, maxCardsSize/len(offices))))
	}
	m.Contents = all
	return m
}

// drawCard makes a card whose JSON has at most size bytes: first long lines are
// shortened, then the last ones go, at the very end the links.
func drawCard(o bot.OfficeCard, size int) *api.FlexBubble {
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

func fits(c *api.FlexBubble, size int) bool {
	b, err := json.Marshal(c)
	return err == nil && len(b) <= size
}

// card draws one office in large wrapping letters that follow the size chosen
// in the app. All cards are equally wide, as LINE demands.
func card(o bot.OfficeCard, lines []string, width int) *api.FlexBubble {
	words := []api.FlexComponentInterface{}
	write := func(s, size string, weight api.FlexTextWEIGHT) {
		if s = strings.TrimSpace(s); s != "" {
			words = append(words, &api.FlexText{Text: s, Size: size, Weight: weight, Color: ink, Wrap: true, Scaling: true, Flex: 0, MaxLines: 0})
		}
	}
	write(shorten(o.Name, maxName), "lg", api.FlexTextWEIGHT_BOLD)
	for _, l := range lines {
		write(shorten(l, width), "md", "")
	}
	if len(words) == 0 {
		write("（名前は登録されていません）", "md", "")
	}
	buttons := []api.FlexComponentInterface{}
	press := func(label, uri string, style api.FlexButtonSTYLE, color string) {
		if a := open(label, uri); a != nil {
			buttons = append(buttons, &api.FlexButton{Action: a, Style: style, Color: color, Height: api.FlexButtonHEIGHT_MD, Scaling: true, Flex: 0})
		}
	}
	press("電話をかける", telURI(o.Call), api.FlexButtonSTYLE_PRIMARY, green)
	press("地図を見る", httpsURI(o.Map), api.FlexButtonSTYLE_SECONDARY, "")
	press("ホームページ", httpsURI(o.Page), api.FlexButtonSTYLE_SECONDARY, "")

	// A body that grows keeps the buttons of neighbouring cards on one height.
	c := &api.FlexBubble{Size: api.FlexBubbleSIZE_MEGA, Body: column(words, "md", 1)}
	if len(buttons) > 0 {
		c.Footer = column(buttons, "sm", 0)
	}
	return c
}

// column stacks contents. The library sends flex always, so it is always meant.
func column(contents []api.FlexComponentInterface, spacing string, flex int32) *api.FlexBox {
	return &api.FlexBox{Layout: api.FlexBoxLAYOUT_VERTICAL, Contents: contents, Spacing: spacing, Flex: flex}
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
