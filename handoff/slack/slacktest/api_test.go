package slacktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestPostFindByMetadataAndUpdate(t *testing.T) {
	tw := newTown(t, Options{})
	meta := slack.SlackMetadata{EventType: "tsunagu_card", EventPayload: map[string]any{"outbox": "o-17"}}
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"), slack.MsgOptionMetadata(meta),
		slack.MsgOptionParse(false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())

	got, found := tw.MessageAt("C01", ts)
	if !found || got.Parse != "none" || got.UnfurlLinks || got.UnfurlMedia || got.BotID != BotID {
		t.Errorf("stored as %+v", got)
	}
	hist := must[*slack.GetConversationHistoryResponse](t)(tw.api.GetConversationHistoryContext(within(t),
		&slack.GetConversationHistoryParameters{ChannelID: "C01", IncludeAllMetadata: true}))
	if len(hist.Messages) != 1 || hist.Messages[0].Metadata.EventPayload["outbox"] != "o-17" || hist.Messages[0].BotID != BotID {
		t.Errorf("history holds %+v", hist.Messages)
	}
	hist = must[*slack.GetConversationHistoryResponse](t)(tw.api.GetConversationHistoryContext(within(t),
		&slack.GetConversationHistoryParameters{ChannelID: "C01"}))
	if m := hist.Messages[0].Metadata; m.EventType != "tsunagu_card" || m.EventPayload != nil {
		t.Errorf("unasked history tells %+v", m)
	}

	_, _, _, err := tw.api.UpdateMessageContext(within(t), "C01", ts, slack.MsgOptionText("済", false), card("k1:2"))
	if err != nil {
		t.Fatal(err)
	}
	got, _ = tw.MessageAt("C01", ts)
	claim, _ := got.Button("claim")
	if got.Metadata == nil || got.Metadata.EventPayload["outbox"] != "o-17" || claim.Value != "k1:2" || got.Edited {
		t.Errorf("after the update: %+v, value %q", got, claim.Value)
	}
	if got.Parse != "client" {
		t.Errorf("an update without parse has parse %q, want client", got.Parse)
	}
	if _, _, _, err = tw.api.UpdateMessageContext(within(t), "C01", ts, slack.MsgOptionText("文だけ", false)); err != nil {
		t.Fatal(err)
	}
	if got, _ = tw.MessageAt("C01", ts); got.Blocks != nil || !got.Edited || got.Metadata == nil {
		t.Errorf("text alone has to remove the blocks and keep the metadata: %+v", got)
	}
}

func TestChatRefusals(t *testing.T) {
	tw := newTown(t, Options{})
	theirs, _, err := tw.Message(within(t), "UDUTY", "C01", "やります", "")
	if err != ErrNobodyListens {
		t.Fatalf("a message with nobody listening: %v", err)
	}
	ts := post(t, tw, "C01", slack.MsgOptionText("親", false))
	reply := post(t, tw, "C01", slack.MsgOptionText("返事", false), slack.MsgOptionTS(ts))
	text := slack.MsgOptionText("a", false)
	posting := func(channel string, o ...slack.MsgOption) error {
		_, _, err := tw.api.PostMessageContext(within(t), channel, o...)
		return err
	}
	updating := func(ts string, o ...slack.MsgOption) error {
		_, _, _, err := tw.api.UpdateMessageContext(within(t), "C01", ts, o...)
		return err
	}
	whispering := func(user string) error {
		_, err := tw.api.PostEphemeralContext(within(t), "C01", user, text)
		return err
	}
	tw.SetThrottle(Throttle{Off: true})
	wantCode(t, posting("C99", text), "channel_not_found")
	wantCode(t, posting("C04", text), "channel_not_found")
	wantCode(t, posting("C03", text), "not_in_channel")
	wantCode(t, posting("C05", text), "is_archived")
	wantCode(t, posting("C01"), "no_text")
	wantCode(t, posting("C01", text, slack.MsgOptionTS("1.000001")), "thread_not_found")
	wantCode(t, posting("C01", text, slack.MsgOptionTS(reply)), "cannot_reply_to_message")
	wantCode(t, updating("1.000001", text), "message_not_found")
	wantCode(t, updating(theirs.TS, text), "cant_update_message")
	wantCode(t, updating(ts, slack.MsgOptionText(strings.Repeat("a", 4001), false)), "msg_too_long")
	wantCode(t, updating(ts), "no_text")
	wantCode(t, whispering("UGUEST"), "user_not_in_channel")

	long := slack.MsgOptionBlocks(slack.NewHeaderBlock(plainText(strings.Repeat("a", 151))))
	err = posting("C01", long)
	wantCode(t, err, "invalid_blocks")
	if why := tw.Refused(); !contains(why[len(why)-1].Messages, "[json-pointer:/blocks/0/text/text]") {
		t.Errorf("the reason is missing: %+v", why[len(why)-1])
	}
	if no, _ := err.(slack.SlackErrorResponse); !contains(no.ResponseMetadata.Messages, "less than 151") {
		t.Errorf("the client does not hear why: %+v", no)
	}
}

