package config

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tsunagu/bot"
	"tsunagu/directory"
)

// check judges the city as a whole, once all its files could be read.
func (l *loader) check(now time.Time) {
	if !l.ready {
		return
	}
	l.checkCity()
	l.checkDirectory(now)
	l.checkTree()
	l.checkTexts()
	l.checkCanned()
	widen(&l.city.Directory)
}

// in names a file of the city's folder in faults.
func (l *loader) in(file string) string { return path.Join(filepath.ToSlash(l.name), file) }

// cityAt is the place of a path in city.yaml.
func (l *loader) cityAt(p string) place { return l.at(p, l.in(cityFile)) }

func (l *loader) checkCity() {
	c := l.city
	need := func(p, value, text string) {
		if value == "" {
			l.fault(l.cityAt(p), "%s", text)
		}
	}
	need("id", c.ID, "id がありません")
	if c.ID != "" && (!idForm.MatchString(c.ID) || strings.Contains(c.ID, ".")) {
		l.fault(l.cityAt("id"), "id は半角の小文字と数字、- _ だけで、40文字までです")
	}
	need("name", c.Name, "市の名前がありません")
	need("consent", c.Consent, "同意の文の版（consent）がありません。文面を変えたら書きかえます")
	if len(c.Receivers) == 0 {
		l.fault(l.cityAt("receivers"), "同意の文に出る「内容を見る人」（receivers）がありません")
	}
	if c.Ask > c.Accept {
		l.fault(l.cityAt("reading.ask"), "ask は accept より小さくします")
	}
	if c.Limit < 0 {
		l.fault(l.cityAt("limit"), "回数が負です")
	}
	for _, k := range []struct {
		name     string
		has, max time.Duration
	}{
		{"idle", c.Keep.Idle, bot.DefaultKeep.Idle}, {"closed", c.Keep.Closed, bot.DefaultKeep.Closed},
		{"emergency", c.Keep.Emergency, bot.DefaultKeep.Emergency}, {"done", c.Keep.Done, bot.DefaultKeep.Done}, {"audit", c.Keep.Audit, bot.DefaultKeep.Audit},
	} {
		if k.has <= 0 || k.has > k.max {
			l.fault(l.cityAt("keep."+k.name), "残す期間は、短くはできますが、%s より長くはできません", days(k.max))
		}
	}
	if len(c.Wishes) > maxQuick {
		l.fault(l.cityAt("wishes"), "希望・配慮が %d あります。ボタンは %d までです", len(c.Wishes), maxQuick)
	}
	for i, w := range c.Wishes {
		at := l.cityAt("wishes[" + strconv.Itoa(i) + "]")
		l.checkLabel(at, w)
		l.checkWording(at, w)
	}
	if c.Directory.Calendar.YearEnd == (directory.Dates{}) {
		l.warn(l.cityAt("calendar.yearend"), "年末年始の休み（calendar.yearend）がありません。年末年始も、ふだんの時間で案内します")
	}
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 && d > 72*time.Hour {
		return strconv.Itoa(int(d/(24*time.Hour))) + "日"
	}
	return strconv.Itoa(int(d/time.Hour)) + "時間"
}

// checkDirectory takes over what directory finds and puts it at its line.
func (l *loader) checkDirectory(now time.Time) {
	d := &l.city.Directory
	for _, f := range directory.Check(*d, now) {
		p := f.Path
		file := l.in(directoryFile)
		switch top, _, _ := strings.Cut(p, "."); {
		case strings.HasPrefix(p, "hotlines["):
			i, rest, _ := strings.Cut(strings.TrimPrefix(p, "hotlines["), "]")
			if n, err := strconv.Atoi(i); err == nil && n < len(l.hotlines) {
				p = l.hotlines[n] + rest
			}
			file = l.in(hotlinesFile)
		case top == "hotlines":
			file = l.in(hotlinesFile)
		case top == "policy", top == "calendar", top == "prefecture", strings.HasPrefix(top, "duty"):
			file = l.in(cityFile)
		}
		if l.broken[p] {
			continue // it follows from a fault told already
		}
		text := l.named(f.Path) + f.Text
		if len(f.Known) > 0 {
			_, word, _ := strings.Cut(f.Text, "「")
			word, _, _ = strings.Cut(word, "」")
			text += meant(word, f.Known)
		}
		at := l.at(p, file)
		l.faults = append(l.faults, Fault{File: at.file, Line: at.line, Col: at.col, Text: text, Warning: f.Warning})
	}
	for i, o := range d.Offices {
		for key, s := range map[string]string{"does": o.Does, "easy": o.Easy, "say": o.Say, "note": o.Note} {
			l.checkWording(l.at("offices["+strconv.Itoa(i)+"]."+key, l.in(directoryFile)), s)
		}
	}
	for i, f := range d.Fields {
		at := l.at("fields["+strconv.Itoa(i)+"].plain", l.in(directoryFile))
		l.checkWording(at, f.Plain)
		l.checkLabel(at, f.Plain)
	}
}

// named is the name of the office or line that a path leads into, so that a
// fault can be read without the file at hand.
func (l *loader) named(path string) string {
	list, rest, _ := strings.Cut(path, "[")
	index, _, _ := strings.Cut(rest, "]")
	i, err := strconv.Atoi(index)
	d := &l.city.Directory
	switch {
	case err != nil:
	case list == "offices" && i < len(d.Offices) && d.Offices[i].Name != "":
		return "「" + d.Offices[i].Name + "」："
	case list == "hotlines" && i < len(d.Hotlines) && d.Hotlines[i].Name != "":
		return "「" + d.Hotlines[i].Name + "」："
	case list == "fields" && i < len(d.Fields) && d.Fields[i].Name != "":
		return "「" + d.Fields[i].Name + "」："
	}
	return ""
}

// checkWording faults wording that no resident should read.
func (l *loader) checkWording(at place, s string) {
	for _, p := range l.forbidden {
		if p.in(s) {
			l.fault(at, "「%s」は住民に見せない言い方です（%s）", p.text, p.why)
		}
	}
}
