package bot_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

// FuzzStored: whatever JSON stands in the sealed bodies of a job, a conversation
// and a case, as another version or a fault may leave it, no job panics and none
// goes on for ever. Seeds are the bodies of a consultation.
func FuzzStored(f *testing.F) {
	kinds := seedStored(f)
	f.Fuzz(func(t *testing.T, kind byte, job, conversation, kase string) {
		w := newWorld(t)
		var err error
		w.bot, err = bot.New(w.ctx, w.options([]bot.Town{{City: w.towns[0], Messenger: yesPhone{}, Desk: yesDesk{}}}))
		if err != nil {
			t.Fatal(err)
		}
		const conv, id, jobID = "komachi/v/1", "komachi/c/1", "komachi/line/1"
		put := func(j bot.Job, body string) {
			j.City, j.Due, j.Made, j.Body = "komachi", w.now, w.now, w.keys.Seal(j.ID, []byte(body))
			if err := w.store.Put(w.ctx, j); err != nil {
				t.Fatal(err)
			}
		}
		put(bot.Job{ID: jobID + "/0", Lane: conv + "/think", Kind: "think"}, "")
		taken, _, err := w.store.Take(w.ctx, jobID, w.now, time.Second)
		if err != nil || taken == nil || taken.ID != jobID+"/0" {
			t.Fatal(taken, err)
		}
		here := strings.NewReplacer("CONV", conv, "CASE", id)
		err = w.store.Commit(w.ctx, jobID, bot.Change{Done: jobID + "/0", Records: []bot.Record{
			{ID: conv, City: "komachi", Body: w.keys.Seal(conv, []byte(here.Replace(conversation))), Touched: w.now},
			{ID: id, City: "komachi", Body: w.keys.Seal(id, []byte(here.Replace(kase))), State: "open", Touched: w.now}}})
		if err != nil {
			t.Fatal(err)
		}
		put(bot.Job{ID: jobID, Lane: conv + "/think", Kind: kinds[int(kind)%len(kinds)]}, here.Replace(job))
		if _, err := w.bot.Drain(w.ctx, 200); err != nil {
			t.Error(err)
		}
		if log := w.log.String(); strings.Contains(log, "panic") {
			t.Error(log)
		}
	})
}

// yesPhone and yesDesk take whatever they are given: here nobody meant it.
type (
	yesPhone struct{}
	yesDesk  struct{}
)

func (yesPhone) Reply(context.Context, string, []bot.Bubble) error              { return nil }
func (yesPhone) Push(context.Context, string, string, bool, []bot.Bubble) error { return nil }
func (yesPhone) Quota(context.Context) (bot.Allowance, error)                   { return bot.Allowance{}, nil }
func (yesPhone) Leave(context.Context, string, bool) error                      { return nil }
func (yesPhone) Fetch(context.Context, string, int64) ([]byte, error)           { return nil, nil }

func (yesDesk) Card(_ context.Context, at handoff.Spot, _ handoff.Card, _ handoff.Outbox) (handoff.Spot, error) {
	return at, nil
}
func (yesDesk) Post(_ context.Context, at handoff.Spot, _ handoff.Post, _ handoff.Outbox) (handoff.Spot, error) {
	return at, nil
}
func (yesDesk) Whisper(context.Context, handoff.Spot, handoff.Whisper) error { return nil }
func (yesDesk) Delete(context.Context, handoff.Spot) error                   { return nil }
func (yesDesk) File(context.Context, handoff.Spot, handoff.File) (handoff.Spot, error) {
	return handoff.Spot{}, nil
}
func (yesDesk) Fetch(context.Context, string, int64) ([]byte, error) { return nil, nil }
func (yesDesk) Find(context.Context, handoff.Search) ([]handoff.Spot, string, error) {
	return nil, "", nil
}
func (yesDesk) FindFile(context.Context, handoff.Spot, string, time.Time) (handoff.Spot, error) {
	return handoff.Spot{}, nil
}

// seedStored adds what a consultation leaves behind, and returns the kinds of jobs.
func seedStored(f *testing.F) []string {
	w := newWorld(f)
	w.says("r", "職員に相談する")
	w.says("r", "母のことで困っています")
	w.taps("r", "同意する（自分のこと）")
	w.says("r", "つづきです")
	k := w.caseOf("r")
	w.clicks("USTAFFa", "claim", k)
	w.clicks("USTAFFa", "reply", k, text("お待ちしています"))
	w.clicks("USTAFFa", "handon", k, func(a *handoff.Action) { a.Field, a.Reason = "money", "お金のこと" })
	conv := w.bot.Conversation("komachi", lineID("r"))
	there := strings.NewReplacer(conv, "CONV", k.ID, "CASE")
	read := func(id string) string {
		r, err := w.store.Load(w.ctx, id)
		if err != nil {
			f.Fatal(err)
		}
		plain, err := w.keys.Unseal(id, r.Body)
		if err != nil {
			f.Fatal(err)
		}
		return there.Replace(string(plain))
	}
	c, kase := read(conv), read(k.ID)
	kinds := []string{"think", "say", "leave", "card", "post", "whisper", "erase", "alarm", "ask"}
	event, _ := json.Marshal(w.words("r", "また困りました"))
	action, _ := json.Marshal(w.action("USTAFFa", "close", k, outcome("done")))
	speech := `{"k":"staff","b":[{"Text":"はい"}],"m":["s/1"],"w":[{"k":"notice","b":null}]}`
	for _, seed := range []struct {
		kind byte
		body string
	}{
		{0, `{"v":"CONV","e":` + string(event) + `}`}, {0, `{"v":"CONV","c":"CASE","a":` + there.Replace(string(action)) + `}`},
		{0, `{"v":"CONV","c":"CASE","f":true}`}, {0, `{"v":"CONV","c":"CASE","t":{"k":"expire"}}`}, {0, `{"d":{}}`}, {0, `{}`},
		{0, `{"v":"CONV","c":"CASE","r":{"w":"unsaid","y":` + speech + `}}`}, {0, `{"v":"CONV","c":"CASE","r":{"w":"guessed","q":{},"g":{"Field":"elderly"}}}`},
		{0, `{"v":"CONV","c":"CASE","r":{"w":"carded","s":{"c":"C01","t":"1.1"}}}`}, {0, `{"v":"CONV","c":"CASE","r":{"w":"unposted","p":{}}}`},
		{0, `{"v":"CONV","c":"CASE","r":{"w":"posted","n":["m1"],"s":{"t":"1.1"}}}`}, {0, `{"w":{"d":"rules"}}`}, {0, `{"w":{}}`},
		{1, `{"v":"CONV","y":` + speech + `}`}, {1, `{"v":"CONV"}`}, {2, `{"o":"C1","g":true}`}, {3, `{"v":"CONV","c":"CASE","n":true}`}, {3, `{"v":"CONV","c":"CASE","cp":"money"}`},
		{3, `{"v":"CONV","c":"CASE","t":{"c":"C01","t":"1.1","To":"money"}}`}, {4, `{"v":"CONV","c":"CASE","p":{}}`}, {4, `{"v":"CONV"}`}, {5, `{"h":{}}`}, {5, `{}`}, {6, `{}`}, {7, `{"dr":"x"}`}, {8, `{"v":"CONV","q":{}}`}, {8, `{}`},
	} {
		f.Add(seed.kind, seed.body, c, kase)
		f.Add(seed.kind, seed.body, "{}", "{}")
	}
	return kinds
}
