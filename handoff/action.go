package handoff

import (
	"fmt"
	"time"
)

// Kind of an action; the same words are the buttons' action IDs.
type Kind string

// What staff can do. Closed set.
const (
	Claim    Kind = "claim"
	Release  Kind = "release"
	Reply    Kind = "reply"
	HandOn   Kind = "handon"
	Help     Kind = "help"
	Misroute Kind = "misroute"
	Escalate Kind = "escalate"
	Close    Kind = "close"
	Reopen   Kind = "reopen"
	// Correct sends a correction of a message that was sent by shortcut.
	Correct Kind = "correct"
	// Keep answers the question whether somebody still works on the case.
	Keep Kind = "keep"
	// TakeBack makes the picture of a sent message unseen. Anybody on duty may.
	TakeBack Kind = "takeback"
	// Lost is a click on a card beside the one in use that would have opened a form.
	Lost Kind = "lost"
	// Drill confirms a 訓練 card. It is no action on a case.
	Drill Kind = "drill"
)

// Kinds lists every kind in the order of the buttons.
var Kinds = []Kind{Claim, Reply, Release, HandOn, Help, Misroute, Escalate, Close, Reopen}

// labels are the words on the buttons.
var labels = map[Kind]string{
	Claim: "引き受ける", Reply: "住民に送る", Release: "手放す", HandOn: "つなぎ直す", Help: "応援を頼む",
	Misroute: "担当がちがう", Escalate: "多機関協働へ", Close: "終了", Reopen: "再開する", Correct: "訂正を送る", Keep: "対応中です", TakeBack: "写真を取り下げる", Drill: "確認",
}

// Label is the word on the kind's button; the kind itself when it is not ours.
func (k Kind) Label() string {
	if l := labels[k]; l != "" {
		return l
	}
	return string(k)
}

// Action is one thing a member of staff did with a case.
type Action struct {
	// ID is unique for the click or the submission: the same ID is the same
	// action, however often it arrives.
	ID      string
	City    string
	Kind    Kind
	Case    string
	Version int    // of the case as the button showed it
	By      string // Slack user ID, authorised by the adapter
	Name    string // of By, only where the city shows names to residents
	Text    string // for the resident: 1..1000 characters
	File    string // the Desk's ID of a picture that goes with Text, "" = none
	Outcome string // of Close: one of Outcomes
	Field   string // of HandOn, Help, Misroute: the town's field ID
	Reason  string
	Spot    Spot   // the message the button stood on
	Source  string // ts of the message a shortcut was used on
	Answer  string // where this click can be answered, see Whisper
	At      time.Time
}

// Canned is a 定型文: a text that staff may start from. It is sent as any other, by
// way of the preview.
type Canned struct {
	ID    string
	Title string // in the menu, at most 75 characters
	Text  string // at most ReplyMax characters
}

// Outcome is how a case can end.
type Outcome struct{ ID, Label string }

// Outcomes lists the ends in the order of the menu.
var Outcomes = []Outcome{
	{"connected", "窓口につながった"},
	{"informed", "情報提供で終了"},
	{"coordinated", "多機関協働へ"},
	{"withdrawn", "本人が中止"},
	{"unreachable", "連絡がとれない"},
	{"outofscope", "対象外"},
}

// OutcomeLabel returns the Japanese label, or the ID when it is not one of ours.
func OutcomeLabel(id string) string {
	for _, o := range Outcomes {
		if o.ID == id {
			return o.Label
		}
	}
	return id
}

// Refusal is why an action was not done, in a sentence for the one who clicked.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return "refused" }

func refuse(format string, a ...any) error { return &Refusal{fmt.Sprintf(format, a...)} }

// stale are the kinds that are refused when the card has moved on.
var stale = map[Kind]bool{Claim: true, HandOn: true, Escalate: true, Close: true, Reopen: true}

// ReplyMax is the longest text to a resident, ReasonMax the longest reason for
// handing on or escalating, in characters.
const (
	ReplyMax  = 1000
	ReasonMax = 300
)

// historyMax bounds a case's history; the oldest entries after the first go.
const historyMax = 50

