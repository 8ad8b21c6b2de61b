package slack

import (
	"slices"
	"strconv"
	"testing"
	"time"

	api "github.com/slack-go/slack"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

// What was posted twice under one outbox ID is found twice, where it stands and
// nowhere else; a thread that went with its card holds nothing.
func TestFindListsAllThatStandsUnderItsOutboxIDs(t *testing.T) {
	tw := newTown(t)
	parent, other := tw.posted(t, openCase()), tw.posted(t, openCase())
	at := handoff.Spot{Channel: "C02", Thread: parent.Card.TS}
	since := time.Now()
	for _, id := range []string{"a", "a", "b", "c"} {
		if _, err := tw.desk.Post(within(t), at, handoff.Post{Kind: handoff.PostNotice, Text: "お知らせ"}, handoff.Outbox{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		at    handoff.Spot
		boxes []string
		want  int
	}{
		{at, []string{"a", "b"}, 3}, {at, []string{"d"}, 0}, {at, nil, 4},
		{handoff.Spot{Channel: "C02"}, []string{"a"}, 0},
		{handoff.Spot{Channel: "C02"}, []string{parent.ID}, 2}, // openCase has one ID
		{handoff.Spot{Channel: "C02", Thread: other.Card.TS}, []string{"a"}, 0},
	} {
		found, next, err := tw.desk.Find(within(t), handoff.Search{At: x.at, Boxes: x.boxes, Since: since})
		if err != nil || len(found) != x.want || next != "" {
			t.Errorf("%v in %v: %v %q %v", x.boxes, x.at, found, next, err)
		}
		for _, f := range found {
			if f.TS == "" || f.Channel != x.at.Channel || f.Thread != x.at.Thread {
				t.Errorf("found at %+v", f)
			}
		}
	}
	gone := handoff.Search{At: handoff.Spot{Channel: "C02", Thread: "1.1"}, Boxes: []string{"a"}, Since: since}
	if found, next, err := tw.desk.Find(within(t), gone); err != nil || len(found) > 0 || next != "" {
		t.Errorf("in a thread that is gone: %v %q %v", found, next, err)
	}
	if found, _, err := tw.desk.Find(within(t), handoff.Search{Field: "elderly", Boxes: []string{parent.ID}}); err != nil || len(found) != 2 {
		t.Errorf("by its field: %v %v", found, err)
	}
	for _, s := range []handoff.Search{{}, {At: handoff.Spot{Channel: "C02"}}, {Field: "elderly"}} {
		if found, _, err := tw.desk.Find(within(t), s); len(found) > 0 || !deskError(t, err).Final {
			t.Errorf("a whole channel was listed: %v %v", found, err)
		}
	}
}

// Of a whole thread everything that the program put there is found, behind any amount of
// talk and after its card was deleted, and nothing of anybody else.
func TestFindListsAWholeThread(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.Files = true })
	tw.SetScopes(append(slacktest.DefaultScopes(), FileScope)...)
	parent := tw.posted(t, openCase())
	at := handoff.Spot{Channel: "C02", Thread: parent.Card.TS}
	var ours []handoff.Spot
	post := func() {
		spot, err := tw.desk.Post(within(t), at, handoff.Post{Kind: handoff.PostNotice, Text: "お知らせ"}, handoff.Outbox{ID: strconv.Itoa(len(ours))})
		if err != nil {
			t.Fatal(err)
		}
		ours = append(ours, spot)
	}
	post()
	file, err := tw.desk.File(within(t), at, handoff.File{Stem: "みかん-4821-1", Ext: "jpg", Data: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	ours = append(ours, file)
	// The bot's other message has no mark of ours.
	if _, _, err := tw.desk.api.PostMessageContext(within(t), "C02", api.MsgOptionText("ほかの仕事", false), api.MsgOptionTS(at.Thread),
		api.MsgOptionParse(false), api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl()); err != nil {
		t.Fatal(err)
	}
	// Nor are staff's own pictures ours.
	theirs, err := tw.Choose("UDUTY", "x.jpg", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := tw.MessageWith(within(t), "UDUTY", "C02", "これです", at.Thread, []string{theirs}); err != nil {
		t.Fatal(err)
	}
	for range lookPages * lookPage {
		if _, _, err := tw.Message(within(t), "UDUTY", "C02", "雑談", at.Thread); err != nil {
			t.Fatal(err)
		}
	}
	post()
	if err := tw.desk.Delete(within(t), parent.Card); err != nil {
		t.Fatal(err)
	}
	var all []handoff.Spot
	looks, s := 0, handoff.Search{At: at}
	for looks = 1; ; looks++ {
		found, next, err := tw.desk.Find(within(t), s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
		if s.Next = next; next == "" {
			break
		}
	}
	if looks != 2 || !slices.Equal(all, ours) {
		t.Errorf("%d looks found %v, want %v", looks, all, ours)
	}
}
