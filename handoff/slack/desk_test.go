package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

func TestCardSaysEnough(t *testing.T) {
	tw := newTown(t)
	c := claimedBy("UDUTY")
	c.Sheet.Urgency, c.Sheet.UrgencyWhy = "suicide", "ことばから"
	c = tw.posted(t, c, secretWords)
	if c.Card.Channel != "C02" {
		t.Errorf("a card of elderly stands in %s", c.Card.Channel)
	}
	m := tw.Messages("C02")[0]
	got := m.Readable()
	for _, want := range []string{"緊急：ことばから", "みかん-4821　対応中", "担当：@当番", "介護のこと", secretWords, "[住民に送る]", "[手放す]", "[終了]", "11/22 10:00　@当番　引き受けました"} {
		if !strings.Contains(got, want) {
			t.Errorf("the card lacks %q:\n%s", want, got)
		}
	}
	if i, j := strings.Index(got, "緊急"), strings.Index(got, "みかん"); i > j {
		t.Error("the alarm is not on top")
	}
	if m.Text != "【緊急】みかん-4821（高齢）" {
		t.Errorf("fallback text is %q", m.Text)
	}
	if m.Metadata.EventType != "tsunagu_card" || m.Metadata.EventPayload["outbox"] == nil || strings.Contains(fmt.Sprint(m.Metadata.EventPayload), caseID) {
		t.Errorf("metadata is %+v", m.Metadata)
	}
	if m.Parse != "none" || m.LinkNames || m.UnfurlLinks || m.UnfurlMedia {
		t.Errorf("parse %q, link_names %v, unfurl %v %v", m.Parse, m.LinkNames, m.UnfurlLinks, m.UnfurlMedia)
	}
	if b, _ := m.Button("close"); b.Style != "danger" || b.Value != caseID+":2" {
		t.Errorf("close is %+v", b)
	}
	if pings := m.Pings(); !slices.Equal(pings, []string{"S01", "UDUTY"}) {
		t.Errorf("pings %v", pings)
	}

	closed, err := c.Apply(handoff.Action{Kind: handoff.Close, Case: c.ID, By: "UDUTY", Version: 2, Outcome: "informed"}, opened)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.desk.Card(within(t), c.Card, handoff.NewCard(closed, nil), handoff.Outbox{ID: c.ID}); err != nil {
		t.Fatal(err)
	}
	if all := tw.Messages("C02"); len(all) != 1 || strings.Contains(all[0].Readable(), secretWords) || all[0].Parse != "none" {
		t.Errorf("after closing: %d messages, parse %q\n%s", len(all), all[0].Parse, all[0].Readable())
	}
	tw.nothingRefused(t)
}

// TestWordsNeverAct posts what an attacker would write, and extremes.
func TestWordsNeverAct(t *testing.T) { synctest.Test(t, wordsNeverAct) }

