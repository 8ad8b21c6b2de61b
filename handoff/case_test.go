package handoff

import (
	"errors"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("JST", 9*60*60))

func openCase() Case {
	return Case{ID: "hokuto/c/1", City: "hokuto", Receipt: "みかん-4821", State: Open, Version: 1, Field: "elderly", Opened: at}
}

func claimed(by string) Case {
	c := openCase()
	c.State, c.Owner, c.Version = Claimed, by, 2
	return c
}

func closed() Case {
	c := openCase()
	c.State, c.Outcome, c.Version = Closed, "informed", 3
	return c
}

func act(kind Kind, by string, version int) Action {
	return Action{Kind: kind, Case: "hokuto/c/1", By: by, Version: version, Text: "はい", Outcome: "informed", Field: "child", Reason: "わけ"}
}

func TestApply(t *testing.T) {
	blocked, helped := claimed("U1"), claimed("U1")
	blocked.Blocked = true
	helped.Helpers = []string{"U2"}
	with := func(a Action, change func(*Action)) Action {
		change(&a)
		return a
	}
	for name, x := range map[string]struct {
		c       Case
		a       Action
		state   State
		owner   string
		version int
		no      string // part of the refusal, "" = it is done
	}{
		"claim":                          {c: openCase(), a: act(Claim, "U1", 1), state: Claimed, owner: "U1", version: 2},
		"claim by nobody":                {c: openCase(), a: act(Claim, "", 1), no: "見つかりません"},
		"claim of another case":          {c: openCase(), a: with(act(Claim, "U1", 1), func(a *Action) { a.Case = "x" }), no: "見つかりません"},
		"stale claim":                    {c: openCase(), a: act(Claim, "U1", 0), no: "新しくなって"},
		"claim of a claimed case":        {c: claimed("U1"), a: act(Claim, "U2", 1), no: "<@U1>"},
		"claim again":                    {c: claimed("U1"), a: act(Claim, "U1", 1), no: "あなたが"},
		"claim of a closed case":         {c: closed(), a: act(Claim, "U1", 3), no: "終了"},
		"release":                        {c: claimed("U1"), a: act(Release, "U1", 0), state: Open, version: 3},
		"release by another":             {c: claimed("U1"), a: act(Release, "U2", 2), no: "<@U1>"},
		"release of an open case":        {c: openCase(), a: act(Release, "U1", 1), no: "だれも"},
		"reply":                          {c: claimed("U1"), a: act(Reply, "U1", 0), state: Claimed, owner: "U1", version: 2},
		"reply by a helper":              {c: helped, a: act(Reply, "U2", 0), state: Claimed, owner: "U1", version: 2},
		"reply by another":               {c: claimed("U1"), a: act(Reply, "U2", 2), no: "引き受けた人だけ"},
		"reply in an open case":          {c: openCase(), a: act(Reply, "U1", 1), no: "引き受けた人だけ"},
		"reply in a closed case":         {c: closed(), a: act(Reply, "U1", 3), no: "引き受けた人だけ"},
		"reply to one who blocked":       {c: blocked, a: act(Reply, "U1", 2), no: "ブロック"},
		"reply without words":            {c: claimed("U1"), a: with(act(Reply, "U1", 2), func(a *Action) { a.Text = "" }), no: "1文字から"},
		"reply of 1,000":                 {c: claimed("U1"), a: with(act(Reply, "U1", 2), func(a *Action) { a.Text = strings.Repeat("あ", 1000) }), state: Claimed, owner: "U1", version: 2},
		"reply of 1,001":                 {c: claimed("U1"), a: with(act(Reply, "U1", 2), func(a *Action) { a.Text = strings.Repeat("あ", 1001) }), no: "1001文字"},
		"close":                          {c: claimed("U1"), a: act(Close, "U1", 2), state: Closed, version: 3},
		"close of an open case":          {c: openCase(), a: act(Close, "U1", 1), state: Closed, version: 2},
		"close by another":               {c: claimed("U1"), a: act(Close, "U2", 2), no: "引き受けた人だけ"},
		"stale close":                    {c: claimed("U1"), a: act(Close, "U1", 1), no: "新しくなって"},
		"close without an outcome":       {c: claimed("U1"), a: with(act(Close, "U1", 2), func(a *Action) { a.Outcome = "other" }), no: "終わり方"},
		"close of a closed case":         {c: closed(), a: act(Close, "U1", 3), no: "終了しています"},
		"reopen":                         {c: closed(), a: act(Reopen, "U2", 3), state: Open, version: 4},
		"reopen of an open case":         {c: openCase(), a: act(Reopen, "U1", 1), no: "終了していません"},
		"hand on":                        {c: claimed("U1"), a: act(HandOn, "U1", 2), state: Open, version: 3},
		"hand on of an open case":        {c: openCase(), a: act(HandOn, "U2", 1), state: Open, version: 2},
		"hand on by another":             {c: claimed("U1"), a: act(HandOn, "U2", 2), no: "引き受けた人だけ"},
		"hand on to the same":            {c: claimed("U1"), a: with(act(HandOn, "U1", 2), func(a *Action) { a.Field = "elderly" }), no: "もうその分野"},
		"hand on without a reason":       {c: claimed("U1"), a: with(act(HandOn, "U1", 2), func(a *Action) { a.Reason = "" }), no: "理由"},
		"stale hand on":                  {c: claimed("U1"), a: act(HandOn, "U1", 1), no: "新しくなって"},
		"help":                           {c: claimed("U1"), a: act(Help, "U1", 0), state: Claimed, owner: "U1", version: 2},
		"help from nowhere":              {c: claimed("U1"), a: with(act(Help, "U1", 2), func(a *Action) { a.Field = "" }), no: "分野を選んで"},
		"misroute by another":            {c: claimed("U1"), a: act(Misroute, "U2", 0), state: Claimed, owner: "U1", version: 2},
		"escalate":                       {c: claimed("U1"), a: act(Escalate, "U1", 2), state: Claimed, owner: "U1", version: 2},
		"escalate of a closed case":      {c: closed(), a: act(Escalate, "U1", 3), no: "終了"},
		"escalate with a reason of 301":  {c: claimed("U1"), a: with(act(Escalate, "U1", 2), func(a *Action) { a.Reason = strings.Repeat("あ", 301) }), no: "301文字"},
		"a kind that is none of ours":    {c: openCase(), a: act("erase", "U1", 1), no: "できません"},
		"correction by another":          {c: claimed("U1"), a: act(Correct, "U2", 2), no: "引き受けた人だけ"},
		"correction in the owner's name": {c: claimed("U1"), a: act(Correct, "U1", 2), state: Claimed, owner: "U1", version: 2},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := x.c.Apply(x.a, at)
			if x.no != "" {
				no, refused := errors.AsType[*Refusal](err)
				if !refused || !strings.Contains(no.Text, x.no) {
					t.Fatalf("got %v, want a refusal with %q", err, x.no)
				}
				if n.Version != x.c.Version || n.State != x.c.State || n.Owner != x.c.Owner || len(n.History) != len(x.c.History) {
					t.Errorf("a refusal changed the case: %+v", n)
				}
				return
			}
			if err != nil || n.State != x.state || n.Owner != x.owner || n.Version != x.version {
				t.Fatalf("got %s of %q, version %d, %v; want %s of %q, version %d", n.State, n.Owner, n.Version, err, x.state, x.owner, x.version)
			}
			if len(n.History) != 1 || n.History[0].Who != x.a.By || n.History[0].What != string(x.a.Kind) {
				t.Errorf("history is %+v", n.History)
			}
		})
	}
}

