package line

import (
	"strings"

	"tsunagu/bot"
)

// LINE's limits of one call.
const (
	maxMessages = 5
	maxButtons  = 13
	maxLabel    = 20  // graphemes
	maxShown    = 300 // graphemes of what a tap writes into the chat
)

// draw makes LINE messages of bubbles: at most five, the buttons on the last. A
// bubble that says nothing is left out; nil when none says anything.
func draw(bubbles []bot.Bubble) []*message {
	var out []*message
	var buttons []bot.Button
	add := func(m *message) {
		if len(out) < maxMessages {
			out = append(out, m)
		}
	}
	for _, b := range bubbles {
		if strings.TrimSpace(b.Text) != "" {
			add(&message{Type: "text", Text: shorten(b.Text, maxText)})
		}
		if original, preview := httpsURI(b.Image), httpsURI(b.Preview); original != "" && preview != "" {
			add(&message{Type: "image", Original: original, Preview: preview})
		}
		if len(b.Offices) > 0 {
			add(drawOffices(b.Offices))
		}
		if len(b.Buttons) > 0 {
			buttons = b.Buttons
		}
	}
	if len(out) == 0 {
		return nil
	}
	out[len(out)-1].QuickReply = drawButtons(buttons)
	return out
}

// drawButtons makes quick replies; nil without any. A button LINE would refuse
// is left out: it would take the whole message with it, and the choices stand
// in the text too.
func drawButtons(buttons []bot.Button) *quickReply {
	var q quickReply
	for _, b := range buttons {
		if a := drawButton(b); a != nil && len(q.Items) < maxButtons {
			q.Items = append(q.Items, quickItem{Type: "action", Action: a})
		}
	}
	if len(q.Items) == 0 {
		return nil
	}
	return &q
}

func drawButton(b bot.Button) *action {
	if strings.TrimSpace(b.Label) == "" {
		return nil
	}
	label := shortLabel(b.Label, maxLabel)
	switch {
	case b.Tel != "":
		return open(label, telURI(b.Tel))
	case b.URL != "":
		return open(label, httpsURI(b.URL))
	case b.Data == "" || units(b.Data) > maxData:
		return nil
	}
	// What was tapped shows in the chat, as if it had been written.
	return &action{Type: "postback", Label: label, Data: b.Data, DisplayText: shortLabel(b.Label, maxShown)}
}

// open is a button that opens an address; nil when there is no address.
func open(label, uri string) *action {
	if uri == "" {
		return nil
	}
	return &action{Type: "uri", Label: label, URI: uri}
}
