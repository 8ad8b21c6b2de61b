package bot

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// ErrUnknownKey: a body was sealed with a key that is not among ours. It is
// left alone, never given up.
var ErrUnknownKey = errors.New("sealed with an unknown key")

// Keys seal bodies with AES-256-GCM. The first key seals, all open: to rotate,
// append the new key everywhere and restart, put it first and restart, rekey.
type Keys struct {
	order []sealKey
	plain sync.Pool // of *bytes.Buffer: what is encoded and not yet sealed
}

type sealKey struct {
	id   [4]byte
	aead cipher.AEAD
}

// NewKeys takes 32-byte keys, newest first.
func NewKeys(raw ...[]byte) (*Keys, error) {
	if len(raw) == 0 {
		return nil, errors.New("鍵がありません")
	}
	k := &Keys{}
	for i, b := range raw {
		if len(b) != 32 {
			return nil, fmt.Errorf("%d つめの鍵が %d バイトです（32 バイトにします）", i+1, len(b))
		}
		block, err := aes.NewCipher(b)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(append([]byte("tsunagu key id "), b...))
		s := sealKey{aead: aead}
		copy(s.id[:], sum[:])
		k.order = append(k.order, s)
	}
	return k, nil
}

// ParseKeys reads comma-separated base64 32-byte keys, newest first. Errors
// never hold a key.
func ParseKeys(list string) (*Keys, error) {
	var raw [][]byte
	for i, s := range strings.Split(list, ",") {
		s = strings.TrimSpace(s)
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			if b, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")); err != nil {
				return nil, fmt.Errorf("%d つめの鍵が base64 ではありません", i+1)
			}
		}
		raw = append(raw, b)
	}
	return NewKeys(raw...)
}

// seal encodes v and seals it under the record's ID.
func (k *Keys) seal(id string, v any) ([]byte, error) {
	buf, _ := k.plain.Get().(*bytes.Buffer)
	if buf == nil {
		buf = &bytes.Buffer{}
	}
	buf.Reset()
	if err := json.NewEncoder(buf).Encode(v); err != nil {
		return nil, err
	}
	sealed := k.sealBytes(id, bytes.TrimSuffix(buf.Bytes(), []byte("\n")))
	if buf.Cap() <= maxPlain {
		k.plain.Put(buf)
	}
	return sealed, nil
}

// maxPlain is the size in bytes of a buffer that is kept for the next body.
const maxPlain = 64 << 10

func (k *Keys) sealBytes(id string, plain []byte) []byte {
	s := k.order[0]
	n := s.aead.NonceSize()
	out := make([]byte, len(s.id)+n, len(s.id)+n+len(plain)+s.aead.Overhead())
	copy(out, s.id[:])
	// crypto/rand never fails (Go 1.24 and later).
	_, _ = rand.Read(out[len(s.id):])
	return s.aead.Seal(out, out[len(s.id):], plain, []byte(id))
}

func (k *Keys) openBytes(id string, body []byte) ([]byte, error) {
	for _, s := range k.order {
		n := len(s.id) + s.aead.NonceSize()
		if len(body) < n || [4]byte(body[:4]) != s.id {
			continue
		}
		plain, err := s.aead.Open(nil, body[len(s.id):n], body[n:], []byte(id))
		if err != nil {
			return nil, fmt.Errorf("%s: body does not open under its key", id)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%s: %w", id, ErrUnknownKey)
}

// open unseals a record's body into v.
func (k *Keys) open(id string, body []byte, v any) error {
	plain, err := k.openBytes(id, body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("%s: body does not decode", id)
	}
	return nil
}

// name names the first key, without telling anything of it.
func (k *Keys) name() string { return fmt.Sprintf("%x", k.order[0].id) }

// current says whether a body is sealed with the first key.
func (k *Keys) current(body []byte) bool {
	return len(body) >= 4 && [4]byte(body[:4]) == k.order[0].id
}

// Namer turns LINE user IDs into conversation IDs. Its key is made once and
// never rotated: another key would make strangers of all residents.
type Namer struct{ key []byte }

// Conversation is the ID of a user's conversation with a city.
func (n Namer) Conversation(city, user string) string {
	m := hmac.New(sha256.New, n.key)
	m.Write([]byte(city))
	m.Write([]byte{0})
	m.Write([]byte(user))
	return city + "/v/" + short(m.Sum(nil)[:15])
}

// Alias is what logs call a conversation.
func Alias(conversation string) string {
	if i := strings.LastIndexByte(conversation, '/'); i >= 0 && len(conversation) > i+7 {
		return conversation[i+1 : i+7]
	}
	return "-"
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func short(b []byte) string { return base32Lower.EncodeToString(b) }

// randomID draws 120 bits from r.
func randomID(r io.Reader) string {
	b := make([]byte, 15)
	_, _ = io.ReadFull(r, b)
	return short(b)
}
