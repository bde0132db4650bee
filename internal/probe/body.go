package probe

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// readBody reads at most limit bytes of a body, gzip decoded if decode is set.
// What is read before an error is returned with it. Both sides of the
// decompression are bounded: a small answer cannot grow without end, and one
// that decompresses to nothing cannot be sent without end.
func readBody(resp *http.Response, decode bool, limit int64) (body []byte, truncated bool, err error) {
	raw := &io.LimitedReader{R: resp.Body, N: limit + 64<<10}
	var source io.Reader = raw
	if decode && isGzip(resp.Header) {
		zipped, err := gzip.NewReader(raw)
		switch {
		case errors.Is(err, io.EOF):
			return nil, false, nil // no body at all, as in an answer to HEAD
		case err != nil:
			return nil, false, errBadEncoding
		}
		source = zipped
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(source, limit+1))
	body = b.Bytes()
	if int64(len(body)) > limit {
		return body[:limit], true, nil
	}
	if err != nil && raw.N <= 0 {
		return body, true, nil
	}
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		err = errBadEncoding
	}
	return body, false, err
}

// isGzip reports whether a body is gzip encoded, by either name (RFC 9110 8.4.1.3).
func isGzip(h http.Header) bool {
	encoding := strings.TrimSpace(h.Get("Content-Encoding"))
	return len(h.Values("Content-Encoding")) == 1 && (strings.EqualFold(encoding, "gzip") || strings.EqualFold(encoding, "x-gzip"))
}

// Readable reports whether Body is what the site wrote: in no encoding, or in
// the one that was asked for and has been undone.
func (x Exchange) Readable() bool {
	encodings := strings.Join(x.Header.Values("Content-Encoding"), ",")
	return isGzip(x.Header) || encodings == "" || strings.EqualFold(strings.TrimSpace(encodings), "identity")
}

var errBadEncoding = errors.New("the body's gzip encoding is broken")
