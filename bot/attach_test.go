package bot_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// albumTown shows pictures and PDFs.
func albumTown(t *testing.T, kinds ...string) *world {
	t.Helper()
	c := smallTown("komachi")
	c.Attachments = bot.Attachments{Kinds: kinds, Max: 1 << 20, PerCase: 3}
	for _, name := range []string{"file.shown", "file.way", "file.big", "file.failed", "file.many", "file.kind", "file.other", "consent.files",
		"desk.file.big", "desk.file.kind", "desk.file.failed"} {
		c.Texts[name] = "[" + name + "]"
	}
	for name, s := range map[string]string{"file.image": "写真", "file.pdf": "PDF", "desk.file.image": "写真{n}", "desk.file.file": "ファイル{n}"} {
		c.Texts[name] = s
	}
	for _, name := range []string{"file.kind", "file.other", "consent.files"} {
		c.Texts[name] += " {kinds}"
	}
	for _, name := range []string{"desk.file.big", "desk.file.kind", "desk.file.failed"} {
		c.Texts[name] += " {file}"
	}
	w := newWorld(t, c)
	w.phone.pictures = map[string][]byte{}
	return w
}

func TestPicturesAreOffByDefault(t *testing.T) {
	w := newWorld(t)
	w.phone.pictures = map[string][]byte{}
	w.says("r", "職員に相談する")
	hasNot(t, w.phone.since("r"), "写真")
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	if k.Sheet.Consent.Wording != "2026-11" {
		t.Error(k.Sheet.Consent.Wording)
	}
	_, heard := w.sendsMedia("r", "image", photo(t, 1))
	has(t, heard, "[media.case]", "[status.open]")
	w.pass(time.Hour)
	if len(w.phone.fetched) > 0 || len(w.desk.files) > 0 || strings.Contains(w.desk.thread(), "写真") {
		t.Errorf("fetched %v, shown %v", w.phone.fetched, w.desk.files)
	}
}

func TestAPictureOfAnOpenCaseIsShownWithoutItsPlace(t *testing.T) {
	w := albumTown(t, "image")
	_, heard := w.sendsMedia("r", "image", photo(t, 1))
	has(t, heard, "[media]") // no case yet
	w.says("r", "職員に相談する")
	has(t, w.phone.since("r"), "[consent.files] 写真")
	_, heard = w.sendsMedia("r", "image", photo(t, 1))
	has(t, heard, "[media]")
	if len(w.phone.fetched) > 0 {
		t.Fatal("fetched before the consent")
	}
	w.taps("r", "同意する（自分のこと）")
	k := w.caseOf("r")
	if k.Sheet.Consent.Wording != "2026-11+files" {
		t.Error(k.Sheet.Consent.Wording)
	}
	_, heard = w.sendsMedia("r", "image", photo(t, 6))
	has(t, heard, "[file.shown]")
	if w.phone.pushes("r") > 0 {
		t.Error("the answer should be a reply")
	}
	has(t, w.desk.thread(), "写真1")
	if got := w.desk.shown(); got != "C "+k.Receipt+"-1.jpg" {
		t.Fatal(got)
	}
	f := w.desk.files[0]
	if f.at.Thread != k.Card.TS || bytes.Contains(f.file.Data, []byte("GPS")) || bytes.Contains(f.file.Data, []byte("Exif")) {
		t.Errorf("at %v, still says where it was taken: %q", f.at, f.file.Data[:40])
	}
	got, err := jpeg.Decode(bytes.NewReader(f.file.Data))
	if err != nil || got.Bounds().Dx() != 32 || got.Bounds().Dy() != 64 {
		t.Fatalf("%v %v", got.Bounds(), err)
	}
	// Held to the right: what was above is now on the right.
	if r, _, b, _ := got.At(30, 32).RGBA(); r < b {
		t.Error("turned the wrong way")
	}
	_, heard = w.sendsMedia("r", "audio", nil)
	has(t, heard, "[file.other] 写真", "[status.open]")
	_, heard = w.sendsMedia("r", "image", photo(t, 1))
	if heard != "" {
		t.Errorf("of an album once: %s", heard)
	}
	has(t, w.desk.shown(), "-1.jpg", "-2.jpg")
	hasNot(t, w.log.String(), "ERROR")
}

