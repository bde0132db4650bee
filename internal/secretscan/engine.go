// Package secretscan finds secrets in text, in files and in a repository with
// all of its history, by the rules of gitleaks and some of its own. What it
// returns says where a secret is, of what kind, and by which fingerprint it is
// known again; the secret itself never leaves the package. It knows no network.
package secretscan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
)

// Version changes whenever the same text would give other findings: what an
// older version has cached is then worth nothing.
const Version = "gitleaks-8.30.1/5"

// decodeDepth is how often text that is encoded within text is decoded.
const decodeDepth = 2

// Options are what a user adds to the rules.
type Options struct {
	// Config is a configuration of gitleaks (TOML). Its rules are added to the
	// default ones; what it allows is found nonetheless, and said to be allowed.
	Config string
	// Ignore are lines of a .gitleaksignore.
	Ignore []string
	// Public are keys that are known to be meant for everybody.
	Public []PublicKey
	// Salt makes fingerprints of two places equal or incomparable: the same salt,
	// the same fingerprint.
	Salt string
}

// PublicKey is a key that the user answers for.
type PublicKey struct {
	Fingerprint string         // as a finding shows it; or
	Pattern     *regexp.Regexp // that the whole key fits
	Reason      string
}

// Engine finds secrets. It is safe for concurrent use.
type Engine struct {
	detector *detect.Detector
	decoding *detect.Detector // that decodes what is encoded, too
	options  Options
	allow    allowances
	ignored  ignoreList
	prints   *printer
	key      string // of what it finds: version and options

	logs        bool // texts are logs
	credentials []Credential
}

// building guards what gitleaks keeps in globals while a configuration is read.
var building sync.Mutex

// defaults are the rules of gitleaks, narrowed and completed. They are compiled
// on first use: a plan without secrets to look for does not pay for them.
var defaults = sync.OnceValues(func() (config.Config, error) {
	building.Lock()
	defer building.Unlock()
	logging.Logger = zerolog.Nop() // else it writes to the provider's stderr, secrets included
	zerolog.SetGlobalLevel(zerolog.Disabled)
	c, err := translate(config.DefaultConfig)
	if err != nil {
		return c, err
	}
	if err := narrow(&c); err != nil {
		return c, err
	}
	for _, r := range append(ownSecrets(), ownPublic()...) {
		c.Rules[r.RuleID] = r
		for _, k := range r.Keywords {
			c.Keywords[k] = struct{}{}
		}
	}
	return c, nil
})

// translate reads a configuration by a viper of its own. A regular expression
// that does not compile makes gitleaks panic.
func translate(toml string) (c config.Config, err error) {
	defer func() {
		if crash := recover(); crash != nil {
			err = fmt.Errorf("the configuration holds a regular expression that cannot be compiled")
		}
	}()
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(toml)); err != nil {
		return c, fmt.Errorf("the configuration is no TOML: %w", err)
	}
	var vc config.ViperConfig
	if err := v.Unmarshal(&vc); err != nil {
		return c, fmt.Errorf("the configuration is none of gitleaks: %w", err)
	}
	return split(&vc)
}

// New makes an engine.
func New(o Options) (*Engine, error) {
	base, err := defaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{options: o, prints: newPrinter(o.Salt), ignored: readIgnore(o.Ignore)}
	c := base
	c.Rules, c.Keywords = maps.Clone(base.Rules), maps.Clone(base.Keywords)
	if strings.TrimSpace(o.Config) != "" {
		building.Lock()
		own, err := translate(o.Config)
		building.Unlock()
		if err != nil {
			return nil, err
		}
		e.allow = merge(&c, own)
	}
	e.detector, e.decoding = detect.NewDetectorContext(context.Background(), c), detect.NewDetectorContext(context.Background(), c)
	e.detector.IgnoreGitleaksAllow, e.decoding.IgnoreGitleaksAllow = true, true
	e.decoding.MaxDecodeDepth = decodeDepth
	e.key = e.identity()
	return e, nil
}

// identity names what findings depend on, but for the text.
func (e *Engine) identity() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00", Version, e.options.Config, e.options.Salt)
	var patterns []string
	for _, p := range e.options.Public {
		if p.Pattern != nil {
			patterns = append(patterns, p.Pattern.String()+"\x00"+p.Reason)
		}
	}
	slices.Sort(patterns)
	fmt.Fprint(h, strings.Join(patterns, "\x00"))
	return hex.EncodeToString(h.Sum(nil))
}

// CheckConfig says what is wrong with a configuration of gitleaks.
func CheckConfig(toml string) error {
	_, err := New(Options{Config: toml})
	return err
}
