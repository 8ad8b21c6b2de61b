package bot_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
)

func keys(t testing.TB, seeds ...byte) *bot.Keys {
	t.Helper()
	var list []string
	for _, s := range seeds {
		list = append(list, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{s}, 32)))
	}
	k, err := bot.ParseKeys(strings.Join(list, ","))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestRotatingTheKeysKeepsEveryConversation(t *testing.T) {
	w := newWorld(t) // sealed with key 7
	k := w.consults("r")
	name := w.bot.Conversation("komachi", lineID("r"))
	for _, order := range [][]byte{{7, 9}, {9, 7}} {
		w.keys = keys(t, order...)
		w.restart()
		if w.bot.Conversation("komachi", lineID("r")) != name {
			t.Fatal("a resident became a stranger")
		}
		has(t, w.says("r", "状況"), "[status.open] "+k.Receipt)
	}
	w.says("new", "こんにちは")
	w.keys = keys(t, 9)
	w.restart()
	if w.bot.Conversation("komachi", lineID("r")) != name {
		t.Fatal("a resident became a stranger when the old key went")
	}
	has(t, w.says("new", "介護"), "1 お金")
}

// losesKey leaves r with a conversation that no key at hand opens, and a job waiting.
func (w *world) losesKey() {
	w.t.Helper()
	w.keys = keys(w.t, 9, 7) // the naming key gets a copy under 9
	w.restart()
	w.keys = keys(w.t, 7, 9)
	w.restart()
	w.says("r", "介護")
	w.keys = keys(w.t, 9)
	w.restart()
	if got := w.says("r", "これで全部"); got != "" {
		w.t.Errorf("answered from a body that does not open: %s", got)
	}
}

func TestABodySealedWithAnUnknownKeyIsLeftAloneAndLogged(t *testing.T) {
	w := newWorld(t)
	w.losesKey()
	has(t, w.log.String(), `"level":"ERROR"`, "left alone")
	lines := strings.Count(w.log.String(), "left alone")
	w.drain()
	if strings.Count(w.log.String(), "left alone") != lines {
		t.Error("the job is tried again at once")
	}
	w.keys = keys(t, 9, 7)
	w.restart()
	w.pass(11 * time.Minute)
	has(t, w.phone.since("r"), "だれのことですか")
}

// TestAJobThatAnotherServeMayKnowIsLeftToIt: while serves are updated one by one, or
// get their keys, a job that only the others can do does not wait for long.
func TestAJobThatAnotherServeMayKnowIsLeftToIt(t *testing.T) {
	w := newWorld(t)
	w.shared = true
	w.losesKey()
	w.pass(10 * time.Second)
	if strings.Contains(w.log.String(), `"level":"ERROR"`) {
		t.Error("an ERROR, though another serve may know it")
	}
	// One that knows the key comes by.
	w.keys = keys(t, 9, 7)
	w.restart()
	w.pass(10 * time.Second)
	has(t, w.phone.since("r"), "だれのことですか")

	now := w.now
	if err := w.store.Put(w.ctx, bot.Job{ID: "komachi/j/new", City: "komachi", Lane: "komachi/new", Kind: "of a newer program", Made: now}); err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Minute)
	if strings.Contains(w.log.String(), `"level":"ERROR"`) {
		t.Error("an ERROR, though another serve may know it")
	}
	w.pass(2 * time.Minute) // nobody does
	has(t, w.log.String(), `"level":"ERROR"`, "left alone")
}

func TestAKeyThatIsNoKeyIsToldWithoutShowingIt(t *testing.T) {
	for _, bad := range []string{"", "himitsu-no-kagi!", base64.StdEncoding.EncodeToString([]byte("kurzer-schluessel"))} {
		if _, err := bot.ParseKeys(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNothingIsReadableInTheFile(t *testing.T) {
	w := newWorld(t)
	w.says("r", "職員に相談する")
	w.says("r", "himitsu-no-hanashi ひみつの話")
	k := w.caseAfter("r", "同意する（自分のこと）")
	w.says("r", "nagai-tegami 長い手紙")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("shokuin-no-henji 職員の返事"))
	// Jobs that wait hold words too.
	late := w.words("r", "mada-yomanai まだ読まない")
	if err := w.bot.Accept(w.ctx, late); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{w.path, w.path + "-wal"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 {
			t.Fatalf("%s is empty: nothing was looked at", name)
		}
		for _, secret := range []string{"himitsu", "ひみつ", "nagai-tegami", "長い手紙", "shokuin", "職員の返事", "mada-yomanai", "まだ読まない", lineID("r"), "Uline", "同意"} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%q stands in %s", secret, name)
			}
		}
	}
}
