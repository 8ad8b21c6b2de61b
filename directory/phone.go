package directory

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Forms of numbers that can be dialled in Japan, without hyphens. Source: the
// 総務省's plan of telephone numbers.
var (
	hyphened   = regexp.MustCompile(`^#?[0-9]+(-[0-9]+)*$`)
	dialled    = regexp.MustCompile(`^(1[0-9]{2}|#[0-9]{4}|0120[0-9]{6}|0570[0-9]{6}|0800[0-9]{7}|0[5789]0[0-9]{8}|0[1-9][0-9]{8})$`)
	dashes     = strings.NewReplacer("−", "-", "‐", "-", "‑", "-", "–", "-", "—", "-", "―", "-", "ー", "-")
	mobilelike = regexp.MustCompile(`^0[5789]0`)
)

// phoneFault says what is wrong with a telephone number, and whether it can be
// dialled all the same; "" when nothing is.
func phoneFault(number string) (text string, dialable bool) {
	if narrow := strings.TrimSpace(dashes.Replace(norm.NFKC.String(number))); narrow != number && hyphened.MatchString(narrow) {
		return "電話番号は半角で書きます：" + narrow, false
	}
	digits := strings.ReplaceAll(number, "-", "")
	switch {
	case !hyphened.MatchString(number):
		return "電話番号は数字とハイフンだけで書きます（内線などは note へ）", false
	case !dialled.MatchString(digits):
		return "電話番号の桁数か始まりが正しくありません", false
	case len(digits) == 10 && mobilelike.MatchString(digits):
		return "電話番号の桁数が足りません", false
	case digits == number && len(number) > 5:
		return "電話番号はハイフンで区切ると読みやすくなります", true
	}
	return "", true
}
