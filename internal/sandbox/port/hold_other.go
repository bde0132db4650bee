//go:build !unix

package port

// Hold does nothing here: the system may give the port to somebody else.
func Hold(string) (release func(), err error) { return func() {}, nil }
