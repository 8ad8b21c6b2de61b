package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secret is a value that shows itself to Reveal only: printing, logging and
// encoding it show that something is there, never what.
type Secret struct{ value string }

const hidden = "（秘密）"

// Reveal is the value.
func (s Secret) Reveal() string { return s.value }

// Set says whether there is a value.
func (s Secret) Set() bool { return s.value != "" }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, verb rune) { _, _ = io.WriteString(f, s.String()) }

// String hides the value.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return hidden
}

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalYAML hides the value.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// maxSecret bounds a secret's file.
const maxSecret = 64 << 10

// secret reads env:NAME or file:PATH. A literal is a fault that does not show
// it; so is a name behind which nothing stands.
func (r *reader) secret(to *Secret) func(node) {
	return func(n node) {
		s, ok := n.scalar()
		if !ok {
			return
		}
		kind, name, found := strings.Cut(s, ":")
		switch {
		case s == "":
			n.fault("秘密の場所（env:名前 か file:パス）がありません")
		case found && kind == "env" && name != "":
			to.value = strings.TrimSpace(r.env(name))
			if to.value == "" {
				n.fault("環境変数 %s がありません（または空です）", name)
			}
		case found && kind == "file" && name != "":
			to.value = r.secretFile(n, name)
		default:
			n.fault("秘密はここに直接書きません。env:名前（環境変数）か file:パス（ファイル）で書きます")
		}
	}
}

func (r *reader) secretFile(n node, name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	f, err := os.Open(name)
	if err != nil {
		why := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			why = "（そのファイルがありません）"
		case errors.Is(err, fs.ErrPermission):
			why = "（動かす人に、読む権限がありません）"
		}
		n.fault("秘密のファイルを開けません%s", why)
		return ""
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	value := strings.TrimSpace(string(data))
	switch {
	case err != nil:
		n.fault("秘密のファイルを読めません")
	case len(data) > maxSecret:
		n.fault("秘密のファイルが大きすぎます")
	case value == "":
		n.fault("秘密のファイルが空です")
	default:
		return value
	}
	return ""
}

// secrets reads one secret or a list of them, the newest first.
func (r *reader) secrets(to *[]Secret) func(node) {
	return func(n node) {
		*to = nil
		one := func(n node) {
			var s Secret
			r.secret(&s)(n)
			if s.Set() {
				*to = append(*to, s)
			}
		}
		if len(n.y.Content) == 0 && n.y.Value != "" {
			one(n)
			return
		}
		n.list(one)
		if len(n.y.Content) == 0 {
			n.fault("秘密の場所（env:名前 か file:パス）がありません")
		}
	}
}