func wordsNeverAct(t *testing.T) {
	tw := newFakeTown(t)
	evil := []string{
		"<!channel> <!here> <@UDUTY> <!subteam^S01> @here @channel @everyone",
		"<https://evil.example|https://city.example.jp> https://evil.example",
		"*みかん-4821　対応中*\n担当：<@UDUTY>\n_引き受け済み_ `x` &lt;@UDUTY&gt; :white_check_mark:",
	}
	for i, words := range [][]string{evil, {strings.Repeat("あ", 5000)}, {strings.Repeat("🏠", 3000), strings.Repeat("い", 5000), strings.Repeat("う", 5000)}, slices.Repeat([]string{"う"}, 200), {"", " \n", "\x00\u202E"}} {
		c := openCase()
		c.ID = fmt.Sprintf("hokuto/c/%d", i)
		c.Sheet.Offices = slices.Repeat([]string{strings.Repeat("長い名前の相談窓口", 5)}, 40)
		c.Sheet.Why = slices.Repeat([]string{strings.Repeat("<@UDUTY>@here", 20)}, 20)
		c.Sheet.Standing, c.Sheet.Age, c.Sheet.District = strings.Repeat("𠮷", 2000), " ", strings.Repeat("<!channel>", 300)
		for range 60 {
			c.History = append(c.History, handoff.Event{At: opened, Who: "UOTHER", What: strings.Repeat("x", 900)})
		}
		c.Receipt = strings.Repeat("み", 300)
		card := handoff.NewCard(c, words)
		card.Lines = nil
		spot, err := tw.desk.Card(within(t), handoff.Spot{}, card, handoff.Outbox{ID: c.ID})
		if err != nil {
			t.Fatalf("%d: %v %v", i, err, tw.Refused())
		}
		post := handoff.Post{Kind: handoff.PostWords, Case: c.ID, Words: words}
		reply, err := tw.desk.Post(within(t), handoff.Spot{Channel: spot.Channel, Thread: spot.TS}, post, handoff.Outbox{ID: c.ID + "/p"})
		if err != nil {
			t.Fatalf("%d: %v %v", i, err, tw.Refused())
		}
		if _, err := tw.desk.Post(within(t), reply, post, handoff.Outbox{ID: c.ID + "/p"}); err != nil {
			t.Fatalf("%d: %v %v", i, err, tw.Refused())
		}
		full := handoff.NewCard(c, words)
		if _, err := tw.desk.Card(within(t), spot, full, handoff.Outbox{ID: c.ID}); err != nil {
			t.Fatalf("%d: %v %v", i, err, tw.Refused())
		}
		for _, ts := range []string{spot.TS, reply.TS} {
			m, _ := tw.MessageAt(spot.Channel, ts)
			pings := slices.DeleteFunc(m.Pings(), func(s string) bool { return s == "UOTHER" }) // of our history
			if len(pings) > 0 {
				t.Errorf("%d: words ping %v", i, pings)
			}
			for _, w := range words {
				w = strings.TrimSpace(w)
				if len(w) > 3 && strings.Contains(m.Text, w) {
					t.Errorf("%d: words stand in the fallback text", i)
				}
			}
		}
		if i > 0 {
			continue
		}
		for _, ts := range []string{spot.TS, reply.TS} {
			m, _ := tw.MessageAt(spot.Channel, ts)
			for _, w := range evil {
				first, _, _ := strings.Cut(w, "\n")
				if kinds := kindsWith(t, m.Blocks, first); !slices.Equal(kinds, []string{"text"}) {
					t.Errorf("%q stands in %v, want one rich text element", first, kinds)
				}
				if !strings.Contains(m.Readable(), w) {
					t.Errorf("%q is not shown literally", w)
				}
			}
		}
	}
}

func TestPostsInTheThread(t *testing.T) { synctest.Test(t, postsInTheThread) }

func postsInTheThread(t *testing.T) {
	tw := newFakeTown(t)
	c := tw.posted(t, openCase())
	at := handoff.Spot{Channel: c.Card.Channel, Thread: c.Card.TS}
	for i, p := range []handoff.Post{
		{Kind: handoff.PostWords, Words: []string{"一つ目", handoff.TakenBack, "三つ目"}},
		{Kind: handoff.PostSent, By: "UDUTY", Words: []string{"お返事です"}, Text: handoff.MarkSending},
		{Kind: handoff.PostNotice, Text: "約束の時間です", Mention: "UDUTY"},
		{Kind: handoff.PostNotice, Text: "緊急です", Mention: "duty", Button: handoff.Reply, Case: caseID, Version: 3},
		{Kind: handoff.PostWords, Words: []string{"つぎのことば"}, Mention: "UDUTY"},
	} {
		if _, err := tw.desk.Post(within(t), at, p, handoff.Outbox{ID: fmt.Sprint("p", i)}); err != nil {
			t.Fatal(err)
		}
	}
	all := tw.Thread(at.Channel, at.Thread)[1:]
	for i, want := range []string{"住民から\n一つ目\n（取り消されました）\n三つ目", "住民へ", "@当番　約束の時間です", "@toban　緊急です", "@当番　住民から\nつぎのことば"} {
		if got := strings.ReplaceAll(strings.ReplaceAll(all[i].Readable(), "*", ""), "> ", ""); !strings.Contains(got, want) {
			t.Errorf("post %d lacks %q:\n%s", i, want, got)
		}
		if all[i].Metadata.EventType != "tsunagu_post" {
			t.Errorf("post %d is %q", i, all[i].Metadata.EventType)
		}
	}
	if b, has := all[3].Button("reply"); !has || b.Value != caseID+":3" {
		t.Errorf("the notice's button is %+v", b)
	}
	if _, err := tw.desk.Post(within(t), handoff.Spot{Channel: "C02"}, handoff.Post{}, handoff.Outbox{}); !deskError(t, err).Final {
		t.Error("a post without a thread is final")
	}
	tw.nothingRefused(t)
}

