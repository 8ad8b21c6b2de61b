package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tsunagu/bot/linetest"
	"tsunagu/handoff/slack/slacktest"
)

// forgery is what a resident writes who wants to call everybody and to look like
// the program.
const forgery = "<!channel> *担当：* <@UTOUBANB> 引き受け済み"

// shift is a day at the desk of a running serve.
type shift struct {
	*world
	*town
	socket bool
	r      *linetest.Resident
}

// TestAWholeShiftOverHTTPAndOverSocketMode works one day with everything that staff
// have, in both ways that Slack can reach the program: what holds in one holds in
// the other.
func TestAWholeShiftOverHTTPAndOverSocketMode(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name   string
		socket bool
	}{{"HTTP", false}, {"Socket Mode", true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := plan{addr: freeAddress(t), store: "sqlite:tsunagu.db", now: "2026-11-24T10:00:00+09:00", cities: []string{"hokuto"},
				socket: way.socket, fields: []string{"poverty", "coordinator"}}.world(t)
			t.Cleanup(w.end)
			s := &shift{world: w, town: w.towns["hokuto"], socket: way.socket}
			w.start()
			if s.socket {
				w.eventually("Socket Mode", func() bool { return s.slack.Sockets() > 0 })
			}
			s.day()
			for _, c := range s.slack.Calls() {
				for _, text := range mrkdwnOf(t, c.Args) {
					if strings.Contains(text, "引き受け済み") {
						t.Errorf("%s: a resident's words stand as markup: %s", c.Method, text)
					}
				}
			}
			for _, c := range s.slack.Refused() {
				t.Errorf("Slack refused %s: %s %v", c.Method, c.Error, c.Messages)
			}
		})
	}
}

// day is what happens, in order.
func (s *shift) day() {
	s.r = s.line.Resident("")
	receipt := s.consent(s.r, "母の介護のことで困っています")
	card := s.stands(s.channel(), receipt, "未対応")
	s.claims(card, receipt)
	s.say(s.r, forgery)
	s.replied(card, forgery)
	s.answers(card)
	s.usesTheShortcut(card)
	s.looks(receipt)
	s.loses(func() { s.slack.RefreshSockets("refresh_requested") })
	there := s.handsOn(card, receipt)
	s.asksForHelp(there, receipt)
	s.press(otherUser, there, "release")
	s.stands(there.Channel, receipt, "未対応")
	there = s.reportsMisroute(there, receipt)
	s.press(shiftUser, there, "claim")
	s.stands(there.Channel, receipt, "担当：@toubana")
	s.fills(shiftUser, there, "escalate", slacktest.One("reason", "世帯全体のことのため"))
	s.stands(s.channel()+"COORDINATOR", receipt, "世帯全体のことのため")
	s.loses(s.slack.DropSockets)
	s.closes(there, receipt)
	s.confirmsADrill()
}

// loses ends the Socket Mode connection as Slack and networks do; it comes back by
// itself. Over HTTP there is nothing to lose.
func (s *shift) loses(connection func()) {
	s.t.Helper()
	if !s.socket {
		return
	}
	asked := s.slack.Count("apps.connections.open")
	connection()
	s.eventually("Socket Mode is back", func() bool {
		return s.slack.Count("apps.connections.open") > asked && s.slack.Sockets() > 0
	})
}

