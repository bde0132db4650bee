package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// notify sends one message by both ways.
func (w *Watch) notify(n notice) {
	w.running.Go(func() { w.mail(n) })
	w.running.Go(func() { w.post(n) })
}

// to is where the mail of alerts goes.
func (w *Watch) to() string {
	if w.on(MailUnread) {
		return Unread
	}
	return w.options.To
}

// distinct are the texts without those that repeat, the newest first and 50 at
// most: of many, nobody reads all.
func distinct(about []string) []string {
	var out []string
	for _, text := range slices.Backward(about) {
		if !slices.Contains(out, text) && len(out) < 50 {
			out = append(out, text)
		}
	}
	return out
}

func (w *Watch) mail(n notice) {
	if w.on(MailLost) {
		return
	}
	ctx, cancel := context.WithTimeout(w.context, 10*time.Second)
	defer cancel()
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Watch <watch@%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@watch.%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
		w.options.Domain, w.to(), n.subject(), w.options.Now().Format(time.RFC1123Z), time.Now().UnixNano(), w.options.Domain)
	fmt.Fprintf(&b, "%d events since %s:\r\n\r\n%s\r\n", len(n.about), n.since.Format(time.RFC3339), strings.Join(distinct(n.about), "\r\n"))
	_ = w.options.Mail(ctx, w.to(), b.Bytes()) // nobody is told that nobody is told
}

// payload is what Alertmanager sends to a webhook, in short.
type payload struct {
	Version string         `json:"version"`
	Status  string         `json:"status"`
	Alerts  []webhookAlert `json:"alerts"`
}

type webhookAlert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
}

func (w *Watch) post(n notice) {
	ctx, cancel := context.WithTimeout(w.context, 10*time.Second)
	defer cancel()
	body, err := json.Marshal(payload{Version: "4", Status: n.state, Alerts: []webhookAlert{{
		Status: n.state, Labels: map[string]string{"alertname": n.rule, "severity": "page"},
		Annotations: map[string]string{"summary": n.subject(), "description": strings.Join(distinct(n.about), "; ")}, StartsAt: n.since,
	}}})
	if err != nil {
		return
	}
	to := w.options.Hook
	if w.on(HookDead) {
		to = "http://127.0.0.1:1/hook" // nobody listens on port 1
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body) // what it says changes nothing
		resp.Body.Close()
	}
}

// receive is the inbox of the webhook: what is posted there is kept.
func (w *Watch) receive(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<20))
	if err != nil || !json.Valid(body) {
		http.Error(rw, "JSON is wanted", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	w.inbox = keep(w.inbox, string(body))
	w.mu.Unlock()
	rw.WriteHeader(http.StatusNoContent)
}