func TestTheSameWebhookTwiceShowsOnce(t *testing.T) {
	w := albumTown(t, "image")
	w.consults("r")
	w.sendsMedia("r", "image", photo(t, 1))
	w.accept(w.last)
	again := w.last
	again.ID = "another name"
	w.accept(again)
	if len(w.desk.files) != 1 || len(w.phone.fetched) != 1 {
		t.Errorf("%d files, %d fetched", len(w.desk.files), len(w.phone.fetched))
	}
}

func TestWhatIsNotShownSaysWhy(t *testing.T) {
	var anim bytes.Buffer
	if err := gif.Encode(&anim, image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White}), nil); err != nil {
		t.Fatal(err)
	}
	pdf := []byte("%PDF-1.7\n1 0 obj")
	huge := pngOf(t, 10, 10)
	huge = append([]byte(nil), huge...)
	copy(huge[16:24], "\x00\x01\x00\x00\x00\x01\x00\x00") // 65536 × 65536, it says
	for _, x := range []struct {
		name, media   string
		data          []byte
		heard, thread string
		shown         string
	}{
		{"too many bytes", "image", make([]byte, 1<<20+1), "[file.big]", "[desk.file.big] 写真1", ""},
		{"too many pixels", "file", fixCRC(huge), "[file.big]", "[desk.file.big] ファイル1", ""},
		{"a program", "file", []byte("MZ\x90\x00\x03"), "[file.kind] 写真", "[desk.file.kind] ファイル1", ""},
		{"a page of HTML that is called a picture", "image", []byte("<!DOCTYPE html><script>"), "[file.kind] 写真", "[desk.file.kind]", ""},
		{"a PDF where only pictures are on", "file", pdf, "[file.kind]", "[desk.file.kind]", ""},
		{"half a picture", "image", photo(t, 1)[:200], "[file.failed]", "[desk.file.failed]", ""},
		{"gone at LINE", "image", nil, "[file.failed]", "[desk.file.failed] 写真1", ""},
		{"a picture as a file", "file", pngOf(t, 8, 8), "[file.shown]", "ファイル1", "-1.png"},
		{"a GIF", "image", anim.Bytes(), "[file.shown]", "写真1", "-1.png"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := albumTown(t, "image")
			w.consults("r")
			_, heard := w.sendsMedia("r", x.media, x.data)
			has(t, heard, x.heard)
			has(t, w.desk.thread(), x.thread)
			if got := w.desk.shown(); !strings.HasSuffix(got, x.shown) || (got == "") != (x.shown == "") {
				t.Errorf("shown: %q", got)
			}
		})
	}
	w := albumTown(t, "pdf")
	w.consults("r")
	_, heard := w.sendsMedia("r", "file", pdf)
	has(t, heard, "[file.shown]")
	has(t, w.desk.shown(), "-1.pdf")
	_, heard = w.sendsMedia("r", "image", photo(t, 1))
	has(t, heard, "[file.other] PDF")
	if len(w.phone.fetched) != 1 {
		t.Error("a picture was fetched where only PDFs are on")
	}
}

func TestACaseTakesOnlySoMany(t *testing.T) {
	w := albumTown(t, "image")
	w.consults("r")
	for range 3 {
		w.sendsMedia("r", "image", photo(t, 1))
	}
	_, heard := w.sendsMedia("r", "image", photo(t, 1))
	has(t, heard, "[file.many]")
	if len(w.desk.files) != 3 || len(w.phone.fetched) != 3 {
		t.Errorf("%d files", len(w.desk.files))
	}
}

