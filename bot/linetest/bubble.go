package linetest

import (
	"encoding/json"
	"slices"
	"strings"
)

// readMessage makes an entry of a message object that has been checked.
func readMessage(raw json.RawMessage) *Entry {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		o = object{}
	}
	e := &Entry{Type: str(o, "type"), Alt: str(o, "altText"), Raw: slices.Clone([]byte(raw))}
	e.Sender = str(sub(o, "sender"), "name")
	var r reader
	switch e.Type {
	case "image":
		e.Image, e.Preview = str(o, "originalContentUrl"), str(o, "previewImageUrl")
	case "location":
		r.read(o, "title", "address")
	case "template":
		r.template(sub(o, "template"))
	case "flex":
		r.flex(o["contents"])
	default:
		r.read(o, "text")
	}
	e.Text, e.Buttons = strings.Join(r.lines, "\n"), r.buttons
	for _, v := range items(sub(o, "quickReply"), "items") {
		item, _ := v.(object)
		b := button(sub(item, "action"))
		b.Quick = true
		e.QuickReplies = append(e.QuickReplies, b)
	}
	return e
}

// reader gathers words and buttons in the order an eye meets them.
type reader struct {
	lines   []string
	buttons []Button
}

func (r *reader) read(o object, keys ...string) {
	for _, key := range keys {
		if s := str(o, key); s != "" {
			r.lines = append(r.lines, s)
		}
	}
}

func (r *reader) tap(o object, key string) {
	if a := sub(o, key); a != nil {
		r.buttons = append(r.buttons, button(a))
	}
}

func (r *reader) template(t object) {
	r.read(t, "title", "text")
	r.tap(t, "defaultAction")
	r.tap(t, "action") // of an image carousel's column
	for _, v := range items(t, "actions") {
		a, _ := v.(object)
		r.buttons = append(r.buttons, button(a))
	}
	for _, v := range items(t, "columns") {
		column, _ := v.(object)
		r.template(column)
	}
}

func (r *reader) flex(v any) {
	o, isObject := v.(object)
	if !isObject {
		return
	}
	r.tap(o, "action")
	contents := items(o, "contents")
	switch str(o, "type") {
	case "text":
		var spans strings.Builder
		for _, v := range contents {
			span, _ := v.(object)
			spans.WriteString(str(span, "text"))
		}
		if spans.Len() > 0 { // spans stand in place of the text
			r.lines = append(r.lines, spans.String())
			return
		}
		r.read(o, "text")
	case "bubble":
		for _, key := range []string{"header", "hero", "body", "footer"} {
			r.flex(o[key])
		}
	default:
		for _, v := range contents {
			r.flex(v)
		}
	}
}

func button(a object) Button {
	return Button{
		Label: str(a, "label"), Type: str(a, "type"), Data: str(a, "data"), DisplayText: str(a, "displayText"),
		Text: str(a, "text"), URI: str(a, "uri"), Clipboard: str(a, "clipboardText"), Mode: str(a, "mode"),
	}
}

func str(o object, key string) string  { s, _ := o[key].(string); return s }
func sub(o object, key string) object  { v, _ := o[key].(object); return v }
func items(o object, key string) []any { v, _ := o[key].([]any); return v }
