package probe

import (
	"bytes"
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
	if decode && strings.EqualFold(strings.TrimSpace(resp.Header.Get("Content-Encoding")), "gzip") {
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
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		err = errBadEncoding
	}
	return body, false, err
}

var errBadEncoding = errors.New("the body's gzip encoding is broken")
