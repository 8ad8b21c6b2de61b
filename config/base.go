package config

import (
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"tsunagu/bot"
	"tsunagu/triage"
)

// Base is what every city stands over. It is read once, and what its examples teach
// recalled once, however many cities are read over it; each of them adds its own. It is
// for one goroutine at a time; the cities that came of it are for many.
type Base struct {
	files    fs.FS
	printed  string               // as fingerprint has it
	docs     map[string]*document // files that were asked for
	lexicon  triage.Lexicon       // but for its examples
	examples func() taught        // reads them when it is first asked
	faults   []Fault              // of words and vocabulary
	lines    map[string]string    // as a loader's, of the words
	places   map[string]place
	untaught *triage.Untaught      // the lexicon compiled,
	wrong    []triage.Fault        // and what is wrong with it
	reader   func() *triage.Reader // recalls, or learns, when it is first asked
}

// taught are examples, where each stands, and what is wrong with their files.
type taught struct {
	examples []triage.Example
	at       []place
	faults   []Fault
}

// document is a file that was parsed, with what there was to say.
type document struct {
	root   node
	ok     bool
	faults []Fault
}

// ReadBase reads the base of the program.
func ReadBase() *Base {
	b := &Base{files: base(), docs: map[string]*document{}}
	l := b.loader(baseDir)
	for _, file := range []string{wordsFile, crisisFile} { // the crisis rules grow in a file of their own
		if n, ok := l.embeddedFile(file, "base-"+strings.TrimSuffix(file, ".yaml")); ok {
			l.words(n)
		}
	}
	x := &l.lexicon
	x.Vocabulary = l.vocabulary()
	var printing sync.WaitGroup
	printing.Go(func() { b.printed = printed(b.files) })
	b.untaught, b.wrong = triage.Compile(*x)
	printing.Wait()
	b.lexicon, b.faults, b.lines, b.places = *x, l.faults, l.lines, l.places
	b.examples = sync.OnceValue(func() taught {
		l := b.loader(baseDir)
		examples := l.examples(b.files, baseDir)
		return taught{examples, l.examplesAt, l.faults}
	})
	b.reader = sync.OnceValue(recall(learned, b.untaught, b.printed, b.examples))
	return b
}

// loader is a city that nothing was read of.
func (b *Base) loader(nameOrDir string) *loader {
	return &loader{
		notes: newNotes(), name: nameOrDir, base: b, city: emptyCity(), ready: true,
		questions: map[string]string{}, lines: map[string]string{},
	}
}

// document parses a file once.
func (b *Base) document(name string) *document {
	if d := b.docs[name]; d != nil {
		return d
	}
	l := b.loader(baseDir)
	root, ok := l.open(b.files, path.Join(baseDir, name), name, true, "")
	b.docs[name] = &document{root, ok, l.faults}
	return b.docs[name]
}

// City reads a city: a name with a slash (or a backslash) is a folder, otherwise a
// built-in one. All faults but warnings come back, sorted by place; with any, the
// city is nil. Its reader of free text is made when it is first used, what all cities
// share once: a server calls Crisis once before anybody thinks.
func (b *Base) City(nameOrDir string) (*bot.City, []Fault) {
	l := b.open(nameOrDir)
	l.check(time.Time{})
	faults := sorted(errorsOnly(l.faults))
	if len(faults) > 0 {
		return nil, faults
	}
	r := l.reader()
	l.city.Read = func(text string) triage.Reading { return r().Read(text) }
	l.city.Explain = func(text string) triage.Reading { return r().Explain(text) }
	l.city.Crisis = func(text string) string { return r().Crisis(text) }
	l.city.Query = func(text string) string { return r().Query(text) }
	l.city.Warn = warner(l.forbidden)
	l.city.Rules = fingerprint(l.own, b.printed)
	return l.city, nil
}
