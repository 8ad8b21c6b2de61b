package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tsunagu/handoff"
)

// floods writes n messages within seconds while Slack lets nothing through.
func (w *world) floods(user string, n int) {
	w.beat, w.desk.slow = time.Second, true
	for i := range n {
		w.says(user, fmt.Sprintf("ことば%d。", i+1))
	}
}

// wordPosts are the posts of residents' words that stand.
func (d *desk) wordPosts() (out []string) {
	for _, p := range d.order {
		if !p.gone && p.post.Kind == handoff.PostWords {
			out = append(out, strings.Join(p.post.Words, "／"))
		}
	}
	return out
}

func TestWordsThatWaitAreJoinedAndAnUnsendReplacesItsOwnPart(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.floods("r", 10)
	w.desk.slow = false
	w.pass(40 * time.Second)
	all := "ことば1。／ことば2。／ことば3。／ことば4。／ことば5。／ことば6。／ことば7。／ことば8。／ことば9。／ことば10。"
	if got := w.desk.wordPosts(); len(got) != 1 || got[0] != all {
		t.Fatalf("posts: %q", got)
	}
	want := all
	for _, n := range []string{"ことば3。", "ことば10。", "ことば1。"} {
		w.unsends("r", n)
		want = strings.Replace(want, n, handoff.TakenBack, 1)
		if got := w.desk.wordPosts(); len(got) != 1 || got[0] != want {
			t.Fatalf("after %s was taken back: %q", n, got)
		}
	}
	w.says("r", "あとのことば。")
	if got := w.desk.wordPosts(); len(got) != 2 || got[1] != "あとのことば。" {
		t.Errorf("later words: %q", got)
	}
	w.forget(k.Receipt)
	if got := w.desk.wordPosts(); len(got) != 0 {
		t.Errorf("after forgetting: %q", got)
	}
}

func TestWordsTakenBackWhileTheyWaitAreNotPosted(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.floods("r", 3)
	w.unsends("r", "ことば1。")
	w.unsends("r", "ことば2。")
	w.desk.slow = false
	w.pass(40 * time.Second)
	if got := w.desk.wordPosts(); len(got) != 1 || got[0] != handoff.TakenBack+"／"+handoff.TakenBack+"／ことば3。" {
		t.Errorf("posts: %q", got)
	}
}

func TestWhatStaffWroteBetweenStaysBetween(t *testing.T) {
	w := newWorld(t)
	k := w.consults("r")
	w.clicks("UA", handoff.Claim, k)
	w.floods("r", 2)
	w.clicks("UA", handoff.Reply, k, text("お返事です。"))
	w.says("r", "そのあと1。")
	w.says("r", "そのあと2。")
	w.desk.slow = false
	w.pass(40 * time.Second)
	has(t, w.desk.thread(), "words：ことば1。／ことば2。", "sent：お返事です。", "words：そのあと1。／そのあと2。")
	if got := w.desk.wordPosts(); len(got) != 2 {
		t.Errorf("posts: %q", got)
	}
}

func TestWordsThatWaitedForAnotherRoundAreJoinedToo(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.floods("r", 30)
	w.pass(5 * time.Minute) // given up more than once
	w.desk.slow = false
	w.pass(15 * time.Minute)
	got := w.desk.wordPosts()
	if len(got) != 2 || strings.Count(strings.Join(got, ""), "ことば") != 30 || !strings.HasPrefix(got[1], "ことば21。") {
		t.Errorf("posts: %q", got)
	}
}

func TestALostAnswerToAJoinedPostLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.beat, w.desk.lose = time.Second, 6 // of the card too
	w.says("r", "ことば1。")                 // it stands, and nobody knows
	w.says("r", "ことば2。")
	w.pass(time.Minute)
	if got := w.desk.wordPosts(); len(got) != 1 || got[0] != "ことば1。／ことば2。" {
		t.Errorf("posts: %q", got)
	}
	w.restart()
	w.unsends("r", "ことば1。")
	if got := w.desk.wordPosts(); len(got) != 1 || got[0] != handoff.TakenBack+"／ことば2。" {
		t.Errorf("posts: %q", got)
	}
}

func TestHandingOnCarriesWaitingWordsIntoTheNewThread(t *testing.T) {
	w := newWorld(t, openTown())
	k := w.consults("r")
	w.says("r", "前のことば。")
	w.floods("r", 3)
	w.clicks("UA", handoff.HandOn, k, field("poverty"), reason("お金の話が主でした"))
	w.desk.slow = false
	w.pass(10 * time.Minute)
	if got := w.desk.wordPosts(); len(got) != 1 || got[0] != "前のことば。／ことば1。／ことば2。／ことば3。" {
		t.Errorf("posts: %q\n%s", got, w.desk.thread())
	}
}

func TestWordsThatComeWhileOthersArePostedGoNext(t *testing.T) {
	w := newWorld(t)
	w.consults("r")
	w.desk.during = func() {
		for _, text := range []string{"ことば2。", "ことば3。"} {
			if err := w.bot.Accept(w.ctx, w.words("r", text)); err != nil {
				t.Error(err)
			}
		}
	}
	w.says("r", "ことば1。")
	w.pass(10 * time.Second)
	if got := w.desk.wordPosts(); len(got) != 2 || got[0] != "ことば1。" || got[1] != "ことば2。／ことば3。" {
		t.Errorf("posts: %q", got)
	}
}
