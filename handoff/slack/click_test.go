package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/handoff"
	"tsunagu/handoff/slack/slacktest"
)

func TestClaimIsAccepted(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.ShowNames = true })
	c := tw.posted(t, openCase())
	if a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	if a, err := tw.Click(within(t), "USECOND", "C02", c.Card.TS, "claim"); err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	got := tw.taken()
	if len(got) != 2 {
		t.Fatalf("%d actions", len(got))
	}
	a := got[0]
	if a.Kind != handoff.Claim || a.Case != caseID || a.Version != 1 || a.By != "UDUTY" || a.City != "hokuto" || a.Spot != c.Card || a.Name != "当番" || a.At.IsZero() {
		t.Errorf("got %+v", a)
	}
	if a.ID == got[1].ID || !strings.HasPrefix(a.ID, "UDUTY/claim/") {
		t.Errorf("IDs are %q and %q", a.ID, got[1].ID)
	}
}

// On a second card no form opens: the click is taken in as one on a card that is lost.
func TestAClickOnASecondCardOpensNoForm(t *testing.T) {
	tw := newTown(t)
	k := claimedBy("UDUTY")
	second := tw.posted(t, k).Card
	tw.posted(t, k)
	if a, err := tw.Click(within(t), "UDUTY", "C02", second.TS, "reply"); err != nil || !a.Acked() {
		t.Fatal(a.Status, err)
	}
	if got := tw.taken(); len(got) != 1 || got[0].Kind != handoff.Lost || got[0].Spot != second || got[0].ID == "" {
		t.Errorf("got %+v", got)
	}
	if open := tw.Views("UDUTY"); len(open) > 0 {
		t.Errorf("a form opened: %+v", open)
	}
}

func TestNamesStayInside(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil {
		t.Fatal(err)
	}
	if got := tw.taken(); len(got) != 1 || got[0].Name != "" {
		t.Errorf("got %+v", got)
	}
}

// TestTheSameClickTwice has the same payload delivered twice.
func TestTheSameClickTwice(t *testing.T) {
	tw := newTown(t)
	tw.put(openCase())
	body := []byte(`{"type":"block_actions","user":{"id":"UDUTY","team_id":"T0CITY"},"container":{"type":"message","message_ts":"1.2","channel_id":"C02"},
		"actions":[{"action_id":"claim","value":"` + caseID + `:1","action_ts":"1763780400.000100"}]}`)
	for range 2 {
		if a := tw.desk.interaction(within(t), body); a.status != 0 {
			t.Fatal(a.status)
		}
	}
	if got := tw.taken(); len(got) != 2 || got[0].ID != got[1].ID || got[0].ID != "UDUTY/claim/1763780400.000100" {
		t.Errorf("got %+v", got)
	}
}

func TestWhoMayNot(t *testing.T) {
	for name, x := range map[string]struct {
		user, channel, hears string
	}{
		"a guest":               {"UGUEST", "C02", noGuest},
		"another team":          {"UFOREIGN", "C02", noForeign},
		"a bot":                 {"UROBOT", "C02", noGuest},
		"not on duty":           {"UOTHER", "C02", noDuty},
		"in a shared channel":   {"UDUTY", "C03", noShared},
		"not on duty, anywhere": {"UOTHER", "C01", noDuty},
	} {
		t.Run(name, func(t *testing.T) {
			tw := newTown(t, func(o *Options) { o.Channels["shared"] = "C03" })
			c := openCase()
			spot, err := tw.desk.Card(within(t), handoff.Spot{Channel: x.channel}, handoff.NewCard(c, nil), handoff.Outbox{ID: "1"})
			if err != nil {
				t.Fatal(err)
			}
			tw.put(c)
			for i, action := range []string{"claim", "reply"} {
				a, err := tw.Click(within(t), x.user, x.channel, spot.TS, action, slacktest.WithValue(caseID+":1"))
				if err != nil || !a.Acked() {
					t.Fatal(a.Status, err)
				}
				if got := tw.whispered(t, x.user, i+1).Readable(); got != x.hears {
					t.Errorf("heard %q, want %q", got, x.hears)
				}
			}
			if len(tw.taken()) > 0 || len(tw.Views(x.user)) > 0 || len(tw.AllMessages(x.channel)) != 1 {
				t.Errorf("it did something: %v, %d views", tw.taken(), len(tw.Views(x.user)))
			}
		})
	}
}

