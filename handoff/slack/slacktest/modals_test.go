package slacktest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func replyModal(title string) slack.ModalViewRequest {
	field := slack.NewPlainTextInputBlockElement(nil, "text").WithMaxLength(10)
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText(title), Submit: plainText("送る"), Close: plainText("やめる"),
		CallbackID: "reply", PrivateMetadata: "k1",
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("text", plainText("本文"), nil, field)}},
	}
}

// clickFor makes a fresh trigger_id.
func clickFor(t *testing.T, tw town, ts string) string {
	t.Helper()
	return must[Answer](t)(tw.Click(within(t), "UDUTY", "C01", ts, "claim")).TriggerID
}

func TestTriggersExpireAndWorkOnce(t *testing.T) {
	tw := newTown(t, Options{})
	newApp(t, tw)
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	open := func(trigger string) error {
		_, err := tw.api.OpenViewContext(within(t), trigger, replyModal("返信"))
		return err
	}
	late := clickFor(t, tw, ts)
	tw.clock.Advance(triggerLife + time.Millisecond)
	wantCode(t, open(late), "expired_trigger_id")
	just := clickFor(t, tw, ts)
	tw.clock.Advance(triggerLife)
	if err := open(just); err != nil {
		t.Errorf("at three seconds: %v", err)
	}
	wantCode(t, open(just), "exchanged_trigger_id")
	wantCode(t, open("1.2.3"), "invalid_trigger_id")
	bad := replyModal(strings.Repeat("あ", 25))
	_, err := tw.api.OpenViewContext(within(t), clickFor(t, tw, ts), bad)
	wantCode(t, err, "invalid_arguments")
	_, err = tw.api.PushViewContext(within(t), clickFor(t, tw, ts), replyModal("返信"))
	wantCode(t, err, "invalid_trigger_id") // a click on a message pushes nothing
}

func TestSubmitFollowsTheAnswer(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	if _, err := tw.api.OpenViewContext(within(t), clickFor(t, tw, ts), replyModal("返信")); err != nil {
		t.Fatal(err)
	}
	front := func() View {
		t.Helper()
		stack := tw.Views("UDUTY")
		if len(stack) == 0 {
			t.Fatal("no view is open")
		}
		return stack[len(stack)-1]
	}
	id := front().ID
	answer := func(v any) {
		a.replies(func(w http.ResponseWriter, path, _ string) {
			w.Header().Set("Content-Type", "application/json")
			if path == "/interactions" && v != nil {
				_ = json.NewEncoder(w).Encode(v)
			}
		})
	}
	submit := func(values Values) error {
		_, err := tw.Submit(within(t), "UDUTY", id, values)
		return err
	}
	if err := submit(nil); err == nil {
		t.Error("an empty required input went through")
	}
	if err := submit(One("text", "十文字より長い返信です")); err == nil {
		t.Error("more than max_length went through")
	}
	if err := submit(One("elsewhere", "a")); err == nil {
		t.Error("an input that is not there was filled in")
	}

	answer(slack.NewErrorsViewSubmissionResponse(map[string]string{"text": "もう一度"}))
	if err := submit(One("text", "はい")); err != nil || front().Errors["text"] != "もう一度" {
		t.Errorf("errors: %v, %+v", err, front().Errors)
	}
	_, body := a.last()
	if ic := parsed(t, body); ic.View.State.Values["text"]["text"].Value != "はい" || ic.View.PrivateMetadata != "k1" ||
		ic.View.CallbackID != "reply" || ic.User.ID != "UDUTY" {
		t.Errorf("submission %+v", ic.View)
	}
	answer(slack.NewErrorsViewSubmissionResponse(map[string]string{"nothing": "a"}))
	if err := submit(One("text", "はい")); !errors.Is(err, ErrTrouble) {
		t.Errorf("errors for an unknown block: %v", err)
	}
	bad := replyModal(strings.Repeat("a", 25))
	answer(slack.NewUpdateViewSubmissionResponse(&bad))
	if err := submit(One("text", "はい")); !errors.Is(err, ErrTrouble) || front().Title != "返信" {
		t.Errorf("a view Slack refuses: %v", err)
	}
	if no := tw.Refused(); no[len(no)-1].Method != "response_action" || no[len(no)-1].Error != "invalid_arguments" {
		t.Errorf("the refusal is not on record: %+v", no[len(no)-1])
	}
	confirm := replyModal("確認")
	confirm.CallbackID = "reply_confirm"
	answer(slack.NewUpdateViewSubmissionResponse(&confirm))
	before := front().Hash
	if err := submit(One("text", "はい")); err != nil || front().CallbackID != "reply_confirm" || front().ID != id || front().Hash == before {
		t.Errorf("update: %v, %+v", err, front())
	}
	next := replyModal("次")
	answer(slack.NewPushViewSubmissionResponse(&next))
	for range 2 {
		if err := submit(One("text", "はい")); err != nil {
			t.Fatal(err)
		}
		id = front().ID
	}
	if err := submit(One("text", "はい")); !errors.Is(err, ErrTrouble) || len(tw.Views("UDUTY")) != maxStack {
		t.Errorf("a fourth on the stack: %v", err)
	}
	if v := front(); v.PreviousID == "" || v.RootID != tw.Views("UDUTY")[0].ID {
		t.Errorf("stack %+v", v)
	}
	a.replies(func(w http.ResponseWriter, _, _ string) { _, _ = w.Write([]byte("ok")) })
	if err := submit(One("text", "はい")); !errors.Is(err, ErrTrouble) || len(tw.Views("UDUTY")) != maxStack {
		t.Errorf("an answer that is no JSON: %v", err)
	}
	answer(nil)
	if err := submit(One("text", "はい")); err != nil || len(tw.Views("UDUTY")) != 2 {
		t.Errorf("an empty answer closes one: %v, %d left", err, len(tw.Views("UDUTY")))
	}
	id = front().ID
	answer(slack.NewClearViewSubmissionResponse())
	if err := submit(One("text", "はい")); err != nil || len(tw.Views("UDUTY")) != 0 {
		t.Errorf("clear: %v, %d left", err, len(tw.Views("UDUTY")))
	}
}

