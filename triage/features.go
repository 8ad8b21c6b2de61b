package triage

import "math"

// The learner's features: pieces of one to five characters of the plain text,
// and every phrase of the lexicon that was found, alone and in pairs.
const (
	tableBits = 18
	tableSize = 1 << tableBits
	maxPiece  = 5
	maxText   = 600 // characters read; the rest of a longer message is not
)

// piece is a feature and where it stands.
type piece struct {
	hash     uint32
	from, to int32
	value    float32
}

func mix(h uint64) uint32 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 29
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 32
	return uint32(h) & (tableSize - 1)
}

const (
	wordBase = 1 << 40
	pairBase = 1 << 41
	edgeRune = 2
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
		h := uint64(14695981039346656037)
		for k := 0; k < maxPiece && i+k <= n; k++ {
			h = (h ^ uint64(uint32(at(i+k)))) * 1099511628211
			if k == 0 && (i < 0 || text[i] == stop || text[i] == pause) {
				continue
			}
			p := mix(h + uint64(k))
			if !mark(p) {
				continue
			}
			w := m.idf(p)
			if w == 0 {
				continue
			}
			sum += float64(w) * float64(w)
			out = append(out, piece{p, int32(max(i, 0)), int32(min(i+k+1, n)), w})
		}
	}
	if sum > 0 {
		scale := float32(1 / math.Sqrt(sum))
		for i := range out {
			out[i].value *= scale
		}
	}
	// Named things weigh alike in short and long messages.
	for i, c := range concepts {
		if h := mix(wordBase + uint64(c.id)); mark(h) {
			out = append(out, piece{h, c.from, c.to, m.opt.conceptValue})
		}
		for _, d := range concepts[:i] {
			a, b := c.id, d.id
			if a > b {
				a, b = b, a
			}
			if h := mix(pairBase + uint64(a)<<20 + uint64(b)); a != b && mark(h) {
				if m.df != nil && m.idf(h) == 0 {
					continue
				}
				out = append(out, piece{h, d.from, c.to, m.opt.pairValue})
			}
		}
	}
	for _, c := range v.sets {
		if h := mix(wordBase + uint64(c.id)); mark(h) && (m.df == nil || m.idf(h) != 0) {
			out = append(out, piece{h, 0, 0, m.opt.setValue})
		}
	}
	s.pieces = out
	return out
}

// concept is a named thing found in a message: a group's word, an age, a rule.
type concept struct {
	id       int32
	from, to int32
}
