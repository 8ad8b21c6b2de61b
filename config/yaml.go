package config

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tsunagu/directory"
)

// Bounds of a file.
const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 20
)

// place is where something stands.
type place struct {
	file      string
	line, col int
}

// notes collects faults and the places of everything that was read, so that what
// the pure packages say about "offices[2].phone" finds its line.
type notes struct {
	faults []Fault
	places map[string]place
	// broken are the paths of hours with a fault: that they are never open follows.
	broken map[string]bool
}

func newNotes() *notes { return &notes{places: map[string]place{}, broken: map[string]bool{}} }

func (n *notes) fault(p place, format string, args ...any) {
	n.faults = append(n.faults, Fault{File: p.file, Line: p.line, Col: p.col, Text: fmt.Sprintf(format, args...)})
}

func (n *notes) warn(p place, format string, args ...any) {
	n.faults = append(n.faults, Fault{File: p.file, Line: p.line, Col: p.col, Text: fmt.Sprintf(format, args...), Warning: true})
}

// at finds the place of a path, or of what it stands in; file is for a path
// whose top was not written at all.
func (n *notes) at(path, file string) place {
	for path != "" {
		if p, ok := n.places[path]; ok {
			return p
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return place{file: file}
}

// node is a piece of YAML on its way into a value.
type node struct {
	y    *yaml.Node
	path string // as in offices[2].phone
	file string
	n    *notes
}

func (n node) place() place { return place{n.file, n.y.Line, n.y.Column} }

func (n node) fault(format string, args ...any) { n.n.fault(n.place(), format, args...) }

var quoted = regexp.MustCompile(`'[^']*'`)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parse reads one document. name is how faults call the file; prefix stands
// before the paths of what it holds. ok is false when there is nothing to read.
func (n *notes) parse(name, prefix string, data []byte) (root node, ok bool) {
	whole := place{file: name}
	switch {
	case len(data) > maxFile:
		n.fault(whole, "ファイルが大きすぎます（1 MiB まで）")
		return node{}, false
	case !utf8.Valid(data):
		n.fault(whole, notUTF8)
		return node{}, false
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		n.fault(whole, "何も書かれていません")
		return node{}, false
	case err != nil:
		n.syntax(name, data, err)
		return node{}, false
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		n.syntax(name, data, err)
		return node{}, false
	default:
		n.fault(place{name, more.Line, max(more.Column, 1)}, "「---」で区切った二つ目の文書は書けません")
		return node{}, false
	}
	if len(doc.Content) != 1 {
		n.fault(whole, "何も書かれていません")
		return node{}, false
	}
	root = node{doc.Content[0], prefix, name, n}
	return root, root.sound(0)
}

// syntax tells what the YAML library could not read. It names the line where the
// enclosing part began; the line that spoilt it is the end of the shortest
// beginning of the file with the same complaint.
func (n *notes) syntax(name string, data []byte, err error) {
	p := place{file: name}
	text := strings.SplitN(err.Error(), "\n", 2)[0]
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = quoted.ReplaceAllString(m[2], "…") // it may be a secret
		if line, aerr := strconv.Atoi(m[1]); aerr == nil && line > 0 {
			p.line, p.col = spoilt(data, err, line)
		}
	}
	if line, what := mistyped(data, p.line, text); what != "" {
		if line != p.line {
			p.line, p.col = line, 1
		}
		n.fault(p, "YAML として読めません。%s", what)
		return
	}
	n.fault(p, "YAML として読めません（字下げ、「:」のあとの空白、かっこや引用符の閉じ忘れを見てください）：%s", text)
}

// spoiltWithin bounds how many lines are tried.
const spoiltWithin = 200

func spoilt(data []byte, err error, line int) (at, col int) {
	lines := strings.SplitAfter(string(data), "\n")
	at = min(line, len(lines))
	for i := at; i <= len(lines) && i < at+spoiltWithin; i++ {
		var doc yaml.Node
		again := yaml.NewDecoder(strings.NewReader(strings.Join(lines[:i], ""))).Decode(&doc)
		if again != nil && again.Error() == err.Error() {
			at = i
			break
		}
	}
	text := lines[at-1]
	return at, 1 + utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " "))
}

// sound refuses what makes a file hard to read or costly to hold.
func (n node) sound(depth int) bool {
	switch {
	case depth > maxDepth:
		n.fault("入れ子が深すぎます（%d 段まで）", maxDepth)
		return false
	case n.y.Kind == yaml.AliasNode || n.y.Anchor != "":
		n.fault("別名（& と *）は使えません。同じ内容をもう一度書いてください")
		return false
	case n.y.Style&yaml.TaggedStyle != 0:
		n.fault("型の指定（「!」で始まる印）は使えません")
		return false
	}
	ok := true
	for _, c := range n.y.Content {
		ok = node{c, n.path, n.file, n.n}.sound(depth+1) && ok
	}
	return ok
}