func TestUpdateAndCloseAView(t *testing.T) {
	tw := newTown(t, Options{})
	a := newApp(t, tw)
	ts := post(t, tw, "C01", slack.MsgOptionText("受付", false), card("k1:1"))
	modal := replyModal("閉じる")
	modal.NotifyOnClose = true
	pick := slack.NewOptionsSelectBlockElement("static_select", plainText("えらぶ"), "outcome",
		slack.NewOptionBlockObject("done", plainText("つながった"), nil))
	modal.Blocks.BlockSet = append(modal.Blocks.BlockSet, slack.NewInputBlock("outcome", plainText("結果"), nil, pick))
	opened := must[*slack.ViewResponse](t)(tw.api.OpenViewContext(within(t), clickFor(t, tw, ts), modal))
	if _, err := tw.api.UpdateView(modal, "", opened.Hash, opened.ID); err != nil {
		t.Error(err)
	}
	_, err := tw.api.UpdateView(modal, "", opened.Hash, opened.ID)
	wantCode(t, err, "hash_conflict")
	_, err = tw.api.UpdateView(modal, "", "", "V0")
	wantCode(t, err, "not_found")
	values := Values{"text": {"はい"}, "outcome": {"lost"}}
	if _, err := tw.Submit(within(t), "UDUTY", opened.ID, values); err == nil {
		t.Error("an option that is not there was chosen")
	}
	if _, err := tw.CloseView(within(t), "UDUTY", opened.ID); err != nil || len(tw.Views("UDUTY")) != 0 {
		t.Errorf("close: %v", err)
	}
	_, body := a.last()
	form, _ := url.ParseQuery(body)
	if !strings.Contains(form.Get("payload"), `"type":"view_closed"`) {
		t.Errorf("the app did not hear of it: %s", form.Get("payload"))
	}
	opened = must[*slack.ViewResponse](t)(tw.api.OpenViewContext(within(t), clickFor(t, tw, ts), modal))
	values["outcome"] = []string{"done"}
	if _, err := tw.Submit(within(t), "UDUTY", opened.ID, values); err != nil {
		t.Fatal(err)
	}
	_, body = a.last()
	if got := parsed(t, body).View.State.Values["outcome"]["outcome"].SelectedOption.Value; got != "done" {
		t.Errorf("chosen %q", got)
	}
}
