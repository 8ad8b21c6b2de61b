package slack

import (
	"regexp"

	"golang.org/x/text/width"
)

// What looks like a number or an address of somebody. It only warns: an office's may
// be what is wanted. Names are the city's own warning.
var (
	phoneShape = regexp.MustCompile(`0\d{1,4}[-‐‑–—―−ー ()（）]{0,2}\d{1,4}[-‐‑–—―−ー ()（）]{0,2}\d{3,4}`)
	mailShape  = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`)
)

func personal(text string) []string {
	text = width.Fold.String(text)
	var out []string
	if phoneShape.MatchString(text) {
		out = append(out, "電話番号のような数字があります。窓口の番号か、個人の番号でないか、確認してください。")
	}
	if mailShape.MatchString(text) {
		out = append(out, "メールアドレスのような文字があります。個人のものでないか、確認してください。")
	}
	return out
}
