package linetest

import (
	"context"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWebhooksLookLikeLINEs(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	if !userID.MatchString(taro.ID) {
		t.Errorf("user ID %q", taro.ID)
	}
	ulid := regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	deliveries := map[string]Delivery{
		"follow": taro.Follow(), "again": taro.FollowAgain(), "text": taro.Say("a"), "sticker": taro.Sticker(),
		"image": taro.Image(nil), "audio": taro.Voice(nil), "video": taro.Video(nil), "file": taro.File("a.pdf", nil),
		"location": taro.Location("", "", 35, 139), "hologram": r.Deliver(taro.UnknownMessageEvent("hologram")),
		"new": r.Deliver(taro.UnknownEvent("dream")), "standby": r.Deliver(taro.StandbyEvent("a")),
		"unsend": taro.Unsend("1"), "block": taro.Block(),
	}
	tokenless := []string{"new", "standby", "unsend", "block"}
	for name, d := range deliveries {
		if !d.OK() || len(d.EventIDs) != 1 || !ulid.MatchString(d.EventIDs[0]) {
			t.Errorf("%s: %+v", name, d)
		}
		if want := !slices.Contains(tokenless, name); (len(d.ReplyTokens) == 1) != want {
			t.Errorf("%s: reply token is %v, want %v", name, !want, want)
		}
		for _, part := range []string{`"mode":`, `"timestamp":1795309200000`, `"isRedelivery":false`, `"userId":"` + taro.ID, `"destination":"` + BotUserID} {
			if !strings.Contains(string(d.Body), part) {
				t.Errorf("%s lacks %s: %s", name, part, d.Body)
			}
		}
	}
	for _, got := range r.bot.webhooks() {
		if got.signature != Sign(testSecret, got.body) {
			t.Error("a webhook is not signed")
		}
	}
	if !strings.Contains(string(deliveries["again"].Body), `"isUnblocked":true`) || !strings.Contains(string(deliveries["standby"].Body), `"mode":"standby"`) {
		t.Error("follow and standby carry their marks")
	}
	if !strings.Contains(string(deliveries["text"].Body), `"quoteToken"`) {
		t.Error("a text can be quoted")
	}
}

func TestULIDsSortByTime(t *testing.T) {
	at := time.UnixMilli(1469918176385)
	if got := newULID(at); !strings.HasPrefix(got, "01ARYZ6S41") { // the example of the ULID specification
		t.Errorf("ULID %s", got)
	}
	if one, other := newULID(at), newULID(at); one == other {
		t.Error("the rest is drawn")
	}
}

func TestSeveralAndMalformedEventsInOneWebhook(t *testing.T) {
	r := newRig(t)
	taro, hana := r.Resident(""), r.Resident("")
	d := r.Deliver(taro.TextEvent("a"), Raw(`{"source":null}`), Raw(`{{`), hana.TextEvent("b").With("timestamp", "noon"))
	if len(d.EventIDs) != 2 || len(d.MessageIDs) != 2 {
		t.Errorf("%+v", d)
	}
	for _, part := range []string{`{"source":null}`, `"{{"`, `"timestamp":"noon"`} {
		if !strings.Contains(string(d.Body), part) {
			t.Errorf("%s is not in the webhook", part)
		}
	}
	if d := r.Deliver(); string(d.Body) != `{"destination":"`+BotUserID+`","events":[]}` || !d.OK() {
		t.Errorf("%s", d.Body)
	}
	if d := r.SendBody([]byte(`{"events":`)); d.Status != 400 {
		t.Errorf("broken JSON: %d", d.Status)
	}
	hooks := r.bot.webhooks()
	if last := hooks[len(hooks)-1]; last.signature != Sign(testSecret, last.body) {
		t.Error("broken JSON is signed too")
	}
}

func TestForgedWebhooks(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	body := WebhookBody(taro.TextEvent("a"))
	r.Forge("", body)
	r.Forge("wrong", body)
	hooks := r.bot.webhooks()
	if hooks[0].signature != "" || hooks[1].signature != "wrong" || len(taro.Chat()) != 0 {
		t.Errorf("%q %q", hooks[0].signature, hooks[1].signature)
	}
	r.must(400, "POST", replyPath, replyBody(hooks[0].Events[0].ReplyToken, "b"))
}

func TestRedelivery(t *testing.T) {
	r := newRig(t)
	r.bot.status = 503
	taro := r.Resident("")
	d := taro.Say("a")
	if d.OK() || d.Status != 503 {
		t.Errorf("%+v", d)
	}
	r.Redeliver(d)
	hooks := r.bot.webhooks()
	first, second := hooks[0].Events[0], hooks[1].Events[0]
	if first.DeliveryContext.IsRedelivery || !second.DeliveryContext.IsRedelivery {
		t.Error("only the second is marked")
	}
	second.DeliveryContext.IsRedelivery = false
	if !reflect.DeepEqual(first, second) || hooks[0].signature == hooks[1].signature {
		t.Errorf("%+v\n%+v", first, second)
	}
	if len(taro.Chat()) != 1 {
		t.Error("the resident wrote once")
	}
}

func TestWhatCanBeTapped(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	labels := func() string {
		var out []string
		for _, b := range taro.Buttons() {
			out = append(out, b.Label)
		}
		return strings.Join(out, " ")
	}
	say := func(messages string) {
		t.Helper()
		r.must(200, "POST", pushPath, `{"to":"`+taro.ID+`","notificationDisabled":true,"messages":[`+messages+`]}`)
	}
	items := func(actions ...string) string {
		for i, a := range actions {
			actions[i] = `{"type":"action","action":` + a + `}`
		}
		return `,"quickReply":{"items":[` + strings.Join(actions, ",") + `]}`
	}
	taro.Follow()
	silent := items(action("postback", "黙", `,"data":"q1"`), action("datetimepicker", "日", `,"data":"when","mode":"date"`), action("uri", "外", `,"uri":"tel:119"`))
	say(text(items(message("古", "x"))) + "," + text(silent))
	if got := labels(); got != "黙 日 外" {
		t.Errorf("only the last message's quick replies show: %q", got)
	}
	if e := taro.Heard()[0]; !e.Silent || e.How != Push || e.Text != "a" || len(e.QuickReplies) != 1 {
		t.Errorf("%+v", e)
	}
	old := taro.Buttons()[0]
	if d := taro.TapLabel("外"); d.Err != ErrNoWebhook {
		t.Errorf("a call tells the bot nothing: %v", d.Err)
	}
	taro.Pick(taro.Buttons()[1], "2026-12-01")
	if got := labels(); got != "黙 日 外" {
		t.Errorf("a picker leaves the quick replies: %q", got)
	}
	taro.TapLabel("黙")
	if got := labels(); got != "" {
		t.Errorf("they vanish with the tap: %q", got)
	}
	if d := taro.TapLabel("黙"); d.Err != ErrNotShown {
		t.Errorf("what is not shown cannot be found: %v", d.Err)
	}
	if d := taro.Tap(old); !d.OK() {
		t.Errorf("an old button can be kept and tapped: %+v", d)
	}
	var data []string
	for _, h := range r.bot.webhooks() {
		for _, e := range h.Events {
			data = append(data, e.Postback.Data+e.Postback.Params["date"])
		}
	}
	if got := strings.Join(data, " "); got != " when2026-12-01 q1 q1" {
		t.Errorf("the bot heard %q", got)
	}

	say(template(`{"type":"confirm","text":"よろしいですか","actions":[`+action("postback", "はい", `,"data":"yes","displayText":"はい"`)+`,`+message("いいえ", "いいえ")+`]}`) + "," +
		flex(bubble(`{"type":"text","text":"一行目"},{"type":"text","contents":[{"type":"span","text":"二"},{"type":"span","text":"行目"}]},{"type":"button","action":`+message("押す", "押した")+`}`)))
	if got := labels(); got != "はい いいえ 押す" {
		t.Errorf("%q", got)
	}
	taro.TapLabel("はい")
	taro.TapLabel("押す")
	if got := labels(); got != "はい いいえ 押す" {
		t.Errorf("template and Flex buttons stay: %q", got)
	}
	var words []string
	for _, e := range taro.Chat() {
		words = append(words, string(e.From)+":"+e.Text)
	}
	want := "bot:a|bot:a|bot:よろしいですか|bot:一行目\n二行目|resident:はい|resident:押した"
	if got := strings.Join(words, "|"); got != want {
		t.Errorf("chat %q, want %q", got, want)
	}
	say(text(items(message("次", "x"))))
	taro.Say("書いた")
	if got := labels(); strings.Contains(got, "次") {
		t.Errorf("quick replies vanish when words are written: %q", got)
	}
}

func TestUnsendErases(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	d := taro.Say("秘密")
	taro.Unsend(d.MessageIDs[0])
	if e := taro.Chat()[0]; !e.Unsent || e.Text != "" {
		t.Errorf("%+v", e)
	}
}

func TestWaitFor(t *testing.T) {
	r := newRig(t)
	taro := r.Resident("")
	taro.Follow()
	before := r.Revision()
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		done <- r.WaitFor(ctx, func() bool { return len(taro.Heard()) == 2 })
	}()
	r.must(200, "POST", pushPath, pushBody(taro.ID, "a"))
	r.must(200, "POST", pushPath, pushBody(taro.ID, "b"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if r.Revision() <= before {
		t.Error("the revision grows")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.WaitFor(ctx, func() bool { return false }); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

func TestChatsAreBounded(t *testing.T) {
	r := newRig(t)
	r.SetWebhook("http://127.0.0.1:1/") // nobody there
	taro := r.Resident("")
	r.Hold(true)
	for range maxChat + 1 {
		taro.Say("a")
	}
	if n := len(taro.Chat()); n != maxChat {
		t.Errorf("%d entries", n)
	}
	b := newBounded[int](2)
	for i, key := range []string{"a", "b", "a", "c"} {
		b.put(key, i)
	}
	if _, has := b.get("a"); has || len(b.byKey) != 2 || len(b.order) != 2 {
		t.Errorf("%+v", b)
	}
}
