package redisstore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-redis/redis/v8"
)

// authority makes certificates for 127.0.0.1.
type authority struct {
	dir  string
	file string // its own certificate
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.file, a.key = a.write(t, "ca", a.cert, nil)
	return a
}

// write makes a key and a certificate over it, signed by the authority's key or
// its own.
func (a *authority) write(t *testing.T, name string, c *x509.Certificate, signer *ecdsa.PrivateKey) (file string, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(a.dir, name)
	for ending, block := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(file+ending, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file + ".crt", key
}

// args are a server's arguments for a certificate of the authority; its plain
// port is closed.
func (a *authority) args(t *testing.T, name string) []string {
	t.Helper()
	a.write(t, name, &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, a.key)
	file := filepath.Join(a.dir, name)
	return []string{"--port", "0", "--tls-cert-file", file + ".crt", "--tls-key-file", file + ".key", "--tls-ca-cert-file", a.file,
		"--tls-auth-clients", "no", "--tls-replication", "yes", "--bind", "127.0.0.1"}
}

// secure starts a server that speaks TLS only, and waits for it.
func secure(t *testing.T, args ...string) (addr string) {
	t.Helper()
	addr = freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command("redis-server", append(args, "--tls-port", port, "--dir", t.TempDir())...)
	if err := cmd.Start(); err != nil {
		t.Fatal("these tests need a real redis-server with TLS: ", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	// Who it is does not matter here, only that it answers.
	c := redis.NewClient(&redis.Options{Addr: addr, TLSConfig: &tls.Config{InsecureSkipVerify: true}, MaxRetries: 2000,
		MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 50 * time.Millisecond})
	defer func() { _ = c.Close() }()
	if err := c.Do(t.Context(), "COMMAND", "COUNT").Err(); err != nil && !strings.HasPrefix(err.Error(), "NOAUTH") {
		t.Fatal(err)
	}
	return addr
}

// TestTLS keeps a job on one server, and behind a Sentinel, over TLS with a
// verified certificate; a server with somebody else's is refused, and no refusal
// repeats a password. The environment names whom to trust, as for an operator.
func TestTLS(t *testing.T) {
	const password = "hunter2-tls"
	ours, theirs := newAuthority(t), newAuthority(t)
	t.Setenv("SSL_CERT_FILE", ours.file)
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	one := secure(t, append(ours.args(t, "one"), "--save", "", "--requirepass", password)...)
	host, port, _ := net.SplitHostPort(one)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Appendf(nil, "sentinel monitor main %s %s 1\nsentinel auth-pass main %s\n", host, port, password)
	if err := os.WriteFile(conf, text, 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := secure(t, append([]string{conf, "--sentinel"}, ours.args(t, "sentinel")...)...)
	for name, url := range map[string]string{
		"single": "rediss://:" + password + "@" + one + "/0", "sentinel": "rediss+sentinel://:" + password + "@" + sentinel + "/main/0",
	} {
		s := openTest(t, url, "hokuto")
		if err := s.Put(t.Context(), job(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		all, err := s.Health(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
	stranger := secure(t, append(theirs.args(t, "stranger"), "--save", "", "--requirepass", password)...)
	for name, url := range map[string]string{
		"somebody else's certificate": "rediss://:" + password + "@" + stranger + "/0",
		"plain text to a TLS port":    "redis://:" + password + "@" + one + "/0",
		"a wrong password":            "rediss://:" + password + "x@" + one + "/0",
		"another name":                "rediss://:" + password + "@localhost:" + port + "/0",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		_, err := Open(ctx, url, []string{"hokuto"})
		cancel()
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
