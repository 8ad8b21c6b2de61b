package triage

import (
	"math"
	"math/bits"
)

// The learner's features: pieces of one to some characters of the plain text, its
// words, alone and with each of those shortly before, its runs of kanji, every phrase
// of the lexicon that was found, how many groups of each label were touched, and the
// shape of the message.
const (
	hashBits = 24
	maxPiece = 4
	// How many of the pieces up to this length are known tells whether a text is.
	tellingPiece = 3
	maxApart     = 8   // words between which a pair is seen
	maxText      = 600 // characters read; the rest of a longer message is not
)

// feature is what of a message is learned or looked up: its kind, above
// kindShift, and its number, which is a hash until its row of weights is known.
type feature uint32

const (
	kindShift = 28
	numbers   = 1<<kindShift - 1
)

func (f feature) row() int  { return int(f & numbers) }
func (f feature) kind() int { return int(f >> kindShift) }

// Kinds of features. Those of one kind count alike in a message; characters, words
// and pairs share theirs, however many they are.
const (
	ofChars = iota
	ofWords
	ofPairs // words that stand apart
	ofConcepts
	ofRest
	kinds
)

// span is where a feature stands; one about the message as a whole stands
// nowhere: from is then -1 and to tells which it is of.
type span struct{ from, to int32 }

// What features about the message as a whole are of.
const (
	ofGroups int32 = iota // how many groups of which labels were touched
	ofShape               // its length and scripts
)

// values are what the features of each kind count in one message.
type values [kinds]float32

// valuesOf weighs the features of one message.
func (o *options) valuesOf(list []feature) values {
	var n [kinds]int
	for _, f := range list {
		n[f.kind()]++
	}
	v := values{ofChars: 1, ofWords: o.wordValue, ofPairs: o.pairValue, ofConcepts: o.conceptValue, ofRest: o.restValue}
	for _, kind := range [...]int{ofChars, ofWords, ofPairs} {
		v[kind] /= float32(math.Sqrt(float64(max(n[kind], 1))))
	}
	return v
}

func mix(h uint64) uint32 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 29
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 32
	return uint32(h) & (1<<hashBits - 1)
}

const (
	conceptBase = 1 << 40
	kanjiBase   = 1 << 42
	countBase   = 1 << 43
	shapeBase   = 1 << 44
	wordBase    = 1 << 45
	besideBase  = 1 << 46
	acrossBase  = 1 << 47
	apartBase   = 1 << 48
	edgeRune    = 2
	offset      = uint64(14695981039346656037) // FNV-1a
	prime       = 1099511628211
)

// gather lists the features of a message, each once, in the scratch. While
// nothing is counted their numbers are hashes, then rows; those without a row are
// left out.
func (m *model) gather(v *view, s *scratch) {
	s.features, s.spans, s.town = s.features[:0], s.spans[:0], s.town[:0]
	s.shown.begin()
	s.pieces, s.known, s.gathered = 0, 0, false
	g := gatherer{m.rows, m.town, s}
	text := v.text
	if len(text) > maxText {
		text = text[:maxText]
	}
	g.chars(text)
	g.words(v.words)
	g.concepts(v)
	g.runs(text)
	g.counts(v)
	length, script := uint64(bits.Len(uint(len(text)))), uint64(scripts(text))
	g.add(ofRest, shapeBase+length, -1, ofShape)
	g.add(ofRest, shapeBase+100+script, -1, ofShape)
	g.add(ofRest, shapeBase+1000+script*100+length, -1, ofShape)
}

type gatherer struct {
	rows rowIndex
	town *town
	s    *scratch
}

// add notes a feature, and says whether it is new to the message and known.
func (g *gatherer) add(kind feature, id uint64, from, to int32) bool {
	hash := mix(id)
	n, s := hash, g.s
	if g.rows != "" {
		n = g.rows.row(hash)
	}
	if g.town != nil {
		own := g.town.own.row(hash)
		if n == 0 && own == 0 || s.shown.add(hash) {
			return false
		}
		s.town = append(s.town, own)
	} else if n == 0 && g.rows != "" || s.shown.add(n) {
		return false
	}
	s.features = append(s.features, kind<<kindShift|feature(n))
	s.spans = append(s.spans, span{from, to})
	return true
}