// Apply does the action on a copy of the case and returns it, or a *Refusal.
// now is the city's clock.
func (c Case) Apply(a Action, now time.Time) (Case, error) {
	if a.Case != c.ID || a.By == "" {
		return c, refuse("この相談は見つかりません。")
	}
	if field := c.CompanionAt(a.Spot); field != "" && (a.Kind == Claim || a.Kind == Release) {
		return c.helped(field, a, now)
	}
	if a.Kind == Claim && c.State == Claimed {
		if c.Owner == a.By {
			return c, refuse("あなたが担当しています。")
		}
		return c, refuse("この相談は、すでに <@%s> が引き受けています。", c.Owner)
	}
	if stale[a.Kind] && a.Version != c.Version {
		return c, refuse("カードが新しくなっています。もう一度ごらんになってから押してください。%s", c.standing())
	}
	n := c
	n.History = append([]Event(nil), c.History...)
	note := ""
	switch a.Kind {
	case Claim:
		if c.State == Closed {
			return c, refuse("この相談は終了しています。")
		}
		n.State, n.Owner, n.OwnerName, n.Claimed = Claimed, a.By, a.Name, now
		n.Kept, n.Asked = time.Time{}, time.Time{}
		n.Version++
	case Release:
		if err := c.owned(a.By); err != nil {
			return c, err
		}
		n = n.queued(now)
	case Keep:
		if err := c.owned(a.By); err != nil {
			return c, err
		}
		n.Kept, n.Asked = now, time.Time{}
	case Reply, Correct:
		if c.Blocked {
			return c, refuse("住民がこのアカウントをブロックしているため、送れません。")
		}
		if !c.MayAnswer(a.By) {
			return c, refuse("住民に送れるのは、引き受けた人だけです（応援に入った人も送れます）。%s", c.standing())
		}
		if size := len([]rune(a.Text)); size < 1 || size > ReplyMax {
			return c, refuse("文は1文字から1,000文字までです（いま%d文字）。", size)
		}
		n.Told, n.Waiting = now, 0
		n.Promised, n.Owed, n.Asked, n.Alarm = time.Time{}, time.Time{}, time.Time{}, 0
	case Close:
		if c.State == Closed {
			return c, refuse("この相談は終了しています。")
		}
		if c.State == Claimed && c.Owner != a.By {
			return c, refuse("終了できるのは、引き受けた人だけです。%s", c.standing())
		}
		if OutcomeLabel(a.Outcome) == a.Outcome {
			return c, refuse("終わり方を選んでください。")
		}
		n = n.ended(a.Outcome, now)
		note = a.Outcome
	case Reopen:
		if c.State != Closed {
			return c, refuse("この相談は終了していません。%s", c.standing())
		}
		n = n.reopened(now)
	case HandOn, Help, Misroute, Escalate:
		if err := c.passable(a); err != nil {
			return c, err
		}
		switch {
		case a.Kind == HandOn, a.Kind == Misroute && (c.Owner == "" || c.Owner == a.By):
			n = n.moved(a.Field, now)
		case a.Kind == Help:
			n = n.joined(a.Field, "")
		}
		note = a.Field
	default:
		return c, refuse("この操作はできません。")
	}
	n.note(Event{At: now, Who: a.By, What: string(a.Kind), Note: note})
	return n, nil
}

// May says whether a user could begin an action that is filled in later, by the
// same rules as Apply: nil or a *Refusal.
func (c Case) May(kind Kind, by string, version int, now time.Time) error {
	_, err := c.Apply(Action{
		Kind: kind, Case: c.ID, By: by, Version: version,
		Text: "-", Outcome: Outcomes[0].ID, Field: c.Field + "-", Reason: "-",
	}, now)
	return err
}

// passable checks what involves another field or the coordinator. The owner may,
// and anybody on duty while the case has none; a wrong field anybody may report.
func (c Case) passable(a Action) error {
	if c.State == Closed {
		return refuse("この相談は終了しています。")
	}
	if a.Kind != Misroute && c.State == Claimed && c.Owner != a.By {
		return refuse("できるのは、引き受けた人だけです。%s", c.standing())
	}
	if a.Kind != Escalate && a.Field == "" {
		return refuse("分野を選んでください。")
	}
	if a.Kind != Escalate && a.Field == c.Field || a.Kind == Escalate && c.Field == Coordinator {
		return refuse("この相談は、もうその分野にあります。")
	}
	if _, has := c.Copies[a.Field]; has && a.Kind == Help || a.Kind == Escalate && c.has(Coordinator) {
		return refuse("この相談のカードは、もうそこにあります。")
	}
	if a.Kind == Help && len(c.Copies) >= copiesMax {
		return refuse("応援を頼めるのは、%d か所までです。", copiesMax)
	}
	if size := len([]rune(a.Reason)); (a.Kind == HandOn || a.Kind == Escalate) && (size < 1 || size > ReasonMax) {
		return refuse("理由は1文字から%d文字までです（いま%d文字）。", ReasonMax, size)
	}
	return nil
}

func (c Case) owned(by string) error {
	if c.State != Claimed {
		return refuse("この相談は、だれも引き受けていません。")
	}
	if c.Owner != by {
		return refuse("この相談を引き受けているのは <@%s> です。", c.Owner)
	}
	return nil
}

// standing tells the one who clicked how things are now.
func (c Case) standing() string {
	switch c.State {
	case Claimed:
		return fmt.Sprintf("いまは <@%s> が引き受けています。", c.Owner)
	case Closed:
		return "いまは終了しています。"
	}
	return "いまは、だれも引き受けていません。"
}

func (c Case) reopened(now time.Time) Case {
	c.Outcome, c.Closed = "", time.Time{}
	return c.queued(now)
}

func (c Case) ended(outcome string, now time.Time) Case {
	c.State, c.Outcome, c.Closed, c.Owner, c.OwnerName = Closed, outcome, now, "", ""
	c.Promised, c.Owed, c.Asked, c.Waiting, c.Alarm, c.Pass = time.Time{}, time.Time{}, time.Time{}, 0, 0, nil
	c.Version++
	return c.alone()
}

// Reopened is the case opened again by its resident.
func (c Case) Reopened(now time.Time) Case {
	n := c.reopened(now)
	n.History = append([]Event(nil), c.History...)
	n.note(Event{At: now, What: string(Reopen)})
	return n
}

// Ended is the case closed by its resident or by silence.
func (c Case) Ended(outcome string, now time.Time) Case {
	n := c.ended(outcome, now)
	n.History = append([]Event(nil), c.History...)
	n.note(Event{At: now, What: string(Close), Note: outcome})
	return n
}

func (c *Case) note(e Event) {
	c.History = append(c.History, e)
	if len(c.History) > historyMax {
		c.History = append(c.History[:1], c.History[len(c.History)-historyMax+1:]...)
	}
}
