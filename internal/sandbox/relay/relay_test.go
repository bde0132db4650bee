package relay

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSlow holds that late mail is sent late, and that none is waited for when
// the relay ends.
func TestSlow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		slow  time.Duration
		dials bool
	}{{20 * time.Millisecond, true}, {time.Hour, false}} {
		var dialled atomic.Bool
		reached := make(chan struct{})
		s, err := Start(Options{
			Domain: "acme.example", Selector: "s", SlowBy: tc.slow,
			// The name server that everything is asked of does not exist.
			Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
				if dialled.CompareAndSwap(false, true) {
					close(reached)
				}
				return nil, net.ErrClosed
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.SetFault(Slow, true)
		begin := time.Now()
		s.running.Go(func() { s.send(message{to: "x@acme.example", raw: []byte("From: a@acme.example\r\n\r\nx\r\n")}) })
		if tc.dials {
			<-reached
			if took := time.Since(begin); took < tc.slow {
				t.Errorf("sent after %s", took)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if dialled.Load() != tc.dials || time.Since(begin) > 5*time.Second {
			t.Errorf("slow by %s: sent %v, ended after %s", tc.slow, dialled.Load(), time.Since(begin))
		}
	}
}

// TestKeys holds that the keys that are embedded can be used, and that they differ.
func TestKeys(t *testing.T) {
	t.Parallel()
	raw := []byte("From: a@acme.example\r\nSubject: x\r\n\r\nx\r\n")
	client, err := signAs(raw, "acme.example", "s", clientKey)
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := signAs(raw, "acme.example", "s", vendorKey)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(client, raw) || bytes.Equal(client, vendor) {
		t.Errorf("signed:\n%s\n%s", client, vendor)
	}
	if _, err := parse([]byte("nothing")); err == nil {
		t.Error("text without a key was taken")
	}
	none := func(string) ([]string, error) { return nil, &net.DNSError{Err: "no such host", IsNotFound: true} }
	found, err := dkim.VerifyWithOptions(strings.NewReader(string(client)), &dkim.VerifyOptions{LookupTXT: none})
	if err != nil || len(found) != 1 || !dkim.IsPermFail(found[0].Err) {
		t.Errorf("without a record: %+v, %v", found, err)
	}
}