// object reads a mapping. Each key has its reader; others are faults.
func (n node) object(keys map[string]func(node)) {
	n.n.places[n.path] = n.place()
	n.each(func(key string, k, v node) {
		read, known := keys[key]
		if !known {
			names := make([]string, 0, len(keys))
			for name := range keys {
				names = append(names, name)
			}
			slices.Sort(names)
			k.fault("「%s」という項目はありません%s", key, meant(key, names))
			return
		}
		read(v)
	})
}

// each visits a mapping's pairs in order; a key that stands twice is a fault.
func (n node) each(visit func(key string, k, v node)) {
	if n.y.Kind != yaml.MappingNode {
		if n.pairs() {
			return // written, with nothing behind it
		}
		n.fault("ここには「項目: 値」の並びを書きます")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		k := node{n.y.Content[i], n.path, n.file, n.n}
		key := k.y.Value
		if k.y.Kind != yaml.ScalarNode {
			k.fault("項目の名前は文字で書きます")
			continue
		}
		if line, twice := seen[key]; twice {
			k.fault("「%s」が二度書かれています（一度目は %d 行目）", key, line)
			continue
		}
		seen[key] = k.y.Line
		path := key
		if n.path != "" {
			path = n.path + "." + key
		}
		v := node{n.y.Content[i+1], path, n.file, n.n}
		n.n.places[path] = v.place()
		visit(key, k, v)
	}
}

// list reads a sequence.
func (n node) list(read func(node)) {
	n.n.places[n.path] = n.place()
	if n.y.Kind != yaml.SequenceNode {
		if n.y.Kind == yaml.ScalarNode && n.y.Tag == "!!null" {
			return
		}
		n.fault("ここには「- 」で始まる並びを書きます")
		return
	}
	for i, c := range n.y.Content {
		item := node{c, fmt.Sprintf("%s[%d]", n.path, i), n.file, n.n}
		n.n.places[item.path] = item.place()
		read(item)
	}
}

// pairs says whether a mapping stands here, or nothing yet.
func (n node) pairs() bool { return n.y.Kind == yaml.MappingNode || n.y.Tag == "!!null" }

// scalar is a single value as it was written; ok is false for anything else.
func (n node) scalar() (s string, ok bool) {
	if n.y.Kind != yaml.ScalarNode {
		n.fault("ここには一つの値を書きます")
		return "", false
	}
	if n.y.Tag == "!!null" {
		return "", true
	}
	return n.y.Value, true
}

func text(to *string) func(node) {
	return func(n node) {
		if s, ok := n.scalar(); ok {
			*to = strings.TrimSpace(s)
			n.cutOff()
		}
	}
}

func texts(to *[]string) func(node) {
	return func(n node) {
		*to = nil
		n.list(func(item node) {
			var s string
			text(&s)(item)
			if s == "" && item.y.Kind == yaml.ScalarNode {
				item.fault("値がありません")
				return
			}
			*to = append(*to, s)
		})
	}
}

func boolean(to *bool) func(node) {
	return func(n node) {
		if n.y.Kind != yaml.ScalarNode || n.y.Tag != "!!bool" {
			n.fault("true か false を書きます")
			return
		}
		*to = strings.EqualFold(n.y.Value, "true")
	}
}

func number(to *int) func(node) {
	return func(n node) {
		i, err := strconv.Atoi(n.y.Value)
		if n.y.Kind != yaml.ScalarNode || err != nil {
			n.fault("整数を書きます")
			return
		}
		*to = i
	}
}

func fraction(to *float64) func(node) {
	return func(n node) {
		f, err := strconv.ParseFloat(n.y.Value, 64)
		if n.y.Kind != yaml.ScalarNode || err != nil || !(f >= 0 && f <= 1) {
			n.fault("0 から 1 までの数を書きます")
			return
		}
		*to = f
	}
}

func decimal(to *float64) func(node) {
	return func(n node) {
		f, err := strconv.ParseFloat(n.y.Value, 64)
		if n.y.Kind != yaml.ScalarNode || err != nil || !(f >= -100 && f <= 100) {
			n.fault("数を書きます")
			return
		}
		*to = f
	}
}

// span reads a length of time: 3s, 90m, 72h, 30d.
func span(to *time.Duration) func(node) {
	return func(n node) {
		s, ok := n.scalar()
		if !ok {
			return
		}
		if days, isDays := strings.CutSuffix(s, "d"); isDays {
			if d, err := strconv.Atoi(days); err == nil && d >= 0 && d <= 36500 {
				*to = time.Duration(d) * 24 * time.Hour
				return
			}
		}
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			n.fault("長さは 3s（秒）、30m（分）、8h（時間）、30d（日）のように書きます")
			return
		}
		*to = d
	}
}

// date reads a day, 2026-04-01, as its start in Tokyo.
func date(to *time.Time) func(node) {
	return func(n node) {
		s, ok := n.scalar()
		if !ok || s == "" {
			return
		}
		d, err := time.ParseInLocation(time.DateOnly, s, directory.Tokyo)
		if err != nil {
			n.fault("日付は 2026-04-01 のように書きます")
			return
		}
		*to = d
	}
}