func TestNobodysNameOutlivesTheirPart(t *testing.T) {
	for _, kind := range []Kind{Release, Close, HandOn} {
		c := claimed("U1")
		c.OwnerName = "しごと"
		n, err := c.Apply(act(kind, "U1", 2), at)
		if err != nil || n.OwnerName != "" {
			t.Errorf("after %s the name is %q, %v", kind, n.OwnerName, err)
		}
	}
}

func TestMayAsksTheRulesOfApply(t *testing.T) {
	if err := claimed("U1").May(Reply, "U1", 0, at); err != nil {
		t.Errorf("the owner may begin a reply: %v", err)
	}
	no, refused := errors.AsType[*Refusal](claimed("U1").May(Close, "U2", 2, at))
	if !refused || !strings.Contains(no.Text, "<@U1>") {
		t.Errorf("another may not close, and hears who may: %v", no)
	}
}

// TestInterleavings lets five people click what their screens show, old or new,
// and looks after every click at what always holds.
func TestInterleavings(t *testing.T) {
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		people := []string{"U1", "U2", "U3", "U4", "U5"}
		screens := map[string]Case{}
		c := openCase()
		for _, p := range people {
			screens[p] = c
		}
		for range 60 {
			who := people[r.Intn(len(people))]
			if r.Intn(3) > 0 {
				screens[who] = c // the card was drawn anew
			}
			seen := screens[who]
			legal := NewCard(seen, nil).Buttons
			kind := legal[r.Intn(len(legal))]
			a := act(kind, who, seen.Version)
			before := c
			n, err := c.Apply(a, at)
			if no, refused := errors.AsType[*Refusal](err); refused {
				if no.Text == "" {
					t.Fatal("a refusal without a word")
				}
				if kind == Claim && before.State == Claimed && before.Owner != who && !strings.Contains(no.Text, "<@"+before.Owner+">") {
					t.Fatalf("seed %d: the loser is not told who holds it: %s", seed, no.Text)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			c = n
			moved := c.State != before.State || c.Owner != before.Owner || c.Field != before.Field
			if want := before.Version; c.Version != want && c.Version != want+1 || moved != (c.Version == want+1) {
				t.Fatalf("seed %d: %s took version %d to %d, moved %v", seed, kind, before.Version, c.Version, moved)
			}
			if (c.State == Claimed) != (c.Owner != "") {
				t.Fatalf("seed %d: %s with owner %q", seed, c.State, c.Owner)
			}
			if before.State == Claimed && before.Owner != who && (kind != Misroute || moved) {
				t.Fatalf("seed %d: %s by %s in %s's case", seed, kind, who, before.Owner)
			}
			if len(c.History) > historyMax || len(before.History) > 0 && c.History[0] != before.History[0] {
				t.Fatalf("seed %d: history of %d lost its beginning", seed, len(c.History))
			}
		}
	}
}

// TestClaimRace has everybody claim the same version at once.
func TestClaimRace(t *testing.T) {
	c, won := openCase(), 0
	for _, who := range []string{"U1", "U2", "U3"} {
		n, err := c.Apply(act(Claim, who, 1), at)
		if err == nil {
			won++
		}
		c = n
	}
	if won != 1 || c.Owner != "U1" {
		t.Errorf("%d won, the owner is %q", won, c.Owner)
	}
}

func TestOnlyLegalButtonsShow(t *testing.T) {
	blocked := claimed("U1")
	blocked.Blocked = true
	for _, c := range []Case{openCase(), claimed("U1"), closed(), blocked} {
		shown := NewCard(c, nil).Buttons
		if len(shown) == 0 {
			t.Errorf("a case that is %s has no button", c.State)
		}
		for _, k := range Kinds {
			if err := c.May(k, "U1", c.Version, at); err != nil && slices.Contains(shown, k) {
				t.Errorf("%s shows on a case that is %s (blocked: %v)", k, c.State, c.Blocked)
			}
		}
	}
}

func TestEveryKindHasALabel(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range append(slices.Clone(Kinds), Correct) {
		if l := k.Label(); l == string(k) || seen[l] {
			t.Errorf("%s has the label %q", k, l)
		} else {
			seen[l] = true
		}
	}
}

func TestLateIsSaidFromAMinuteOn(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", time.Minute: "", 61 * time.Second: "約1分遅れて届きました", 11*time.Minute + 40*time.Second: "約12分遅れて届きました", 59 * time.Minute: "約59分遅れて届きました",
		time.Hour: "約1時間遅れて届きました", 100 * time.Minute: "約2時間遅れて届きました",
	} {
		if got := Late(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