func TestAPictureTakenBackLeavesNothing(t *testing.T) {
	t.Run("before it comes", func(t *testing.T) {
		w := albumTown(t, "image")
		w.consults("r")
		e := w.event("r", bot.Other)
		e.Media, e.Message = "image", "late"
		w.takesBack("r", "late")
		w.accept(e)
		if len(w.phone.fetched) > 0 {
			t.Error("fetched")
		}
	})
	t.Run("before it is shown", func(t *testing.T) {
		w := albumTown(t, "image")
		w.consults("r")
		w.desk.away = true
		id, _ := w.sendsMedia("r", "image", photo(t, 1))
		w.takesBack("r", id)
		w.desk.away = false
		w.pass(20 * time.Minute)
		if len(w.desk.files) > 0 {
			t.Error("shown")
		}
		has(t, w.desk.thread(), handoff.TakenBack)
	})
	t.Run("while it is being shown", func(t *testing.T) {
		w := albumTown(t, "image")
		w.consults("r")
		w.desk.showing = func() {
			e := w.event("r", bot.Unsend)
			e.Message = "p" + w.last.ID
			if err := w.bot.Accept(w.ctx, e); err != nil {
				t.Error(err)
			}
		}
		w.sendsMedia("r", "image", photo(t, 1))
		if len(w.desk.files) != 1 || w.desk.shown() != "" {
			t.Errorf("stands: %q", w.desk.shown())
		}
	})
	t.Run("afterwards", func(t *testing.T) {
		w := albumTown(t, "image")
		w.consults("r")
		id, _ := w.sendsMedia("r", "image", photo(t, 1))
		w.desk.away = true // and Slack is away for half an hour
		w.takesBack("r", id)
		w.pass(30 * time.Minute)
		w.desk.away = false
		w.pass(30 * time.Minute)
		if w.desk.shown() != "" {
			t.Error(w.desk.shown())
		}
		has(t, w.desk.thread(), handoff.TakenBack)
		hasNot(t, w.desk.thread(), "写真1")
	})
}

func TestFilesGoWithTheWords(t *testing.T) {
	for _, x := range []struct {
		name string
		do   func(*world, handoff.Case)
	}{
		{"forget", func(w *world, k handoff.Case) {
			if _, err := w.bot.Forget(w.ctx, k.City, k.Receipt); err != nil {
				t.Fatal(err)
			}
			w.drain()
		}},
		{"block", func(w *world, _ handoff.Case) { w.does("r", bot.Unfollow) }},
		{"the closing's days", func(w *world, k handoff.Case) {
			w.clicks("USTAFFA", handoff.Claim, k)
			w.clicks("USTAFFA", handoff.Close, k, outcome("informed"))
			w.pass(29 * 24 * time.Hour)
			if w.desk.shown() == "" {
				t.Error("gone too early")
			}
			w.pass(2 * 24 * time.Hour)
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := albumTown(t, "image")
			k := w.consults("r")
			w.sendsMedia("r", "image", photo(t, 1))
			if w.desk.shown() == "" {
				t.Fatal("not shown")
			}
			x.do(w, k)
			if got := w.desk.shown(); got != "" {
				t.Error(got)
			}
		})
	}
}

func TestHandingOnTakesThePictureAlong(t *testing.T) {
	for _, gone := range []bool{false, true} {
		w := albumTown(t, "image")
		k := w.consults("r")
		id, _ := w.sendsMedia("r", "image", photo(t, 1))
		if gone {
			delete(w.phone.pictures, id)
		}
		w.clicks("USTAFFA", handoff.Claim, k)
		w.clicks("USTAFFA", handoff.HandOn, k, func(a *handoff.Action) { a.Field, a.Reason = "elderly", "介護" })
		if d := w.phone.data("r", "同意する（自分のこと）"); strings.Contains(d, "pass") {
			w.tapsData("r", d)
		}
		w.phone.mark()
		w.pass(10 * time.Minute)
		if got := w.desk.shown(); !gone && got != "Celderly "+k.Receipt+"-1.jpg" || gone && got != "" {
			t.Errorf("gone %v: %q", gone, got)
		}
		if gone {
			has(t, w.desk.thread(), "[desk.file.failed] 写真1")
		}
		if heard := w.phone.since("r"); strings.Contains(heard, "file.") {
			t.Errorf("the resident hears of it again: %s", heard)
		}
	}
}

