package triage

import (
	"math"
	"math/bits"
)

// The learner's features: pieces of one to four characters of the plain text, its
// runs of kanji, every phrase of the lexicon that was found, alone and in pairs,
// how many groups of each label were touched, and the shape of the message.
const (
	tableBits = 18
	tableSize = 1 << tableBits
	maxPiece  = 4
	maxText   = 600 // characters read; the rest of a longer message is not
	reach     = 30  // characters between two named things that are seen together
)

// piece is a feature and where it stands; one about the message as a whole stands
// nowhere: from is then -1 and to tells which kind it is.
type piece struct {
	row      uint32
	from, to int32
	value    float32
}

// Kinds of pieces about the message as a whole.
const (
	ofGroups int32 = iota // how many groups of which labels were touched
	ofShape               // its length and scripts
)

func mix(h uint64) uint32 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 29
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 32
	return uint32(h) & (tableSize - 1)
}

const (
	wordBase  = 1 << 40
	pairBase  = 1 << 41
	kanjiBase = 1 << 42
	countBase = 1 << 43
	shapeBase = 1 << 44
	edgeRune  = 2
	offset    = uint64(14695981039346656037) // FNV-1a
	prime     = 1099511628211
)

// pieces lists the features of a message whose phrases have been scanned.
// Doubles are kept once.
func (m *model) pieces(v *view, s *scratch) []piece {
	text, concepts := v.text, v.concepts
	if len(text) > maxText {
		text = text[:maxText]
	}
	out := s.pieces[:0]
	mark := func(h uint32) bool {
		if s.marks[h] == s.markRound {
			return false
		}
		s.marks[h] = s.markRound
		return true
	}
	s.markRound++
	n := len(text)
	at := func(i int) rune {
		switch {
		case i < 0 || i >= n:
			return edgeRune
		case text[i] >= '0' && text[i] <= '9':
			return '0'
		}
		return text[i]
	}
	var sum float64
	for i := -1; i < n; i++ {
		h := offset
		for k := 0; k < maxPiece && i+k <= n; k++ {
			h = (h ^ uint64(uint32(at(i+k)))) * prime
			if k == 0 && (i < 0 || text[i] == stop || text[i] == pause) {
				continue
			}
			p := mix(h + uint64(k))
			if !mark(p) {
				continue
			}
			row, idf := m.row(p)
			if row == 0 {
				continue
			}
			sum += float64(idf) * float64(idf)
			out = append(out, piece{row, int32(max(i, 0)), int32(min(i+k+1, n)), idf})
		}
	}
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range out {
			out[i].value *= scale
		}
	}
	add := func(id uint64, from, to int32, value float32) {
		if h := mix(id); mark(h) {
			if row, _ := m.row(h); row != 0 {
				out = append(out, piece{row, from, to, value})
			}
		}
	}
	// Named things weigh alike in short and long messages.
	for i, c := range concepts {
		add(wordBase+uint64(c.id), c.from, c.to, m.opt.conceptValue)
		for _, d := range concepts[:i] {
			a, b := min(c.id, d.id), max(c.id, d.id)
			if a != b && d.from-c.to <= reach && c.from-d.to <= reach {
				add(pairBase+uint64(a)<<20+uint64(b), d.from, c.to, m.opt.pairValue)
			}
		}
	}
	for _, c := range v.sets {
		add(wordBase+uint64(c.id), -1, ofGroups, m.opt.setValue)
	}
	for i := 0; i < n; i++ {
		from, h := i, offset
		for ; i < n && han(text[i]); i++ {
			h = (h ^ uint64(uint32(text[i]))) * prime
		}
		if i > from {
			add(kanjiBase^h, int32(from), int32(i), m.opt.kanjiValue)
		}
	}
	top, four := 0, 0
	for k, c := range v.counts {
		for i := range min(c, 4) {
			add(countBase+uint64(k*10+i), -1, ofGroups, m.opt.countValue)
		}
		if c > v.counts[top] {
			top = k
		}
		if k < 4 {
			four = four*3 + min(c, 2)
		}
	}
	add(countBase+100+uint64(top), -1, ofGroups, m.opt.countValue)
	add(countBase+200+uint64(four), -1, ofGroups, m.opt.countValue)
	length, script := uint64(bits.Len(uint(n))), uint64(scripts(text))
	add(shapeBase+length, -1, ofShape, m.opt.shapeValue)
	add(shapeBase+100+script, -1, ofShape, m.opt.shapeValue)
	add(shapeBase+1000+script*100+length, -1, ofShape, m.opt.shapeValue)
	s.pieces = out
	return out
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
