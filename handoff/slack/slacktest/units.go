package slacktest

import "unicode/utf16"

// units is a length in UTF-16 code units. Whether Slack counts these or code
// points is not known; these are never fewer.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cutUnits cuts s to at most n UTF-16 code units, between characters.
func cutUnits(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}
