// Package triage steers a resident to a 分野: the town's decision tree, the
// matching of words to its choices, the crisis rules, the reading of free text
// and the masking of what identifies a person.
//
// It is pure: no clock, no network, no files, and the same words always read
// the same. A resident's way through the tree is a path of answers; everything
// else (the next question, what is known so far) is derived from the path, so
// going back is dropping an answer and a changed tree is walked again.
//
// Many towns are read over one base: Compile and Learn make its Reader, which nothing
// changes any more; Untaught.Town and Reader.Town add what is a town's own, its words
// over the base's and its examples as rows beside the base's, and share all else.
package triage
