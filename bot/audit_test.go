package bot_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/bot/sqlitestore"
	"tsunagu/handoff"
)

// trail is the audit trail as "who what receipt", by pages of that size.
func (w *world) trail(from, to string, size int) (all []string) {
	w.t.Helper()
	after := ""
	for {
		page, next, err := bot.Audit(w.ctx, w.store, w.keys, w.towns[0].ID, from, to, after, size)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range page {
			all = append(all, strings.Join([]string{d.Who, d.What, d.Receipt}, " "))
		}
		if after = next; after == "" {
			return all
		}
	}
}

func TestTheAuditTrailSaysWhoDidWhat(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	click := func(staff string, kind handoff.Kind, more ...func(*handoff.Action)) {
		w.now = w.now.Add(time.Microsecond)
		w.clicks(staff, kind, k, more...)
	}
	click("USTAFFa", "claim")
	click("USTAFFb", "reply", text("引き受けていない人から"))
	click("USTAFFa", "reply", text("ひみつの返事"))
	click("USTAFFa", "close", outcome("informed"))
	w.now = w.now.AddDate(0, 0, 1)
	w.says("r", "ひみつのことば")
	w.now = w.now.Add(time.Microsecond) // deeds of one microsecond have no order
	w.forget(k.Receipt)
	want := ""
	for _, line := range []string{"resident consent", "USTAFFa claim", "USTAFFa reply", "USTAFFa close", "resident reopen", "program forget"} {
		want += line + " " + k.Receipt + "\n"
	}
	for _, size := range []int{1, 2, 6, 100} {
		if got := strings.Join(w.trail("", "", size), "\n") + "\n"; got != want {
			t.Errorf("by %d:\n%swant\n%s", size, got, want)
		}
	}
	first, second := tuesday.Format(time.DateOnly), tuesday.AddDate(0, 0, 1).Format(time.DateOnly)
	for _, c := range []struct {
		from, to string
		n        int
	}{{first, first, 4}, {second, second, 2}, {first, "", 6}, {"", first, 4}, {second, first, 0}, {"2027-01-01", "", 0}} {
		if got := w.trail(c.from, c.to, 3); len(got) != c.n {
			t.Errorf("%s to %s: %q, want %d", c.from, c.to, got, c.n)
		}
	}
}

