package bot

import (
	"slices"
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
	city   *City
	second bool // the town has a second opinion to ask
	sends  bool // staff may send pictures
	now    time.Time
	// draw makes IDs and 受付番号.
	draw func() (id, receipt string)

	c   *Conversation
	k   *handoff.Case // the case at hand, nil when there is none
	was handoff.Case  // as it was before the turn

	// What the turn leaves behind.
	bubbles  []Bubble // the answer to the event, before the present question
	show     bool     // the present question follows
	kind     SpeechKind
	speeches []Speech // beside the answer
	card     bool     // the card must be drawn again
	posts    []post
	files    []filing
	fetches  []string // messages whose picture is to be fetched
	hangs    []hanging
	hung     []string // names of the pictures that stood before the turn
	whispers []whisper
	inquiry  *inquiry
	timers   []timer
	facts    []string
	audit    []Deed
	kNew     bool              // the case was made or handed on in this turn
	copies   []string          // fields whose companion is to be posted
	points   []handoff.Pointer // places that keep a pointer from now on
	// cardAgain posts a card whose first attempts were given up.
	cardAgain  bool
	kDirty     bool
	kGone      bool           // delete the case
	erase      []handoff.Spot // copies in Slack to delete, asked for first at eraseSince
	eraseSince time.Time
	seeks      []handoff.Search
	onWay      bool           // what is forgotten may be on its way to Slack
	strays     handoff.Search // for later: what may stand where the case was
	gone       bool           // delete the conversation
	silent     bool           // silent by design
	brief      bool           // the question comes without its list
	fresh      bool           // the guide begins with this event: nothing was asked before

	about string // ID of the case that the thought is about, "" = the newest
	// lost is true when the conversation is no longer kept; expires is when it
	// was to go before this turn, and forgets are further cases to forget.
	lost    bool
	expires time.Time
	forgets []string
}

// post is a message for the case's thread.
type post struct {
	Key   string       // unique in the case
	Post  handoff.Post // Words are filled when it is spoken
	Words []string     // message IDs
	Edit  bool         // redraws an earlier post
	Again bool         // repeats one that was given up, put first at Since
	Since time.Time
	// At is where it goes instead of the case's thread, or the post to redraw when
	// it has a TS. Board puts it into the default channel.
	At    handoff.Spot `json:",omitzero"`
	Board bool         `json:",omitempty"`
	// Kept is a notice with staff's own words about the case: it goes when they go.
	Kept bool `json:",omitempty"`
}

// whisper is an answer to one member of staff.
type whisper struct {
	Spot handoff.Spot
	handoff.Whisper
}

// resident routes one event of the resident. Words and branching belong to the
// handlers; the order here is the order of what matters: leaving and taking
// back, danger, the bounds, the words that always work, then whatever is being asked.
func (t *turn) resident(e Event) {
	c := t.c
	c.Seen = t.now
	if e.Token != "" {
		c.Token, c.TokenAt = e.Token, e.Got
	}
	switch e.Kind {
	case Unfollow:
		t.block(e)
		return
	case Unsend:
		t.unsend(e.Message)
		return
	case Follow:
		t.follow()
		return
	}
	if c.Blocked {
		if e.At.Before(c.BlockedAt) {
			t.silent = true // written before the block and delivered late
			return
		}
		t.unblock()
	}
	t.adopt()
	shown := t.attachable(e)
	tomb := (e.Kind == Text || shown) && t.tomb(e.Message)
	e.Text = t.native(e.Text)
	kind, text := t.danger(e)
	greet, easy := t.hearTongue(e) // in danger too
	if kind != "" {
		t.crisis(kind, text, e.Text)
	} else if t.overLimit() {
		if !tomb {
			t.beyond(e)
		}
		return
	}
	t.supersede()
	if easy {
		t.speakEasy(true)
	}
	if greet {
		t.addText(t.help("hello"))
	}
	if c.Stage == StageNew {
		t.greet("greeting.short")
		c.Stage = StageGuide
		c.Step++
		t.fresh = true
		t.countStart()
	}
	switch {
	case tomb:
		t.present()
	case e.Kind == Tap:
		t.tap(e.Data)
	case e.Kind == Text:
		t.text(e, kind)
	case shown:
		t.attach(e)
	default:
		t.media()
		t.present()
	}
}

// hearTongue notes which tongue the resident writes in, and whether they want やさしい
// 日本語: greet and easy say that this is new.
func (t *turn) hearTongue(e Event) (greet, easy bool) {
	c := t.c
	asked, only := wantsEasy(e.Text)
	tongue := ""
	if e.Kind == Text {
		tongue = triage.Tongue(e.Text)
	}
	if greet = tongue != "" && tongue != c.Tongue; greet {
		c.Tongue = tongue
	}
	easy = !c.Easy && (asked && !only || tongue != "")
	c.Easy = c.Easy || easy
	return greet, easy
}

