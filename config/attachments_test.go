package config

import (
	"os"
	"reflect"
	"testing"

	"tsunagu/bot"
)

func TestAttachmentsAreOffUntilACityTurnsThemOn(t *testing.T) {
	good, err := os.ReadFile("testdata/good/city.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bot.Attachments{
		"":                              {},
		"attachments:":                  {},
		"attachments: {kinds: [image]}": {Kinds: []string{"image"}, Max: 5 << 20, PerCase: 10},
		"attachments: {kinds: [pdf, image], max_bytes: 500KB, per_case: 3}": {Kinds: []string{"pdf", "image"}, Max: 500 << 10, PerCase: 3},
	} {
		c, faults := LoadCity(village(t, map[string]string{"city.yaml": string(good) + text + "\n"}))
		if len(faults) > 0 || c.Attachments.On() != want.On() || want.On() && !reflect.DeepEqual(c.Attachments, want) {
			t.Errorf("%q: %+v %v", text, c, faults)
		}
	}
}
