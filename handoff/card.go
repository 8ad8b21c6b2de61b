package handoff

import (
	"strconv"
	"strings"
	"time"
)

// Card is what staff see of a case: one message, edited in place. A Desk draws
// it; it decides nothing.
type Card struct {
	Case    string
	Version int
	City    string
	Field   string // decides the channel
	Receipt string
	Title   string // state in a word
	// Alarm stands on top when the case is urgent.
	Alarm string
	Rows  []Row
	// Words are the resident's own, masked; a Desk shows them literally, below Whose.
	Words []string
	// Owner is a Slack user ID to show as a mention, "" = none.
	Owner   string
	Helpers []string // Slack user IDs, shown beside the owner
	Buttons []Kind   // only what is legal now
	Lines   []Line   // history, as shown
	// Mention is true when the duty group is to be called.
	Mention bool
	// Companion marks a card that asks for help, Pointer one that only says where
	// the case went.
	Companion, Pointer bool
	// Drill marks a 訓練 card.
	Drill bool
}

// Whose says whose words the card shows: a companion has staff's answers too.
func (c Card) Whose() string {
	if c.Companion {
		return "住民と職員のことば"
	}
	return "住民のことば"
}

// Row is one labelled line of a card.
type Row struct{ Label, Text string }

// Line is one line of history with who did it.
type Line struct {
	At   time.Time
	Who  string // Slack user ID or ""
	Text string
}

// Post is one message in a case's thread. Author lines are ours, Words are the
// resident's or, for Sent, what was sent to the resident.
type Post struct {
	Kind PostKind
	Case string
	// Text is ours: a notice, in which <@U…> names somebody, a mark or how late the
	// words came.
	Text string
	// Words are shown literally, each in a block of its own.
	Words []string
	// Mention is a Slack user to call, "duty" for the duty group, "" = nobody.
	Mention string
	By      string // Slack user who sent it, for Sent
	// Button is shown when not empty; Apply says whose it is. Version is of the
	// case as the button shows it.
	Button  Kind
	Version int
}

// PostKind says how a post looks.
type PostKind string

// The kinds of posts.
const (
	PostWords  PostKind = "words"  // the resident wrote
	PostSent   PostKind = "sent"   // staff wrote to the resident; Text is the mark
	PostNotice PostKind = "notice" // the program says something
)

// Marks of a message to the resident.
const (
	MarkSending = "送信中"
	MarkHanded  = "LINEに渡しました（読まれたかは分かりません）"
	MarkFailed  = "届きません"
)

// Late says how much later than it was said something came to the Desk: "" up to
// a minute.
func Late(d time.Duration) string {
	switch {
	case d <= time.Minute:
		return ""
	case d < time.Hour:
		return "約" + strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + "分遅れて届きました"
	}
	return "約" + strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + "時間遅れて届きました"
}

// Briefly names two offices, or the first of more and how many they are: what staff
// read on the way is short, what residents agree to is whole.
func Briefly(names []string) string {
	if len(names) <= 2 {
		return strings.Join(names, "、")
	}
	return names[0] + " ほか" + strconv.Itoa(len(names)-1) + "か所"
}

// TakenBack stands where a resident took a message back.
const TakenBack = "（取り消されました）"

// stateTitles are the words for a state on the card.
var stateTitles = map[State]string{Open: "未対応", Claimed: "対応中", Closed: "終了"}

// Title is the case's state in a word, as staff read it.
func (c Case) Title() string { return stateTitles[c.State] }

var standings = map[Consent]string{
	ConsentSelf:  "本人同意あり",
	ConsentOther: "相談者の同意あり・本人は未確認",
	ConsentNone:  "なし",
}

// did are the words for a line of history.
var did = map[string]string{
	string(Claim): "引き受けました", string(Release): "手放しました", string(Reply): "住民に送りました",
	string(Correct): "訂正を送りました", string(Close): "終了しました", string(Reopen): "再開しました",
	string(HandOn): "つなぎ直しました", string(Help): "応援を頼みました", string(Misroute): "担当ちがいを知らせました",
	string(Escalate): "多機関協働へ上げました", string(Keep): "対応中と答えました", string(StepBack): "返事がないため、未対応に戻しました",
	"helped": "応援に入りました", "unhelped": "応援をやめました", "ask": "見せてよいか、住民に聞きました", "declined": "住民は同意しませんでした",
}

