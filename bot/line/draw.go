package line

import (
	"strings"

	api "github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

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
func draw(bubbles []bot.Bubble) []api.MessageInterface {
	var out []api.MessageInterface
	var buttons []bot.Button
	for _, b := range bubbles {
		if strings.TrimSpace(b.Text) != "" {
			out = append(out, &api.TextMessage{Text: shorten(b.Text, maxText)})
		}
		if len(b.Offices) > 0 {
			out = append(out, drawOffices(b.Offices))
		}
		if len(b.Buttons) > 0 {
			buttons = b.Buttons
		}
	}
	if len(out) == 0 {
		return nil
	}
	out = out[:min(len(out), maxMessages)]
	switch last := out[len(out)-1].(type) {
	case *api.TextMessage:
		last.QuickReply = drawButtons(buttons)
	case *api.FlexMessage:
		last.QuickReply = drawButtons(buttons)
	}
	return out
}

// drawButtons makes quick replies; nil without any. A button LINE would refuse
// is left out: it would take the whole message with it, and the choices stand
// in the text too.
func drawButtons(buttons []bot.Button) *api.QuickReply {
	var q api.QuickReply
	for _, b := range buttons {
		if a := drawButton(b); a != nil && len(q.Items) < maxButtons {
			q.Items = append(q.Items, api.QuickReplyItem{Type: "action", Action: a})
		}
	}
	if len(q.Items) == 0 {
		return nil
	}
	return &q
}

func drawButton(b bot.Button) api.ActionInterface {
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
	return &api.PostbackAction{Label: label, Data: b.Data, DisplayText: shortLabel(b.Label, maxShown)}
}

// open is a button that opens an address; nil when there is no address.
func open(label, uri string) api.ActionInterface {
	if uri == "" {
		return nil
	}
	return &api.UriAction{Label: label, Uri: uri}
}
