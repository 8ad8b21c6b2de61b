package slack

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// gallery is a town whose staff may send pictures. What says "bad" is no picture.
func gallery(t *testing.T, change ...func(*Options)) *town {
	t.Helper()
	tw := newTown(t, append([]func(*Options){func(o *Options) {
		o.Pictures = 100 << 10
		o.PictureNo = func(data []byte) string {
			if bytes.HasPrefix(data, []byte("bad")) {
				return "この写真は読めません。"
			}
			return ""
		}
		o.Preview = func(_ handoff.Case, a handoff.Action) string {
			if a.File != "" {
				return a.Text + "\n写真もあります。"
			}
			return a.Text
		}
	}}, change...)...)
	tw.SetScopes(append(slacktest.DefaultScopes(), PictureScope)...)
	return tw
}

func (tw *town) choose(t *testing.T, user, name string, data []byte) string {
	t.Helper()
	id, err := tw.Choose(user, name, data)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// shownPicture waits until the preview shows a picture, or says that it cannot.
func (tw *town) shownPicture(t *testing.T, user string) slacktest.View {
	t.Helper()
	if err := tw.WaitFor(within(t), func() bool {
		views := tw.Views(user)
		return len(views) == 1 && (strings.Contains(string(views[0].Blocks), "slack_file") || strings.Contains(views[0].Readable(), "出せませんでした"))
	}); err != nil {
		t.Fatal("the preview says nothing of the picture")
	}
	return tw.top(t, user)
}

func TestAPictureIsChosenInTheFormAndShownBeforeItGoes(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	if !strings.Contains(view.Readable(), "写真（1 枚") || !strings.Contains(string(view.Blocks), `"max_files":1`) {
		t.Fatal(view.Readable())
	}
	file := tw.choose(t, "UDUTY", "地図.JPG", []byte("a map"))
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}}); err != nil {
		t.Fatal(err)
	}
	view = tw.shownPicture(t, "UDUTY")
	if view.CallbackID != "reply_confirm" || !strings.Contains(string(view.Blocks), file) || !strings.Contains(view.Readable(), "地図です\n写真もあります。") ||
		!strings.Contains(view.Readable(), "写っているものは") {
		t.Fatal(view.Readable())
	}
	if len(tw.taken()) > 0 {
		t.Fatal("sent before it was confirmed")
	}
	// Back to the text: the picture stays chosen.
	if _, err := tw.ClickView(within(t), "UDUTY", view.ID, "rewrite"); err != nil {
		t.Fatal(err)
	}
	if err := tw.WaitFor(within(t), func() bool { return tw.Views("UDUTY")[0].CallbackID == "reply" }); err != nil {
		t.Fatal("no way back")
	}
	if got := tw.top(t, "UDUTY").Readable(); !strings.Contains(got, "写真を 1 枚つけています") {
		t.Error(got)
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	tw.shownPicture(t, "UDUTY")
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	got := tw.taken()
	if len(got) != 1 || got[0].Kind != handoff.Reply || got[0].Text != "地図です" || got[0].File != file || got[0].ID != view.ID {
		t.Fatalf("%+v", got)
	}
	data, err := tw.desk.Fetch(within(t), file, 100<<10)
	if err != nil || string(data) != "a map" {
		t.Errorf("%q %v", data, err)
	}
	tw.nothingRefused(t)
}

func TestAPictureIsTakenOutOfThePreview(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	file := tw.choose(t, "UDUTY", "map.png", []byte("a map"))
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}}); err != nil {
		t.Fatal(err)
	}
	tw.shownPicture(t, "UDUTY")
	if _, err := tw.ClickView(within(t), "UDUTY", view.ID, "without"); err != nil {
		t.Fatal(err)
	}
	if err := tw.WaitFor(within(t), func() bool { return !strings.Contains(tw.Views("UDUTY")[0].Readable(), "写真") }); err != nil {
		t.Fatal(tw.top(t, "UDUTY").Readable())
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got := tw.taken(); len(got) != 1 || got[0].File != "" || got[0].Text != "地図です" {
		t.Fatalf("%+v", got)
	}
}