func TestDeletedParentLeavesATombstone(t *testing.T) {
	tw := newTown(t, Options{})
	ts := post(t, tw, "C01", slack.MsgOptionText("親", false))
	post(t, tw, "C01", slack.MsgOptionText("返事", false), slack.MsgOptionTS(ts))
	if _, _, err := tw.api.DeleteMessageContext(within(t), "C01", ts); err != nil {
		t.Fatal(err)
	}
	if got, found := tw.MessageAt("C01", ts); !found || got.Subtype != "tombstone" {
		t.Errorf("left behind: %+v", got)
	}
	_, _, err := tw.api.DeleteMessageContext(within(t), "C01", ts)
	wantCode(t, err, "message_not_found")
}

func TestTokensAndScopes(t *testing.T) {
	tw := newTown(t, Options{Scopes: []string{"chat:write", "users:read"}})
	res := must[*slack.AuthTestResponse](t)(tw.api.AuthTestContext(within(t)))
	if res.BotID != BotID || res.TeamID != DefaultTeamID || res.Header.Get("X-Oauth-Scopes") != "chat:write,users:read" {
		t.Errorf("auth.test: %+v", res)
	}
	_, err := tw.api.GetConversationHistoryContext(within(t), &slack.GetConversationHistoryParameters{ChannelID: "C01"})
	wantCode(t, err, "missing_scope")
	if no := err.(slack.SlackErrorResponse); !strings.Contains(no.Needed, "channels:history") || no.Provided != "chat:write,users:read" {
		t.Errorf("scopes needed %q, provided %q", no.Needed, no.Provided)
	}
	tw.SetScopes("channels:history")
	_, err = tw.api.GetConversationHistoryContext(within(t), &slack.GetConversationHistoryParameters{ChannelID: "C02"})
	wantCode(t, err, "missing_scope")

	for token, code := range map[string]string{"": "not_authed", "xoxb-wrong": "invalid_auth", DefaultAppToken: "not_allowed_token_type"} {
		_, err := slack.New(token, slack.OptionAPIURL(tw.APIURL())).AuthTestContext(within(t))
		wantCode(t, err, code)
	}
	// A token in the address is no token.
	req := must[*http.Request](t)(http.NewRequestWithContext(within(t), http.MethodGet, tw.APIURL()+"auth.test?token="+DefaultBotToken, nil))
	resp := must[*http.Response](t)(http.DefaultClient.Do(req))
	_ = resp.Body.Close()
	if calls := tw.Calls(); calls[len(calls)-1].Error != "not_authed" {
		t.Errorf("a token in the query gave %q", calls[len(calls)-1].Error)
	}
	resp = must[*http.Response](t)(http.PostForm(tw.APIURL()+"chat.nonsense", url.Values{"token": {DefaultBotToken}}))
	_ = resp.Body.Close()
	if calls := tw.Calls(); calls[len(calls)-1].Error != "unknown_method" || strings.Contains(string(calls[0].Args), "xoxb") {
		t.Errorf("last call %+v", calls[len(calls)-1])
	}
}

