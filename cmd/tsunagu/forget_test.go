package main

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

func TestForgetWhileServeRunsAndWithout(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	first := f.consults("介護のことで困っています")
	second := f.consults("家賃が払えません")
	f.wants(0, []string{first + " を消しました（ここと Slack の両方）。", "スレッドに書いたこと"}, "forget", "--city", "hokuto", first)
	if f.inSlack(first) || f.inSlack("介護のこと") {
		t.Error("copies of the first are in Slack")
	}
	if !f.inSlack(second) || !f.inSlack("家賃が払えません") {
		t.Error("the second is touched")
	}
	f.wants(1, []string{"受付番号 " + first + " の相談はありません"}, "forget", "--city", "hokuto", first)
	f.wants(0, []string{"resident", "consent", first, "resident", "consent", second, "program", "forget", first}, "audit", "--city", "hokuto")
	stop()

	// Without a serve the command does the work, also in Slack. The number is
	// typed as a Japanese keyboard gives it.
	wide := strings.NewReplacer("0", "０", "1", "１", "5", "５", "9", "９", "-", "ー").Replace(second)
	f.wants(0, []string{second + " を消しました"}, "forget", "--city", "hokuto", wide)
	if f.inSlack(second) || f.inSlack("家賃") {
		t.Error("copies of the second are in Slack")
	}
	for _, name := range []string{"tsunagu.db", "tsunagu.db-wal"} {
		b, err := os.ReadFile(f.file(name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"介護のこと", "家賃", first, second, "ops-line"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %s", name, word)
			}
		}
	}
}

func TestForgetSaysWhatIsWrong(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	for _, bad := range []string{"みかん-482", "4821", "みかんみかん-4821", "mikan-4821"} {
		f.wants(2, []string{"受付番号ではありません", "みかん-4821 のように"}, "forget", "--city", "hokuto", bad)
	}
	f.wants(2, []string{"書くものが足りません"}, "forget", "--city", "hokuto")
	f.wants(2, []string{"市「x」は", "hokuto"}, "forget", "--city", "x", "みかん-4821")
	f.wants(1, []string{"がありません（serve を始めると、できます）"}, "forget", "--city", "hokuto", "みかん-4821")
	if _, err := os.Stat(f.file("tsunagu.db")); !os.IsNotExist(err) {
		t.Error("forget made a store", err)
	}
	f.serve()()
	f.wants(1, []string{"hokuto に、受付番号 みかん-4821 の相談はありません"}, "forget", "--city", "hokuto", "みかん-4821")
}

// settings are what a command makes of the office's files.
func (f *office) settings() settings {
	f.t.Helper()
	cfg, err := readConfig(streams{out: os.Stdout, err: os.Stderr}, f.config())
	if err != nil {
		f.t.Fatal(err)
	}
	made, err := settingsOf(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		f.t.Fatal(err)
	}
	return made
}

