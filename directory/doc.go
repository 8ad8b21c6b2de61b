// Package directory knows a town's offices: what each does, for whom, in which
// district, when it is open, and which hotlines can be called at this minute.
// It is pure: the moment is a parameter, nothing is read or sent.
//
// What is not known stays empty and is shown as unknown; nothing is invented.
package directory
