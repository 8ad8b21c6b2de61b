package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// From a form in Slack to the resident's phone and out of reach again: the program is
// killed in between, the city turned it on.
func TestAPictureOfStaffGoesToThePhoneAndIsTakenBack(t *testing.T) {
	t.Parallel()
	w := plan{addr: freeAddress(t), store: "sqlite:tsunagu.db", now: "2026-11-24T10:00:00+09:00", cities: []string{"hokuto"}, change: "send_pictures: {days: 3}"}.world(t)
	t.Cleanup(w.end)
	tn, ctx := w.towns["hokuto"], t.Context()
	w.start()
	doctor := exec.Command(binary, "doctor", "--config", filepath.Join(w.dir, "tsunagu.yaml"))
	doctor.Env = w.env
	if out, _ := doctor.CombinedOutput(); !bytes.Contains(out, []byte("権限が足りません：files:read")) {
		t.Errorf("the doctor misses no scope:\n%s", out)
	}
	tn.slack.SetScopes(append(slacktest.DefaultScopes(), "files:read")...)

	r := tn.line.Resident("")
	r.Follow()
	w.heard(r, "相談の入口です")
	receipt := w.consent(r, "窓口への行き方が分かりません")
	card := w.card(tn, receipt)
	w.claims(tn, shiftUser, card)
	send := func(words, file string) {
		t.Helper()
		w.submits(tn, shiftUser, "reply", slacktest.Values{"text": {words}, "file": {file}})
		view := w.view(tn, shiftUser, "reply_confirm")
		if !strings.Contains(string(view.Blocks), file) || !strings.Contains(view.Readable(), "11月27日まで見られます") {
			t.Fatalf("the preview is\n%s", view.Readable())
		}
		w.submits(tn, shiftUser, "reply_confirm", nil)
	}
	shown := func(n int) linetest.Entry {
		t.Helper()
		var found []linetest.Entry
		w.eventually("the picture", func() bool {
			found = slices.DeleteFunc(r.Heard(), func(e linetest.Entry) bool { return e.Type != "image" })
			return len(found) == n
		})
		return found[n-1]
	}
	file, err := tn.slack.Choose(shiftUser, "地図.jpg", located(t))
	if err != nil {
		t.Fatal(err)
	}
	w.opens(tn, shiftUser, card, "reply")
	send("地図をお送りします。", file)
	e := shown(1)
	before := r.Heard()[len(r.Heard())-2]
	if before.RequestID != e.RequestID || !strings.Contains(before.Text, "地図をお送りします。") || !strings.Contains(before.Text, "写真もあります。11月27日まで") {
		t.Errorf("the text is not in the same call: %q", before.Text)
	}
	look := func() error {
		original, preview, err := tn.line.Look(ctx, e)
		if err == nil && (bytes.Contains(original, []byte("140.6530E")) || bytes.Contains(preview, []byte("Exif"))) {
			t.Error("it says where it was taken")
		}
		return err
	}
	if err := look(); err != nil {
		t.Fatal(err)
	}
	w.kill()
	w.start()
	if err := look(); err != nil {
		t.Fatal("a restart loses it: ", err)
	}
	w.picturesDoor(e.Image)

	// Taken back at the post in the thread, by somebody else on duty.
	var sent slacktest.Message
	w.eventually("the mark", func() bool {
		for _, m := range tn.slack.Thread(card.Channel, card.TS) {
			if _, has := m.Button("takeback"); has && strings.Contains(m.Readable(), "写真 1 枚つき（11月27日か、終了するまで") {
				sent = m
			}
		}
		return sent.TS != ""
	})
	w.presses(tn, otherUser, sent, "takeback")
	w.eventually("it is gone", func() bool { return look() != nil })
	w.eventually("the thread says so", func() bool {
		m, _ := tn.slack.MessageAt(sent.Channel, sent.TS)
		_, has := m.Button("takeback")
		return !has && strings.Contains(m.Readable(), "写真は、もう見られません")
	})

	// The shortcut on a message with a picture; its deletion in Slack.
	m, _, err := tn.slack.MessageWith(ctx, shiftUser, tn.channel(), "こちらの地図です。", card.TS, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tn.slack.Shortcut(ctx, shiftUser, tn.channel(), m.TS, "send_to_resident"); err != nil {
		t.Fatal(err)
	}
	view := w.view(tn, shiftUser, "reply")
	if _, err := tn.slack.Submit(ctx, shiftUser, view.ID, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := tn.slack.Submit(ctx, shiftUser, w.view(tn, shiftUser, "reply_confirm").ID, nil); err != nil {
		t.Fatal(err)
	}
	e = shown(2)
	if err := look(); err != nil {
		t.Fatal(err)
	}
	if _, err := tn.slack.Delete(ctx, shiftUser, m.Channel, m.TS); err != nil {
		t.Fatal(err)
	}
	w.eventually("it is gone", func() bool { return look() != nil })
	w.eventually("its sender hears of it", func() bool {
		return slices.ContainsFunc(tn.slack.Ephemerals(shiftUser), func(m slacktest.Message) bool { return strings.Contains(m.Readable(), "写真は取り下げた") })
	})
	audit := exec.Command(binary, "audit", "--config", filepath.Join(w.dir, "tsunagu.yaml"), "--city", "hokuto", "--csv")
	audit.Env = w.env
	if out, err := audit.CombinedOutput(); err != nil || !regexp.MustCompile(shiftUser+`,reply,\S+picture`).Match(out) || !bytes.Contains(out, []byte(otherUser+",takeback")) || !bytes.Contains(out, []byte("program,takeback")) {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range regexp.MustCompile(`[a-z2-7]{32}`).FindAllString(e.Image, -1) {
		if strings.Contains(w.log.String(), name) {
			t.Error("the log holds an address")
		}
		for _, file := range []string{"tsunagu.db", "tsunagu.db-wal"} {
			raw, err := os.ReadFile(filepath.Join(w.dir, file))
			if err != nil || bytes.Contains(raw, []byte(name)) || bytes.Contains(raw, []byte("JFIF")) {
				t.Errorf("%s tells of a picture (%v)", file, err)
			}
		}
	}
}

// picturesDoor asks at the program's own door: what is not exactly there is nowhere, and
// nobody in between keeps what is.
func (w *world) picturesDoor(address string) {
	w.t.Helper()
	local := strings.Replace(address, "https://soudan.example.jp", "http://"+w.addr, 1)
	ask := func(method, at string) *http.Response {
		w.t.Helper()
		r, err := http.NewRequestWithContext(w.t.Context(), method, at, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			w.t.Fatal(err)
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res
	}
	other := []byte(local)
	other[len(other)-1] ^= 1
	for at, status := range map[string]int{
		local: 200, local + "/small": 200, string(other): 404, local + "/": 404, local + "/large": 404,
		"http://" + w.addr + "/picture/": 404, "http://" + w.addr + "/picture/hokuto/": 404, "http://" + w.addr + "/picture/hokuto/x": 404,
		strings.Replace(local, "hokuto", "kitakami", 1): 404,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := ask(method, at)
			if res.StatusCode != status {
				w.t.Errorf("%s %s: %d", method, at[:40], res.StatusCode)
			}
			if h := res.Header; status == 200 && (h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Cache-Control") != "private, no-store" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") || h.Get("ETag") != "") {
				w.t.Errorf("%s: %v", method, h)
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if res := ask(method, local); res.StatusCode != 405 {
			w.t.Errorf("%s: %d", method, res.StatusCode)
		}
	}
}
