package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tsunagu/handoff/slack/slacktest"
)

// located is a photograph that says where it was taken.
func located(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00 41.8240N 140.6530E"
	return append([]byte("\xFF\xD8\xFF\xE1\x00"+string(rune(len(exif)+2))+exif), b.Bytes()[2:]...)
}

// From a resident's phone to the thread and out of it again, the program being
// killed in between; the city turned it on.
func TestAPictureGoesToTheThreadAndWithItsWords(t *testing.T) {
	t.Parallel()
	w := plan{addr: freeAddress(t), store: "sqlite:tsunagu.db", now: "2026-11-24T10:00:00+09:00", cities: []string{"hokuto"},
		change: "attachments: {kinds: [image], max_bytes: 100KB, per_case: 4}"}.world(t)
	t.Cleanup(w.end)
	tn := w.towns["hokuto"]
	w.start()
	doctor := exec.Command(binary, "doctor", "--config", filepath.Join(w.dir, "tsunagu.yaml"))
	doctor.Env = w.env
	if out, _ := doctor.CombinedOutput(); !bytes.Contains(out, []byte("権限が足りません：files:write")) {
		t.Errorf("the doctor misses no scope:\n%s", out)
	}
	tn.slack.SetScopes(append(slacktest.DefaultScopes(), "files:write")...)

	r := tn.line.Resident("")
	r.Follow()
	w.heard(r, "相談の入口です")
	picture := located(t)
	r.Image(picture)
	w.heard(r, "ここでは受け取れません")
	receipt := w.consent(r, "書類が読めません")
	w.heard(r, "あなたがここに送る写真")
	if n := tn.line.Calls("GET /v2/bot/message/{id}/content"); n != 0 {
		t.Errorf("content was fetched %d times without a case", n)
	}
	card := w.card(tn, receipt)
	tn.line.DeliverTwice(true)
	sent := r.Image(picture)
	tn.line.DeliverTwice(false)
	w.heard(r, "職員が見られるようにしました")
	files := tn.slack.Files()
	if len(files) != 1 || files[0].Name != receipt+"-1.jpg" || bytes.Contains(files[0].Bytes, []byte("140.6530E")) {
		t.Fatalf("%d files", len(files))
	}
	thread := func() (text string, shown int) {
		for _, m := range tn.slack.Thread(card.Channel, card.TS) {
			text += m.Readable() + "\n"
			shown += len(m.Files)
		}
		return text, shown
	}
	w.eventually("the thread shows it", func() bool { text, n := thread(); return n == 1 && strings.Contains(text, "写真1") })

	// What is too big, and a body that never ends.
	r.Image(make([]byte, 100<<10+1))
	w.heard(r, "大きすぎて、職員に見せられませんでした")
	w.eventually("staff know it too", func() bool { text, _ := thread(); return strings.Contains(text, "写真2（大きすぎるため") })

	// The sharing is done, its answer is lost, and the program dies.
	mend := tn.slack.Break(slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.LostAnswer})
	r.Image(picture)
	w.eventually("the sharing", func() bool { _, n := thread(); return n == 2 }) // its bytes come before
	w.kill()
	mend()
	w.start()
	w.eventually("it is told of", func() bool {
		n := 0
		for _, e := range r.Heard() {
			if strings.Contains(e.Text, "職員が見られるようにしました") || strings.Contains(e.Text, "職員に届けているところ") {
				n++
			}
		}
		return n >= 2
	})
	if n := len(tn.slack.Files()); n != 2 {
		t.Errorf("%d files after the restart", n)
	}
	w.taken(r, "the unsend", r.Unsend(sent.MessageIDs[0]))
	w.eventually("it is gone", func() bool { return len(tn.slack.Files()) == 1 })
	w.eventually("the thread says so", func() bool { text, _ := thread(); return strings.Contains(text, "（取り消されました）") })
	forget := exec.Command(binary, "forget", "--config", filepath.Join(w.dir, "tsunagu.yaml"), "--city", "hokuto", receipt)
	forget.Env = w.env
	if out, err := forget.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := len(tn.slack.Files()); n != 0 {
		t.Errorf("%d files after forget", n)
	}
	for _, name := range []string{"tsunagu.db", "tsunagu.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(w.dir, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || bytes.Contains(raw, []byte("JFIF")) || bytes.Contains(raw, picture[len(picture)-64:]) {
			t.Errorf("%s holds a picture (%v)", name, err)
		}
	}
}
