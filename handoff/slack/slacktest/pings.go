package slacktest

import (
	"regexp"
	"slices"
	"strings"
)

var bareName = regexp.MustCompile(`(?i)(?:^|[^0-9A-Za-z_])@(channel|here|everyone)\b`)

// Pings is whom a message notifies: "channel", "here", "everyone", user IDs and
// user group IDs, each once and sorted. Explicit tokens count wherever mrkdwn
// is read, the top-level text included; a bare @here counts in the text unless
// parse is "none", and in mrkdwn blocks unless they are verbatim. plain_text
// notifies nobody; rich_text only by its own mention elements.
func (m Message) Pings() []string {
	var p pings
	p.mrkdwn(m.Text, m.Parse != "none" || m.LinkNames)
	for _, b := range decodeBlocks(m.Blocks) {
		p.walk(b)
	}
	for _, a := range m.attachments {
		p.walk(a)
		for _, k := range []string{"pretext", "title", "text", "fallback"} {
			p.mrkdwn(text(object(a)[k]), true)
		}
	}
	slices.Sort(p)
	return slices.Compact([]string(p))
}

type pings []string

// mrkdwn finds the mentions; bare tells whether names without brackets count.
func (p *pings) mrkdwn(s string, bare bool) {
	for _, found := range angle.FindAllStringSubmatch(s, -1) {
		body, _, _ := strings.Cut(found[1], "|")
		switch {
		case strings.HasPrefix(body, "@"):
			*p = append(*p, body[1:])
		case strings.HasPrefix(body, "!subteam^"):
			*p = append(*p, strings.TrimPrefix(body, "!subteam^"))
		case body == "!channel", body == "!here", body == "!everyone", body == "!group":
			*p = append(*p, body[1:])
		}
	}
	if !bare {
		return
	}
	for _, found := range bareName.FindAllStringSubmatch(s, -1) {
		*p = append(*p, strings.ToLower(found[1]))
	}
}

// walk looks at every object in a block.
func (p *pings) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			p.walk(item)
		}
	case map[string]any:
		verbatim, _ := v["verbatim"].(bool)
		switch text(v["type"]) {
		case "mrkdwn":
			p.mrkdwn(text(v["text"]), !verbatim)
		case "markdown":
			p.mrkdwn(text(v["text"]), true)
		case "user":
			*p = append(*p, text(v["user_id"]))
		case "usergroup":
			*p = append(*p, text(v["usergroup_id"]))
		case "broadcast":
			*p = append(*p, text(v["range"]))
		}
		for _, item := range v {
			p.walk(item)
		}
	}
}
