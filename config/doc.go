// Package config reads what people write: a city's folder (tree, offices, words,
// texts, policy) and tsunagu.yaml. It is the only reader of YAML.
//
// It is strict, and it finds every fault at once: each is file:line:column (in
// characters, so that it is right through Japanese text) with the nearest known
// word where one was misspelt. Nothing here guesses: an unknown key, a key that
// stands twice, a second document, an alias or a literal secret is a fault.
//
// A city stands over a shared base (cities/_base): what its files say replaces
// the base's text, question, hotline or wish of the same name, everything else
// is the base's. A program with several cities reads the base once (ReadBase).
package config