func TestReadingAWorkspace(t *testing.T) {
	tw := newTown(t, Options{})
	ctx := within(t)
	info := must[*slack.Channel](t)(tw.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: "C01"}))
	if info.Name != "soudan" || info.IsExtShared || !info.IsMember {
		t.Errorf("info: %+v", info)
	}
	var members []string
	for cursor, pages := "", 0; pages < 9; pages++ {
		part, next, err := tw.api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: "C01", Limit: 3, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, part...)
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(members, []string{BotUser, "UDUTY", "UOTHER", "UFOREIGN"}) {
		t.Errorf("members over pages: %v", members)
	}
	guest := must[*slack.User](t)(tw.api.GetUserInfoContext(ctx, "UGUEST"))
	foreign := must[*slack.User](t)(tw.api.GetUserInfoContext(ctx, "UFOREIGN"))
	if !guest.IsUltraRestricted || !guest.IsRestricted || foreign.TeamID != "T0ELSE" {
		t.Errorf("guest %+v, foreign %+v", guest, foreign)
	}
	duty := must[[]string](t)(tw.api.GetUserGroupMembersContext(ctx, "S01"))
	if !slices.Equal(duty, []string{"UDUTY"}) {
		t.Errorf("group members: %v", duty)
	}
	_, err := tw.api.GetUserGroupMembersContext(ctx, "S99")
	wantCode(t, err, "no_such_subteam")
	all, _, err := tw.api.GetConversationsContext(ctx, &slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}})
	if err != nil || len(all) != 4 {
		t.Errorf("list: %d channels, %v", len(all), err)
	}
	ts := post(t, tw, "C01", slack.MsgOptionText("a", false))
	link := must[string](t)(tw.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: "C01", Ts: ts}))
	if !strings.HasSuffix(link, "/C01/p"+strings.ReplaceAll(ts, ".", "")) {
		t.Errorf("permalink %s", link)
	}
}

func TestHistoryWindowsAndPages(t *testing.T) {
	tw := newTown(t, Options{})
	tw.SetThrottle(Throttle{Off: true})
	var all []string
	for range 5 {
		all = append(all, post(t, tw, "C01", slack.MsgOptionText("a", false))) // the clock stands still
	}
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != 5 || len(all[0]) != 17 {
		t.Fatalf("ts have to grow and differ: %v", all)
	}
	ask := func(p slack.GetConversationHistoryParameters) (ts []string, next string) {
		p.ChannelID = "C01"
		h := must[*slack.GetConversationHistoryResponse](t)(tw.api.GetConversationHistoryContext(within(t), &p))
		for _, m := range h.Messages {
			ts = append(ts, m.Timestamp)
		}
		return ts, h.ResponseMetaData.NextCursor
	}
	if got, _ := ask(slack.GetConversationHistoryParameters{Oldest: all[1], Latest: all[3]}); !slices.Equal(got, all[2:3]) {
		t.Errorf("open window: %v", got)
	}
	if got, _ := ask(slack.GetConversationHistoryParameters{Oldest: all[1], Latest: all[3], Inclusive: true}); len(got) != 3 {
		t.Errorf("closed window: %v", got)
	}
	first, next := ask(slack.GetConversationHistoryParameters{Limit: 3})
	post(t, tw, "C01", slack.MsgOptionText("new", false)) // shifts nothing
	rest, end := ask(slack.GetConversationHistoryParameters{Limit: 3, Cursor: next})
	newestFirst := slices.Clone(all)
	slices.Reverse(newestFirst)
	if !slices.Equal(append(first, rest...), newestFirst) || end != "" {
		t.Errorf("pages %v and %v, then %q", first, rest, end)
	}
	reply := post(t, tw, "C01", slack.MsgOptionText("r", false), slack.MsgOptionTS(all[0]))
	msgs, _, _, err := tw.api.GetConversationRepliesContext(within(t), &slack.GetConversationRepliesParameters{ChannelID: "C01", Timestamp: all[0]})
	if err != nil || len(msgs) != 2 || msgs[1].Timestamp != reply || msgs[0].ReplyCount != 1 {
		t.Errorf("replies: %+v, %v", msgs, err)
	}
	if top := tw.Messages("C01"); len(top) != 6 || len(tw.Thread("C01", all[0])) != 2 {
		t.Errorf("%d at the top, thread %v", len(top), tw.Thread("C01", all[0]))
	}
}

