package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tsunagu/bot"
)

// What a city may turn on: Slack and a working day take no more.
const (
	maxAttachment  = 20 << 20 // bytes of one
	maxPerCase     = 100
	usualBytes     = 5 << 20
	usualPerCase   = 10
	leastOfPicture = 100 << 10 // below it hardly any photograph fits

	maxPicture     = 8 << 20 // bytes of one that staff choose; Slack's form takes 10 MB
	maxPictureDays = 30
	usualDays      = 7
)

// attachments reads which pictures and files staff are shown; without kinds it is a
// fault, as nothing else says what is wanted.
func (l *loader) attachments(n node) {
	a := &l.city.Attachments
	*a = bot.Attachments{Max: usualBytes, PerCase: usualPerCase}
	if n.y.Tag == "!!null" {
		return
	}
	n.object(map[string]func(node){
		"kinds": func(n node) {
			n.list(func(item node) {
				var kind string
				text(&kind)(item)
				switch {
				case !slices.Contains(bot.AttachmentKinds, kind):
					item.fault("「%s」という種類はありません。書けるのは %s です%s", kind, strings.Join(bot.AttachmentKinds, "、"), near(kind, bot.AttachmentKinds))
				case slices.Contains(a.Kinds, kind):
					item.fault("「%s」が二度書かれています", kind)
				default:
					a.Kinds = append(a.Kinds, kind)
				}
			})
		},
		"max_bytes": largest(&a.Max, maxAttachment),
		"per_case":  upTo(&a.PerCase, maxPerCase, "ひとつの相談で受け取る数"),
	})
	if _, written := l.places[n.path+".kinds"]; !written {
		n.fault("受け取る種類（kinds）がありません。例：kinds: [image, pdf]")
	}
}

// pictures reads which pictures staff may send; what is written in braces, empty or
// not, turns them on.
func (l *loader) pictures(n node) {
	p := &l.city.Pictures
	*p = bot.Pictures{}
	if n.y.Tag == "!!null" {
		return
	}
	*p = bot.Pictures{Days: usualDays, Max: usualBytes, PerCase: usualPerCase}
	n.object(map[string]func(node){
		"days":      upTo(&p.Days, maxPictureDays, "写真を置いておく日数"),
		"max_bytes": largest(&p.Max, maxPicture),
		"per_case":  upTo(&p.PerCase, maxPerCase, "ひとつの相談で送る数"),
	})
}

// upTo reads a number from 1 to most; what names it in a fault.
func upTo(to *int, most int, what string) func(node) {
	return func(n node) {
		number(to)(n)
		if *to < 1 || *to > most {
			n.fault("%sは 1 から %d までです", what, most)
		}
	}
}

// largest reads how many bytes one may have at most.
func largest(to *int64, most int64) func(node) {
	return func(n node) {
		size(to)(n)
		if *to < leastOfPicture || *to > most {
			n.fault("大きさは %dKB から %dMB までです", leastOfPicture>>10, most>>20)
		}
	}
}

var sizeForm = regexp.MustCompile(`^([0-9]{1,6})(KB|MB)$`)

// size reads a number of bytes: 500KB, 5MB.
func size(to *int64) func(node) {
	return func(n node) {
		s, ok := n.scalar()
		if !ok {
			return
		}
		m := sizeForm.FindStringSubmatch(s)
		if m == nil {
			n.fault("大きさは 500KB、5MB のように書きます")
			return
		}
		i, _ := strconv.ParseInt(m[1], 10, 64) // six digits
		*to = i << map[string]int{"KB": 10, "MB": 20}[m[2]]
	}
}