func TestWithoutADutyGroup(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.DutyGroup = "" })
	c := tw.posted(t, openCase())
	for _, u := range []string{"UGUEST", "UFOREIGN", "UROBOT"} {
		if _, err := tw.Click(within(t), u, "C02", c.Card.TS, "claim"); err != nil {
			t.Fatal(err)
		}
		tw.whispered(t, u, 1)
	}
	tw.AddUser(slacktest.User{ID: "UPASSER"})
	at, err := tw.desk.Card(within(t), handoff.Spot{Channel: "C01"}, handoff.NewCard(c, nil), handoff.Outbox{ID: "2"})
	if err != nil {
		t.Fatal(err)
	}
	// The channel is public: somebody outside sees the card, and hears in spite of it.
	if _, err := tw.Click(within(t), "UPASSER", "C01", at.TS, "claim"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UPASSER", 1).Readable(); got != noMember {
		t.Errorf("heard %q", got)
	}
	if len(tw.taken()) > 0 {
		t.Fatal("somebody acted who may not")
	}
	if _, err := tw.Click(within(t), "UOTHER", "C02", c.Card.TS, "claim"); err != nil || len(tw.taken()) != 1 {
		t.Errorf("a member of the channel could not act: %v", err)
	}
}

func TestWhenSlackDoesNotSayWhoMay(t *testing.T) {
	for _, method := range []string{"auth.test", "users.info", "conversations.info", "usergroups.users.list"} {
		t.Run(method, func(t *testing.T) {
			tw := newTown(t)
			c := tw.posted(t, openCase())
			tw.Break(slacktest.Fault{Method: method, Kind: slacktest.ServerError})
			if a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil || !a.Acked() {
				t.Fatal(a.Status, err)
			}
			if got := tw.whispered(t, "UDUTY", 1).Readable(); got != noAnswer || len(tw.taken()) > 0 {
				t.Errorf("heard %q, %d actions", got, len(tw.taken()))
			}
			tw.MendAll()
			if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil || len(tw.taken()) != 1 {
				t.Errorf("a failure was remembered: %v", err)
			}
		})
	}
}

func TestWhoMayIsRememberedAWhile(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	for range 5 {
		if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim"); err != nil {
			t.Fatal(err)
		}
	}
	for _, method := range []string{"auth.test", "users.info", "conversations.info", "usergroups.users.list"} {
		if n := tw.Count(method); n != 1 {
			t.Errorf("%s was asked %d times", method, n)
		}
	}
	var k kept[int]
	asked := 0
	ask := func() (int, error) { asked++; return asked, nil }
	for range 3 * maxKept {
		_, _ = k.get(string(rune(asked)), keepTime, ask)
	}
	if len(k.all) > maxKept {
		t.Errorf("%d are remembered", len(k.all))
	}
}

func TestAClickThatCannotBeStored(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	tw.refuse = errors.New("the store is down: " + secretWords)
	a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim")
	if err != nil || a.Status != 503 {
		t.Fatal(a.Status, err)
	}
	if got := tw.whispered(t, "UDUTY", 1).Readable(); got != sayLater {
		t.Errorf("heard %q", got)
	}
	tw.refuse = nil
	if _, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, "claim", slacktest.WithValue("hokuto/c/gone:1")); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 2).Readable(); got != sayGone {
		t.Errorf("heard %q", got)
	}
}

func TestManyClicksAtOnce(t *testing.T) {
	tw := newTown(t)
	c := tw.posted(t, openCase())
	var all sync.WaitGroup
	for range 20 {
		for _, u := range []string{"UDUTY", "UGUEST"} {
			all.Go(func() {
				if a, err := tw.Click(within(t), u, "C02", c.Card.TS, "claim"); err != nil || !a.Acked() {
					t.Error(a.Status, err)
				}
			})
		}
	}
	all.Wait()
	for _, a := range tw.taken() {
		if a.By != "UDUTY" {
			t.Errorf("%s acted", a.By)
		}
	}
	if len(tw.taken()) != 20 {
		t.Errorf("%d were accepted", len(tw.taken()))
	}
}

func TestUnknownPayloads(t *testing.T) {
	tw := newTown(t)
	for _, body := range []string{"", "no json " + secretWords, "[]", `{"type":"` + secretWords + `"}`, `{"type":"block_actions"}`,
		`{"type":"block_actions","actions":[{"action_id":"claim","value":"x"}]}`, `{"type":"block_actions","actions":[{"action_id":"erase","value":"x:1"}]}`,
		`{"type":"view_submission","view":{"id":"V","callback_id":"reply","private_metadata":"x"}}`,
		`{"type":"view_submission","view":{"id":"V","callback_id":"claim","private_metadata":"{\"c\":\"x\"}"}}`,
		`{"type":"message_action","callback_id":"other"}`} {
		if a := tw.desk.interaction(within(t), []byte(body)); a.status != 0 || a.body != nil || a.after != nil {
			t.Errorf("%s was answered %+v", body, a)
		}
	}
	if n := tw.desk.Unknown(); n != 10 {
		t.Errorf("%d were counted", n)
	}
}

