package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"slices"
	"time"
)

// Types of TLS records, handshake messages and alerts (RFC 5246 A.1 and A.3, RFC 8446 B).
const (
	recordAlert       = 21
	recordHandshake   = 22
	messageHello      = 1
	messageServerSays = 2
	alertFatal        = 2
)

// maxServerHello bounds what is read of a server before its ServerHello is complete.
const maxServerHello = 16 << 10

var (
	errAlert    = errors.New("the server refused the handshake")
	errNotHello = errors.New("tls: the answer is no ServerHello")
)

// offer sends a ClientHello of TLS 1.2 with the cipher suites alone and returns
// the one that the server chooses. It is written by hand because crypto/tls
// cannot offer the suites that matter most: NULL, anonymous, EXPORT, DES. The
// handshake goes no further, so nothing need be known of a suite but its number.
func (h *handshaker) offer(ctx context.Context, timeout time.Duration, suites []uint16) (uint16, error) {
	if err := h.limit.wait(ctx); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, address, err := h.client.dial(ctx, h.host, h.port, h.address)
	h.address = address
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(clientHello(h.host, suites)); err != nil {
		return 0, err
	}
	chosen, err := readServerHello(conn)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(suites, chosen) {
		return 0, errNotHello
	}
	return chosen, nil
}

// clientHello is one record with a ClientHello (RFC 5246 7.4.1.2). Its layer
// version is TLS 1.0, as old servers want it.
func clientHello(host string, suites []uint16) []byte {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	body := append([]byte{3, 3}, random[:]...)
	body = append(body, 0) // no session
	body = appendVector(body, uint16s(suites))
	body = append(body, 1, 0) // no compression
	body = appendVector(body, extensions(host))

	message := []byte{messageHello, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}
	return appendVector([]byte{recordHandshake, 3, 1}, append(message, body...))
}

func extensions(host string) []byte {
	var out []byte
	add := func(typ uint16, data []byte) {
		out = appendVector(binary.BigEndian.AppendUint16(out, typ), data)
	}
	if _, err := netip.ParseAddr(host); err != nil { // no name is sent for an address (RFC 6066 section 3)
		add(0, appendVector(nil, appendVector([]byte{0}, []byte(host))))
	}
	// x25519, P-256, P-384, P-521, P-224, P-192 and the finite fields of RFC 7919.
	add(10, appendVector(nil, uint16s([]uint16{0x001d, 0x0017, 0x0018, 0x0019, 0x0015, 0x0013, 0x0100, 0x0101, 0x0102})))
	add(11, []byte{1, 0}) // uncompressed points
	// ECDSA, RSA-PSS, Ed25519, RSA and DSA with SHA-2, then with SHA-1.
	add(13, appendVector(nil, uint16s([]uint16{
		0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0807, 0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201, 0x0202,
	})))
	add(23, nil)           // extended master secret
	add(0xff01, []byte{0}) // renegotiation is safe
	return out
}

// appendVector appends data behind its length of two octets.
func appendVector(b, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

func uint16s(values []uint16) []byte {
	var out []byte
	for _, v := range values {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	return out
}

// readServerHello reads records up to the end of a ServerHello and returns its
// cipher suite, or errAlert if the server says no. Warnings are passed over.
func readServerHello(r io.Reader) (uint16, error) {
	var message []byte
	for read := 0; read < maxServerHello; {
		var head [5]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return 0, err
		}
		size := int(binary.BigEndian.Uint16(head[3:]))
		if head[1] != 3 || size == 0 || size > maxServerHello {
			return 0, errNotHello
		}
		record := make([]byte, size)
		if _, err := io.ReadFull(r, record); err != nil {
			return 0, err
		}
		read += len(head) + size
		switch head[0] {
		case recordAlert:
			if record[0] == alertFatal {
				return 0, errAlert
			}
		case recordHandshake:
			message = append(message, record...)
			if suite, complete, err := parseServerHello(message); complete || err != nil {
				return suite, err
			}
		default:
			return 0, errNotHello
		}
	}
	return 0, errNotHello
}

// parseServerHello reads the cipher suite of a ServerHello (RFC 5246 7.4.1.3),
// which may not have come whole.
func parseServerHello(message []byte) (suite uint16, complete bool, err error) {
	const fixed = 4 + 2 + 32 // the message's head, the version, the random
	if len(message) > 0 && message[0] != messageServerSays {
		return 0, false, errNotHello
	}
	if len(message) <= fixed {
		return 0, false, nil
	}
	at := fixed + 1 + int(message[fixed])
	if message[fixed] > 32 {
		return 0, false, errNotHello
	}
	if len(message) < at+2 {
		return 0, false, nil
	}
	return binary.BigEndian.Uint16(message[at:]), true, nil
}