// The reason stands at the field, and what was written stays.
func TestAPictureThatCannotBeSentSaysWhy(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	for name, x := range map[string]struct {
		data  []byte
		bend  func()
		hears string
	}{
		"no picture": {[]byte("bad"), nil, "この写真は読めません。"},
		"too big":    {make([]byte, 100<<10+1), nil, "写真が大きすぎます（100KBまで）"},
		"no scope":   {[]byte("a map"), func() { tw.SetScopes(slacktest.DefaultScopes()...) }, "権限（files:read）"},
		"away":       {[]byte("a map"), func() { tw.Break(slacktest.Fault{Method: "files.info", Kind: slacktest.ServerError}) }, "もう一度"},
		"no bytes":   {[]byte("a map"), func() { tw.Break(slacktest.Fault{Method: "download", Kind: slacktest.ServerError}) }, "もう一度"},
	} {
		t.Run(name, func(t *testing.T) {
			file := tw.choose(t, "UDUTY", "map.png", x.data)
			if x.bend != nil {
				x.bend()
			}
			a, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}})
			tw.MendAll()
			tw.SetScopes(append(slacktest.DefaultScopes(), PictureScope)...)
			if err != nil || a.Response["response_action"] != "errors" {
				t.Fatalf("%v %v", a.Response, err)
			}
			if got := tw.top(t, "UDUTY").Errors["file"]; !strings.Contains(got, x.hears) {
				t.Errorf("hears %q", got)
			}
			// Mended, the same picture goes on unless it is at fault itself.
			a, err = tw.Submit(within(t), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}})
			if healed := a.Response["response_action"] == "update"; err != nil || healed != (x.bend != nil) {
				t.Errorf("then: %v %v", a.Response, err)
			}
			if a.Response["response_action"] == "update" {
				tw.shownPicture(t, "UDUTY")
				if _, err := tw.ClickView(within(t), "UDUTY", view.ID, "rewrite"); err != nil {
					t.Fatal(err)
				}
				if err := tw.WaitFor(within(t), func() bool { return tw.Views("UDUTY")[0].CallbackID == "reply" }); err != nil {
					t.Fatal("no way back")
				}
			}
		})
	}
}

// Slack may not show a file in a form: the preview says so, and stands.
func TestAPreviewWithoutItsPictureSaysSo(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	tw.Break(slacktest.Fault{Method: "views.update", Kind: slacktest.Refuse, Error: "invalid_arguments", Times: 1})
	file := tw.choose(t, "UDUTY", "map.png", []byte("a map"))
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}}); err != nil {
		t.Fatal(err)
	}
	if got := tw.shownPicture(t, "UDUTY").Readable(); !strings.Contains(got, "元の写真を確かめてから") {
		t.Error(got)
	}
	if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil || len(tw.taken()) != 1 {
		t.Error(err, tw.taken())
	}
}

func TestAShortcutTakesThePictureOfItsMessage(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	one, two, pdf := tw.choose(t, "UDUTY", "map.png", []byte("a map")), tw.choose(t, "UDUTY", "b.png", []byte("b")), tw.choose(t, "UDUTY", "c.pdf", []byte("%PDF"))
	for _, x := range []struct {
		words string
		files []string
		file  string
		says  string
	}{
		{"地図です", []string{one}, one, "写真を 1 枚つけています"},
		{"", []string{one}, one, "写真を 1 枚つけています"},
		{"二枚です", []string{one, two}, "", "写真は 1 枚ずつ"},
		{"書類です", []string{pdf}, "", "写真でないファイル"},
		{"文だけ", nil, "", ""},
	} {
		m, _, err := tw.MessageWith(within(t), "UDUTY", c.Card.Channel, x.words, c.Card.TS, x.files)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Shortcut(within(t), "UDUTY", c.Card.Channel, m.TS, "send_to_resident"); err != nil {
			t.Fatal(err)
		}
		view := tw.top(t, "UDUTY")
		if got := view.Readable(); !strings.Contains(got, x.says) || strings.Contains(got, "つけています") != (x.file != "") {
			t.Errorf("%q: %s", x.words, got)
		}
		values := slacktest.Values(nil)
		if x.words == "" {
			values = slacktest.One("text", "地図をお送りします")
		}
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, values); err != nil {
			t.Fatal(err)
		}
		if x.file != "" {
			tw.shownPicture(t, "UDUTY")
		}
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
			t.Fatal(err)
		}
		all := tw.taken()
		if got := all[len(all)-1]; got.File != x.file || got.Source != m.TS {
			t.Errorf("%q: %+v", x.words, got)
		}
	}
}

func TestAPictureElsewhereIsNotTaken(t *testing.T) {
	m := said{Files: []attached{{ID: "F0GONE", Mode: "tombstone"}, {ID: "F0DRIVE", Mode: "external", Type: "image/png"}}}
	if file, note := m.picture(); file != "" || note != sayPictureOut {
		t.Errorf("%q %q", file, note)
	}
}

