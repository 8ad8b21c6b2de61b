package bot_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"regexp"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// sendingTown lets staff send pictures.
func sendingTown(t *testing.T) *world {
	t.Helper()
	c := smallTown("komachi")
	c.Receivers = append(c.Receivers, "くらし相談室")
	c.Pictures = bot.Pictures{Days: 7, Max: 1 << 20, PerCase: 2}
	for _, name := range []string{"picture.way", "picture.shown", "picture.back", "picture.off", "picture.many", "picture.gone", "picture.kind",
		"picture.failed", "picture.big", "edited", "edited.picture", "edited.late.picture"} {
		c.Texts["desk."+name] = "[" + name + "]"
	}
	c.Texts["desk.picture.shown"] += " {day}"
	c.Texts["staff.picture"] = "[staff.picture] {day}"
	w := blankWorld(t, c)
	w.public = "https://soudan.example.jp"
	w.open()
	t.Cleanup(func() { w.store.Close() })
	w.desk.chosen = map[string][]byte{"F0MAP": photo(t, 6)}
	return w
}

// claimed is a case of r's that USTAFFa has taken.
func (w *world) claimed() handoff.Case {
	w.t.Helper()
	k := w.consults("r")
	w.clicks("USTAFFa", handoff.Claim, k)
	return k
}

func file(id string) func(*handoff.Action) { return func(a *handoff.Action) { a.File = id } }
func source(ts string) func(*handoff.Action) {
	return func(a *handoff.Action) { a.Source = ts }
}

// image is the newest picture that was shown to the resident, and where its small one is.
func (p *phone) image() (full, small string) {
	for _, s := range p.sent {
		for _, b := range s.bubbles {
			if b.Image != "" {
				full, small = b.Image, b.Preview
			}
		}
	}
	return full, small
}

var addressForm = regexp.MustCompile(`^https://soudan\.example\.jp/picture/komachi/([a-z2-7]{32})$`)

// fetches gets what stands at the newest picture's address.
func (w *world) fetches() (full, small []byte, err error) {
	w.t.Helper()
	at, smallAt := w.phone.image()
	m := addressForm.FindStringSubmatch(at)
	if m == nil || smallAt != at+"/small" {
		w.t.Fatalf("the addresses are %q and %q", at, smallAt)
	}
	full, err = w.bot.Picture(w.ctx, "komachi", m[1], false)
	small, serr := w.bot.Picture(w.ctx, "komachi", m[1], true)
	if (err == nil) != (serr == nil) {
		w.t.Errorf("one of two is there: %v, %v", err, serr)
	}
	return full, small, err
}

// stands says whether the newest picture can be fetched, and that nothing is kept of
// one that cannot.
func (w *world) stands() bool {
	w.t.Helper()
	_, _, err := w.fetches()
	if err != nil && !errors.Is(err, bot.ErrNotFound) {
		w.t.Error(err)
	}
	return err == nil
}

func TestAPictureOfStaffComesWithTheTextInOneCall(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	before := len(w.phone.sent)
	w.pass(2 * time.Minute) // the reply token is dead
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	calls := w.phone.sent[before:]
	if len(calls) != 1 || len(calls[0].bubbles) != 2 || !calls[0].push || calls[0].bubbles[1].Image == "" {
		t.Fatalf("%+v", calls)
	}
	has(t, calls[0].bubbles[0].Text, "地図です", "[staff.picture] 12月1日")
	has(t, w.desk.thread(), "sent：地図です", handoff.MarkHanded, "[picture.shown] 12月1日")
	full, small, err := w.fetches()
	if err != nil {
		t.Fatal(err)
	}
	for i, data := range [][]byte{full, small} {
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil || bytes.Contains(data, []byte("GPS")) || bytes.Contains(data, []byte("Exif")) {
			t.Fatalf("%d: %v, or it says where it was taken", i, err)
		}
		if size := m.Bounds().Size(); size != image.Pt(32, 64) {
			t.Errorf("%d: %v, not upright", i, size)
		}
	}
	if got := w.keptPictures(); got != 2 {
		t.Errorf("%d records", got)
	}
	for range 3 { // as often as LINE and its robots like, and after a restart
		w.restart()
		if !w.stands() {
			t.Fatal("gone")
		}
	}
	at, _ := w.phone.image()
	name := addressForm.FindStringSubmatch(at)[1]
	hasNot(t, w.log.String(), name, "ERROR")
	for _, p := range w.desk.order {
		hasNot(t, p.post.Text+strings.Join(p.post.Words, ""), name)
	}
	page, _, err := bot.Audit(w.ctx, w.store, w.keys, "komachi", "", "", "", 100)
	if err != nil || !strings.Contains(auditText(page), "USTAFFa reply picture") {
		t.Errorf("%v %v", auditText(page), err)
	}
}

