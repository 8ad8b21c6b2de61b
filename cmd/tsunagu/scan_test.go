package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-redis/redis/v8"

	"tsunagu/bot"
	"tsunagu/bot/linetest"
)

// forms are the ways in which a text may stand in a file: plain, UTF-16 in both
// orders, escaped as in JSON, and base64 from each of the three offsets.
func forms(text string) map[string][]byte {
	var little, big []byte
	for _, u := range utf16.Encode([]rune(text)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	escaped := ""
	for _, u := range utf16.Encode([]rune(text)) {
		escaped += fmt.Sprintf(`\u%04x`, u)
	}
	all := map[string][]byte{"UTF-8": []byte(text), "UTF-16LE": little, "UTF-16BE": big, "JSON": []byte(escaped)}
	for offset := range 3 {
		raw := append(make([]byte, offset), text...)
		raw = raw[:len(raw)/3*3]
		code := base64.StdEncoding.EncodeToString(raw)
		if offset > 0 {
			code = code[4:] // its first letters depend on what stands before
		}
		all[fmt.Sprint("base64 at ", offset)] = []byte(code)
	}
	return all
}

// scan looks for each of the texts in every form.
func scan(t *testing.T, where string, raw []byte, texts []string) {
	t.Helper()
	for _, text := range texts {
		for form, b := range forms(text) {
			if len(b) > 7 && bytes.Contains(raw, b) {
				t.Errorf("%s: %s stands in it as %s", where, text, form)
			}
		}
	}
}

// under reads every file of a folder.
func under(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".yaml") {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheScanSeesEveryForm(t *testing.T) {
	const words = "ひみつの話 himitsu"
	for form, b := range forms(words) {
		found := false
		for _, other := range forms(words) {
			found = found || bytes.Contains(append([]byte("xx"), b...), other)
		}
		if !found {
			t.Error(form)
		}
	}
	for offset := range 3 {
		code := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("{", offset) + words + "}"))
		if !slices.ContainsFunc([]string{"base64 at 0", "base64 at 1", "base64 at 2"}, func(f string) bool { return strings.Contains(code, string(forms(words)[f])) }) {
			t.Error("base64 from", offset)
		}
	}
}

// secretsOf are what nobody may find: everybody's words and IDs, and the secrets.
func (f *office) secretsOf() []string {
	texts := []string{"ops-line-secret", "ops-line-token", "xoxb-ops", "ops-slack-secret", key64(7), "介護のひみつ", "家賃のひみつ", "取り消すひみつ", "止めるひみつ", "同意する（自分のこと）"}
	return append(texts, f.line.Chats()...)
}