// Where the city did not turn it on nothing is offered, and what comes is no picture.
func TestPicturesAreNotOfferedUnlessTheyAreOn(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	view := tw.opens(t, "UDUTY", c, "reply")
	if strings.Contains(string(view.Blocks), "file") || strings.Contains(view.Readable(), "写真") {
		t.Error(view.Readable())
	}
	file := tw.choose(t, "UDUTY", "map.png", []byte("a map"))
	m, _, err := tw.MessageWith(within(t), "UDUTY", c.Card.Channel, "地図です", c.Card.TS, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Shortcut(within(t), "UDUTY", c.Card.Channel, m.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	view = tw.top(t, "UDUTY")
	for range 2 {
		if _, err := tw.Submit(within(t), "UDUTY", view.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := tw.taken(); len(got) != 1 || got[0].File != "" {
		t.Errorf("%+v", got)
	}
	if h, err := tw.desk.Check(t.Context()); err != nil || slices.Contains(h.Missing, PictureScope) {
		t.Errorf("%v %v", h.Missing, err)
	}
	if h, err := gallery(t).desk.Check(t.Context()); err != nil || slices.Contains(h.Missing, PictureScope) {
		t.Errorf("%v %v", h.Missing, err)
	}
}

func TestADeletedPictureIsHeardOf(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	said := func(words string) slacktest.Message {
		m, _, err := tw.MessageWith(within(t), "UDUTY", c.Card.Channel, words, c.Card.TS, []string{tw.choose(t, "UDUTY", "map.png", []byte("a map"))})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b, edited := said("一"), said("二"), said("三")
	if _, err := tw.Delete(within(t), "UDUTY", a.Channel, a.TS); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.DropFile(within(t), "UDUTY", b.Channel, b.TS); err != nil { // its words stay
		t.Fatal(err)
	}
	if _, err := tw.Edit(within(t), "UDUTY", edited.Channel, edited.TS, "三です"); err != nil {
		t.Fatal(err)
	}
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if len(tw.edits) != 3 || !slices.Equal(tw.gones, []string{a.TS, b.TS}) {
		t.Errorf("heard %v, gone %v", tw.edits, tw.gones)
	}
}

// The button below a sent picture asks first, and says which message it stands at.
func TestTheButtonThatTakesAPictureBack(t *testing.T) {
	tw := gallery(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	spot, err := tw.desk.Post(within(t), handoff.Spot{Channel: c.Card.Channel, Thread: c.Card.TS}, handoff.Post{
		Kind: handoff.PostSent, Case: c.ID, Words: []string{"地図です"}, By: "UDUTY", Text: handoff.MarkHanded, Button: handoff.TakeBack, Version: 2}, handoff.Outbox{ID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	m, _ := tw.MessageAt(spot.Channel, spot.TS)
	if b, has := m.Button("takeback"); !has || !b.Confirm || b.Text != "写真を取り下げる" {
		t.Fatalf("%+v", b)
	}
	if _, err := tw.Click(within(t), "USECOND", spot.Channel, spot.TS, "takeback"); err != nil {
		t.Fatal(err)
	}
	if got := tw.taken(); len(got) != 1 || got[0].Kind != handoff.TakeBack || got[0].Spot.TS != spot.TS || got[0].By != "USECOND" {
		t.Errorf("%+v", got)
	}
}

func TestFetchTakesBytesFromSlackAlone(t *testing.T) {
	tw := gallery(t)
	file := tw.choose(t, "UDUTY", "map.png", []byte("a map"))
	for id, reason := range map[string]string{"": handoff.FileGone, "F0NEVER": handoff.FileGone, "../x": handoff.FileGone} {
		_, err := tw.desk.Fetch(within(t), id, 100)
		if de := deskError(t, err); !de.Final || de.Reason != reason {
			t.Errorf("%q: %+v", id, de)
		}
	}
	_, err := tw.desk.Fetch(within(t), file, 4)
	if de := deskError(t, err); !de.Final || de.Reason != handoff.FileBig {
		t.Errorf("%+v", de)
	}
	tw.SetScopes(slacktest.DefaultScopes()...)
	_, err = tw.desk.Fetch(within(t), file, 100)
	if de := deskError(t, err); !de.Final || de.Reason != "missing_scope" {
		t.Errorf("%+v", de)
	}
}

// A Slack that is slow with the file: the one who submits hears in time, and at the
// second press it is there.
func TestASlowPictureIsReadyAtTheSecondPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tw := newFakeTown(t, func(o *Options) {
			o.Pictures, o.PictureNo = 1<<20, func([]byte) string { return "" }
		})
		tw.SetScopes(append(slacktest.DefaultScopes(), PictureScope)...)
		c := tw.posted(t, claimedBy("UDUTY"))
		view := tw.opens(t, "UDUTY", c, "reply")
		file := tw.choose(t, "UDUTY", "map.png", []byte("a map"))
		mend := tw.Break(slacktest.Fault{Method: "files.info", Kind: slacktest.Hang})
		start := time.Now()
		a, err := tw.Submit(t.Context(), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}})
		if err != nil || a.Response["response_action"] != "errors" || time.Since(start) > 3*time.Second {
			t.Fatalf("%v %v after %s", a.Response, err, time.Since(start))
		}
		if got := tw.top(t, "UDUTY").Errors["file"]; !strings.Contains(got, "もう一度「確認へ」") {
			t.Errorf("hears %q", got)
		}
		mend()
		a, err = tw.Submit(t.Context(), "UDUTY", view.ID, slacktest.Values{"text": {"地図です"}, "file": {file}})
		if err != nil || a.Response["response_action"] != "update" {
			t.Fatalf("%v %v", a.Response, err)
		}
	})
}
