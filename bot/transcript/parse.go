package transcript

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Play is a script.
type Play struct {
	File  string
	Title string
	At    time.Time
	lines []line
}

// line is one line of a script that does something.
type line struct {
	n    int
	text string // as written
	do   verb
	who  []string // residents or staff
	card string   // field in whose channel the card stands, "" = the newest card
	arg  string   // words or a label
	more string   // text of a modal
	at   moment
}

type verb int

const (
	nothing verb = iota // a comment or an empty line
	says                // words of the resident
	taps                // a button
	sends               // something that is not text
	unsends
	follows
	blocks
	acts // a button of the card
	passes
	slackAway
	slackBack
	lineAway
	lineBack
	lineFull
	repeats
	restarts
)

// moment is where a stage direction moves the clock.
type moment struct {
	by   time.Duration
	to   time.Time // a date and time
	next bool      // to is a time of day, tomorrow
}

// maxPlay bounds a script's size.
const maxPlay = 256 << 10

var (
	sayLine    = regexp.MustCompile(`^(住民\d?)「(.*)」$`)
	tapLine    = regexp.MustCompile(`^(住民\d?)→［(.+)］$`)
	doLine     = regexp.MustCompile(`^(住民\d?)：(.+)$`)
	unsendLine = regexp.MustCompile(`^「(.*)」を取り消す$`)
	staffLine  = regexp.MustCompile(`^(職員[A-Z](?:・職員[A-Z])*)(?:（#([a-z0-9_-]+)）)?→［(.+?)］(?:「(.*)」)?$`)
	direction  = regexp.MustCompile(`^（(.+)）$`)
	minutes    = regexp.MustCompile(`^(\d+)(分|時間|日)たつ$`)
	tomorrow   = regexp.MustCompile(`^あすの\s*(\d\d:\d\d)\s*になる$`)
	dated      = regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d)\s*になる$`)
)

var tokyo = time.FixedZone("JST", 9*60*60)

// Fault is a line of a script that cannot be played, told to who wrote it.
type Fault struct {
	File string
	Line int // from 1
	Text string
}

func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Parse reads a script. All faults come at once, each with its line.
func Parse(file, text string) (*Play, []Fault) {
	p := &Play{File: file}
	var faults []Fault
	fault := func(n int, format string, a ...any) {
		faults = append(faults, Fault{file, n, fmt.Sprintf(format, a...)})
	}
	if len(text) > maxPlay {
		fault(1, "台本が長すぎます（%d KB まで）", maxPlay>>10)
		return p, faults
	}
	for i, raw := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		n := i + 1
		if strings.HasPrefix(raw, "    ") || strings.HasPrefix(raw, "\t") {
			continue // what the program said last time
		}
		s := strings.TrimSpace(raw)
		l := line{n: n, text: s}
		switch {
		case s == "":
		case strings.HasPrefix(s, "#"):
			if p.Title == "" {
				p.Title = strings.TrimSpace(s[1:])
			}
		case strings.HasPrefix(s, "とき："):
			at, err := time.ParseInLocation("2006-01-02 15:04", strings.TrimSpace(strings.TrimPrefix(s, "とき：")), tokyo)
			if err != nil {
				fault(n, "「とき：」のあとは 2026-11-24 10:00 のように書きます")
			}
			p.At = at
		default:
			if err := l.read(); err != nil {
				fault(n, "%v", err)
			}
		}
		p.lines = append(p.lines, l)
	}
	if p.Title == "" {
		fault(1, "最初に「# 題」が要ります")
	}
	if p.At.IsZero() {
		fault(1, "「とき：2026-11-24 10:00」が要ります")
	}
	return p, faults
}

func (l *line) read() error {
	s := l.text
	if m := sayLine.FindStringSubmatch(s); m != nil {
		l.do, l.who, l.arg = says, []string{m[1]}, strings.ReplaceAll(m[2], `\n`, "\n")
		return nil
	}
	if m := tapLine.FindStringSubmatch(s); m != nil {
		l.do, l.who, l.arg = taps, []string{m[1]}, m[2]
		return nil
	}
	if m := staffLine.FindStringSubmatch(s); m != nil {
		l.do, l.who, l.card, l.arg, l.more = acts, strings.Split(m[1], "・"), m[2], m[3], m[4]
		return nil
	}
	if m := doLine.FindStringSubmatch(s); m != nil {
		l.who = []string{m[1]}
		switch what := m[2]; {
		case what == "友だちに追加する":
			l.do = follows
		case what == "ブロックする":
			l.do = blocks
		case unsendLine.MatchString(what):
			l.do, l.arg = unsends, unsendLine.FindStringSubmatch(what)[1]
		case media[strings.TrimSuffix(what, "を送る")] != "":
			l.do, l.arg = sends, media[strings.TrimSuffix(what, "を送る")]
		default:
			return fmt.Errorf("住民が「%s」とは、この台本では書けません", what)
		}
		return nil
	}
	if m := direction.FindStringSubmatch(s); m != nil {
		return l.direct(m[1])
	}
	return fmt.Errorf("読めない行です：%s", s)
}

var media = map[string]string{"写真": "image", "スタンプ": "sticker", "音声": "audio", "位置": "location", "ファイル": "file"}

var directions = map[string]verb{
	"Slackがつながらない": slackAway, "Slackがもどる": slackBack, "LINEがことわる": lineAway, "LINEがもどる": lineBack,
	"返事の上限になる": lineFull, "同じ知らせがもう一度届く": repeats, "再起動": restarts,
}

func (l *line) direct(s string) error {
	if v, ok := directions[s]; ok {
		l.do = v
		return nil
	}
	l.do = passes
	if m := minutes.FindStringSubmatch(s); m != nil {
		n := 0
		for _, r := range m[1] {
			n = min(n*10+int(r-'0'), 1000000)
		}
		l.at.by = time.Duration(n) * map[string]time.Duration{"分": time.Minute, "時間": time.Hour, "日": 24 * time.Hour}[m[2]]
		return nil
	}
	var err error
	if m := tomorrow.FindStringSubmatch(s); m != nil {
		l.at.next = true
		l.at.to, err = time.ParseInLocation("15:04", m[1], tokyo)
		return err
	}
	if m := dated.FindStringSubmatch(s); m != nil {
		l.at.to, err = time.ParseInLocation("2006-01-02 15:04", m[1], tokyo)
		return err
	}
	return fmt.Errorf("知らないト書きです：（%s）", s)
}