func auditText(page []bot.Deed) string {
	var out []string
	for _, d := range page {
		out = append(out, d.Who+" "+d.What+" "+d.Note)
	}
	return strings.Join(out, "\n")
}

func TestAPictureGoesWhenItsTimeIsOver(t *testing.T) {
	for _, x := range []struct {
		name string
		do   func(w *world, k handoff.Case)
		kept int
	}{
		{"its days are over", func(w *world, _ handoff.Case) {
			w.pass(6 * 24 * time.Hour)
			if !w.stands() {
				w.t.Error("gone before")
			}
			w.pass(2 * 24 * time.Hour)
		}, 2},
		{"the case is closed", func(w *world, k handoff.Case) {
			w.clicks("USTAFFa", handoff.Close, k, outcome("connected"))
			has(w.t, w.desk.thread(), "[picture.back]")
		}, 0},
		{"the resident is forgotten", func(w *world, k handoff.Case) {
			if _, err := w.bot.Forget(w.ctx, "komachi", k.Receipt); err != nil {
				w.t.Fatal(err)
			}
			w.drain()
		}, 0},
		{"it is taken back in the thread, by anybody on duty", func(w *world, k handoff.Case) {
			w.clicks("USTAFFb", handoff.TakeBack, k, func(a *handoff.Action) { a.Spot = w.desk.sentAt() })
			has(w.t, w.desk.thread(), "地図です", handoff.MarkHanded, "[picture.back]")
			page, _, err := bot.Audit(w.ctx, w.store, w.keys, "komachi", "", "", "", 100)
			if err != nil || !strings.Contains(auditText(page), "USTAFFb takeback") {
				w.t.Errorf("%v %v", auditText(page), err)
			}
			w.clicks("USTAFFb", handoff.TakeBack, k, func(a *handoff.Action) { a.Spot = w.desk.sentAt() })
			has(w.t, w.desk.whispersTo("USTAFFb"), "[picture.gone]")
		}, 0},
		{"the message that it came from is deleted in Slack", func(w *world, k handoff.Case) {
			if err := w.bot.Edited(w.ctx, "komachi", k.Card.Channel, k.Card.TS, "1700.5", "1", false); err != nil {
				w.t.Fatal(err)
			}
			w.drain()
			if !w.stands() {
				w.t.Error("gone by an edit of the text")
			}
			if err := w.bot.Edited(w.ctx, "komachi", k.Card.Channel, k.Card.TS, "1700.5", "2", true); err != nil {
				w.t.Fatal(err)
			}
			w.drain()
			has(w.t, w.desk.whispersTo("USTAFFa"), "[edited]", "[edited.picture]")
		}, 0},
		{"that message is deleted in a thread that the case left", func(w *world, k handoff.Case) {
			w.clicks("USTAFFa", handoff.Misroute, k, field("poverty"))
			w.pass(time.Minute)
			if !w.stands() {
				w.t.Error("gone by handing on")
			}
			if err := w.bot.Edited(w.ctx, "komachi", k.Card.Channel, k.Card.TS, "1700.5", "1", true); err != nil {
				w.t.Fatal(err)
			}
			w.drain()
			has(w.t, w.desk.whispersTo("USTAFFa"), "[edited.late.picture]")
		}, 0},
		{"the resident blocks the account", func(w *world, _ handoff.Case) { w.does("r", bot.Unfollow) }, 0},
		{"the city turned it off", func(w *world, _ handoff.Case) { w.towns[0].Pictures = bot.Pictures{} }, 2},
		{"there is no public address any more", func(w *world, _ handoff.Case) {
			w.public = ""
			w.restart()
		}, 2},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := sendingTown(t)
			w.claimed()
			k := w.caseOf("r") // with its card
			w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"), source("1700.5"))
			if !w.stands() {
				t.Fatal("it never stood")
			}
			x.do(w, k)
			if w.stands() {
				t.Error("it still stands")
			}
			if got := w.keptPictures(); got != x.kept {
				t.Errorf("%d records are kept", got)
			}
			if _, err := w.store.Sweep(w.ctx, w.now.Add(9*24*time.Hour), w.now, w.now); err != nil || w.keptPictures() > 0 {
				t.Errorf("the sweep left %d: %v", w.keptPictures(), err)
			}
		})
	}
}

// sentAt is where the newest message to the resident stands in the thread.
func (d *desk) sentAt() (at handoff.Spot) {
	for _, p := range d.order {
		if p.post.Kind == handoff.PostSent {
			at = p.spot
		}
	}
	return at
}

func TestPicturesOfStaffAreOffByDefault(t *testing.T) {
	for _, bend := range []func(w *world){
		func(w *world) { w.towns[0].Pictures = bot.Pictures{} },
		func(w *world) { w.public = "http://soudan.example.jp" },
		func(w *world) { w.public = "" },
	} {
		w := sendingTown(t)
		bend(w)
		w.restart()
		k := w.claimed()
		before := len(w.phone.sent)
		w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
		has(t, w.desk.whispersTo("USTAFFa"), "[picture.off]")
		if len(w.phone.sent) != before || w.desk.fetched > 0 || w.keptPictures() > 0 {
			t.Error("something went")
		}
	}
}

