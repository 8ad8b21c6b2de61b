package bot

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tsunagu/directory"
	"tsunagu/handoff"
)

// maxReaders bounds the names in a question to the resident.
const maxReaders = 5

// unnamed are the readers in a field's channel when the consent named none of
// them: by name, department or operator, or as an office of this case.
func (t *turn) unnamed(k *handoff.Case, field string) []string {
	said := t.city.mentioned(k.Sheet.Consent.To)
	names := []string{}
	for _, o := range t.city.readers(field) {
		if slices.ContainsFunc(calledAs(o), func(name string) bool { return said[name] }) ||
			slices.Contains(k.Sheet.Offices, o.Name) || slices.Contains(k.Sheet.Shown, o.Name) {
			return nil
		}
		if len(names) < maxReaders {
			names = append(names, o.Name)
		}
	}
	return names
}

// calledAs are the names that a consent may give an office.
func calledAs(o directory.Office) []string {
	return slices.DeleteFunc([]string{o.Name, o.Department, o.Operator}, func(s string) bool { return utf8.RuneCountInString(s) < 2 })
}

// mentioned are the offices' names that stand in what a consent says. A name inside
// a longer word is another office's: 相談センター is not named by 北相談センター.
func (c *City) mentioned(receivers []string) map[string]bool {
	var names []string
	for _, o := range c.Directory.Offices {
		names = append(names, calledAs(o)...)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	said, text := map[string]bool{}, strings.Join(receivers, "\n")
	for _, name := range names {
		parts := strings.Split(text, name)
		for i := range len(parts) - 1 {
			before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(parts[i], c.Name))
			after, _ := utf8.DecodeRuneInString(parts[i+1])
			said[name] = said[name] || !inWord(before) && !inWord(after)
		}
		text = strings.Join(parts, "\n") // what it holds is not looked for any more
	}
	return said
}

// inWord says whether a character goes on with a name: hiragana may be a particle.
func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Hiragana, r)
}

// passBubble asks the resident whether others may read.
func (t *turn) passBubble() Bubble {
	p := t.k.Pass
	tap := func(name, verb string) Button { return t.button(name, "pass", verb+"/"+itoa(p.N)) }
	return numbered(t.t("pass.ask", "receipt", t.k.Receipt, "to", strings.Join(p.To, "、"), "city", t.city.Name),
		tap("button.self", "yes"), tap("button.other", "other"), tap("button.refuse", "no"))
}

// stillAsked is that question once more, below a message of ours that would otherwise
// take its buttons off the phone.
func (t *turn) stillAsked() []Bubble {
	if t.k.Pass == nil {
		return nil
	}
	return []Bubble{t.passBubble()}
}

// passWord reads a typed answer to that question.
func (t *turn) passWord(text string) bool {
	if t.k.Pass == nil {
		return false
	}
	verb := t.consentWord(text)
	return verb != "" && t.passTap(verb+"/"+itoa(t.k.Pass.N))
}

// passTap takes the answer; an answer to an earlier question is none.
func (t *turn) passTap(arg string) bool {
	verb, n, _ := strings.Cut(arg, "/")
	if !t.openCase() || t.k.Pass == nil || n != itoa(t.k.Pass.N) {
		return false
	}
	before := *t.k
	p := *before.Pass
	names := strings.Join(p.To, "、")
	// Whoever asked finds the answer where they asked, and so does the owner.
	tellThere := func(text string) {
		for _, who := range slices.Compact([]string{p.By, orElse(before.Owner, p.By)}) {
			t.posts = append(t.posts, post{Key: "pass/" + n + "/" + who, At: handoff.Spot{Channel: before.Card.Channel, Thread: before.Card.TS},
				Post: handoff.Post{Kind: handoff.PostNotice, Case: before.ID, Text: text, Mention: who}})
		}
	}
	t.kDirty, t.card = true, true
	if verb == "no" {
		k := before.Declined(t.now)
		t.k = &k
		t.fact("pass|no")
		tellThere(t.desk("declined", "to", handoff.Briefly(p.To)))
		t.sayText("pass.no")
		return true
	}
	t.fact("pass|yes")
	t.did(byResident, "consent", "")
	given := before.Sheet.Consent
	given.State, given.At = handoff.ConsentSelf, t.now
	if verb == "other" {
		given.State = handoff.ConsentOther
	}
	given.To = append(slices.Clone(given.To), p.To...)
	k := before.Passed(t.now)
	k.Sheet.Consent = given
	t.k = &k
	if p.Kind == handoff.Escalate {
		meeting, how := t.city.Directory.Policy.WithConsent, "with"
		if given.State != handoff.ConsentSelf {
			meeting, how = t.city.Directory.Policy.WithoutConsent, "without"
		}
		k.Sheet.Meeting = orElse(meeting, t.desk("meeting"))
		t.fact("escalated|" + how)
	}
	tellThere(t.desk("agreed", "to", handoff.Briefly(p.To)))
	t.carried(before, p.Kind, p.Field, p.By, p.Reason)
	t.sayText("pass.yes", "to", names)
	return true
}
