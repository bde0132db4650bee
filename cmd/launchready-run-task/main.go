// Command launchready-run-task is a run task of HCP Terraform and Terraform
// Enterprise: it answers a run with the launch scorecard of its plan.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/runtask"
)

const keyVariable = "LAUNCHREADY_RUN_TASK_KEY"

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen at")
	hosts := flag.String("hosts", "app.terraform.io", "hosts that run tasks may come from, comma separated: callbacks and plans go nowhere else")
	stores := flag.String("store-hosts", "archivist.terraform.io", "hosts that plans may be fetched from when the API redirects there, comma separated")
	cert := flag.String("tls-cert", "", "certificate in PEM; without one, stand behind a proxy that speaks TLS")
	key := flag.String("tls-key", "", "its private key in PEM")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "launchready-run-task takes the HMAC key of the run task from %s.\n", keyVariable)
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(ctx, log, *listen, list(*hosts), list(*stores), *cert, *key); err != nil {
		log.Error("ended", "reason", err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, listen string, hosts, stores []string, cert, key string) error {
	secret := os.Getenv(keyVariable)
	if secret == "" {
		return fmt.Errorf("%s is not set: give it the HMAC key of the run task", keyVariable)
	}
	tasks, err := runtask.New(runtask.Options{Key: []byte(secret), Hosts: hosts, StoreHosts: stores, Log: log})
	if err != nil {
		return fmt.Errorf("%s: %w", keyVariable, err)
	}
	server := &http.Server{
		Addr: listen, Handler: tasks, MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: time.Minute,
	}
	ended := make(chan error, 1)
	go func() {
		log.Info("listening", "address", listen, "hosts", strings.Join(hosts, ","))
		if cert != "" {
			ended <- server.ListenAndServeTLS(cert, key)
		} else {
			ended <- server.ListenAndServe()
		}
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	// What was taken is answered, if it can be in the time that supervisors give.
	last, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(last))
	tasks.Close(last)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func list(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
			out = append(out, part)
		}
	}
	return out
}
