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
					item.fault("「%s」という種類はありません。書けるのは %s です%s", kind, strings.Join(bot.AttachmentKinds, "、"), meant(kind, bot.AttachmentKinds))
				case slices.Contains(a.Kinds, kind):
					item.fault("「%s」が二度書かれています", kind)
				default:
					a.Kinds = append(a.Kinds, kind)
				}
			})
		},
		"max_bytes": func(n node) {
			size(&a.Max)(n)
			if a.Max < leastOfPicture || a.Max > maxAttachment {
				n.fault("大きさは 100KB から 20MB までです")
			}
		},
		"per_case": func(n node) {
			number(&a.PerCase)(n)
			if a.PerCase < 1 || a.PerCase > maxPerCase {
				n.fault("ひとつの相談で受け取る数は 1 から %d までです", maxPerCase)
			}
		},
	})
	if _, written := l.places[n.path+".kinds"]; !written {
		n.fault("受け取る種類（kinds）がありません。例：kinds: [image, pdf]")
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
