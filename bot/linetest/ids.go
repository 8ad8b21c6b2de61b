package linetest

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
)

var (
	userID  = regexp.MustCompile(`^U[0-9a-f]{32}$`)
	groupID = regexp.MustCompile(`^C[0-9a-f]{32}$`)
	roomID  = regexp.MustCompile(`^R[0-9a-f]{32}$`)
	uuid    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// NewUserID draws a user ID: U and 32 hexadecimal digits.
func NewUserID() string { return "U" + randomHex(16) }

// NewGroupID draws a group ID: C and 32 hexadecimal digits.
func NewGroupID() string { return "C" + randomHex(16) }

// NewRoomID draws the ID of a multi-person chat: R and 32 hexadecimal digits.
func NewRoomID() string { return "R" + randomHex(16) }

// randomHex never fails: crypto/rand.Read does not return errors.
func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func newUUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// crockford is the alphabet of ULIDs.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newULID makes a webhookEventId: 48 bits of Unix milliseconds, 80 random ones.
func newULID(at time.Time) string {
	// 130 bits hold the 128: two zero bits stand in front, so 16 bytes are
	// shifted right by two over 17.
	var id [16]byte
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(id[6:])
	var shifted [17]byte
	for i, b := range id {
		shifted[i] |= b >> 2
		shifted[i+1] = b << 6
	}
	return crockford.EncodeToString(shifted[:])[:26]
}