// mrkdwnOf are the texts of a call that Slack reads as markup: its fallback text and
// every mrkdwn of its blocks.
func mrkdwnOf(t *testing.T, args json.RawMessage) (out []string) {
	t.Helper()
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			var inner any // blocks come as JSON in a string
			if strings.HasPrefix(v, "[") || strings.HasPrefix(v, "{") {
				if json.Unmarshal([]byte(v), &inner) == nil {
					walk(inner)
				}
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if text, is := v["text"].(string); is && (v["type"] == "mrkdwn" || v["type"] == nil) {
				out = append(out, text)
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	var all any
	if err := json.Unmarshal(args, &all); err != nil {
		t.Fatal(err)
	}
	walk(all)
	return out
}

// heeds wants an act to be taken in, on the way that this shift is about.
func (s *shift) heeds(what string, act func() (slacktest.Answer, error)) {
	s.t.Helper()
	a, err := insists(s.t.Context(), act)
	if err != nil || !a.Acked() || a.Socket != s.socket {
		s.t.Fatalf("%s: acknowledged %v, over Socket Mode %v, %v", what, a.Acked(), a.Socket, err)
	}
}

// stands waits for a message of the channel that reads all the parts.
func (s *shift) stands(channel string, parts ...string) (found slacktest.Message) {
	s.t.Helper()
	s.eventually("a message with "+strings.Join(parts, ", "), func() bool {
		for _, m := range s.slack.Messages(channel) {
			if holdsAll(m.Readable(), parts) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// replied waits for a post in a card's thread.
func (s *shift) replied(card slacktest.Message, parts ...string) {
	s.t.Helper()
	s.eventually("a post with "+strings.Join(parts, ", "), func() bool {
		return slices.ContainsFunc(s.slack.Thread(card.Channel, card.TS)[1:], func(m slacktest.Message) bool { return holdsAll(m.Readable(), parts) })
	})
}

// told waits for what only that user sees.
func (s *shift) told(user string, parts ...string) (found slacktest.Message) {
	s.t.Helper()
	s.eventually(user+" is told "+strings.Join(parts, ", "), func() bool {
		for _, m := range s.slack.Ephemerals(user) {
			if holdsAll(m.Readable(), parts) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func holdsAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
}

func (s *shift) press(user string, m slacktest.Message, action string) {
	s.t.Helper()
	s.eventually("the button "+action, func() bool {
		now, _ := s.slack.MessageAt(m.Channel, m.TS)
		_, has := now.Button(action)
		return has
	})
	s.heeds(action, func() (slacktest.Answer, error) {
		return s.slack.Click(s.t.Context(), user, m.Channel, m.TS, action)
	})
}

// fills presses a button and submits the form that opens.
func (s *shift) fills(user string, m slacktest.Message, action string, values slacktest.Values) {
	s.t.Helper()
	s.asks(user, m, action)
	s.submits(user, action, values)
}

// asks presses a button until its form is open.
func (s *shift) asks(user string, m slacktest.Message, action string) {
	s.t.Helper()
	s.brings("the form "+action, func() { s.press(user, m, action) }, func() bool {
		return slices.ContainsFunc(s.slack.Views(user), func(v slacktest.View) bool { return v.CallbackID == action })
	})
}

func (s *shift) submits(user, callback string, values slacktest.Values) {
	s.t.Helper()
	s.view(s.town, user, callback)
	s.heeds(callback, func() (slacktest.Answer, error) {
		return s.slack.Submit(s.t.Context(), user, s.top(user).ID, values)
	})
}

func (s *shift) top(user string) slacktest.View {
	all := s.slack.Views(user)
	return all[len(all)-1]
}

// claims has two people press at once.
func (s *shift) claims(card slacktest.Message, receipt string) {
	s.t.Helper()
	value, _ := card.Button("claim")
	s.press(shiftUser, card, "claim")
	s.heeds("the second claim", func() (slacktest.Answer, error) {
		return s.slack.Click(s.t.Context(), otherUser, card.Channel, card.TS, "claim", slacktest.WithValue(value.Value))
	})
	s.stands(card.Channel, receipt, "対応中", "担当：@toubana")
	s.told(otherUser, "すでに @toubana が引き受けています")
	s.heeds("a guest's claim", func() (slacktest.Answer, error) {
		return s.slack.Click(s.t.Context(), guestUser, card.Channel, card.TS, "claim", slacktest.WithValue(value.Value))
	})
	s.told(guestUser, "ゲスト")
}

// answers writes with a 定型文 behind it, looks at the preview, goes back to write
// anew, and sends.
func (s *shift) answers(card slacktest.Message) {
	s.t.Helper()
	s.asks(shiftUser, card, "reply")
	s.heeds("a 定型文", func() (slacktest.Answer, error) {
		return s.slack.ClickView(s.t.Context(), shiftUser, s.top(shiftUser).ID, "canned", slacktest.WithValue("read"), slacktest.Typing(slacktest.One("text", "こんにちは。")))
	})
	s.eventually("a second form", func() bool { return len(s.slack.Views(shiftUser)) == 2 })
	s.submits(shiftUser, "reply", nil)
	preview := s.top(shiftUser)
	if !holdsAll(preview.Readable(), []string{"こんにちは。\n書いてくださって", "[送る]", "[書き直す]"}) {
		s.t.Errorf("the preview reads %s", preview.Readable())
	}
	s.heeds("rewrite", func() (slacktest.Answer, error) {
		return s.slack.ClickView(s.t.Context(), shiftUser, preview.ID, "rewrite")
	})
	s.eventually("the text again", func() bool { return s.top(shiftUser).CallbackID == "reply" })
	s.submits(shiftUser, "reply", slacktest.One("text", "あすの午前に、お返事します。"))
	s.submits(shiftUser, "reply_confirm", nil)
	s.heard(s.r, "あすの午前に、お返事します。")
	s.replied(card, "住民へ", "あすの午前に、お返事します。", "LINEに渡しました")
	if len(s.slack.Views(shiftUser)) != 0 {
		s.t.Error("a form is left open")
	}
}

// usesTheShortcut sends a message of the thread, edits it, and sends the 訂正.
func (s *shift) usesTheShortcut(card slacktest.Message) {
	s.t.Helper()
	var talk slacktest.Message
	s.heeds("talk", func() (a slacktest.Answer, err error) {
		talk, a, err = s.slack.Message(s.t.Context(), shiftUser, card.Channel, "窓口は9時から開いています。", card.TS)
		return a, err
	})
	s.heeds("the shortcut", func() (slacktest.Answer, error) {
		return s.slack.Shortcut(s.t.Context(), shiftUser, card.Channel, talk.TS, "send_to_resident")
	})
	s.submits(shiftUser, "reply", nil)
	s.submits(shiftUser, "reply_confirm", nil)
	s.heard(s.r, "窓口は9時から開いています。")
	s.heeds("an edit", func() (slacktest.Answer, error) {
		return s.slack.Edit(s.t.Context(), shiftUser, card.Channel, talk.TS, "窓口は10時から開いています。")
	})
	whisper := s.told(shiftUser, "訂正を送る")
	s.heeds("訂正", func() (slacktest.Answer, error) {
		return s.slack.Click(s.t.Context(), shiftUser, card.Channel, whisper.TS, "correct")
	})
	s.submits(shiftUser, "reply", slacktest.One("text", "窓口は10時からでした。"))
	s.submits(shiftUser, "reply_confirm", nil)
	s.heard(s.r, "窓口は10時からでした。")
}

// looks opens the home tab, narrows it to a field, and asks the command.
func (s *shift) looks(receipt string) {
	s.t.Helper()
	home := func(parts ...string) (v slacktest.View) {
		s.t.Helper()
		s.eventually("the home tab with "+strings.Join(parts, ", "), func() bool {
			v, _ = s.slack.Home(shiftUser)
			return holdsAll(v.Readable(), parts)
		})
		return v
	}
	s.heeds("the home tab", func() (slacktest.Answer, error) {
		return s.slack.OpenHome(s.t.Context(), shiftUser)
	})
	v := home(receipt, "@toubana　1 件")
	s.heeds("a field", func() (slacktest.Answer, error) {
		return s.slack.ClickView(s.t.Context(), shiftUser, v.ID, "home_field", slacktest.WithValue("child"))
	})
	v = home("いま、あなたの担当はありません。")
	if strings.Contains(v.Readable(), receipt) {
		s.t.Error("the field does not narrow the home tab")
	}
	for _, c := range []struct{ words, want string }{
		{"list", receipt}, {"mine", receipt}, {"find " + strings.ReplaceAll(receipt, "-", "ー"), receipt}, {"help", "カードのボタン"}, {"find もも-0000", "相談はありません"},
	} {
		before := len(s.slack.Ephemerals(shiftUser))
		s.heeds("/tsunagu "+c.words, func() (slacktest.Answer, error) {
			return s.slack.Command(s.t.Context(), shiftUser, s.channel(), "/tsunagu", c.words)
		})
		s.eventually("an answer to "+c.words, func() bool { return len(s.slack.Ephemerals(shiftUser)) > before })
		if got := s.slack.Ephemerals(shiftUser)[before].Readable(); !strings.Contains(got, c.want) {
			s.t.Errorf("/tsunagu %s answers %q", c.words, got)
		}
	}
}

// handsOn moves the case to 生活困窮; the resident is asked nothing.
func (s *shift) handsOn(card slacktest.Message, receipt string) slacktest.Message {
	s.t.Helper()
	s.fills(shiftUser, card, "handon", slacktest.Values{"field": {"poverty"}, "reason": {"お金の話が主でした"}})
	s.stands(card.Channel, receipt, "つなぎ直しました")
	there := s.stands(s.channel()+"POVERTY", receipt, "未対応")
	s.replied(there, "（@toubana）", "お金の話が主でした")
	s.press(otherUser, there, "claim")
	return s.stands(there.Channel, receipt, "担当：@toubanb")
}

// asksForHelp has a companion in the first channel, whose helper answers too.
func (s *shift) asksForHelp(card slacktest.Message, receipt string) {
	s.t.Helper()
	s.fills(otherUser, card, "help", slacktest.One("field", "elderly"))
	companion := s.stands(s.channel(), receipt, "応援・対応中")
	s.press(shiftUser, companion, "claim")
	s.stands(card.Channel, receipt, "応援：@toubana")
	s.fills(shiftUser, companion, "reply", slacktest.One("text", "介護のことは、こちらからお返事します。"))
	s.submits(shiftUser, "reply_confirm", nil)
	s.heard(s.r, "介護のことは、こちらからお返事します。")
	s.press(shiftUser, companion, "release")
}

// reportsMisroute sends the case to where it belongs.
func (s *shift) reportsMisroute(card slacktest.Message, receipt string) slacktest.Message {
	s.t.Helper()
	s.fills(otherUser, card, "misroute", slacktest.One("field", "child"))
	s.stands(card.Channel, receipt, "つなぎ直しました")
	return s.stands(s.channel(), receipt+"　未対応") // and not the companion
}

// closes ends the case, opens it again and ends it for good.
func (s *shift) closes(card slacktest.Message, receipt string) {
	s.t.Helper()
	s.fills(shiftUser, card, "close", slacktest.One("outcome", "connected"))
	s.stands(card.Channel, receipt, "終了")
	s.press(otherUser, card, "reopen")
	s.stands(card.Channel, receipt, "未対応")
	s.fills(otherUser, card, "close", slacktest.One("outcome", "informed"))
	closed := s.stands(card.Channel, receipt, "終了", "情報提供で終了")
	if strings.Contains(closed.Readable(), "母の介護のこと") {
		s.t.Error("a closed card holds the resident's words")
	}
}

func (s *shift) confirmsADrill() {
	s.t.Helper()
	out, done := s.drills("30s")
	s.press(shiftUser, s.stands(s.channel(), "【訓練】"), "drill")
	if err := <-done; err != nil {
		s.t.Errorf("drill: %v\n%s", err, out.String())
	}
	s.stands(s.channel(), "【訓練】", "確認しました", "訓練でした")
}
