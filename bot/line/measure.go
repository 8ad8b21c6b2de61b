package line

import (
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// ellipsis ends what was cut.
const ellipsis = "…"

// units counts UTF-16 code units, LINE's measure for text: 🍎 is 2.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cut returns the longest beginning of s of at most n UTF-16 units that splits
// no character a reader sees as one.
func cut(s string, n int) string {
	if len(s) <= n || units(s) <= n {
		return s
	}
	end, state, rest := 0, -1, s
	for rest != "" {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if n -= units(cluster); n < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}

// shorten cuts s to n UTF-16 units, at a line's end where one is in the latter
// half, and says so with an ellipsis.
func shorten(s string, n int) string {
	if units(s) <= n {
		return s
	}
	s = cut(s, n-1)
	if i := strings.LastIndexByte(s, '\n'); i > len(s)/2 {
		s = s[:i]
	}
	return s + ellipsis
}

// shortLabel cuts a label to n characters as a reader counts them, LINE's
// measure for labels: 👨‍👩‍👧 is 1.
func shortLabel(s string, n int) string {
	if utf8.RuneCountInString(s) <= n || uniseg.GraphemeClusterCount(s) <= n {
		return s
	}
	end, state, rest := 0, -1, s
	for range n - 1 {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		end += len(cluster)
	}
	return s[:end] + ellipsis
}

// telURI makes a tel: URI of a number as people write it, half- or full-width,
// with hyphens, spaces and brackets; "" when there is none. What follows the
// number (内線12, 24時間) ends it, and a number of an odd length is none:
// dialling would disturb somebody else.
func telURI(number string) string {
	var b strings.Builder
	digits, short := 0, true // short: no area code, such as 119 or #9110
scan:
	for _, r := range number {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // full-width to ASCII
		}
		switch {
		case r >= '0' && r <= '9':
			if b.Len() == 0 {
				short = r != '0'
			}
			digits++
			b.WriteRune(r)
		case r == '+' && b.Len() == 0:
			short = false
			b.WriteRune(r)
		case r == '*':
			b.WriteRune(r)
		case r == '#':
			b.WriteString("%23") // a bare # would begin the URI's fragment
		case strings.ContainsRune("-‐‑‒–—―−ー－", r):
		case strings.ContainsRune(" 　()", r) && (b.Len() == 0 || !short && digits < 9):
		default:
			break scan
		}
	}
	most := 15
	if strings.HasPrefix(b.String(), "0") {
		most = 11
	}
	if digits < 3 || digits > most {
		return ""
	}
	return "tel:" + b.String()
}

// httpsURI percent-encodes what LINE wants encoded; "" when s is no https
// address, or longer than the 1,000 characters LINE takes.
func httpsURI(s string) string {
	var b strings.Builder
	for _, c := range []byte(strings.TrimSpace(s)) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	u, err := url.Parse(b.String())
	if err != nil || u.Scheme != "https" || u.Host == "" || b.Len() > 1000 {
		return ""
	}
	return b.String()
}
