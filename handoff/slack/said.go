package slack

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// said is what we read of a message that somebody wrote.
type said struct {
	TS      string          `json:"ts"`
	Thread  string          `json:"thread_ts"`
	User    string          `json:"user"`
	BotID   string          `json:"bot_id"`
	Subtype string          `json:"subtype"`
	Text    string          `json:"text"`
	Blocks  json.RawMessage `json:"blocks"`
	Files   []attached      `json:"files"`
}

// attached is a file of a message.
type attached struct {
	ID   string `json:"id"`
	Mode string `json:"mode"`
	Type string `json:"mimetype"`
}

// plain is the message without Slack's markup: names of people, groups and
// channels fall away, links stay as addresses.
func (s said) plain() string {
	if s.Subtype == "tombstone" {
		return ""
	}
	var blocks []node
	if json.Unmarshal(s.Blocks, &blocks) == nil && len(blocks) > 0 {
		var b strings.Builder
		rich := true
		for _, n := range blocks {
			rich = rich && n.Type == "rich_text"
			n.write(&b, 0)
		}
		if text := tidy(b.String()); rich && text != "" {
			return text
		}
	}
	return tidy(unmark(s.Text))
}

// node is any part of a rich text.
type node struct {
	Type     string `json:"type"`
	Text     any    `json:"text"`
	URL      string `json:"url"`
	Unicode  string `json:"unicode"`
	Style    any    `json:"style"`
	Elements []node `json:"elements"`
}

// maxDepth bounds how deep a rich text is read; Slack's own are three deep.
const maxDepth = 8

func (n node) write(b *strings.Builder, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Type {
	case "text":
		text, _ := n.Text.(string)
		b.WriteString(text)
	case "link":
		if label, _ := n.Text.(string); label != "" && label != n.URL {
			b.WriteString(label + "（" + n.URL + "）")
		} else {
			b.WriteString(n.URL)
		}
	case "emoji":
		for _, hex := range strings.Split(n.Unicode, "-") {
			if r, err := strconv.ParseInt(hex, 16, 32); err == nil {
				b.WriteRune(rune(r))
			}
		}
	case "rich_text_list":
		for _, e := range n.Elements {
			b.WriteString("・")
			e.write(b, depth+1)
		}
	default:
		for _, e := range n.Elements {
			e.write(b, depth+1)
		}
		if strings.HasPrefix(n.Type, "rich_text_") {
			b.WriteString("\n")
		}
	}
}

var (
	token     = regexp.MustCompile(`<([^<>\n]*)>`)
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	blankRuns = regexp.MustCompile(`[ \t]{2,}`)
	gapLines  = regexp.MustCompile(`\n{3,}`)
)

// unmark turns Slack's text into plain text.
func unmark(s string) string {
	s = token.ReplaceAllStringFunc(s, func(t string) string {
		body, label, labelled := strings.Cut(t[1:len(t)-1], "|")
		switch {
		case strings.HasPrefix(body, "!date^"):
			return label
		case body == "" || strings.ContainsRune("@#!", rune(body[0])):
			return "" // people, channels, groups
		case strings.HasPrefix(body, "mailto:"), strings.HasPrefix(body, "tel:"):
			_, address, _ := strings.Cut(body, ":")
			return address
		case labelled && label != body && "http://"+label != body && "https://"+label != body:
			return label + "（" + body + "）"
		}
		return body
	})
	return unescaper.Replace(s)
}

func tidy(s string) string {
	return strings.TrimSpace(gapLines.ReplaceAllString(blankRuns.ReplaceAllString(s, " "), "\n\n"))
}
