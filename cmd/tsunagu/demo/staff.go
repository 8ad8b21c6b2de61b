package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"tsunagu/handoff/slack/slacktest"
)

// shortcut is the one message shortcut staff have.
const shortcut = "send_to_resident"

// maxPost is the longest message a member of staff writes, in bytes.
const maxPost = 12_000

// deed is something a member of staff does; each path uses its own part.
type deed struct {
	User    string           `json:"user"`
	Channel string           `json:"channel"`
	TS      string           `json:"ts"` // of the message, or of a thread's root
	Action  string           `json:"action"`
	Value   string           `json:"value"` // of a select's chosen option
	View    string           `json:"view"`
	Values  slacktest.Values `json:"values"`
	Text    string           `json:"text"`
	Users   []string         `json:"users"` // of a race
}

func (d *Demo) staffRoutes(mux *http.ServeMux) {
	staffed := func(path string, do func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error)) {
		post(d, mux, path, act(d, func(ctx context.Context, w *world, in deed) (string, error) {
			if w.isOn("slack") {
				return "", sorry("いまSlackにつながりません。「Slackが不通」のスイッチを切ると、つづけられます。")
			}
			a, err := do(ctx, w.slack, in)
			return heard(a, err)
		}))
	}
	staffed("/api/staff/click", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.Click(ctx, in.User, in.Channel, in.TS, in.Action, chosen(in)...)
	})
	staffed("/api/staff/race", race)
	staffed("/api/staff/viewclick", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.ClickView(ctx, in.User, in.View, in.Action, append(chosen(in), slacktest.Typing(in.Values))...)
	})
	staffed("/api/staff/home", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.OpenHome(ctx, in.User)
	})
	staffed("/api/staff/submit", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.Submit(ctx, in.User, in.View, in.Values)
	})
	staffed("/api/staff/close", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.CloseView(ctx, in.User, in.View)
	})
	staffed("/api/staff/shortcut", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.Shortcut(ctx, in.User, in.Channel, in.TS, shortcut)
	})
	staffed("/api/staff/delete", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		return s.Delete(ctx, in.User, in.Channel, in.TS)
	})
	staffed("/api/staff/edit", func(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
		text, err := words(in.Text)
		if err != nil {
			return slacktest.Answer{}, err
		}
		return s.Edit(ctx, in.User, in.Channel, in.TS, text)
	})
	staffed("/api/staff/say", write)
}

// chosen is what a select carries along; a button has its own value.
func chosen(in deed) []slacktest.How {
	if in.Value == "" {
		return nil
	}
	return []slacktest.How{slacktest.WithValue(in.Value)}
}

func words(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxPost {
		return "", sorry("1文字から4,000文字まで書けます。")
	}
	return text, nil
}

// write writes in a channel or a thread, or types a command.
func write(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
	text, err := words(in.Text)
	if err != nil {
		return slacktest.Answer{}, err
	}
	if command, rest, _ := strings.Cut(text, " "); strings.HasPrefix(command, "/") {
		return s.Command(ctx, in.User, in.Channel, command, rest)
	}
	_, a, err := s.Message(ctx, in.User, in.Channel, text, in.TS)
	return a, err
}

// race has two people press the same button at the same moment, both seeing the
// message as it stands now.
func race(ctx context.Context, s *slacktest.Server, in deed) (slacktest.Answer, error) {
	m, found := s.MessageAt(in.Channel, in.TS)
	b, has := m.Button(in.Action)
	if !found || !has || len(in.Users) != 2 {
		return slacktest.Answer{}, sorry("そのボタンはもうありません。")
	}
	var answers [2]slacktest.Answer
	var errs [2]error
	var both sync.WaitGroup
	for i, user := range in.Users {
		both.Go(func() {
			answers[i], errs[i] = s.Click(ctx, user, in.Channel, in.TS, in.Action, slacktest.WithValue(b.Value))
		})
	}
	both.Wait()
	i := max(0, slices.IndexFunc(answers[:], func(a slacktest.Answer) bool { return !a.Acked() }))
	return answers[i], errors.Join(errs[0], errs[1])
}

// heard turns what the program answered into what Slack's client would say.
func heard(a slacktest.Answer, err error) (string, error) {
	var no sorry
	switch {
	case errors.As(err, &no):
		return "", no
	case errors.Is(err, slacktest.ErrNotDelivered):
		return "", nil // talk among staff that the program does not hear of
	case errors.Is(err, slacktest.ErrTrouble):
		return "", sorry("送れませんでした。プログラムの応答をSlackが受け取れません。")
	case err != nil && a.Status == 0 && strings.Contains(err.Error(), "the client does not allow it"):
		return "", sorry("Slackの画面では、いまはできない操作です。")
	case err != nil:
		return "", sorry("プログラムが応答しませんでした。")
	case a.Status != 0 && !a.Acked():
		return "", sorry(fmt.Sprintf("プログラムが受け取れませんでした（HTTP %d %s）。", a.Status, http.StatusText(a.Status)))
	}
	return "", nil
}
