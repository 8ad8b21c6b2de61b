package config

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// What a city's folder may hold.
var (
	cityFiles   = []string{cityFile, directoryFile, triageFile, textsFile, hotlinesFile, cannedFile, wordsFile, crisisFile}
	cityFolders = []string{"base", "conversations", "examples"}
	// meansRules are the ends of names that are hardly notes of somebody's.
	meansRules = []string{".yaml", ".yml", ".csv", ".xlsx"}
)

// checkUnread warns of files that look as if they were to be read and are not: saved
// as texts.yaml.txt, named word.yaml, copied beside the others.
func (l *loader) checkUnread() {
	entries, err := fs.ReadDir(l.own, ".")
	if err != nil {
		return // faulted where its files are read
	}
	for _, e := range entries {
		name, known := e.Name(), cityFiles
		if e.IsDir() {
			known = cityFolders
		}
		if slices.Contains(known, name) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
			continue
		}
		hint := near(name, known)
		if i := slices.IndexFunc(known, func(k string) bool { return stem(k) == stem(name) }); i >= 0 {
			hint = "（もしかして「" + known[i] + "」ですか）"
		}
		if hint != "" || !e.IsDir() && slices.Contains(meansRules, strings.ToLower(path.Ext(name))) {
			l.warn(place{file: l.in(name)}, "この名前では読まれません%s", hint)
		}
	}
	plays, err := fs.ReadDir(l.own, "conversations")
	if err != nil {
		return // a city may have none
	}
	for _, e := range plays {
		if !strings.HasSuffix(e.Name(), ".txt") && !strings.HasPrefix(e.Name(), ".") {
			l.warn(place{file: l.in("conversations/" + e.Name())}, "読まれません。台本は .txt で置きます")
		}
	}
}

// stem is a name up to its first dot, in small letters.
func stem(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	return strings.TrimSpace(name)
}

// misnamed is the entry of a folder that was meant to be the file, or "".
func misnamed(from fs.FS, file string) string {
	entries, err := fs.ReadDir(from, path.Dir(file))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if e.Name() != path.Base(file) && stem(e.Name()) == stem(path.Base(file)) && !e.IsDir() {
			return e.Name()
		}
	}
	return ""
}
