package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// rsaCertificate is a certificate of its own signing, as crypto/tls and as PEM have it.
func rsaCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"acme.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})...)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text
}

// Suites that crypto/tls does not know are found with a server that does.
func TestSuitesOfOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	_, text := rsaCertificate(t)
	file := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	groups := [][]uint16{{0x003b, 0x0002}, {0x0034, 0x003a, 0xc018}, {0x003c, 0x003d}, {0xc09c, 0xc09d}, {0x0016, 0x000a}, {0xc02f, 0xcca8}}
	for cipher, want := range map[string]int{ // the group that is taken
		"NULL-SHA256": 0, "ADH-AES128-SHA": 1, "AES256-SHA256": 2, "AES256-CCM": 3, "ECDHE-RSA-AES128-GCM-SHA256": 5,
	} {
		t.Run(cipher, func(t *testing.T) {
			t.Parallel()
			if out, err := exec.CommandContext(t.Context(), openssl, "ciphers", cipher+":@SECLEVEL=0").CombinedOutput(); err != nil {
				t.Skipf("this openssl does not know it: %s", out)
			}
			at := serveOpenSSL(t, openssl, file, cipher)
			c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": at}})
			f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Suites: groups})
			for i, got := range f.Suites {
				if (got.Outcome == VersionAccepted) != (i == want) || got.Outcome == VersionInconclusive {
					t.Errorf("group %d: %+v", i, got)
				}
			}
		})
	}
}

// serveOpenSSL runs a server until the test ends. It cannot say which port it
// was given where it chooses one itself, so one that was free a moment ago is tried.
func serveOpenSSL(t *testing.T, openssl, file, cipher string) string {
	t.Helper()
	for range 5 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().(*net.TCPAddr)
		l.Close()
		ctx, cancel := context.WithCancel(context.Background())
		server := exec.CommandContext(ctx, openssl, "s_server", "-accept", "127.0.0.1:"+strconv.Itoa(address.Port), "-cert", file, "-tls1_2", "-cipher", cipher+":@SECLEVEL=0", "-quiet")
		server.Stdin, _ = os.Open(os.DevNull)
		if err := server.Start(); err != nil {
			cancel()
			t.Fatal(err)
		}
		stop := func() { cancel(); _ = server.Wait() }
		for range 200 {
			if conn, err := net.Dial("tcp", address.String()); err == nil {
				conn.Close()
				t.Cleanup(stop)
				return address.String()
			}
			time.Sleep(10 * time.Millisecond)
		}
		stop()
	}
	t.Skip("openssl s_server did not start")
	return ""
}

// A server that hangs up on what it does not take has refused it, if it takes
// anything; one that is silent has not.
func TestHangingUpIsRefusal(t *testing.T) {
	t.Parallel()
	own, _ := rsaCertificate(t)
	at := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS10, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		for _, v := range hello.SupportedVersions {
			if v >= tls.VersionTLS13 {
				return nil, nil
			}
		}
		_ = hello.Conn.(*net.TCPConn).SetLinger(0)
		hello.Conn.Close()
		return nil, io.EOF
	}})
	c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": at}})
	f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Versions: []uint16{tls.VersionTLS10, tls.VersionTLS13}, Suites: [][]uint16{{0x0002}}})
	if f.Failure != FailNone || f.Versions[tls.VersionTLS10] != VersionRefused || f.Versions[tls.VersionTLS13] != VersionAccepted || f.Suites[0].Outcome != VersionRefused {
		t.Errorf("%s (%s), %v, %v", f.Failure, f.Detail, f.Versions, f.Suites)
	}
}

func TestReadServerHello(t *testing.T) {
	t.Parallel()
	hello := append([]byte{2, 0, 0, 38, 3, 3}, make([]byte, 32)...)
	hello = append(hello, 0, 0x00, 0x3d, 0)
	record := func(typ byte, data []byte) []byte { return appendVector([]byte{typ, 3, 3}, data) }
	for name, tt := range map[string]struct {
		sent  []byte
		suite uint16
		err   error
	}{
		"whole":                {record(22, hello), 0x003d, nil},
		"in two records":       {append(record(22, hello[:9]), record(22, hello[9:])...), 0x003d, nil},
		"after a warning":      {append(record(21, []byte{1, 112}), record(22, hello)...), 0x003d, nil},
		"refused":              {record(21, []byte{2, 40}), 0, errAlert},
		"cut short":            {record(22, hello)[:20], 0, io.ErrUnexpectedEOF},
		"nothing":              {nil, 0, io.EOF},
		"HTTP":                 {[]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), 0, errNotHello},
		"another message":      {record(22, []byte{11, 0, 0, 0}), 0, errNotHello},
		"a session too long":   {record(22, append(append(bytes.Clone(hello[:38]), 200), make([]byte, 300)...)), 0, errNotHello},
		"an empty record":      {record(22, nil), 0, errNotHello},
		"warnings without end": {bytes.Repeat(record(21, []byte{1, 0}), maxServerHello), 0, errNotHello},
	} {
		suite, err := readServerHello(bytes.NewReader(tt.sent))
		if suite != tt.suite || !errors.Is(err, tt.err) {
			t.Errorf("%s: %04x, %v", name, suite, err)
		}
	}
}

func FuzzReadServerHello(f *testing.F) {
	f.Add([]byte{22, 3, 3, 0, 4, 2, 0, 0, 0})
	f.Fuzz(func(t *testing.T, sent []byte) {
		if suite, err := readServerHello(bytes.NewReader(sent)); err != nil && suite != 0 {
			t.Errorf("%04x with %v", suite, err)
		}
	})
}