func TestOnlySoManyPicturesACase(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	for range 2 {
		w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	}
	before := len(w.phone.sent)
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	has(t, w.desk.whispersTo("USTAFFa"), "[picture.many]")
	if len(w.phone.sent) != before {
		t.Error("it went")
	}
	w.clicks("USTAFFa", handoff.Reply, k, text("文だけ"))
	has(t, w.phone.since("r"), "文だけ")
}

// What cannot be had is not sent, and the text not without it.
func TestAPictureThatCannotBeHad(t *testing.T) {
	huge := append([]byte(nil), pngOf(t, 10, 10)...)
	copy(huge[16:24], "\x00\x01\x00\x00\x00\x01\x00\x00")
	for name, data := range map[string][]byte{
		"too many bytes": make([]byte, 1<<20+1), "too many pixels": fixCRC(huge), "half": photo(t, 1)[:200], "a PDF": []byte("%PDF-1.7\n"),
		"a page": []byte("<!DOCTYPE html><script>"), "gone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := sendingTown(t)
			k := w.claimed()
			if data != nil {
				w.desk.chosen["F0BAD"] = data
				if w.towns[0].PictureNo(data) == "" {
					t.Error("staff hear nothing before")
				}
			}
			before := len(w.phone.sent)
			w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0BAD"))
			has(t, w.desk.thread(), handoff.MarkFailed+"（写真を取り出せませんでした。文も送っていません）")
			if len(w.phone.sent) != before || w.keptPictures() > 0 {
				t.Error("something went")
			}
			hasNot(t, w.log.String(), "ERROR")
		})
	}
	w := sendingTown(t)
	if no := w.towns[0].PictureNo(photo(t, 3)); no != "" {
		t.Error(no)
	}
}

func TestSlackAwayForAnHourGivesAPictureUp(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	w.desk.away = true
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	w.pass(20 * time.Minute)
	if full, _ := w.phone.image(); full != "" {
		t.Fatal("it came without Slack")
	}
	w.desk.away = false
	w.pass(11 * time.Minute)
	if !w.stands() {
		t.Fatal("it did not come when Slack was back")
	}
	w.desk.away = true
	w.clicks("USTAFFa", handoff.Reply, k, text("二枚目"), file("F0MAP"))
	w.pass(2 * time.Hour)
	w.desk.away = false
	w.pass(time.Hour)
	has(t, w.desk.thread(), "二枚目", "文も送っていません")
}

// Taken back or closed while it is on its way, the text comes without it.
func TestAPictureTakenBackOnItsWay(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	w.desk.away = true
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	w.clicks("USTAFFa", handoff.Close, k, outcome("informed"))
	w.desk.away = false
	w.pass(10 * time.Minute)
	if full, _ := w.phone.image(); full != "" || w.keptPictures() > 0 {
		t.Error("the picture went")
	}
	var all []string
	for _, s := range w.phone.sent {
		all = append(all, s.text)
	}
	has(t, strings.Join(all, "\n"), "地図です")
}

// Past the month's messages it comes with the next reply, text and picture together.
func TestAPictureBeyondTheQuotaComesWithTheNextReply(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	w.pass(2 * time.Minute)
	w.phone.full = true
	for _, s := range []string{"一枚目", "二枚目"} {
		w.clicks("USTAFFa", handoff.Reply, k, text(s), file("F0MAP"))
	}
	has(t, w.desk.thread(), "（今月の上限）")
	if full, _ := w.phone.image(); full != "" {
		t.Fatal("it went")
	}
	w.says("r", "ありますか")
	last := w.phone.sent[len(w.phone.sent)-1]
	n := 0
	for _, b := range last.bubbles {
		if b.Image != "" {
			n++
		}
	}
	if last.push || n != 2 || len(last.bubbles) > 5 {
		t.Fatalf("%+v", last)
	}
	has(t, last.text, "一枚目", "二枚目")
}

// Taken back while it waits for the next reply: the text comes, and no word of it.
func TestAPictureTakenBackBeforeItIsSaid(t *testing.T) {
	w := sendingTown(t)
	k := w.claimed()
	w.pass(2 * time.Minute)
	w.phone.full = true
	w.clicks("USTAFFa", handoff.Reply, k, text("地図です"), file("F0MAP"))
	w.clicks("USTAFFa", handoff.TakeBack, k, func(a *handoff.Action) { a.Spot = w.desk.sentAt() })
	heard := w.says("r", "ありますか")
	has(t, heard, "地図です")
	hasNot(t, heard, "[staff.picture]")
	if full, _ := w.phone.image(); full != "" || w.keptPictures() > 0 {
		t.Error("the picture went")
	}
}
