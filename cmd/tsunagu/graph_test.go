package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"tsunagu/config"
)

func TestTheDrawingShowsWhatEachChoiceComesTo(t *testing.T) {
	for _, name := range config.BuiltIn() {
		c, faults := config.LoadCity(name)
		if config.Failed(faults) {
			t.Fatal(faults)
		}
		var drawn, again, text strings.Builder
		if err := errors.Join(drawSVG(&drawn, c), drawSVG(&again, c), drawMermaid(&text, c)); err != nil {
			t.Fatal(err)
		}
		if drawn.String() != again.String() {
			t.Error("it is drawn differently each time")
		}
		var words []string
		for d := xml.NewDecoder(strings.NewReader(drawn.String())); ; {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := tok.(xml.CharData); ok {
				words = append(words, string(s))
			}
		}
		for _, q := range c.Tree.Questions {
			for _, o := range q.Options {
				if q.Districts {
					continue
				}
				i := slices.Index(words, "・"+o.Label)
				if i < 0 {
					t.Fatalf("%s: %s is not drawn", name, o.Label)
				}
				if o.Field == "" {
					continue
				}
				if field := fieldOf(c, o.Field); !slices.Contains(words, briefField(c, o.Field)) || !strings.Contains(text.String(), o.Label+"（"+field+"）") && target(q, o) != "" {
					t.Errorf("%s: %s does not say %s", name, o.Label, field)
				}
			}
		}
		if i := slices.IndexFunc(words, func(s string) bool { return strings.HasPrefix(s, "。") || strings.HasPrefix(s, "、") }); i >= 0 {
			t.Errorf("%s: a line begins with %s", name, words[i])
		}
	}
}
