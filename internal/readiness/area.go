// Package readiness is the domain core: what ready to launch means, as values
// and pure functions. It does no I/O, knows nothing of Terraform, and reads no
// clock but the one handed in.
package readiness

import "slices"

// Area is one of the ten rows of the launch scorecard.
type Area string

const (
	Authentication Area = "authentication"
	Authorization  Area = "authorization"
	Secrets        Area = "secrets"
	EmailAuth      Area = "email_auth"
	TLS            Area = "tls"
	Edge           Area = "edge"
	RateLimiting   Area = "rate_limiting"
	Observability  Area = "observability"
	Deployment     Area = "deployment"
	Support        Area = "support"

	// AnyArea is the area of the few rules about the gate itself; their
	// findings carry the area that they speak of.
	AnyArea Area = ""
)

// Areas returns the ten areas in the order of the scorecard.
func Areas() []Area {
	return []Area{
		Authentication, Authorization, Secrets, EmailAuth, TLS,
		Edge, RateLimiting, Observability, Deployment, Support,
	}
}

// Valid reports whether a is one of the ten areas.
func (a Area) Valid() bool { return slices.Contains(Areas(), a) }

// Title is the area's name as a person reads it.
func (a Area) Title() string {
	switch a {
	case Authentication:
		return "Authentication"
	case Authorization:
		return "Authorization"
	case Secrets:
		return "Secrets"
	case EmailAuth:
		return "E-mail authentication"
	case TLS:
		return "TLS"
	case Edge:
		return "Edge"
	case RateLimiting:
		return "Rate limiting"
	case Observability:
		return "Observability"
	case Deployment:
		return "Deployment"
	case Support:
		return "Support"
	case AnyArea:
		return "Launch"
	}
	return string(a)
}
