package slacktest

import (
	"regexp"
	"strings"
)

var (
	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	angle     = regexp.MustCompile(`<([^<>\n]+)>`)
)

// Escape replaces the three characters Slack wants escaped in mrkdwn.
func Escape(s string) string { return escaper.Replace(s) }

// Readable is the message as a person reads it, as plain text: the blocks if
// there are any, otherwise the text. In mrkdwn mentions become names and links
// their labels; plain_text and rich_text stay literal. Buttons stand in
// brackets. Bold and the like are not interpreted.
func (m Message) Readable() string {
	if m.Blocks != nil {
		return reader{m.names}.blocks(decodeBlocks(m.Blocks))
	}
	lines := []string{reader{m.names}.mrkdwn(m.Text)}
	for _, a := range m.attachments {
		for _, k := range []string{"pretext", "title", "text"} {
			lines = append(lines, reader{m.names}.mrkdwn(text(object(a)[k])))
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Readable is the view as a person reads it; see Message.Readable.
func (v View) Readable() string {
	lines := []string{v.Title, reader{v.names}.blocks(decodeBlocks(v.Blocks))}
	for _, label := range []string{v.Close, v.Submit} {
		if label != "" {
			lines = append(lines, "["+label+"]")
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// reader renders for someone who sees these names.
type reader struct{ names map[string]string }

func (r reader) name(id string) string {
	if shown, known := r.names[id]; known {
		return shown
	}
	return id
}

// mrkdwn interprets the tokens of mrkdwn.
func (r reader) mrkdwn(s string) string {
	s = angle.ReplaceAllStringFunc(s, func(token string) string {
		body, label, labelled := strings.Cut(token[1:len(token)-1], "|")
		switch {
		case strings.HasPrefix(body, "@"), strings.HasPrefix(body, "#"):
			return r.name(body[1:])
		case strings.HasPrefix(body, "!subteam^"):
			return r.name(strings.TrimPrefix(body, "!subteam^"))
		case labelled:
			return label
		case strings.HasPrefix(body, "!"):
			return "@" + body[1:]
		}
		return body
	})
	return unescaper.Replace(s)
}

func (r reader) text(v any) string {
	t := object(v)
	if text(t["type"]) == "mrkdwn" {
		return r.mrkdwn(text(t["text"]))
	}
	return text(t["text"])
}

func (r reader) blocks(blocks []any) string {
	var lines []string
	add := func(parts ...string) {
		for _, p := range parts {
			if p != "" {
				lines = append(lines, p)
			}
		}
	}
	for _, b := range blocks {
		block := object(b)
		switch text(block["type"]) {
		case "header":
			add(r.text(block["text"]))
		case "section":
			add(r.text(block["text"]))
			for _, f := range list(block["fields"]) {
				add(r.text(f))
			}
			add(r.element(block["accessory"]))
		case "context":
			var parts []string
			for _, e := range list(block["elements"]) {
				if parts = append(parts, r.text(e)); text(object(e)["type"]) == "image" {
					parts[len(parts)-1] = text(object(e)["alt_text"])
				}
			}
			add(strings.Join(parts, " "))
		case "actions":
			var parts []string
			for _, e := range list(block["elements"]) {
				parts = append(parts, r.element(e))
			}
			add(strings.Join(parts, " "))
		case "input":
			add(r.text(block["label"]), r.element(block["element"]), r.text(block["hint"]))
		case "markdown":
			add(text(block["text"]))
		case "image":
			add(r.text(block["title"]), text(block["alt_text"]))
		case "divider":
			add("———")
		case "rich_text":
			for _, e := range list(block["elements"]) {
				add(r.rich(object(e)))
			}
		}
	}
	return strings.Join(lines, "\n")
}

func (r reader) element(v any) string {
	el := object(v)
	switch {
	case el == nil:
		return ""
	case text(el["type"]) == "image":
		return text(el["alt_text"])
	}
	label := r.text(el["text"])
	if label == "" {
		label = r.text(el["placeholder"])
	}
	if start := initial(el); len(start) > 0 {
		label = strings.Join(start, ", ")
	}
	return "[" + label + "]"
}

// rich renders what stands directly in a rich_text block.
func (r reader) rich(e map[string]any) string {
	var b strings.Builder
	for i, v := range list(e["elements"]) {
		el := object(v)
		switch text(el["type"]) {
		case "rich_text_section": // an item of a list
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString("• " + r.rich(el))
		case "user":
			b.WriteString(r.name(text(el["user_id"])))
		case "usergroup":
			b.WriteString(r.name(text(el["usergroup_id"])))
		case "channel":
			b.WriteString(r.name(text(el["channel_id"])))
		case "broadcast":
			b.WriteString("@" + text(el["range"]))
		case "emoji":
			b.WriteString(":" + text(el["name"]) + ":")
		case "date":
			b.WriteString(text(el["fallback"]))
		case "link":
			if label := text(el["text"]); label != "" {
				b.WriteString(label)
			} else {
				b.WriteString(text(el["url"]))
			}
		default:
			b.WriteString(text(el["text"]))
		}
	}
	return b.String()
}
