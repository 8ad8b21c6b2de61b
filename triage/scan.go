package triage

import "unicode"

// found is where a phrase stands in the plain text.
type found struct {
	phrase   int32
	from, to int32
}

// scan returns every phrase in the text, each once, at its first place.
func (w *words) scan(text []rune, s *scratch) []found {
	s.begin(len(w.phrases))
	if w.base != nil {
		w.base.find(text, s)
	}
	w.find(text, s)
	return s.found
}

func (w *words) find(text []rune, s *scratch) {
	for i := range text {
		if i > 0 && letter(text[i]) && letter(text[i-1]) {
			continue // Latin words are found whole
		}
		w.walk(text, i, i, 0, s)
	}
}

// walk follows the trie from node at, which text[i:j] reached. A Latin consonant
// among kana is a slip of a Roman-letter keyboard: it stands for any kana of its row.
func (w *words) walk(text []rune, i, j int, at int32, s *scratch) {
	for ; j < len(text); j++ {
		if row := slip(text, j); row != "" {
			for _, r := range row {
				if next, ok := w.step(at, r); ok {
					w.arrive(text, i, j, next, s)
					w.walk(text, i, j+1, next, s)
				}
			}
		}
		next, ok := w.step(at, text[j])
		if !ok {
			return
		}
		at = next
		w.arrive(text, i, j, at, s)
	}
}

// arrive notes what ends at a node that text[i..j] reached.
func (w *words) arrive(text []rune, i, j int, at int32, s *scratch) {
	from, to := w.ending(at)
	if from == to || inside(text, i, j) {
		return
	}
	// From the last, since a part of a phrase must not follow its forerunner at the
	// same place.
	for to--; to >= from; to-- {
		s.hit(w, w.uses[to], text, int32(i), int32(j+1))
	}
}

// slip returns the kana that a stray consonant may stand for, "" for anything else.
func slip(text []rune, j int) string {
	if !letter(text[j]) || j+1 < len(text) && letter(text[j+1]) || j > 0 && letter(text[j-1]) {
		return ""
	}
	if !(j > 0 && hiragana(text[j-1]) || j+1 < len(text) && hiragana(text[j+1])) {
		return ""
	}
	return rows[text[j]]
}

var rows = map[rune]string{
	'k': "かきくけこ", 's': "さしすせそ", 't': "たちつてと", 'n': "なにぬねのん", 'h': "はひふへほ", 'm': "まみむめも", 'y': "やゆよ",
	'r': "らりるれろ", 'w': "わを", 'g': "がぎぐげご", 'z': "ざじずぜぞ", 'd': "だぢづでど", 'b': "ばびぶべぼ", 'p': "ぱぴぷぺぽ",
}

func hiragana(r rune) bool { return r >= 'ぁ' && r <= 'ゖ' }

// inside says whether text[i..j] is only a piece of a longer word: the start of
// a Latin one, or a single kanji beside another (母 in 祖母, 夫 in 夫婦).
func inside(text []rune, i, j int) bool {
	if letter(text[j]) && j+1 < len(text) && letter(text[j+1]) {
		return true
	}
	return i == j && han(text[i]) && (i > 0 && han(text[i-1]) || j+1 < len(text) && han(text[j+1]))
}

func letter(r rune) bool { return r < 0x2000 && unicode.IsLetter(r) }

// han says whether r is a kanji that is no numeral.
func han(r rune) bool {
	return r >= '一' && r <= '鿿' && kanjiDigit(r) < 0 && r != '十' && r != '百'
}

// scratch is the working memory of one scan.
type scratch struct {
	round int32
	seen  []int32 // by phrase: the round in which it was found whole
	open  []opened
	found []found
	view  view
	// Which reader the view is of, and which text; whether the features are its, too.
	of       *Reader
	text     string
	gathered bool
	ways     []cutting
	tokens   []token
	// What the model saw in the message, and where.
	features []feature
	spans    []span
	town     []uint32 // of each its row of the town's own, 0 = none
	shown    marks
	// How many pieces the text has, doubles too, and how many of them are known.
	pieces, known int
}

// opened is a phrase found up to a part.
type opened struct {
	phrase, parts, from, to int32
}

func (s *scratch) begin(phrases int) {
	if len(s.seen) < phrases {
		s.seen = make([]int32, phrases)
		s.round = 0
	}
	s.round++
	s.open, s.found = s.open[:0], s.found[:0]
}

// hit notes a literal. Places come by their start, so a part's forerunner has
// been met before unless it is longer and began later, which order excludes.
func (s *scratch) hit(w *words, u use, text []rune, from, to int32) {
	if s.seen[u.phrase] == s.round {
		return
	}
	parts := int32(w.phrases[u.phrase].parts)
	if u.part > 0 {
		ok := false
		for k := len(s.open) - 1; k >= 0; k-- {
			o := s.open[k]
			if o.phrase == u.phrase && o.parts == u.part && o.to <= from && from-o.to <= gap && !crosses(text[o.to:from]) {
				from, ok = o.from, true
				break
			}
		}
		if !ok {
			return
		}
	}
	if u.part+1 == parts {
		s.note(u.phrase, from, to)
		for _, g := range w.phrases[u.phrase].also {
			if s.seen[g] != s.round {
				s.note(g, from, to)
			}
		}
		return
	}
	s.open = append(s.open, opened{u.phrase, u.part + 1, from, to})
}

func (s *scratch) note(p, from, to int32) {
	s.seen[p] = s.round
	s.found = append(s.found, found{p, from, to})
}

func crosses(between []rune) bool {
	for _, r := range between {
		if r == stop {
			return true
		}
	}
	return false
}

// has says whether a phrase was found in the last scan.
func (s *scratch) has(phrase int32) bool { return s.seen[phrase] == s.round }
