package triage

// Age bands of the person whose worry it is.
const (
	ageChild   = "child"   // under 18
	ageYoung   = "young"   // 18–39
	ageMiddle  = "middle"  // 40–64
	ageElderly = "elderly" // 65 and over
)

var bands = []string{ageChild, ageYoung, ageMiddle, ageElderly}

func band(years int) int {
	switch {
	case years < 18:
		return 0
	case years < 40:
		return 1
	case years < 65:
		return 2
	}
	return 3
}

// BandOf is the band of an age in years: child, young, middle or elderly.
func BandOf(years int) string { return bands[band(years)] }

// aged is a number in the text that is a person's age.
type aged struct {
	years    int
	from, to int32
}

// ages finds 72歳, 七十九歳, 80代, 46さい, and a bare number between 18 and 105
// where a person stands before it or nothing after it.
func ages(text []rune, out []aged) []aged {
	for i := 0; i < len(text); {
		n, j := number(text, i)
		if j == i {
			i++
			continue
		}
		kanji := text[i] > '9'
		rest := text[j:]
		switch {
		case n > 115 || n < 0:
		case starts(rest, "歳"), starts(rest, "才"), starts(rest, "さい"), n >= 18 && starts(rest, "になる"), n >= 18 && starts(rest, "になり"), n >= 10 && n%10 == 0 && starts(rest, "代"), starts(rest, "years old"), starts(rest, " years old"), starts(rest, "yo "), starts(rest, "세"), starts(rest, "살"), starts(rest, "岁"), starts(rest, " tuổi"), starts(rest, " anos"), starts(rest, " años"):
			if !starts(rest, "さいふ") && !starts(rest, "才能") {
				out = append(out, aged{n, int32(i), int32(j)})
			}
		case n < 18 || n > 105 || i > 0 && (text[i-1] >= 'a' && text[i-1] <= 'z' || text[i-1] == pause && i > 1 && text[i-2] >= '0' && text[i-2] <= '9'):
		case bare(text, i, j, kanji):
			out = append(out, aged{n, int32(i), int32(j)})
		}
		i = j
	}
	return out
}

// bare says whether a number without a unit is an age: 娘46、 or a sentence of
// its own, perhaps with 男 or 女 behind.
func bare(text []rune, from, to int, kanji bool) bool {
	end := to
	for _, w := range []string{"男性", "女性", "男", "女", "になる", "です"} {
		if starts(text[end:], w) {
			end += len([]rune(w))
			break
		}
	}
	closed := end == len(text) || text[end] == stop || text[end] == pause
	if !closed && !starts(text[end:], "と") {
		return false
	}
	if from == 0 || text[from-1] == stop {
		return closed && !(from == 0 && end == to && to == len(text))
	}
	if text[from-1] == pause {
		return closed && !kanji
	}
	for _, p := range persons {
		if ends(text[:from], p) {
			return true
		}
	}
	return false
}

var persons = []string{"父", "母", "祖父", "祖母", "親", "夫", "妻", "兄", "弟", "姉", "妹", "息子", "娘", "私", "男", "女", "僕", "俺", "本人", "叔父", "叔母", "主人", "長男", "次男", "長女", "次女", "義母", "義父", "わたし"}

func starts(text []rune, s string) bool {
	i := 0
	for _, r := range s {
		if i >= len(text) || text[i] != r {
			return false
		}
		i++
	}
	return true
}

func ends(text []rune, s string) bool {
	r := []rune(s)
	return len(text) >= len(r) && starts(text[len(text)-len(r):], s)
}

// number reads digits or kanji numerals at i and returns the value and its end;
// -1 when it is too long to matter.
func number(text []rune, i int) (n, end int) {
	j := i
	if text[i] >= '0' && text[i] <= '9' {
		for ; j < len(text) && text[j] >= '0' && text[j] <= '9'; j++ {
			n = min(n*10+int(text[j]-'0'), 1e6)
		}
		return n, j
	}
	unit, seen := 0, false
	for ; j < len(text); j++ {
		switch d := kanjiDigit(text[j]); {
		case d >= 0:
			unit, seen = min(unit*10+d, 1e6), true
		case text[j] == '十':
			n, unit, seen = n+max(unit, 1)*10, 0, true
		case text[j] == '百':
			n, unit, seen = n+max(unit, 1)*100, 0, true
		default:
			if !seen {
				return 0, i
			}
			return n + unit, j
		}
	}
	return n + unit, j
}

func kanjiDigit(r rune) int {
	switch r {
	case '〇':
		return 0
	case '一':
		return 1
	case '二':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}
