package config

import (
	"regexp"
	"strings"
)

// notUTF8 says what to do with a file in Shift_JIS or UTF-16, as Excel and old
// editors write it.
const notUTF8 = "文字コードが UTF-8 ではありません。メモ帳なら「名前を付けて保存」で、文字コードに UTF-8 をえらびます"

var (
	keyOnly = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*:[^\s/]`)
	wideKey = regexp.MustCompile(`^[A-Za-z0-9_.-]+：`)
	// unseen are spaces that look like none or like an ordinary one.
	unseen = "\u00a0\u200b\u200c\u200d\u2060\u202f\ufeff"
	// wideMarks are typed with a Japanese input switched on.
	wideMarks = map[string]string{"－": "-", "ー": "-", "―": "-", "＃": "#", "［": "[", "｛": "{"}
)

// mistyped looks in the line that was told and the one above for what people type
// without seeing it, and then for what complaint, the YAML library's, comes of;
// "" = nothing of the kind.
func mistyped(data []byte, line int, complaint string) (at int, what string) {
	lines := strings.Split(string(data), "\n")
	for at := line; at >= max(line-1, 1) && at <= len(lines); at-- {
		text := strings.TrimLeft(lines[at-1], " -")
		switch {
		case strings.HasPrefix(text, "\t"):
			return at, "行の頭にタブがあります。空白を使います"
		case strings.HasPrefix(text, "　"):
			return at, "行の頭に全角の空白があります。半角の空白を使います"
		case wideKey.MatchString(text):
			return at, "全角の「：」があります。半角の「:」と空白を使います"
		case strings.ContainsAny(text, unseen):
			return at, "目に見えない特別な空白があります。その行を打ちなおします"
		case keyOnly.MatchString(text):
			return at, "「:」のあとに空白がありません。「phone: 0138-…」のように一つ空けます"
		}
		for wide, narrow := range wideMarks {
			if strings.HasPrefix(text, wide) {
				return at, "全角の「" + wide + "」があります。半角の「" + narrow + "」を使います"
			}
		}
	}
	if at := openQuote(lines[:min(max(line, 0), len(lines))]); at > 0 {
		return at, "引用符「\"」が閉じていません"
	}
	switch {
	case strings.HasPrefix(complaint, "mapping values are not allowed"):
		return line, "一行に「: 」が二つあります。文の中の「: 」なら、文の全体を \" \" で囲みます。項目なら、行を分けるか、全体を { } で囲みます"
	case strings.HasSuffix(complaint, "indicator"), strings.HasPrefix(complaint, "did not find expected key"):
		return line, "字下げが上の行とそろっていません。同じ並びは、頭をそろえます"
	case strings.HasPrefix(complaint, "did not find expected … or …"):
		return line, "かっこの閉じ忘れか、「,」の打ち忘れです"
	}
	return 0, ""
}

// openQuote is the first line with an odd number of double quotes, where a text that
// was never closed begins; 0 = none.
func openQuote(lines []string) int {
	for i, l := range lines {
		if code, _, _ := strings.Cut(l, " #"); strings.Count(strings.ReplaceAll(code, `\"`, ""), `"`)%2 == 1 {
			return i + 1
		}
	}
	return 0
}

// cutOff warns of a value that a # without a space behind it cuts short: 夜は #7119 へ.
func (n node) cutOff() {
	rest, _, _ := strings.Cut(n.y.LineComment, " ")
	if n.y.Style == 0 && len(rest) > 1 && !strings.HasPrefix(rest, "##") {
		n.n.warn(n.place(), "「%s」から後ろは覚え書きになり、住民に出ません。出すなら、文の全体を \" \" で囲みます", rest)
	}
}