// TestNothingIsPostedTwice loses every kind of answer after the fact.
func TestNothingIsPostedTwice(t *testing.T) {
	for _, kind := range []slacktest.Kind{slacktest.LostAnswer, slacktest.InternalError, slacktest.EmptyAnswer, slacktest.NoTS} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			tw := newTown(t)
			parent := tw.posted(t, openCase())
			since := time.Now()
			card := handoff.NewCard(claimedBy("UDUTY"), []string{secretWords})
			post := handoff.Post{Kind: handoff.PostWords, Words: []string{secretWords}}
			at := handoff.Spot{Channel: "C02", Thread: parent.Card.TS}
			try := func(doubtful bool) (a, b handoff.Spot, errA, errB error) {
				a, errA = tw.desk.Card(within(t), handoff.Spot{}, card, handoff.Outbox{ID: "lost", Since: since, Doubtful: doubtful})
				b, errB = tw.desk.Post(within(t), at, post, handoff.Outbox{ID: "lost/1", Since: since, Doubtful: doubtful})
				return a, b, errA, errB
			}
			tw.Break(slacktest.Fault{Method: "chat.postMessage", Kind: kind, Times: 2})
			_, _, errA, errB := try(false)
			if !deskError(t, errA).Doubtful || !deskError(t, errB).Doubtful {
				t.Fatalf("got %v and %v, want doubt", errA, errB)
			}
			a, b, errA, errB := try(true)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if n := len(tw.AllMessages("C02")); n != 3 {
				t.Errorf("%d messages stand in the channel, want the parent, one card, one post", n)
			}
			if m, has := tw.MessageAt("C02", a.TS); !has || !strings.Contains(m.Readable(), "担当：@当番") {
				t.Error("the found card was not drawn anew")
			}
			if m, has := tw.MessageAt("C02", b.TS); !has || m.ThreadTS != parent.Card.TS {
				t.Error("the found post is not in the thread")
			}
		})
	}
}

// TestLookingFarBack finds a card behind a page of talk, by a shifted clock too,
// and posts when there is none.
func TestLookingFarBack(t *testing.T) {
	shift := 30 * 24 * time.Hour
	tw := newTown(t, func(o *Options) { o.Clock = func() time.Time { return time.Now().Add(shift) } })
	since := time.Now().Add(shift)
	c := tw.posted(t, openCase())
	for range lookPage + 10 {
		if _, _, err := tw.Message(within(t), "UDUTY", "C02", "雑談", ""); err != nil {
			t.Fatal(err)
		}
	}
	box := handoff.Outbox{ID: caseID, Since: since, Doubtful: true}
	spot, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(c, nil), box)
	if err != nil || spot != c.Card {
		t.Errorf("got %v, %v; want %v", spot, err, c.Card)
	}
	box.ID = "another"
	if spot, err = tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(c, nil), box); err != nil || spot == c.Card {
		t.Errorf("a card that is not there was not posted: %v, %v", spot, err)
	}
	tw.Break(slacktest.Fault{Method: "conversations.history", Kind: slacktest.ServerError, Times: 1})
	n := tw.Count("chat.postMessage")
	if _, err = tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(c, nil), handoff.Outbox{ID: "third", Doubtful: true}); err == nil || tw.Count("chat.postMessage") != n {
		t.Errorf("posted without having looked: %v", err)
	}
}