// text handles words: those that always work first.
func (t *turn) text(e Event, crisis string) {
	if t.command(triage.Fold(e.Text)) {
		return
	}
	switch {
	case t.c.Stage == StageStop && t.stopText(e.Text):
	case t.caseListens() && t.passWord(e.Text):
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

// commands are the words that always work, and the verbs of their buttons.
var commands = spelled(map[string]string{
	"back": "もどる 戻る もどって 戻って もどりたい 戻りたい もどります 戻ります もどして 戻して 前にもどる 前に戻る まえにもどる ひとつもどる 一つ戻る back",
	"start": `さいしょから 最初から はじめから 初めから さいしょにもどる 最初にもどる 最初に戻る はじめにもどる はじめに戻る やりなおし やり直し
		やりなおす やり直す もういちどさいしょから もう一度最初から startagain startover`,
	"quit":   "やめる やめます 終わる おわる 終わります おわります 終わり おわり おしまい 終了 終了します quit stop",
	"status": "状況 じょうきょう どうなりましたか どうなってますか どうなった 前の相談はどうなりましたか 相談はどうなりましたか まえの相談はどうなりましたか",
	"staff": `職員に相談する 職員に相談 職員に相談します 職員に相談したい 職員に相談したいです 職員と話したい 職員と話したいです 職員と話す 職員さんに相談したい 職員さんと話したい
		人と話したい 人と話したいです 人に相談したい 人に相談したいです 人に聞いてほしい 相談員と話したい 相談員に相談したい 職員出せ 職員を出せ 職員出して 職員を出して 職員を出してください 担当者を出せ 人間を出せ 人間出せ 人間を出して 職員につないでください 職員につないで 職員に代わって 職員に聞きたい 職員 人につないで 人につないでください 人に代わって 人を出して 人間につないで`,
	"easy":    "やさしい日本語 やさしいにほんご",
	"plain":   "ふつうの日本語 普通の日本語 ふつうのにほんご",
	"offices": "窓口を見る",
})

// spelled turns verbs with the words for them into the verb of each folded word.
func spelled(verbs map[string]string) map[string]string {
	out := map[string]string{}
	for verb, words := range verbs {
		for _, w := range strings.Fields(words) {
			out[triage.Fold(w)] = verb
		}
	}
	return out
}

// command runs the words that always work.
func (t *turn) command(folded string) bool {
	word := commands[folded]
	if _, only := wantsEasy(folded); only {
		word = "easy"
	}
	switch word {
	case "back":
		t.back()
	case "start":
		t.restart()
	case "quit":
		t.quit()
	case "status":
		t.status()
	case "staff":
		t.offerConsent()
	case "offices":
		t.present()
	case "easy":
		t.speakEasy(true)
		t.present()
	case "plain":
		t.c.Tongue = ""
		t.speakEasy(false)
		t.present()
	default:
		return false
	}
	return true
}

// speakEasy changes to やさしい日本語 or back. Staff of an open case should write so
// too: their card says it.
func (t *turn) speakEasy(on bool) {
	name := "easy.off"
	if on {
		name = "easy.on"
	}
	t.c.Easy = on
	t.sayText(name)
	if t.openCase() {
		w := &t.k.Sheet.Wishes
		*w = slices.DeleteFunc(*w, func(s string) bool { return s == t.easyWish() })
		if on {
			*w = append(*w, t.easyWish())
		}
		t.kDirty, t.card = true, true
	}
}

// easyWish is the town's 希望・配慮 for やさしい日本語.
func (t *turn) easyWish() string {
	for _, w := range t.city.Wishes {
		if asked, _ := wantsEasy(w); asked {
			return w
		}
	}
	return "やさしい日本語がよい"
}

// tap handles a button. A tap of an earlier step shows the present question.
func (t *turn) tap(data string) {
	step, rest, _ := strings.Cut(data, ":")
	n, err := strconv.Atoi(step)
	verb, arg, _ := strings.Cut(rest, ":")
	if err == nil && verb == "pass" && t.passTap(arg) {
		return // it carries the number of its question
	}
	if err != nil || n != t.c.Step {
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

// overLimit counts this event against the minute's limit.
func (t *turn) overLimit() bool {
	if t.now.Sub(t.c.Minute) >= time.Minute || t.now.Before(t.c.Minute) {
		t.c.Minute, t.c.Count = t.now, 0
	}
	t.c.Count++
	return t.city.Limit > 0 && t.c.Count > t.city.Limit
}

// beyond does what is left past the limit: words of an open case still reach
// staff, the first event otherwise is answered kindly, the others stay silent.
func (t *turn) beyond(e Event) {
	t.silent = true
	switch {
	case t.caseListens():
		if e.Kind == Text && commands[triage.Fold(e.Text)] == "" {
			t.keepWords(e)
		}
	case t.c.Count == t.city.Limit+1:
		t.sayText("limit")
	}
}

// tomb says whether the message was taken back before it came.
func (t *turn) tomb(id string) bool {
	i := slices.Index(t.c.Tombs, id)
	if i >= 0 {
		t.c.Tombs = slices.Delete(t.c.Tombs, i, i+1)
	}
	return i >= 0
}

// adopt leaves a stage whose case is not as it was when it was asked about, and
// drops path answers that the tree no longer knows and says so.
func (t *turn) adopt() {
	c := t.c
	if c.Stage == StageStop && !t.openCase() || c.Stage == StageResume && (t.k == nil || t.openCase()) {
		c.Stage, c.Asked = StageEnded, ""
		c.Step++
	}
	c.Aside = c.Aside && t.openCase()
	p := t.city.Tree.Walk(c.Path)
	if !p.Cut {
		return
	}
	c.Path = p.Path
	c.Step++
	if c.Stage != StageNew && c.Stage != StageEnded && !t.caseListens() {
		c.Stage = StageGuide
		t.sayText("cut")
	}
}