// marks are the features that a message has already shown: an open hash table
// that is emptied by counting on. It holds more than any message shows.
type marks struct {
	round uint64
	slots [maxMarks]uint64 // round<<32 | number
}

const maxMarks = 1 << 14

func (m *marks) begin() { m.round++ }

// add says whether a number was there already, and adds it.
func (m *marks) add(n uint32) bool {
	mark := m.round<<32 | uint64(n)
	for i := n & (maxMarks - 1); ; i = (i + 1) & (maxMarks - 1) {
		switch {
		case m.slots[i] == mark:
			return true
		case m.slots[i]>>32 != m.round:
			m.slots[i] = mark
			return false
		}
	}
}

// chars adds the pieces of the text and of its ends.
func (g *gatherer) chars(text []rune) {
	n := len(text)
	at := func(i int) rune {
		if i < 0 || i >= n {
			return edgeRune
		}
		return digitless(text[i])
	}
	for i := -1; i < n; i++ {
		h := offset
		for k := 0; k < maxPiece && i+k <= n; k++ {
			h = (h ^ uint64(uint32(at(i+k)))) * prime
			if k == 0 && (i < 0 || text[i] == stop || text[i] == pause) {
				continue
			}
			added := g.add(ofChars, h+uint64(k), int32(max(i, 0)), int32(min(i+k+1, n)))
			if k < tellingPiece {
				g.s.pieces++
				if added {
					g.s.known++
				}
			}
		}
	}
}

// words adds each word, with the one before, with the one before that, and with those
// further back.
func (g *gatherer) words(words []token) {
	for i, w := range words {
		g.add(ofWords, wordBase^w.base, w.from, w.to)
		if i > 0 {
			g.add(ofWords, besideBase^(words[i-1].base*prime+w.base), words[i-1].from, w.to)
		}
		if i > 1 {
			g.add(ofWords, acrossBase^(words[i-2].base*prime+w.base), words[i-2].from, w.to)
		}
		for _, before := range words[max(0, i-maxApart):max(0, i-2)] {
			g.add(ofPairs, apartBase^(before.base*prime+w.base), before.from, w.to)
		}
	}
}

// concepts adds the named things, which weigh alike in short and long messages.
func (g *gatherer) concepts(v *view) {
	for _, c := range v.concepts {
		g.add(ofConcepts, conceptBase+uint64(c.id), c.from, c.to)
	}
	for _, c := range v.sets {
		g.add(ofRest, conceptBase+uint64(c.id), -1, ofGroups)
	}
}

// runs adds the runs of kanji.
func (g *gatherer) runs(text []rune) {
	for i := 0; i < len(text); i++ {
		from, h := i, offset
		for ; i < len(text) && han(text[i]); i++ {
			h = (h ^ uint64(uint32(text[i]))) * prime
		}
		if i > from {
			g.add(ofRest, kanjiBase^h, int32(from), int32(i))
		}
	}
}

// counts adds how many groups of each label were touched.
func (g *gatherer) counts(v *view) {
	top, four := 0, 0
	for k, c := range v.counts {
		for i := range min(c, 4) {
			g.add(ofRest, countBase+uint64(k*10+i), -1, ofGroups)
		}
		if c > v.counts[top] {
			top = k
		}
		if k < 4 {
			four = four*3 + min(c, 2)
		}
	}
	g.add(ofRest, countBase+100+uint64(top), -1, ofGroups)
	g.add(ofRest, countBase+200+uint64(four), -1, ofGroups)
}

// digitless makes all digits one.
func digitless(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return r
}

// scripts says in what a text is written: 1 kanji, 2 kana, 4 mostly letters of
// other tongues, added up.
func scripts(text []rune) int {
	var kanji, kana, letters int
	for _, r := range text {
		switch {
		case hiragana(r):
			kana = 2
		case han(r):
			kanji = 1
		case letter(r):
			letters++
		}
	}
	if letters*2 > len(text) {
		return kanji + kana + 4
	}
	return kanji + kana
}

// concept is a named thing found in a message: a group's word, an age, a rule.
type concept struct {
	id       int32
	from, to int32
}