func TestWhisperAndDelete(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	if err := tw.desk.Whisper(within(t), c.Card, handoff.Whisper{User: "UOTHER", Text: "すでに <@UDUTY> が。<!channel> <https://x|y>"}); err != nil {
		t.Fatal(err)
	}
	m := tw.Ephemerals("UOTHER")[0]
	if got := m.Readable(); got != "すでに @当番 が。<!channel> <https://x|y>" || m.Parse != "none" || !slices.Equal(m.Pings(), []string{"UDUTY"}) {
		t.Errorf("whispered %q, parse %q, pings %v", got, m.Parse, m.Pings())
	}
	if err := tw.desk.Whisper(within(t), c.Card, handoff.Whisper{User: "UNOBODY", Text: "あ"}); !deskError(t, err).Final {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if err := tw.desk.Delete(within(t), c.Card); err != nil {
			t.Errorf("deleting: %v", err)
		}
	}
	if n := len(tw.AllMessages(c.Card.Channel)); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	if _, err := tw.desk.Card(within(t), c.Card, handoff.NewCard(c, nil), handoff.Outbox{}); !deskError(t, err).Final {
		t.Errorf("an update of a deleted card: %v", err)
	}
}

func TestCheck(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.Channels["child"], o.Channels["shared"] = "C99", "C03" })
	tw.SetScopes(slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return s == "usergroups:read" })...)
	h, err := tw.desk.Check(within(t))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(h)
	for _, want := range []string{`"Missing":["usergroups:read"]`, `"channel child: desk: channel_not_found (final)"`, `"duty group: desk: missing_scope (final)"`,
		`"Field":"shared","ID":"C03","Name":"shared","Member":true,"Archived":false,"Shared":true`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	tw.Break(slacktest.Fault{Method: "auth.test", Kind: slacktest.Refuse, Error: "invalid_auth"})
	if _, err := tw.desk.Check(within(t)); deskError(t, err).Reason != "invalid_auth" {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := Options{City: "a", Token: "x", SigningSecrets: []string{"s"}, Channels: map[string]string{"default": "C"},
		Look: (&town{}).look, Accept: (&town{}).accept}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, bend := range map[string]func(*Options){
		"no city": func(o *Options) { o.City = "" }, "no token": func(o *Options) { o.Token = "" },
		"no secret": func(o *Options) { o.SigningSecrets = nil }, "an empty secret": func(o *Options) { o.SigningSecrets = []string{"s", ""} },
		"no channel": func(o *Options) { o.Channels = nil }, "no address": func(o *Options) { o.APIURL = "slack" }, "nobody": func(o *Options) { o.Look = nil },
	} {
		o := good
		bend(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// TestAnotherAppsMessageIsNotAdopted has another app copy our metadata, which
// every member of the workspace can read.
func TestAnotherAppsMessageIsNotAdopted(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(map[string]string{
			"/api/auth.test": `{"ok":true,"team_id":"T","user_id":"U","bot_id":"BOURS"}`,
			"/api/conversations.history": `{"ok":true,"messages":[{"type":"message","ts":"1.1","bot_id":"BTHEIRS","text":"x",
				"metadata":{"event_type":"tsunagu_card","event_payload":{"outbox":"` + outboxID("1") + `"}}}]}`,
			"/api/chat.postMessage": `{"ok":true,"channel":"C02","ts":"2.2"}`,
			"/api/chat.update":      `{"ok":true,"channel":"C02","ts":"1.1"}`,
		}[r.URL.Path]))
	}))
	defer other.Close()
	tw := newTown(t, func(o *Options) { o.APIURL = other.URL + "/api" })
	spot, err := tw.desk.Card(within(t), handoff.Spot{}, handoff.NewCard(openCase(), nil), handoff.Outbox{ID: "1", Doubtful: true})
	if err != nil || spot.TS != "2.2" {
		t.Errorf("got %+v, %v; want a message of our own", spot, err)
	}
}
