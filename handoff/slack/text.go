package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode"

	api "github.com/slack-go/slack"
)

// Limits in UTF-16 units, the stricter reading of Slack's "characters".
const (
	maxHeader  = 150
	maxSection = 2900  // of 3,000
	maxMessage = 12000 // all texts of one message together
)

// cutMark ends a text that is longer than its place.
const cutMark = "…（長いため、ここまで）"

// outboxID names an outgoing message to Slack, where every member of the
// workspace can read metadata: nothing of ours can be read from it.
func outboxID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}

// units counts UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// head is the longest beginning of s within most units, and what is left.
func head(s string, most int) (first, rest string) {
	n := 0
	for i, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
		if n > most {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// cut shortens s to most units, and says so in it.
func cut(s string, most int) string {
	if units(s) <= most {
		return s
	}
	first, _ := head(s, most-units(cutMark))
	return first + cutMark
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes a text literal in mrkdwn, but for *, _, ~ and `.
func escape(s string) string { return escaper.Replace(s) }

var named = regexp.MustCompile(`&lt;([@#][A-Z0-9]{2,30})&gt;`)

// ours is a text of our own in mrkdwn, in which <@U…> names somebody and <#C…> a
// channel.
func ours(s string) string { return named.ReplaceAllString(escape(s), "<$1>") }

// literal prepares a resident's words: characters that do not show or turn the
// direction of writing are dropped, and nothing at all becomes a sign.
func literal(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if s = strings.TrimSpace(s); s == "" {
		return "（文字なし）"
	}
	return s
}

func mrkdwn(s string) *api.TextBlockObject { return api.NewTextBlockObject("mrkdwn", s, false, true) }

func plain(s string) *api.TextBlockObject {
	return api.NewTextBlockObject("plain_text", s, false, false)
}

// section is a block of mrkdwn of ours.
func section(s string) api.Block { return api.NewSectionBlock(mrkdwn(cut(s, maxSection)), nil, nil) }

// small is a block of small mrkdwn of ours.
func small(s string) api.Block { return api.NewContextBlock("", mrkdwn(cut(s, maxSection))) }

// quote is a block in which a text stands literally beside a bar.
func quote(s string) api.Block {
	return api.NewRichTextBlock("", &api.RichTextQuote{
		Type: api.RTEQuote, Elements: []api.RichTextSectionElement{api.NewRichTextSectionTextElement(s, nil)},
	})
}

// quotes are blocks for words, each message in its own, as long as left units
// and blocks allow. What has no place is counted in a last line.
func quotes(words []string, left, blocks int) []api.Block {
	var out []api.Block
	for i, w := range words {
		w = literal(w)
		if left < 100 || len(out) >= blocks-1 {
			return append(out, small("ほかに "+itoa(len(words)-i)+" 件（長いため省略）"))
		}
		w = cut(w, min(left, (blocks-1-len(out))*(maxSection-1)))
		left -= units(w)
		for w != "" {
			var part string
			part, w = head(w, maxSection)
			out = append(out, quote(part))
		}
	}
	return out
}