func TestTheAuditTrailHoldsNoContentAndGoesAfterItsTime(t *testing.T) {
	w := newWorld(t)
	w.towns[0].Keep.Audit = 400 * 24 * time.Hour
	k := w.consults("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("ひみつの返事"))
	records, err := w.store.List(w.ctx, k.City, k.City+"/a/", "", 100)
	if err != nil || len(records) != 3 {
		t.Fatal(len(records), err)
	}
	for _, r := range records {
		if bytes.Contains(r.Body, []byte("USTAFF")) || bytes.Contains(r.Body, []byte(k.Receipt)) {
			t.Error("the trail is readable in the store")
		}
	}
	page, _, err := bot.Audit(w.ctx, w.store, w.keys, k.City, "", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	hasNot(t, fmt.Sprintf("%+v", page), "ひみつ", lineID("r"), "名前", k.Conversation)
	for _, c := range []struct{ days, left int }{{399, 3}, {401, 0}} {
		if _, err := w.store.Sweep(w.ctx, w.now.AddDate(0, 0, c.days), w.now, w.now); err != nil {
			t.Fatal(err)
		}
		if got := w.trail("", "", 0); len(got) != c.left {
			t.Errorf("after %d days: %v, want %d", c.days, got, c.left)
		}
	}
}

// TestForgettingBesideAServe forgets through a handle of its own while the
// workers run, and then reads every byte that is left.
func TestForgettingBesideAServe(t *testing.T) {
	w := newWorld(t)
	w.says("r", "のこしてはいけない言葉")
	k := w.consults("r")
	w.says("r", "けしてほしい相談")
	var sealed [][]byte
	for _, id := range []string{k.ID, k.Conversation} {
		r, err := w.store.Load(w.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, r.Body)
	}
	stop := w.run()
	beside, err := sqlitestore.Join(w.path, []string{k.City})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	b, err := bot.New(w.ctx, bot.Options{Store: beside, Keys: w.keys, Clock: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Forget(w.ctx, k.City, "みかん-0000"); !errors.Is(err, bot.ErrNotFound) {
		t.Errorf("an unknown number: %v", err)
	}
	conv, err := b.Forget(w.ctx, k.City, k.Receipt)
	if err != nil || conv != k.Conversation {
		t.Fatal(conv, err)
	}
	w.until("all is forgotten", func() bool {
		gone, err1 := b.Gone(w.ctx, conv)
		left, err2 := b.Forgetting(w.ctx, conv)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		return gone && left == 0
	})
	if _, err := b.Find(w.ctx, k.City, "receipt/"+k.Receipt); !errors.Is(err, bot.ErrNotFound) {
		t.Errorf("the case: %v", err)
	}
	if err := beside.Settle(w.ctx); err != nil {
		t.Fatal(err)
	}
	for _, part := range append(sealed, []byte("言葉"), []byte("相談"), []byte(lineID("r"))) {
		if bytes.Contains(w.bytes(), part[:min(len(part), 64)]) {
			t.Errorf("%d bytes of what was to be forgotten are in the files", len(part))
		}
	}
	stop()
	hasNot(t, w.desk.thread(), "けしてほしい")
}

func TestTheAuditTrailSaysWhoLooked(t *testing.T) {
	w := newWorld(t)
	first := w.consults("1")
	look := func(user, what string) {
		t.Helper()
		w.now = w.now.Add(time.Microsecond)
		var err error
		if what == "home" {
			_, err = w.bot.Home(w.ctx, "komachi", user, "")
		} else {
			_, err = w.bot.List(w.ctx, "komachi", user, what, first.Receipt)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.drain()
	}
	look("USTAFFa", "home")
	look("USTAFFa", "home")
	look("USTAFFa", "list") // shown already today
	look("USTAFFb", "list")
	look("USTAFFb", "find")
	look("USTAFFb", "find")
	look("USTAFFa", "mine") // none
	second := w.consults("2")
	look("USTAFFa", "home")
	w.now = w.now.AddDate(0, 0, 1)
	look("USTAFFa", "home")
	page, _, err := bot.Audit(w.ctx, w.store, w.keys, "komachi", "", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range page {
		if d.Who != "resident" {
			got = append(got, strings.TrimSpace(d.Who+" "+d.What+" "+strings.Join(append(d.Seen, d.Receipt), " ")))
		}
	}
	want := []string{"USTAFFa home " + first.Receipt, "USTAFFb list " + first.Receipt, "USTAFFb find " + first.Receipt, "USTAFFb find " + first.Receipt,
		"USTAFFa home " + second.Receipt, "USTAFFa home " + first.Receipt + " " + second.Receipt}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the trail says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAStartWithOtherRulesStandsInTheTrail(t *testing.T) {
	w := newWorld(t)
	var got []string
	for i, rules := range []string{"aaaa", "aaaa", "bbbb", "aaaa"} {
		w.towns[0].Rules = rules
		w.now = w.now.Add(time.Second)
		w.restart()
		stop := w.run()
		w.until("the start is thought", func() bool {
			n, after := 0, ""
			for {
				page, next, err := w.store.Dump(w.ctx, after, 100)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page.Done {
					n += strings.Count(j.ID, "komachi/rules/")
				}
				if after = next; after == "" {
					return n == i+1
				}
			}
		})
		stop()
	}
	page, _, err := bot.Audit(w.ctx, w.store, w.keys, "komachi", "", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range page {
		got = append(got, d.Who+" "+d.What+" "+d.Note)
	}
	if strings.Join(got, ", ") != "program rules aaaa, program rules bbbb, program rules aaaa" {
		t.Errorf("the trail says %q", got)
	}
}
