package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/directory"
	"tsunagu/triage"
)

// Files of a city's folder.
const (
	cityFile      = "city.yaml"
	triageFile    = "triage.yaml"
	directoryFile = "directory.yaml"
	textsFile     = "texts.yaml"
	hotlinesFile  = "hotlines.yaml"
	forbiddenFile = "forbidden.yaml"
	cannedFile    = "canned.yaml"
)

// LoadCity is Base.City over a base of its own.
func LoadCity(nameOrDir string) (*bot.City, []Fault) { return ReadBase().City(nameOrDir) }

// Check is Base.Check over a base of its own.
func Check(nameOrDir string, now time.Time) []Fault { return ReadBase().Check(nameOrDir, now) }

// Check finds everything that is wrong or doubtful with a city: the faults of City
// and the warnings. now decides what is stale.
func (b *Base) Check(nameOrDir string, now time.Time) []Fault {
	l := b.open(nameOrDir)
	l.checkUnread()
	l.check(now)
	l.checkWords()
	return sorted(l.faults)
}

// IsFolder says whether a city is named by its folder.
func IsFolder(nameOrDir string) bool { return strings.ContainsAny(nameOrDir, `/\`) }

// loader is a city being read.
type loader struct {
	*notes
	base  *Base
	own   fs.FS
	name  string // how faults call the folder
	city  *bot.City
	ready bool // every file could be read; only then the whole is judged

	questions map[string]string // question ID → path prefix of where it is written
	hotlines  []string          // path prefix of each hotline
	lines     map[string]string // text name → path
	forbidden []phrase

	lexicon    triage.Lexicon // the base's words and the city's, the city's examples alone
	examplesAt []place        // where each of these stands
	untaught   *triage.Untaught
}

// open reads all files of a city.
func (b *Base) open(nameOrDir string) *loader {
	l := b.loader(nameOrDir)
	if !l.find(nameOrDir) {
		l.ready = false
		return l
	}
	l.readCity()
	l.readDirectory()
	l.readHotlines()
	l.readTexts()
	l.readTriage()
	l.readForbidden()
	l.readCanned()
	l.readWords()
	return l
}

// emptyCity is a city before its files say anything.
func emptyCity() *bot.City {
	return &bot.City{
		WordsOnCard: true, NoticeTaken: true, NoticeClosed: true, Accept: 0.6, Ask: 0.35,
		Keep: bot.DefaultKeep, Patterns: map[string]string{}, Texts: bot.Texts{},
	}
}

// find opens the folder.
func (l *loader) find(nameOrDir string) bool {
	whole := place{file: nameOrDir}
	if !IsFolder(nameOrDir) {
		own, ok := builtIn(nameOrDir)
		if !ok {
			l.fault(whole, "そのような市は入っていません。入っている市：%s。自分のフォルダーは ./%s のように「/」を付けて書きます%s",
				strings.Join(BuiltIn(), "、"), nameOrDir, near(nameOrDir, BuiltIn()))
			return false
		}
		l.own = own
		return true
	}
	info, err := os.Stat(nameOrDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fault(whole, "フォルダーがありません")
		return false
	case err != nil:
		l.fault(whole, "フォルダーを開けません")
		return false
	case !info.IsDir():
		l.fault(whole, "フォルダーではありません")
		return false
	}
	l.own = os.DirFS(nameOrDir)
	return true
}

// file opens a file of the city's own folder; missing ones are a fault when
// they are needed.
func (l *loader) file(name string, needed bool, prefix string) (node, bool) {
	return l.open(l.own, path.Join(filepath.ToSlash(l.name), name), name, needed, prefix)
}

// baseFile opens a file of the base: the city's own copy in base/ if there is
// one, as an exported city has.
func (l *loader) baseFile(name, prefix string) (node, bool) {
	if _, err := fs.Stat(l.own, "base/"+name); err == nil {
		return l.file("base/"+name, true, prefix)
	}
	return l.embeddedFile(name, prefix)
}

// embeddedFile opens a file of the base that every city shares.
func (l *loader) embeddedFile(name, prefix string) (node, bool) {
	d := l.base.document(name)
	l.faults = append(l.faults, d.faults...)
	l.ready = l.ready && d.ok
	return node{d.root.y, prefix, d.root.file, l.notes}, d.ok
}

func (l *loader) open(from fs.FS, shown, name string, needed bool, prefix string) (node, bool) {
	f, err := from.Open(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.fault(place{file: shown}, "開けません")
			l.ready = false
		} else if needed {
			hint := ""
			if other := misnamed(from, name); other != "" {
				hint = "（「" + other + "」の名前を「" + path.Base(name) + "」に変えてください）"
			}
			l.fault(place{file: shown}, "ファイルがありません%s", hint)
			l.ready = false
		}
		return node{}, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		l.fault(place{file: shown}, "読めません")
		l.ready = false
		return node{}, false
	}
	root, ok := l.parse(shown, prefix, data)
	l.ready = l.ready && ok
	return root, ok
}

// readCity reads city.yaml over the base's.
func (l *loader) readCity() {
	c := l.city
	d := &c.Directory
	keys := map[string]func(node){
		"id": text(&c.ID), "name": text(&c.Name), "prefecture": text(&d.Prefecture),
		"calendar": func(n node) {
			n.object(map[string]func(node){
				"staff":   hours(&d.Calendar.Staff),
				"answer":  span(&d.Calendar.Answer),
				"yearend": dates(&d.Calendar.YearEnd),
			})
		},
		"duty":          duty(&d.Calendar.Duty),
		"policy":        l.policy(&d.Policy),
		"receivers":     texts(&c.Receivers),
		"staff_names":   boolean(&c.StaffNames),
		"words_on_card": boolean(&c.WordsOnCard),
		"notices": func(n node) {
			n.object(map[string]func(node){"taken": boolean(&c.NoticeTaken), "closed": boolean(&c.NoticeClosed)})
		},
		"keep": func(n node) {
			n.object(map[string]func(node){
				"idle": span(&c.Keep.Idle), "closed": span(&c.Keep.Closed), "emergency": span(&c.Keep.Emergency),
				"done": span(&c.Keep.Done), "audit": span(&c.Keep.Audit),
			})
		},
		"remind": func(n node) {
			n.object(map[string]func(node){
				"unclaimed": span(&c.Patience.Unclaimed), "mention": span(&c.Patience.Mention), "general": span(&c.Patience.General),
				"stale": span(&c.Patience.Stale), "answer_back": span(&c.Patience.AnswerBack),
			})
			l.remind(n)
		},
		"drill":       l.drill,
		"attachments": l.attachments, "send_pictures": l.pictures,
		"wishes":   texts(&c.Wishes),
		"consent":  text(&c.Consent),
		"limit":    number(&c.Limit),
		"reading":  func(n node) { n.object(map[string]func(node){"accept": fraction(&c.Accept), "ask": fraction(&c.Ask)}) },
		"patterns": l.patterns,
	}
	if n, ok := l.baseFile(cityFile, ""); ok {
		n.object(keys)
	}
	l.places = map[string]place{} // the base's lines are no place to mend a city
	if n, ok := l.file(cityFile, true, ""); ok {
		n.object(keys)
	}
}

// remind wants the steps in their order.
func (l *loader) remind(n node) {
	p := l.city.Patience
	last := time.Duration(0)
	for _, d := range []time.Duration{p.Unclaimed, p.Mention, p.General} {
		if d > 0 && d < last {
			n.fault("unclaimed、mention、general は、この順に長くします")
			return
		}
		last = max(last, d)
	}
	if p.Stale > 0 && p.AnswerBack == 0 {
		n.fault("stale で聞くなら、answer_back（返事を待つ長さ）も要ります")
	}
}

func (l *loader) drill(n node) {
	s := ""
	text(&s)(n)
	if s != "weekly" && s != "off" && s != "" {
		n.fault("drill は weekly か off です")
	}
	l.city.Drill = s == "weekly"
}

func (l *loader) policy(p *directory.Policy) func(node) {
	return func(n node) {
		n.object(map[string]func(node){
			"general": text(&p.General), "unknown": text(&p.Unknown), "complex": text(&p.Complex),
			"coordinator": text(&p.Coordinator), "threshold": number(&p.Threshold),
			"phone": text(&p.Phone), "phone_name": text(&p.PhoneName),
			"with_consent": text(&p.WithConsent), "without_consent": text(&p.WithoutConsent),
			"note": text(&p.Note),
		})
	}
}

func (l *loader) patterns(n node) {
	n.each(func(key string, k, v node) {
		name := ""
		text(&name)(v)
		l.city.Patterns[key] = name
	})
}