func TestRateLimit(t *testing.T) {
	tw := newTown(t, Options{})
	text := slack.MsgOptionText("a", false)
	for range 3 {
		post(t, tw, "C01", text)
	}
	_, _, err := tw.api.PostMessageContext(within(t), "C01", text)
	limited, is := err.(*slack.RateLimitedError)
	if !is || limited.RetryAfter != time.Second {
		t.Fatalf("the fourth at once: %v", err)
	}
	post(t, tw, "C02", text) // another channel has its own
	tw.clock.Advance(time.Second)
	post(t, tw, "C01", text)
	tw.SetThrottle(Throttle{Soft: true, Burst: 1})
	post(t, tw, "C01", text)
	_, _, err = tw.api.PostMessageContext(within(t), "C01", text)
	wantCode(t, err, "ratelimited")
	if n := len(tw.Messages("C01")); n != 5 {
		t.Errorf("%d messages stored, want 5", n)
	}
}

// A file is nothing until its bytes came as announced and it was shared, once.
func TestFilesInThreeSteps(t *testing.T) {
	tw := newTown(t, Options{Scopes: append(DefaultScopes(), "files:write")})
	root := post(t, tw, "C01", slack.MsgOptionText("受付", false))
	ask := func(size int) *slack.GetUploadURLExternalResponse {
		return must[*slack.GetUploadURLExternalResponse](t)(tw.api.GetUploadURLExternalContext(within(t), slack.GetUploadURLExternalParameters{FileName: "a.jpg", FileSize: size}))
	}
	share := func(id string) error {
		_, err := tw.api.CompleteUploadExternalContext(within(t), slack.CompleteUploadExternalParameters{Files: []slack.FileSummary{{ID: id}}, Channel: "C01", ThreadTimestamp: root})
		return err
	}
	send := func(to *slack.GetUploadURLExternalResponse, bytes string) error {
		return tw.api.UploadToURL(within(t), slack.UploadToURLParameters{UploadURL: to.UploadURL, Filename: "a.jpg", Content: bytes})
	}
	says := func(err error, code string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	one := ask(5)
	says(share(one.FileID), "file_not_found") // no bytes yet
	says(send(one, "six bytes"), "400")
	if err := send(one, "bytes"); err != nil {
		t.Fatal(err)
	}
	says(send(one, "bytes"), "404") // an address takes them once
	if err := share(one.FileID); err != nil {
		t.Fatal(err)
	}
	says(share(one.FileID), "file_not_found")
	says(tw.api.DeleteFileContext(within(t), "F0"), "file_not_found")
	if err := tw.api.DeleteFileContext(within(t), one.FileID); err != nil {
		t.Fatal(err)
	}
	says(tw.api.DeleteFileContext(within(t), one.FileID), "file_deleted")
	if n := len(tw.Thread("C01", root)); n != 1 || len(tw.Files()) != 0 {
		t.Errorf("%d messages in the thread", n)
	}
	_, err := tw.api.GetUploadURLExternalContext(within(t), slack.GetUploadURLExternalParameters{FileName: "a.jpg", FileSize: maxUpload + 1})
	says(err, "file_upload_size_restricted")
	tw.SetScopes(DefaultScopes()...)
	_, err = tw.api.GetUploadURLExternalContext(within(t), slack.GetUploadURLExternalParameters{FileName: "a.jpg", FileSize: 5})
	says(err, "missing_scope")
}
