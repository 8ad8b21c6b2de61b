package bot

import (
	"strconv"
	"strings"
	"time"

	"tsunagu/handoff"
	"tsunagu/triage"
)

// turn is one think job at work on one conversation and, where there is one,
// its case. It touches nothing outside: what it owes the world it leaves in the
// lists, and the worker commits all of it at once.
type turn struct {
	city *City
	now  time.Time
	// draw makes IDs and 受付番号.
	draw func() (id, receipt string)

	c *Conversation
	k *handoff.Case // the case at hand, nil when there is none

	// What the turn leaves behind.
	bubbles  []Bubble // the answer to the event, before the present question
	show     bool     // the present question follows
	kind     SpeechKind
	speeches []Speech // beside the answer
	card     bool     // the card must be drawn again
	posts    []post
	whispers []whisper
	timers   []timer
	facts    []string
	audit    []auditLine
	kNew     bool // the case was made in this turn
	// cardAgain posts a card whose first attempts were given up.
	cardAgain  bool
	kDirty     bool
	kGone      bool           // delete the case
	erase      []handoff.Spot // copies in Slack to delete, asked for first at eraseSince
	eraseSince time.Time
	gone       bool // delete the conversation
	silent     bool // silent by design
}

// post is a message for the case's thread.
type post struct {
	Key   string       // unique in the case
	Post  handoff.Post // Words are filled when it is spoken
	Words []string     // message IDs
	Edit  bool         // redraws an earlier post
	Again bool         // repeats one that was given up, put first at Since
	Since time.Time
}

// whisper is an answer to one member of staff.
type whisper struct {
	Spot handoff.Spot
	User string
	Text string
}

// timer is a think job for later.
type timer struct {
	Kind string
	Due  time.Time
	Arg  string
	Post *post `json:",omitempty"`
	// Spot is what to erase, asked for first at Since.
	Spot  *handoff.Spot `json:",omitempty"`
	Since time.Time
}

// auditLine says who did what; no content.
type auditLine struct {
	Who, What, Case string
}

// resident routes one event of the resident. Words and branching belong to the
// handlers; the order here is the order of what matters: leaving and taking
// back, danger, the bounds, the standing words, then whatever is being asked.
func (t *turn) resident(e Event) {
	c := t.c
	c.Seen = t.now
	if e.Token != "" {
		c.Token, c.TokenAt = e.Token, e.Got
	}
	switch e.Kind {
	case Unfollow:
		t.block()
		return
	case Unsend:
		t.unsend(e.Message)
		return
	case Follow:
		t.follow()
		return
	}
	t.adopt()
	var kind string
	if kind = t.city.crisisKind(e); kind != "" {
		t.crisis(kind)
	}
	if t.overLimit() && kind == "" && !(e.Kind == Text && t.caseListens()) {
		t.silent = true
		return
	}
	if c.Stage == StageNew && e.Kind != Tap {
		t.greet("greeting.short")
		c.begin()
	}
	switch e.Kind {
	case Tap:
		t.tap(e.Data)
	case Text:
		t.text(e, kind)
	default:
		t.sayText("media")
		t.present()
	}
}

// text handles words: the standing ones first.
func (t *turn) text(e Event, crisis string) {
	if t.command(triage.Fold(e.Text)) {
		return
	}
	switch {
	case t.c.Stage == StageStop:
		t.stopText(e.Text)
	case t.caseListens():
		t.toCase(e, crisis)
	case t.c.Stage == StageResume:
		t.resumeText(e)
	case t.afterClosing():
		t.wordsAfterClosing(e, crisis)
	default:
		t.guideText(e, crisis)
	}
}

// command runs the words that always work.
func (t *turn) command(folded string) bool {
	switch folded {
	case "もどる", "戻る":
		t.back()
	case "さいしょから", "最初から", "はじめから", "初めから":
		t.restart()
	case "やめる", "終わる", "おわる":
		t.quit()
	case "状況", "じょうきょう":
		t.status()
	case "職員に相談する", "職員に相談":
		t.offerConsent()
	case "やさしい日本語", "やさしいにほんご":
		t.c.Easy = true
		t.sayText("easy.on")
		t.present()
	case "ふつうの日本語", "普通の日本語", "ふつうのにほんご":
		t.c.Easy = false
		t.sayText("easy.off")
		t.present()
	default:
		return false
	}
	return true
}

// tap handles a button. A tap of an earlier step shows the present question.
func (t *turn) tap(data string) {
	step, rest, _ := strings.Cut(data, ":")
	n, err := strconv.Atoi(step)
	verb, arg, _ := strings.Cut(rest, ":")
	if err != nil || n != t.c.Step {
		if t.c.Stage == StageNew {
			t.greet("greeting.short")
			t.c.begin()
		}
		t.present()
		return
	}
	switch verb {
	case "back":
		t.back()
	case "quit":
		t.quit()
	case "start":
		t.restart()
	case "staff":
		t.offerConsent()
	case "a":
		t.answerTap(arg)
	case "pick":
		t.pickTap(arg)
	case "more":
		t.moreTap(arg == "yes")
	case "yes":
		t.consented(handoff.ConsentSelf)
	case "other":
		t.consented(handoff.ConsentOther)
	case "no":
		t.refused()
	case "known":
		t.understood(arg == "yes")
	case "end":
		t.stop(true)
	case "keep":
		t.stop(false)
	case "same":
		t.resume(true)
	case "anew":
		t.resume(false)
	case "aside":
		t.aside()
	case "case":
		t.returnToCase()
	case "wish":
		t.wish(arg)
	default:
		t.present()
	}
}

// caseListens says whether the resident's words go to an open case.
func (t *turn) caseListens() bool {
	return t.openCase() && !t.c.Aside
}

func (t *turn) openCase() bool { return t.k != nil && t.k.State != handoff.Closed }

// overLimit counts this event against the minute's limit; the first one beyond
// it is answered kindly, the others stay silent.
func (t *turn) overLimit() bool {
	if t.now.Sub(t.c.Minute) >= time.Minute || t.now.Before(t.c.Minute) {
		t.c.Minute, t.c.Count = t.now, 0
	}
	t.c.Count++
	limit := t.city.Limit
	if limit <= 0 || t.c.Count <= limit {
		return false
	}
	if t.c.Count == limit+1 && !t.caseListens() {
		t.sayText("limit")
	}
	return true
}

// adopt drops path answers that the tree no longer knows and says so.
func (t *turn) adopt() {
	p := t.city.Tree.Walk(t.c.Path)
	if p.Cut {
		t.c.Path = p.Path
		t.c.Step++
		if t.c.Stage != StageNew && t.c.Stage != StageEnded && !t.caseListens() {
			t.c.Stage = StageGuide
			t.sayText("cut")
		}
	}
}