func TestWhileSlackIsAwayThePictureWaitsAndTheResidentKnows(t *testing.T) {
	w := albumTown(t, "image")
	w.consults("r")
	w.desk.away = true
	_, heard := w.sendsMedia("r", "image", photo(t, 1))
	hasNot(t, heard, "file.")
	w.pass(20 * time.Second)
	has(t, w.phone.since("r"), "[file.way]")
	w.pass(30 * time.Minute)
	w.desk.away = false
	w.pass(30 * time.Minute)
	has(t, w.desk.shown(), "-1.jpg")
	if len(w.desk.files) != 1 || w.phone.pushes("r") > 0 {
		t.Errorf("%d files, %d pushes", len(w.desk.files), w.phone.pushes("r"))
	}
	hasNot(t, w.phone.since("r"), "[file.shown]")

	w = albumTown(t, "image")
	w.consults("r")
	w.phone.fetching = &bot.SendError{Trouble: bot.Busy, Status: 202} // LINE never has it ready
	w.sendsMedia("r", "image", photo(t, 1))
	w.pass(25 * time.Hour)
	has(t, w.phone.since("r"), "[file.way]", "[file.failed]")
	has(t, w.desk.thread(), "[desk.file.failed]")
}

func TestADoubtfulPictureIsLookedForFirst(t *testing.T) {
	w := albumTown(t, "image")
	w.consults("r")
	w.desk.showing = func() { w.desk.lose = 1 }
	id, _ := w.sendsMedia("r", "image", photo(t, 1))
	delete(w.phone.pictures, id)
	w.pass(5 * time.Minute)
	if len(w.desk.files) != 1 {
		t.Errorf("shown %d times", len(w.desk.files))
	}
	has(t, w.phone.since("r"), "[file.shown]")
	w.takesBack("r", id)
	if w.desk.shown() != "" {
		t.Error("the one that was found is not deleted")
	}
}

func TestNoPictureStandsInTheStore(t *testing.T) {
	w := albumTown(t, "image")
	w.consults("r")
	w.desk.away = true
	w.sendsMedia("r", "image", photo(t, 1))
	w.restart()
	w.desk.away = false
	w.pass(10 * time.Minute)
	if len(w.desk.files) != 1 {
		t.Errorf("%d files after a restart", len(w.desk.files))
	}
	hasNot(t, w.log.String(), "GPS", "JFIF")
}

func TestWordsAfterAPictureStandBelowIt(t *testing.T) {
	follows := func(w *world, then string) {
		t.Helper()
		w.phone.fetching = &bot.SendError{Trouble: bot.Busy, Status: 202} // LINE is still at it
		w.sendsMedia("r", "image", photo(t, 1))
		w.beat = time.Second
		w.says("r", then)
	}
	w := albumTown(t, "image")
	k := w.consults("r")
	follows(w, "これが届きました。")
	hasNot(t, w.desk.thread(), "これが届きました。")
	w.phone.fetching = nil
	w.pass(4 * time.Second)
	has(t, w.desk.thread(), "写真1　"+k.Receipt+"-1", "これが届きました。")
	if n := w.desk.files[0].below; w.desk.order[n-1].post.Words[0] != "写真1　"+k.Receipt+"-1" {
		t.Errorf("the picture does not stand below its own line: %d posts before it in\n%s", n, w.desk.thread())
	}

	// One that does not come holds nothing back for long, and words that come later
	// not at all. What was joined says where it would be.
	w = albumTown(t, "image")
	w.consults("r")
	follows(w, "これが届きました。")
	w.pass(4 * time.Second)
	has(t, w.desk.thread(), "写真1", "これが届きました。")
	w.says("r", "見られますか。")
	has(t, w.desk.thread(), "見られますか。")
	if len(w.desk.files) > 0 {
		t.Fatal("the picture is there")
	}

	// While Slack is busy, words do not join the line of a picture, further pictures do.
	w = albumTown(t, "image")
	w.consults("r")
	w.beat, w.desk.slow = time.Second, true
	w.sendsMedia("r", "image", photo(t, 1))
	w.sendsMedia("r", "image", photo(t, 1))
	w.says("r", "2枚です。")
	w.says("r", "見えますか。")
	w.desk.slow = false
	w.pass(time.Minute)
	if got := w.desk.wordPosts(); len(got) != 2 || !strings.Contains(got[0], "写真1") || !strings.Contains(got[0], "写真2") || got[1] != "2枚です。／見えますか。" {
		t.Errorf("posts: %q", got)
	}
}
