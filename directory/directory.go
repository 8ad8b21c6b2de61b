package directory

import "time"

// Directory is everything a town's residents can be pointed to.
type Directory struct {
	// Fields are the town's 分野 in the order staff read them.
	Fields    []Field
	Offices   []Office
	Districts []District // 地区 as residents name them
	Areas     []Area     // 圏域, for towns whose list of districts is long
	Calendar  Calendar
	Hotlines  []Hotline
	Policy    Policy
	// Prefecture as in 北海道; hotlines are chosen by it.
	Prefecture string
}

// Field is one 分野 of a town.
type Field struct {
	ID    string // elderly, disability, child, poverty, or the town's own: hattatsu, hitorioya …
	Name  string // for staff: 高齢
	Plain string // for residents, in everyday words: 介護・高齢のこと
	// Basic is the field of the four basic ones (or complex) that it belongs to.
	Basic string
}

// Office is a 窓口, or a place (拠点) that takes no handoffs.
type Office struct {
	ID   string
	Name string
	// Place marks a 拠点・居場所: it may be shown, it does not take handoffs.
	Place  bool
	Fields []string // field IDs it answers for
	// General marks the town's general desk (総合), shown as second choice.
	General bool
	Does    string // what it does and for whom, in one or two plain sentences
	Say     string // what to say when calling, one sentence
	Easy    string // Does and Note in やさしい日本語, "" = these stand for it
	// Districts are district IDs; none means the whole town (全市).
	Districts  []string
	Branch     string // ID of the main office when this is a branch (サテライト)
	Operator   string // 法人
	Mode       string // 直営, 委託, 一部委託, 直営+委託; "" = not known
	Department string // 所管課
	Address    string
	Phone      string // as it is dialled, with hyphens; "" = not on file
	Fax        string // as Phone
	URL        string
	Hours      *Hours // nil = not known
	Note       string
	Source     string    // where the entry comes from
	Checked    time.Time // when that was last checked
}

// District is a 地区.
type District struct {
	ID      string
	Name    string
	Kana    string
	Area    string   // area ID, or ""
	Aliases []string // other names residents type
}

// Area is a 圏域: a group of districts.
type Area struct {
	ID   string
	Name string
}

// Hours are an office's weekly opening hours in Asia/Tokyo.
type Hours struct {
	// Week is indexed by time.Weekday; a day without spans is closed. A night
	// service ends its first day at 1440 and starts the next at 0.
	Week [7][]Span
	// Holidays is true when the office is also open on national holidays.
	Holidays bool
	// Closed lists further closed days.
	Closed []Dates
	// Open24 is true for round-the-clock service: Week, holidays and 年末年始 then
	// do not count, only Closed does.
	Open24 bool
}

// Span is a stretch of one day in minutes since midnight, From inclusive, To
// exclusive, 0..1440.
type Span struct{ From, To int }

// Dates is a run of days, inclusive, either of one year ("2026-08-13") or of
// every year ("12-29", which may cross the turn of the year). An empty To means
// one day.
type Dates struct{ From, To string }

// Calendar is the town hall's: the days on which its offices are closed, and the
// hours in which duty staff read messages.
type Calendar struct {
	// Staff is when duty staff read messages; nil = not configured, then nothing
	// is promised.
	Staff *Hours
	// Answer is within how many of Staff's open hours an answer is promised; 0 =
	// no promise.
	Answer time.Duration
	// YearEnd is 年末年始, when every office but a round-the-clock one is closed.
	YearEnd Dates
	// Duty is the 当番表, empty = none.
	Duty []Shift
}

// Hotline is a national or prefectural line.
type Hotline struct {
	ID     string
	Name   string
	Number string // as dialled: 0120-279-338, #8008, 119
	// Only lists prefectures; none = everywhere but those in Except.
	Only, Except []string
	Kinds        []string // crisis kinds it serves, in triage's words; "any" = all
	Audience     string   // for whom, if not for everybody
	Hours        *Hours   // nil = not verified: the line is not shown
	HoursText    string   // how the hours are said
	Cost         string
	Languages    string
	Source       string
	Verified     time.Time
	// Always is true for the lines that close every list (110, 119, 189, よりそい).
	Always bool
	// Rank orders the lines of a kind: lower first, after what is open now.
	Rank int
}

// Policy is what a town decided about handing on.
type Policy struct {
	// General is the office shown beside every outcome and where nobody else
	// fits.
	General string
	// Unknown says what "I do not know where" gets: general (the general desk),
	// nearest (any desk that is easy to reach, general first), field (the field's
	// desk receives and asks the general desk behind the scenes).
	Unknown string
	// Complex says where several worries at once go: general or coordinator.
	Complex string
	// Coordinator is the 多機関協働 office; used only above the threshold.
	Coordinator string
	// Threshold is how many fields make a case the coordinator's; 0 = never by
	// itself.
	Threshold int
	// Phone is the town hall's 代表 number, "" when not on file.
	Phone string
	// PhoneName names whose number that is.
	PhoneName string
	// WithConsent and WithoutConsent are the town's names of the two meetings.
	WithConsent, WithoutConsent string
	// Note tells staff the town's rule of handing on, one or two sentences.
	Note string
}
