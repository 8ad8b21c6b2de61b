package directory

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxChoices is how many choices a question may show (a LINE message has room
// for 分からない, もどる and やめる beside them).
const MaxChoices = 9

// FindDistrict finds the districts a resident's words mean: by name, alias or
// kana, with or without 地区, in half or full width, alone or within a sentence.
// An area's name gives its districts. Several are candidates to ask about, at
// most MaxChoices; none means that nothing fits. Only the first 100 characters
// count.
func (d Directory) FindDistrict(text string) []District {
	said := fold(text)
	if said == "" {
		return nil
	}
	bare := stripSuffix(said)
	keys := make([][]string, len(d.Districts))
	for i, district := range d.Districts {
		keys[i] = district.keys()
	}
	pick := func(match func(i int) bool) (found []District) {
		for i, district := range d.Districts {
			if match(i) && len(found) < MaxChoices {
				found = append(found, district)
			}
		}
		return found
	}

	if found := pick(func(i int) bool { return slices.Contains(keys[i], bare) }); found != nil {
		return found
	}
	for _, area := range d.Areas {
		if stripSuffix(fold(area.Name)) == bare {
			if found := pick(func(i int) bool { return d.Districts[i].Area == area.ID }); found != nil {
				return found
			}
		}
	}
	// The words hold a name: the longest name wins where one holds the other.
	held := make([]string, len(keys))
	for i := range keys {
		for _, key := range keys[i] {
			if distinct(key) && strings.Contains(said, key) && len(key) > len(held[i]) {
				held[i] = key
			}
		}
	}
	longest := func(i int) bool {
		return held[i] != "" && !slices.ContainsFunc(held, func(other string) bool {
			return other != held[i] && strings.Contains(other, held[i])
		})
	}
	if found := pick(longest); found != nil {
		return found
	}
	// A name holds the words: 黒沢尻 for 黒沢尻北 and its neighbours.
	if utf8.RuneCountInString(bare) < 2 {
		return nil
	}
	return pick(func(i int) bool {
		return slices.ContainsFunc(keys[i], func(key string) bool { return strings.Contains(key, bare) })
	})
}

// DistrictMenu is what to ask for a resident's 地区: the districts themselves
// where they are few or area is given, otherwise the areas first, with the
// districts that belong to none beside them.
func (d Directory) DistrictMenu(area string) ([]Area, []District) {
	within := func(id string) (in []District) {
		for _, district := range d.Districts {
			if district.Area == id {
				in = append(in, district)
			}
		}
		return in
	}
	if area != "" {
		return nil, within(area)
	}
	var areas []Area
	for _, a := range d.Areas {
		if len(within(a.ID)) > 0 {
			areas = append(areas, a)
		}
	}
	if len(d.Districts) <= MaxChoices || len(areas) == 0 {
		return nil, d.Districts
	}
	return areas, within("")
}

// district finds a district by ID.
func (d Directory) district(id string) (District, bool) {
	for _, district := range d.Districts {
		if id != "" && district.ID == id {
			return district, true
		}
	}
	return District{}, false
}

// spoken is the name with 地区 behind it.
func (d District) spoken() string {
	for _, suffix := range suffixes {
		if strings.HasSuffix(d.Name, suffix) {
			return d.Name
		}
	}
	return d.Name + "地区"
}

// keys are the folded names a district answers to; 郷・押野 answers to either
// half too.
func (d District) keys() []string {
	var keys []string
	for _, name := range slices.Concat([]string{d.Name, d.Kana}, d.Aliases) {
		whole := stripSuffix(strings.TrimSpace(norm.NFKC.String(name)))
		for _, part := range append([]string{whole}, strings.FieldsFunc(whole, isJoint)...) {
			if key := stripSuffix(fold(part)); key != "" && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// distinct says whether a name is long enough to be looked for inside a
// sentence: two characters, three when all are hiragana (わが is in わがや too).
func distinct(key string) bool {
	need := 3
	for _, r := range key {
		if !unicode.Is(unicode.Hiragana, r) {
			need = 2
		}
	}
	return utf8.RuneCountInString(key) >= need
}

var suffixes = [...]string{"日常生活圏域", "圏域", "地区", "ちく", "地域"}

func stripSuffix(s string) string {
	for _, suffix := range suffixes {
		if rest, ok := strings.CutSuffix(s, suffix); ok && rest != "" {
			return rest
		}
	}
	return s
}

// isJoint says whether a character joins two names in one.
func isJoint(r rune) bool { return strings.ContainsRune("・/、,", r) }

// fold makes spellings alike: one width, lower case, hiragana for katakana,
// neither spaces nor marks.
func fold(s string) string {
	s = first(s, 100)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'ァ' && r <= 'ヶ':
			return r - 'ァ' + 'ぁ'
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(s))
}

// first cuts a text to n characters.
func first(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