func TestCommand(t *testing.T) {
	tw := newTown(t)
	for i, x := range []struct{ words, want string }{
		{"list", "list  @当番 <!channel>"},
		{" find  みかん-4821 ", "find みかん-4821 @当番 <!channel>"},
		{"mine", "mine  @当番 <!channel>"},
		{"LIST", "list  @当番 <!channel>"}, {"List　高齢", "list 高齢 @当番 <!channel>"}, {"ミカン－４８２１", "find ミカン－４８２１ @当番 <!channel>"},
		{"help", "/tsunagu find みかん-4821"}, {"help", "つなぎ直す"}, {"help", "応援を頼む"}, {"help", "担当がちがう"}, {"help", "多機関協働へ"}, {"help", "対応中です"}, {"help", "訂正を送る"},
		{"", "/tsunagu list"},
		{"find", "/tsunagu list"},
		{"erase all", "/tsunagu list"},
	} {
		a, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", x.words)
		if err != nil || !a.Acked() {
			t.Fatal(a.Status, err)
		}
		m := tw.whispered(t, "UDUTY", i+1)
		if !strings.Contains(m.Readable(), x.want) || len(m.Pings()) > 1 {
			t.Errorf("%q: %q, pings %v", x.words, m.Readable(), m.Pings())
		}
	}
	for _, u := range []string{"UOTHER", "UGUEST"} {
		if _, err := tw.Command(within(t), u, "C01", "/tsunagu", "list"); err != nil {
			t.Fatal(err)
		}
		if got := tw.whispered(t, u, 1).Readable(); got != noDuty && got != noGuest {
			t.Errorf("%s heard %q", u, got)
		}
	}
	if n := len(tw.AllMessages("C01")); n > 0 {
		t.Errorf("%d messages are public", n)
	}
}

func TestACommandElsewhereAsksTheDefaultChannel(t *testing.T) {
	tw := newTown(t, func(o *Options) { o.DutyGroup = "" })
	tw.AddUser(slacktest.User{ID: "UPASSER"})
	tw.AddChannel(slacktest.Channel{ID: "C50", Members: []string{"UPASSER", "UDUTY", slacktest.BotUser}})
	if _, err := tw.Command(within(t), "UPASSER", "C50", "/tsunagu", "list"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UPASSER", 1).Readable(); got != noMember {
		t.Errorf("heard %q", got)
	}
}

func TestListThatFails(t *testing.T) {
	tw := newTown(t, func(o *Options) {
		o.List = func(context.Context, string, string, string) (string, error) { return "", errors.New(secretWords) }
	})
	if _, err := tw.Command(within(t), "UDUTY", "C01", "/tsunagu", "list"); err != nil {
		t.Fatal(err)
	}
	if got := tw.whispered(t, "UDUTY", 1).Readable(); got != sayLater {
		t.Errorf("heard %q", got)
	}
}

func TestCloseWaitsForWhatIsUnderWay(t *testing.T) {
	tw := newTown(t)
	began, end := make(chan struct{}), make(chan struct{})
	tw.desk.later(func(ctx context.Context) {
		close(began)
		<-ctx.Done()
		close(end)
	})
	<-began
	tw.desk.Close()
	select {
	case <-end:
	case <-time.After(time.Second):
		t.Error("Close did not wait")
	}
	tw.desk.later(func(context.Context) { t.Error("work began after Close") })
}

// TestSlackHangsWhileAsked has Slack hang on the question who may act: the click
// is answered in time all the same.
func TestSlackHangsWhileAsked(t *testing.T) { synctest.Test(t, slackHangsWhileAsked) }

func slackHangsWhileAsked(t *testing.T) {
	tw := newFakeTown(t)
	c := tw.posted(t, claimedBy("UDUTY"))
	tw.Break(slacktest.Fault{Method: "users.info", Kind: slacktest.Hang})
	for i, action := range []string{"release", "reply"} {
		began := time.Now()
		a, err := tw.Click(within(t), "UDUTY", "C02", c.Card.TS, action)
		if took := time.Since(began); err != nil || !a.Acked() || took > 2500*time.Millisecond {
			t.Errorf("%s was answered %d after %v, %v", action, a.Status, took, err)
		}
		if got := tw.whispered(t, "UDUTY", i+1).Readable(); got != noAnswer {
			t.Errorf("heard %q", got)
		}
	}
	tw.MendAll()
	if len(tw.taken()) > 0 {
		t.Error("it was done without knowing who")
	}
}

// TestTheHelpNamesEveryButton holds the help to what can be pressed.
func TestTheHelpNamesEveryButton(t *testing.T) {
	tw := newTown(t)
	help := tw.desk.help()
	for _, k := range append(slices.Clone(handoff.Kinds), handoff.Keep, handoff.Correct) {
		if !strings.Contains(help, "・"+k.Label()+"　") {
			t.Errorf("%s is missing", k.Label())
		}
	}
	if n := units(ours(help)); n > maxSection {
		t.Errorf("%d units", n)
	}
}