// sealedOf are the sealed bodies of all records that stand now.
func (f *office) sealedOf(url string) [][]byte {
	f.t.Helper()
	s, err := openStore(f.t.Context(), url, []string{"hokuto"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var bodies [][]byte
	for next := ""; ; {
		var p bot.Page
		if p, next, err = s.Dump(f.t.Context(), next, 100); err != nil {
			f.t.Fatal(err)
		}
		for _, r := range p.Records {
			bodies = append(bodies, r.Body)
		}
		if next == "" {
			return bodies
		}
	}
}

// lives lets four residents do what leaves something behind, and two of them
// take it back.
func (f *office) lives() (receipts []string) {
	f.t.Helper()
	receipts = []string{f.consults("介護のひみつ"), f.consults("家賃のひみつ")}
	takes, blocks := f.line.Resident(linetest.NewUserID()), f.line.Resident(linetest.NewUserID())
	said := f.taken(takes.Say("取り消すひみつ"))
	f.taken(blocks.Say("止めるひみつ"))
	f.soon("both are answered", func() bool { return len(takes.Heard()) > 0 && len(blocks.Heard()) > 0 })
	f.taken(takes.Unsend(said.MessageIDs[0]))
	f.taken(blocks.Block())
	return receipts
}

func TestNothingIsReadableInFileLogAndBackup(t *testing.T) {
	f := newOffice(t, linetest.Options{})
	stop := f.serve()
	receipts := f.lives()
	f.wants(0, []string{"封がしてあり"}, "backup", f.file("copy.db"))
	for _, name := range []string{"tsunagu.db", "tsunagu.db-wal", "copy.db"} {
		raw, err := os.ReadFile(f.file(name))
		if err != nil || len(raw) < 4096 {
			t.Fatal("nothing to look at in ", name, err)
		}
		scan(t, name, raw, f.secretsOf())
	}
	stop()
	sealed := f.sealedOf("sqlite:" + f.file("tsunagu.db"))
	for _, r := range receipts {
		f.wants(0, []string{r + " を消しました"}, "forget", "--city", "hokuto", r)
	}
	if err := os.Remove(f.file("copy.db")); err != nil {
		t.Fatal(err)
	}
	raw := under(t, f.dir)
	scan(t, "after forget", raw, append(f.secretsOf(), receipts...))
	f.gone(raw, sealed, f.sealedOf("sqlite:"+f.file("tsunagu.db")))
}

func TestNothingIsReadableInRedis(t *testing.T) {
	dir := t.TempDir()
	url, pid := redisProcess(t, "--appendonly", "yes", "--appendfsync", "always", "--dir", dir, "--save", "3600 1")
	f := newOffice(t, linetest.Options{})
	f.write(url, "", "S01", "C01")
	stop := f.serve()
	receipts := f.lives()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	if err := c.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	look := func(when string, texts []string) []byte {
		raw := under(t, dir)
		if !bytes.Contains(raw, []byte("tsunagu:{hokuto}:")) {
			t.Fatal("nothing to look at in ", dir)
		}
		scan(t, when+": files", raw, texts)
		if runtime.GOOS == "linux" {
			core := memory(t, pid)
			if !bytes.Contains(core, []byte("tsunagu:{hokuto}:")) {
				t.Fatal("the server's memory was not seen")
			}
			scan(t, when+": core", core, texts)
		}
		return raw
	}
	look("running", f.secretsOf())
	stop()
	sealed := f.sealedOf(url)
	if raw := under(t, dir); len(sealed) < 4 || !slices.ContainsFunc(sealed, func(b []byte) bool { return bytes.Contains(raw, b) }) {
		t.Fatal("the sealed bodies do not stand in the files: the test sees nothing")
	}
	for _, r := range receipts {
		f.wants(0, []string{r + " を消しました"}, "forget", "--city", "hokuto", r)
	}
	// The snapshot is as old as the operator lets it be; the log is not.
	if err := os.Remove(filepath.Join(dir, "dump.rdb")); err != nil {
		t.Fatal(err)
	}
	raw := look("after forget", f.secretsOf())
	f.gone(raw, sealed, f.sealedOf(url))
}

// gone fails when a sealed body that stood once and stands no more is in the files.
func (f *office) gone(raw []byte, once, now [][]byte) {
	f.t.Helper()
	went := 0
	for i, b := range once {
		if slices.ContainsFunc(now, func(n []byte) bool { return bytes.Equal(n, b) }) {
			continue
		}
		went++
		// A body of SQLite may be spread over pages: its head is enough.
		if bytes.Contains(raw, b[:min(len(b), 64)]) {
			f.t.Errorf("the sealed body %d of what was deleted is left", i)
		}
	}
	if went < 4 {
		f.t.Errorf("only %d bodies went", went)
	}
}

// memory is what a core of a process would hold, as far as it may be written.
func memory(t *testing.T, pid int) (all []byte) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); n < 3 || !strings.HasPrefix(mode, "rw") || to-from > 256<<20 {
			continue
		}
		part := make([]byte, to-from)
		n, _ := mem.ReadAt(part, from) // a page that is not there ends it
		all = append(all, part[:n]...)
	}
	return all
}