func TestForgetWhileSlackIsAway(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	receipt := f.consults("介護のことで困っています")
	stop()
	made := f.settings()
	made.Cities[0].Slack.APIURL = "http://" + freeAddress(t) + "/api/"
	p, err := wire(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	conversation, err := p.bot.Forget(t.Context(), "hokuto", receipt)
	if err != nil {
		t.Fatal(err)
	}
	gone, left, err := forgotten(t.Context(), p.bot, conversation, false, 2*time.Second)
	if !gone || left == 0 || err != nil {
		t.Errorf("gone %v, %d left, %v; want it gone here and copies left", gone, left, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	// A serve that reaches Slack again deletes them.
	if !f.inSlack(receipt) {
		t.Fatal("the card was deleted: the test sees nothing")
	}
	stop = f.serve()
	f.soon("the copies are deleted", func() bool { return !f.inSlack(receipt) && !f.inSlack("介護のこと") })
	stop()
}

// Slack kept a card and words in a thread, and answered for neither. Both are found and
// deleted, though Slack is busy at first; what others have there stays.
func TestForgetFindsWhatSlackNeverAnswered(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	other := f.consults("家賃が払えません")
	if _, _, err := f.slack.Message(t.Context(), "UDUTY", "C01", "職員どうしの話", ""); err != nil {
		t.Fatal(err)
	}
	first := f.line.Resident(linetest.NewUserID())
	threaded := f.agrees(first, "介護のことで困っています")
	f.taken(first.Say("届いたことば"))
	f.soon("the first card and its thread", func() bool { return f.inSlack(threaded) && f.inSlack("届いたことば") })
	// From now on Slack keeps what is posted, says nothing and lists nothing.
	f.slack.Break(slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.LostAnswer})
	for _, method := range []string{"conversations.history", "conversations.replies"} {
		f.slack.Break(slacktest.Fault{Method: method, Kind: slacktest.ServerError})
	}
	f.taken(first.Say("答えのないことば"))
	lost := f.agrees(f.line.Resident(linetest.NewUserID()), "父のことで困っています")
	f.soon("the lost card", func() bool { return f.inSlack(lost) })
	f.soon("the lost words", func() bool { return f.inSlack("答えのないことば") })
	stop()
	p, err := wire(t.Context(), f.settings())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	var conversations []string
	for _, receipt := range []string{threaded, lost} {
		conversation, err := p.bot.Forget(t.Context(), "hokuto", receipt)
		if err != nil {
			t.Fatal(err)
		}
		conversations = append(conversations, conversation)
	}
	if _, err := p.bot.Drain(t.Context(), forgetJobs); err != nil { // forgotten before Slack says anything again
		t.Fatal(err)
	}
	f.slack.MendAll()
	for _, method := range []string{"conversations.history", "conversations.replies"} {
		f.slack.Break(slacktest.Fault{Method: method, Kind: slacktest.RateLimited, RetryAfter: 2 * time.Second, Times: 1})
	}
	for _, conversation := range conversations {
		if gone, left, err := forgotten(t.Context(), p.bot, conversation, false, patience); !gone || left > 0 || err != nil {
			t.Errorf("gone %v, %d left, %v", gone, left, err)
		}
	}
	for _, text := range []string{threaded, lost, "介護のこと", "届いたことば", "答えのないことば", "父のこと"} {
		if f.inSlack(text) {
			t.Errorf("%s stands in Slack", text)
		}
	}
	for _, text := range []string{other, "家賃が払えませんのつづき", "職員どうしの話"} {
		if !f.inSlack(text) {
			t.Errorf("%s was deleted", text)
		}
	}
}

func TestForgetOnRedis(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	f.write(redisServer(t, "--appendonly", "yes", "--appendfsync", "always"), "", "S01", "C01")
	stop := f.serve()
	first, second := f.consults("介護のことで困っています"), f.consults("家賃が払えません")
	f.wants(0, []string{first + " を消しました"}, "forget", "--city", "hokuto", first)
	stop()
	f.wants(0, []string{second + " を消しました"}, "forget", "--city", "hokuto", second)
	if f.inSlack(first) || f.inSlack(second) {
		t.Error("copies are in Slack")
	}
}

func TestAuditFiltersAndCSV(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	receipt := f.consults("ひみつの相談です")
	if a, err := f.slack.Command(t.Context(), "UDUTY", "C01", "/tsunagu", "find "+receipt); err != nil || !strings.Contains(string(a.Body), receipt) {
		t.Errorf("find: %s %v", a.Body, err)
	}
	f.soon("the look-up in the trail", func() bool {
		_, said := f.runs("audit", "--city", "hokuto", "--what", "find")
		return strings.Contains(said, receipt)
	})
	stop()
	_, said := f.runs("audit", "--city", "hokuto", "--csv")
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if len(lines) != 4 || lines[0] != "at,who,what,receipt,note" || !strings.Contains(lines[1], "+09:00,program,rules,,") ||
		!strings.HasSuffix(lines[2], "+09:00,resident,consent,"+receipt+",") || !strings.HasSuffix(lines[3], "+09:00,UDUTY,find,"+receipt+",") {
		t.Errorf("CSV:\n%s", said)
	}
	for _, c := range []struct {
		n    int
		args []string
	}{{1, []string{"--who", "resident"}}, {0, []string{"--who", "UOTHER"}}, {1, []string{"--what", "consent"}}, {0, []string{"--what", "claim"}},
		{2, []string{"--case", receipt}}, {1, []string{"--case", receipt, "--who", "UDUTY"}}, {0, []string{"--case", "むら-0000"}},
		{0, []string{"--to", "2020-01-01"}}, {3, []string{"--from", "2020-01-01"}}, {0, []string{"--from", "2999-01-01"}}} {
		code, said := f.runs("audit", append([]string{"--city", "hokuto"}, c.args...)...)
		nothing := strings.HasPrefix(said, "当てはまる記録はありません")
		if nothing {
			_, said, _ = strings.Cut(said, "\n")
		}
		if code != 0 || nothing != (c.n == 0) || strings.Count(said, "\n") != c.n || strings.Contains(said, "ひみつ") {
			t.Errorf("%v: exit %d, %q, want %d lines", c.args, code, said, c.n)
		}
	}
	f.wants(2, []string{"ような受付番号を書きます"}, "audit", "--city", "hokuto", "--case", "1")
	f.wants(2, []string{"日付ではありません"}, "audit", "--city", "hokuto", "--from", "11/22")
}
