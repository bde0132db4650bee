// Command launchready-sandbox stands in for Cloudflare and for a client's
// portal on one machine: the API, the name servers, the edge and the origin,
// on free loopback ports. It writes a file of environment variables that make
// any configuration run against it unchanged, and serves until interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: it returns the exit code, 2 for wrong arguments.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, envFile, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "launchready-sandbox:", err)
		return 2
	}
	if err := serve(ctx, options, envFile, stdout); err != nil {
		fmt.Fprintln(stderr, "launchready-sandbox:", err)
		return 1
	}
	return 0
}

// parse reads the arguments. The flag package reports its own errors to
// stderr, usage included.
func parse(args []string, stderr io.Writer) (options sandbox.Options, envFile string, err error) {
	flags := flag.NewFlagSet("launchready-sandbox", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&envFile, "env-file", "", "`file` to write with export NAME='value' lines (required)")
	flags.StringVar(&options.Domain, "zone", "acme.example", "the client's `domain`")
	flags.StringVar(&options.Plan, "plan", "free", "Cloudflare plan: free, pro, business or enterprise")
	flags.DurationVar(&options.Latency, "latency", 0, "`time` that each API call takes, such as 50ms")
	flags.Float64Var(&options.EdgeSpeed, "edge-speed", 1, "`factor` by which windows of rate limits, and what Retry-After says, pass faster; what is tested has to come as much faster, such as by within = \"1s\" in launchready_rate_limit_check with a factor of 10")
	flags.IntVar(&options.Records, "records", 0, "`number` of extra records in the zone")
	flags.IntVar(&options.Clients, "clients", 0, "`number` of further clients of the account, client-001.example and so on, each with a zone in the same state and the same portal")
	flags.IntVar(&options.RecordQuota, "quota", 0, "`number` of records that a zone may hold beside those; 0 is as the plan says")
	flags.StringVar(&options.State, "portal", sandbox.AsFound,
		"how zone and portal stand: "+strings.Join(sandbox.States(), ", ")+", or names of faults, comma separated (`state`)")
	flags.Func("limit", "API rate limit as `calls/window`, such as 1200/5m (the default)", func(text string) error {
		calls, window, ok := strings.Cut(text, "/")
		if !ok {
			return errors.New("want calls/window, such as 1200/5m")
		}
		if options.LimitCalls, err = strconv.Atoi(calls); err != nil || options.LimitCalls < 1 {
			return fmt.Errorf("%q is not a number of calls", calls)
		}
		if options.LimitWindow, err = time.ParseDuration(window); err != nil || options.LimitWindow <= 0 {
			return fmt.Errorf("%q is not a duration such as 5m", window)
		}
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return options, "", err
	}
	switch {
	case flags.NArg() > 0:
		return options, "", fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case envFile == "":
		return options, "", errors.New("-env-file is required: the file that tells where everything listens")
	case options.Records < 0:
		return options, "", errors.New("-records cannot be negative")
	case options.Clients < 0:
		return options, "", errors.New("-clients cannot be negative")
	case options.RecordQuota < 0:
		return options, "", errors.New("-quota cannot be negative")
	case options.Latency < 0:
		return options, "", errors.New("-latency cannot be negative")
	case options.EdgeSpeed <= 0:
		return options, "", errors.New("-edge-speed must be above 0")
	}
	return options, envFile, nil
}

// serve runs a sandbox until the context ends. The file is there before the
// line that says ready.
func serve(ctx context.Context, options sandbox.Options, envFile string, stdout io.Writer) (err error) {
	s, err := sandbox.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Workplace(); err != nil {
		return fmt.Errorf("the client's repository cannot be made: %w", err)
	}
	if err := writeAtomically(envFile, exports(s.Environment())); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "sandbox of %s ready: source %s\n", s.Domain(), envFile); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// exports writes NAME=value pairs as a POSIX shell reads them.
func exports(environment []string) []byte {
	var out strings.Builder
	for _, pair := range environment {
		name, value, _ := strings.Cut(pair, "=")
		fmt.Fprintf(&out, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	return []byte(out.String())
}

// writeAtomically puts a file in place in one step, readable by its owner
// alone: it holds passwords, and one who waits for it must never see half.
func writeAtomically(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no longer there when all went well
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
