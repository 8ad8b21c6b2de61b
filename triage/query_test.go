package triage

import (
	"strings"
	"testing"
)

// Every rule of a question about the service takes what it was made for, before the
// others, and leaves its decoys; and its examples alone raise no alarm.
func TestQueriesKeepTheirExamples(t *testing.T) {
	r := reader(t)
	for _, q := range r.queries {
		if len(q.Examples) == 0 || len(q.Decoys) == 0 {
			t.Errorf("%s: needs an example and a decoy", q.ID)
		}
		for _, text := range q.Examples {
			if got := r.Query(text); got != q.ID {
				t.Errorf("%q asks %q, want %s", text, got, q.ID)
			}
			if kind := r.Crisis(text); kind != None {
				t.Errorf("%q raises %s", text, kind)
			}
		}
		for _, text := range q.Decoys {
			if got := r.Query(text); got == q.ID {
				t.Errorf("%q asks %q", text, got)
			}
		}
	}
}

func TestAStoryIsNoQuestionAboutTheService(t *testing.T) {
	r := reader(t)
	if got := r.Query("秘密は守られますか。" + strings.Repeat("母の介護でつかれました。", 4)); got != "" {
		t.Errorf("a story asks %q", got)
	}
}

// A danger that a rule knows is one in a question, too.
func TestAQuestionHidesNoDangerThatARuleKnows(t *testing.T) {
	r := reader(t)
	for _, text := range []string{"親に言わないで。死にたい", "夫に殴られます。秘密は守られますか", "通報しないで。お父さんになぐられる"} {
		if kind := r.Crisis(text); kind == None {
			t.Errorf("%q is read as calm", text)
		}
	}
}
