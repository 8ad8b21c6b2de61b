package config

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tsunagu/bot"
)

func TestPicturesOfStaffAreOffUntilACityTurnsThemOn(t *testing.T) {
	good, err := os.ReadFile("testdata/good/city.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bot.Pictures{
		"":                          {},
		"send_pictures:":            {},
		"send_pictures: {}":         {Days: 7, Max: 5 << 20, PerCase: 10},
		"send_pictures: {days: 14}": {Days: 14, Max: 5 << 20, PerCase: 10},
		"send_pictures: {days: 1, max_bytes: 100KB, per_case: 1}":  {Days: 1, Max: 100 << 10, PerCase: 1},
		"send_pictures: {days: 30, max_bytes: 8MB, per_case: 100}": {Days: 30, Max: 8 << 20, PerCase: 100},
	} {
		c, faults := LoadCity(village(t, map[string]string{"city.yaml": string(good) + text + "\n"}))
		if len(faults) > 0 || c.Pictures != want || c.Pictures.On() != (want.Days > 0) {
			t.Errorf("%q: %+v %v", text, c, faults)
		}
	}
}

// Pictures need an https address of ours: without one that is said, and all else runs.
func TestPicturesOfStaffNeedAPublicAddress(t *testing.T) {
	good, err := os.ReadFile("testdata/good/city.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := village(t, map[string]string{"city.yaml": string(good) + "send_pictures: {}\n"})
	for address, said := range map[string]bool{"": true, "public_url: http://127.0.0.1:8080": true, "public_url: https://soudan.example.jp/": false} {
		path := filepath.Join(t.TempDir(), "tsunagu.yaml")
		t.Setenv("PICTURE_TEST", base64.StdEncoding.EncodeToString(make([]byte, 32)))
		t.Setenv("PICTURE_TOKEN", "xoxb-1")
		t.Setenv("PICTURE_LINE", "line-1")
		write(t, path, address+"\nkeys: env:PICTURE_TEST\ncities:\n  - city: "+dir+"/\n    line: {channel_secret: env:PICTURE_TEST, channel_token: env:PICTURE_LINE}\n"+
			"    slack: {bot_token: env:PICTURE_TOKEN, signing_secret: env:PICTURE_TEST, channels: {default: C01}}\n")
		c, faults := Load(path)
		got := Report(faults)
		if c == nil || strings.Contains(got, "tsunagu.yaml:4:11: 注意：つなぐ村 は写真を送ると決めていますが") != said {
			t.Errorf("%q: %s", address, got)
		}
	}
}

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
