package bot_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tsunagu/bot"
	"tsunagu/handoff"
)

var (
	chaosSteps = flag.Int("chaos.steps", 250, "steps of each random walk")
	chaosSeed  = flag.Uint64("chaos.seed", 0, "one more seed to walk")
)

// TestWhateverHappensTheRulesHold lets residents, staff and failures do anything
// in any order, and looks after each step.
func TestWhateverHappensTheRulesHold(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4}
	if *chaosSeed > 0 {
		seeds = []uint64{*chaosSeed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := &chaos{world: newWorld(t, chaosTown()), r: rand.New(rand.NewPCG(seed, 1)), refused: map[string]bool{}, cases: map[string]string{}}
			for range *chaosSteps {
				c.step()
				c.check()
				if t.Failed() {
					t.Fatalf("seed %d failed; the last steps:\n%s", seed, strings.Join(c.steps[max(0, len(c.steps)-25):], "\n"))
				}
			}
			c.settle()
		})
	}
}

// chaosTown reminds its staff, and names one of two fields in its consent.
func chaosTown() *bot.City {
	town := smallTown("komachi")
	town.Receivers = append(town.Receivers, "くらし相談室")
	town.Directory.Policy.Coordinator = "soudan"
	town.Patience = handoff.Patience{Unclaimed: time.Hour, Mention: 2 * time.Hour, General: 4 * time.Hour, Stale: 3 * time.Hour, AnswerBack: time.Hour}
	return town
}

// chaos is a world and what must be true of it.
type chaos struct {
	*world
	r       *rand.Rand
	steps   []string
	replies []string          // texts of staff that were not refused
	refused map[string]bool   // texts of staff that were
	cases   map[string]string // case → user
	seen    int               // calls to LINE that were looked at
}

