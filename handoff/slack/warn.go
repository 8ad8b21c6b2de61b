package slack

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// What looks like something that should not reach a resident, or that names
// somebody. It only warns: an office's number may be what is wanted.
var (
	phoneShape = regexp.MustCompile(`0\d{1,4}[-‐‑–—―−ー ()（）]{0,2}\d{1,4}[-‐‑–—―−ー ()（）]{0,2}\d{3,4}`)
	mailShape  = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`)
	nameShape  = regexp.MustCompile(`と申します|と言います|といいます|(?:担当|係|課)の\p{Han}{1,4}(?:です|が|より|まで)`)
	honorShape = regexp.MustCompile(`(\p{Han}{2,8})(?:さん|様)`)
)

// roles are what is called さん or 様 without being a name.
var roles = []string{"利用者", "職員", "相談員", "委員", "家族", "先生", "患者", "住民", "市民", "対象者", "担当者", "支援員", "保健師", "看護師", "医師", "息子", "旦那", "両親", "大家"}

func namesSomebody(text string) bool {
	if nameShape.MatchString(text) {
		return true
	}
	for _, m := range honorShape.FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(roles, func(r string) bool { return strings.HasSuffix(m[1], r) }) {
			return true
		}
	}
	return false
}

func personal(text string) []string {
	text = width.Fold.String(text)
	var out []string
	if phoneShape.MatchString(text) {
		out = append(out, "電話番号のような数字があります。窓口の番号か、個人の番号でないか、確認してください。")
	}
	if mailShape.MatchString(text) {
		out = append(out, "メールアドレスのような文字があります。個人のものでないか、確認してください。")
	}
	if namesSomebody(text) {
		out = append(out, "人の名前のようなところがあります。職員も住民も、名前を書かない決まりです。")
	}
	return out
}
