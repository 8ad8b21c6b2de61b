//go:build ignore

// Makevocabulary writes cities/_base/vocabulary.txt anew from the base's examples,
// cut by kagome with the IPA dictionary. The module does not need kagome, so it is
// named in a copy of go.mod only; from the top of the repository:
//
//	cp go.mod go.sum /tmp/
//	go get -modfile=/tmp/go.mod github.com/ikawaha/kagome/v2@v2.10.3 github.com/ikawaha/kagome-dict/ipa@v1.2.6
//	go run -modfile=/tmp/go.mod config/makevocabulary.go > /tmp/vocabulary.txt
//
// Afterwards eval shows whether it reads better than the table that is there.
package main

import (
	"bufio"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"
	"golang.org/x/text/unicode/norm"

	"tsunagu/config"
	"tsunagu/triage"
)

const (
	rare   = 3  // a word that is counted less often is left out
	asKana = 10 // of so many times that a word stands in kanji it may stand in kana once
)

var japanese = regexp.MustCompile(`^[\p{Hiragana}\p{Han}々〇ー]+$`)

func main() {
	lexicon, _, err := config.ReadBase().Lexicons("hokuto")
	if err != nil {
		log.Fatal(err)
	}
	cutter, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		log.Fatal(err)
	}
	reading := func(text string) string {
		out := ""
		for _, t := range cutter.Tokenize(text) {
			if r, ok := t.Reading(); ok && r != "*" {
				out += r
			} else {
				out += t.Surface
			}
		}
		return triage.Fold(out)
	}
	// How often each word stands for each form that the dictionary has.
	counts := map[string]map[string]int{}
	count := func(word, base string) {
		if counts[word] == nil {
			counts[word] = map[string]int{}
		}
		counts[word][base]++
	}
	spoken := map[string]map[string]int{} // the same of words in kanji, by how they are read
	bases := map[string]string{}
	for _, e := range lexicon.Examples {
		for _, t := range cutter.Tokenize(norm.NFKC.String(e.Text)) {
			word, form := triage.Fold(t.Surface), t.Surface
			if b, ok := t.BaseForm(); ok && b != "*" {
				form = b
			}
			if !japanese.MatchString(word) {
				continue
			}
			if bases[form] == "" {
				bases[form] = reading(form)
			}
			count(word, bases[form])
			if r, ok := t.Reading(); ok && r != "*" && triage.Fold(r) != word {
				kana := triage.Fold(r)
				if spoken[kana] == nil {
					spoken[kana] = map[string]int{}
				}
				spoken[kana][bases[form]]++
			}
		}
	}
	sum := func(of map[string]int) (n int) {
		for _, k := range of {
			n += k
		}
		return n
	}
	maps.DeleteFunc(counts, func(_ string, of map[string]int) bool { return sum(of) < rare })
	for kana, of := range spoken {
		if counts[kana] == nil && sum(of) >= rare {
			counts[kana] = map[string]int{}
			for base, n := range of {
				counts[kana][base] = (n + asKana - 1) / asKana
			}
		}
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprint(out, "# ことばの表。文を単語に切り、漢字とかなを一つに読むために使います。\n",
		"# 一行に、ことば、数えた回数、辞書の形の読み（同じなら書かない）。あいだはタブ。\n",
		"# 例文を ikawaha/kagome（IPA 辞書）で切って数えました（config/makevocabulary.go）。ここにないことばは、文字の並びで読みます。\n")
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		of := counts[word]
		base := slices.MaxFunc(slices.Sorted(maps.Keys(of)), func(a, b string) int { return of[a] - of[b] })
		fmt.Fprintf(out, "%s\t%d", word, sum(of))
		if base != word {
			fmt.Fprintf(out, "\t%s", base)
		}
		fmt.Fprintln(out)
	}
}
