package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tsunagu/handoff/slack/slacktest"
)

// drills runs tsunagu drill beside serve and returns what it said.
func (w *world) drills(wait string, more ...string) (out *lockedBuffer, done chan error) {
	w.t.Helper()
	out, done = &lockedBuffer{}, make(chan error, 1)
	cmd := exec.Command(binary, "drill", "--config", filepath.Join(w.dir, "tsunagu.yaml"), "--city", "hokuto", "--wait", wait)
	cmd.Args = append(cmd.Args, more...)
	cmd.Env, cmd.Stdout, cmd.Stderr = w.env, out, out
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { done <- cmd.Wait() }()
	return out, done
}

func TestADrillSaysWhetherTheClickCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	out, done := w.drills("2m")
	var card slacktest.Message
	w.eventually("the 訓練 card", func() bool {
		for _, m := range tn.slack.Messages(tn.channel()) {
			if strings.Contains(m.Readable(), "【訓練】") {
				card = m
				return true
			}
		}
		return false
	})
	w.eventually("the command says where it stands", func() bool { return strings.Contains(out.String(), "Slack に出ました") })
	w.presses(tn, shiftUser, card, "drill")
	if err := <-done; err != nil || !strings.Contains(out.String(), "押されました："+shiftUser) {
		t.Errorf("%v\n%s", err, out.String())
	}
	w.eventually("the card says so", func() bool {
		m, _ := tn.slack.MessageAt(tn.channel(), card.TS)
		return strings.Contains(m.Readable(), "確認しました")
	})
	// Nobody presses: the command says what did not come.
	out, done = w.drills("3s")
	if err := <-done; err == nil || !strings.Contains(out.String(), "押されたことが届きません") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestADrillForOneIsSeenByThemAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	tn := w.towns["hokuto"]
	out, done := w.drills("2m", "--to", shiftUser)
	var card slacktest.Message
	w.eventually("the button", func() bool {
		for _, m := range tn.slack.Ephemerals(shiftUser) {
			if _, has := m.Button("drill"); has {
				card = m
			}
		}
		return card.TS != ""
	})
	w.presses(tn, shiftUser, card, "drill")
	if err := <-done; err != nil || !strings.Contains(out.String(), "押されました："+shiftUser) {
		t.Errorf("%v\n%s", err, out.String())
	}
	w.eventually("an answer", func() bool {
		all := tn.slack.Ephemerals(shiftUser)
		return strings.Contains(all[len(all)-1].Readable(), "「確認」が届きました")
	})
	if all := tn.slack.Messages(tn.channel()); len(all) != 0 {
		t.Errorf("all see %s", all[0].Readable())
	}
}

func TestADrillWithoutServeSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", "hokuto")
	w.start()
	w.kill()
	out, done := w.drills("3s")
	if err := <-done; err == nil || !strings.Contains(out.String(), "serve が動いていません") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