var (
	residents = []string{"1", "2", "3"}
	clerks    = []string{"USTAFFa", "USTAFFb", "USTAFFc"}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (c *chaos) note(format string, a ...any) {
	c.steps = append(c.steps, c.now.Format("02 15:04:05 ")+fmt.Sprintf(format, a...))
}

func (c *chaos) healthy() bool { return !c.phone.down && !c.phone.full && c.phone.lose == 0 }

func (c *chaos) step() {
	user := pick(c.r, residents)
	switch n := c.r.IntN(100); {
	case n < 22:
		words := pick(c.r, []string{"介護", "お金", "これで全部", "2", "1", "自分", "北", "もどる", "やめる", "さいしょから", "状況", "職員に相談する", "職員に相談する",
			"こんにちは", "もやもや", "死にたい", "殴られた", "ありがとうございました", "同意する（自分のこと）", "毎日の介護で疲れたので、聞いてほしい"})
		c.resident(user, bot.Text, words)
	case n < 30:
		c.resident(user, bot.Text, fmt.Sprintf("himitsu%dのことば", c.n))
	case n < 55:
		c.resident(user, bot.Tap, "")
	case n < 57:
		c.resident(user, bot.Other, "")
	case n < 59:
		c.resident(user, bot.Follow, "")
	case n < 60:
		c.resident(user, bot.Unfollow, "")
	case n < 62:
		c.resident(user, bot.Unsend, "")
	case n < 84:
		c.clerk(pick(c.r, clerks))
	case n < 86:
		c.note("the same event again")
		c.mark()
		if c.last.ID != "" {
			if err := c.bot.Accept(c.ctx, c.last); err != nil {
				c.t.Fatal(err)
			}
		}
		c.drain()
	case n < 88:
		c.note("restart")
		c.restart()
		c.drain()
	case n < 90:
		c.phone.down = !c.phone.down
		c.note("LINE down %v", c.phone.down)
		if !c.phone.down {
			c.pass(2 * time.Minute) // a call that is tried again holds its lane
		}
	case n < 91:
		c.phone.full = !c.phone.full
		c.note("LINE full %v", c.phone.full)
	case n < 93:
		c.desk.away = !c.desk.away
		c.note("Slack away %v", c.desk.away)
		if !c.desk.away {
			c.pass(2 * time.Minute)
		}
	case n < 95:
		c.desk.lose = 1
		c.note("Slack's next answer is lost")
	default:
		long := []time.Duration{time.Minute, 10 * time.Minute, 30 * time.Minute, 9 * time.Hour, 30 * time.Hour, 8 * 24 * time.Hour}
		if !c.healthy() || c.desk.away {
			long = long[:3] // a failing side is tried again and again
		}
		d := pick(c.r, long)
		c.note("%v pass", d)
		c.pass(d)
	}
}

func (c *chaos) mark() { c.phone.mark() }

// openFor says whether the newest case of a user is open.
func (c *chaos) openFor(user string) bool {
	for id, u := range c.cases {
		if u == user {
			if k, err := c.bot.Case(c.ctx, c.towns[0].ID, id); err == nil && k.State != handoff.Closed {
				return true
			}
		}
	}
	return false
}

func (c *chaos) resident(user string, kind bot.EventKind, words string) {
	e := c.event(user, kind)
	switch kind {
	case bot.Text:
		e.Text, e.Message = words, fmt.Sprint("m", c.n)
		c.ids[user+words] = e.Message
	case bot.Other:
		e.Message = fmt.Sprint("m", c.n)
	case bot.Tap:
		if list := c.phone.buttons[lineID(user)]; len(list) > 0 {
			e.Data = pick(c.r, list).Data
		}
		if all := c.phone.seen[lineID(user)]; len(all) > 0 && c.r.IntN(5) == 0 {
			e.Data = pick(c.r, all).Data
		}
		words = e.Data
	case bot.Unsend:
		for _, id := range c.ids { // any message, also another's
			e.Message = id
			break
		}
	}
	c.note("resident %s %s %q", user, kind, words)
	open := c.openFor(user)
	before, healthy := len(c.phone.sent), c.healthy()
	c.accept(e)
	if !healthy {
		return
	}
	silent := kind == bot.Unsend || kind == bot.Unfollow || open && kind == bot.Text
	if len(c.phone.sent) == before && !silent {
		c.t.Errorf("resident %s was not answered", user)
	}
	if silent && !open && len(c.phone.sent) != before {
		c.t.Errorf("%s was answered: %s", kind, c.phone.since(user))
	}
}

func (c *chaos) clerk(who string) {
	var ids []string
	for id := range c.cases {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	k, err := c.bot.Case(c.ctx, c.towns[0].ID, pick(c.r, ids))
	if errors.Is(err, bot.ErrNotFound) {
		return // wiped
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.n++
	a := handoff.Action{ID: fmt.Sprint("a", c.n), City: k.City, Case: k.ID, Version: k.Version, By: who, Name: "名前" + who, Spot: k.Card,
		Kind: pick(c.r, []handoff.Kind{"claim", "claim", "claim", "reply", "reply", "reply", "release", "close", "reopen", "handon", "handon",
			"help", "misroute", "escalate", "keep"})}
	a.Field, a.Reason = pick(c.r, []string{"elderly", "poverty", "", "coordinator"}), "わけ"
	for _, field := range []string{"elderly", "poverty", "coordinator"} {
		if x, has := k.Copies[field]; has && x.Spot.TS != "" && c.r.IntN(3) == 0 {
			a.Spot = x.Spot
		}
	}
	if len(k.Left) > 0 && c.r.IntN(6) == 0 {
		a.Spot = k.Left[0].Spot // a client that shows an old card
	}
	if c.r.IntN(6) == 0 {
		a.Version--
	}
	a.Text, a.Outcome = fmt.Sprintf("返事%dです", c.n), "informed"
	c.note("%s %s %s", who, a.Kind, k.Receipt)
	away := c.desk.away
	lost := c.desk.lose
	told := len(c.desk.whispers)
	replied := k.MayAnswer(who)
	c.act(a)
	if a.Kind == handoff.Reply {
		if replied {
			c.replies = append(c.replies, a.Text)
		} else {
			c.refused[a.Text] = true
			if !away && lost == 0 && len(c.desk.whispers) == told {
				c.t.Errorf("%s was refused and not told", who)
			}
		}
	}
}

var staffText = regexp.MustCompile(`返事\d+です`)

// check looks at what must hold after every step.
func (c *chaos) check() {
	for ; c.seen < len(c.phone.sent); c.seen++ {
		s := c.phone.sent[c.seen]
		for _, text := range staffText.FindAllString(s.text, -1) {
			if c.refused[text] || !slices.Contains(c.replies, text) {
				c.t.Errorf("a resident was sent %s, which nobody may send", text)
			}
		}
		if m := receiptForm.FindString(s.text); m != "" {
			if k, err := c.bot.Find(c.ctx, c.towns[0].ID, "receipt/"+m); err == nil {
				c.cases[k.ID] = strings.TrimPrefix(s.user, lineID(""))
			}
		}
	}
	for id := range c.cases {
		k, err := c.bot.Case(c.ctx, c.towns[0].ID, id)
		if err != nil {
			continue
		}
		if owner, _ := c.heldBy(k); len(k.History) < 50 && owner != k.Owner {
			c.t.Errorf("case %s is held by %q, its history says %q", k.Receipt, k.Owner, owner)
		}
	}
	for _, s := range c.desk.stood {
		if s.posted != 1 {
			c.t.Errorf("%s was posted %d times", s.box, s.posted)
		}
	}
	c.checkNotices()
	log := c.log.String()
	if strings.Contains(log, "himitsu") || strings.Contains(log, "Uline") || strings.Contains(log, "返事") {
		c.t.Error("the log holds words or a user ID")
	}
}

// heldBy is who holds a case by its history, and how often one lost it by no act of
// staff: to a timer or because its resident ended it.
func (c *chaos) heldBy(k handoff.Case) (owner string, lost int) {
	for _, e := range k.History {
		if owner != "" && e.Who == "" && (e.What == "back" || e.What == "close") {
			lost++
		}
		switch e.What {
		case "claim":
			if owner != "" {
				c.t.Errorf("case %s has two owners", k.Receipt)
			}
			owner = e.Who
		case "misroute":
			if e.Who == owner { // another's report moves nothing
				owner = ""
			}
		case "release", "close", "reopen", "handon", "back":
			owner = ""
		}
	}
	return owner, lost
}

// checkNotices looks at what residents are told unasked: each notice once a case,
// and a question about others only when staff wanted it.
func (c *chaos) checkNotices() {
	told := map[string]int{}
	for _, s := range c.phone.sent {
		for _, m := range onceText.FindAllString(s.text, -1) {
			told[m]++
		}
	}
	for m, n := range told {
		if n > 1 {
			c.t.Errorf("%s was said %d times", m, n)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.cases)) {
		k, err := c.bot.Case(c.ctx, c.towns[0].ID, id)
		if err != nil || k.Pass == nil {
			continue
		}
		if !slices.ContainsFunc(k.History, func(e handoff.Event) bool { return e.What == "ask" && e.Who == k.Pass.By }) {
			c.t.Errorf("case %s asks what nobody wanted asked", k.Receipt)
		}
	}
}

var onceText = regexp.MustCompile(`\[(?:taken|promise\.broken|closed)\] [ぁ-ん]{2,4}-[0-9]{4}`)

// settle heals both sides, lets time pass and looks whether anything is left.
func (c *chaos) settle() {
	c.phone.down, c.phone.full, c.phone.lose, c.desk.away, c.desk.lose = false, false, 0, false, 0
	c.pass(time.Hour)
	c.check()
	for id := range c.cases {
		k, err := c.bot.Case(c.ctx, c.towns[0].ID, id)
		if err != nil {
			continue
		}
		_, lost := c.heldBy(k)
		told := 0
		for _, p := range c.desk.order {
			if p.post.Case == id && slices.Contains(clerks, p.post.Mention) && (strings.HasPrefix(p.post.Text, "[desk.back]") || strings.HasPrefix(p.post.Text, "[desk.withdrawn]")) {
				told++
			}
		}
		if told < lost {
			c.t.Errorf("case %s was lost %d times, its owners were told %d times", k.Receipt, lost, told)
		}
		for _, p := range k.Left {
			if card := c.desk.cardAt(p.Spot); !p.Notice && !card.Pointer {
				c.t.Errorf("case %s: what it left stands as a card: %+v", k.Receipt, card)
			}
		}
		s := c.desk.cards[id]
		if s == nil {
			c.t.Errorf("case %s has no card", k.Receipt)
			continue
		}
		if s.card.Version != k.Version || s.card.Owner != k.Owner {
			c.t.Errorf("the card of %s shows version %d, the case has %d", k.Receipt, s.card.Version, k.Version)
		}
	}
	for _, p := range c.desk.order {
		if p.post.Text == handoff.MarkSending && !p.gone {
			c.t.Errorf("a message stands as 送信中 for ever: %v", p.post.Words)
		}
	}
	for _, u := range residents {
		c.healthyAnswer(u)
	}
}

// healthyAnswer asks how things stand: everybody gets an answer in the end.
func (c *chaos) healthyAnswer(user string) {
	if got := c.does(user, bot.Follow); got == "" {
		c.t.Errorf("resident %s is not answered in the end", user)
	}
}