// NewCard draws a case. words are the resident's messages named by the sheet,
// masked, in order.
func NewCard(c Case, words []string) Card {
	k := Card{
		Case: c.ID, Version: c.Version, City: c.City, Field: c.Field, Receipt: c.Receipt,
		Title: c.Title(), Owner: c.Owner, Buttons: buttons(c),
	}
	for _, e := range c.History {
		text := did[e.What]
		if text == "" {
			text = e.What
		}
		if e.What == string(Reopen) && e.Who == "" {
			text = "住民が書いたので、再開しました"
		}
		if e.Note != "" {
			text += "（" + OutcomeLabel(e.Note) + "）"
		}
		k.Lines = append(k.Lines, Line{At: e.At, Who: e.Who, Text: text})
	}
	if c.Blocked {
		k.Title += "・ブロックされました"
	}
	k.row("受付", c.Opened.Format("1月2日 15:04")+"　LINE bot（匿名）")
	k.row("到着", Late(c.Lag))
	if c.State == Closed {
		// Details are wiped from the card at once; the count stays.
		k.row("終わり方", OutcomeLabel(c.Outcome))
		return k
	}
	if c.Sheet.Urgency != "" {
		k.Alarm = "緊急：" + c.Sheet.UrgencyWhy
		k.Mention = true
	}
	s := c.Sheet
	k.row("相談者の立場", s.Standing)
	k.row("本人の年代", s.Age) // of whom it is about, whoever writes
	worries := "◎" + s.Main
	if len(s.Others) > 0 {
		worries += "　○" + strings.Join(s.Others, "　○")
	}
	if s.Main != "" {
		k.row("困りごと", worries)
	}
	k.row("重なり", strings.Join(s.Patterns, "、"))
	k.row("地区", s.District)
	k.row("分野（提案）", strings.Join(s.Fields, "、"))
	k.row("窓口（提案）", strings.Join(s.Offices, "、"))
	k.row("理由", strings.Join(s.Why, " → "))
	k.row("希望・配慮", strings.Join(s.Wishes, "、"))
	k.row("同意", consentText(s.Consent))
	k.row("会議", s.Meeting)
	k.row("案内ずみ", strings.Join(s.Shown, "、"))
	if !c.Promised.IsZero() && !c.Blocked {
		k.row("返事の約束", c.Promised.Format("1月2日 15:04")+" まで")
	}
	if c.Waiting > 0 && !c.Blocked { // nothing can be answered
		k.row("未返信", "住民が返事を待っています")
	}
	if c.Pass != nil {
		k.row("同意の確認中", "住民に、"+Briefly(c.Pass.To)+"にも見せてよいかを聞いています")
	}
	k.Helpers = c.Helpers
	k.Words = words
	return k
}

// Closings counts how often staff closed the case: the resident hears of the
// first.
func (c Case) Closings() (n int) {
	for _, e := range c.History {
		if e.What == string(Close) && e.Who != "" {
			n++
		}
	}
	return n
}

func consentText(g ConsentGiven) string {
	if g.State == "" {
		return ""
	}
	t := standings[g.State] + "（" + g.At.Format("1月2日 15:04") + "、文面 " + g.Wording + "）"
	if len(g.To) > 0 {
		t += "　見る人：" + strings.Join(g.To, "、")
	}
	return t
}

// buttons lists what is legal now, in the order shown.
func buttons(c Case) []Kind {
	switch c.State {
	case Open:
		return []Kind{Claim, HandOn, Misroute, Close}
	case Claimed:
		if c.Blocked {
			return []Kind{Release, HandOn, Close}
		}
		kinds := []Kind{Reply, Release, HandOn, Help, Misroute}
		if c.Field != Coordinator && !c.has(Coordinator) {
			kinds = append(kinds, Escalate)
		}
		return append(kinds, Close)
	case Closed:
		return []Kind{Reopen}
	}
	return nil
}

func (k *Card) row(label, text string) {
	if text != "" {
		k.Rows = append(k.Rows, Row{label, text})
	}
}

// NewCompanion draws a case's companion in another field's channel. words are
// the newest of the case, by both sides.
func NewCompanion(c Case, field string, words []string) Card {
	x := c.Copies[field]
	k := NewCard(c, words)
	k.Companion, k.Field, k.Mention = true, field, false
	k.Title = "応援・" + k.Title
	if x.Why != "" {
		k.Rows = append([]Row{{"応援の理由", x.Why}}, k.Rows...)
	}
	k.Buttons = []Kind{Claim}
	if x.Helper != "" {
		k.Buttons = []Kind{Reply, Release}
		if c.Blocked {
			k.Buttons = []Kind{Release}
		}
	}
	return k
}

// NewPointer draws what is left where a card stood: no words, nothing to press.
// text says where the case is now.
func NewPointer(c Case, text string) Card {
	return Card{Case: c.ID, Version: c.Version, City: c.City, Receipt: c.Receipt, Title: text, Pointer: true}
}
