package obscheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

const (
	mendQuery = "Correct query of the signal, of what is named before the reason: PromQL that gives a number for prometheus, a metric with labels for metrics, " +
		"a LogQL selector for loki, a matcher for alertmanager, a search for sentry, a JSON pointer for json and webhook. Try it there by hand first."
	mendAddress     = "Correct url of the sink in provider \"launchready\" (or LAUNCHREADY_SINKS): the base of its API, without a sign-in in front of it."
	mendCredentials = "Correct bearer_token, username and password, or headers of the sink in provider \"launchready\" (or LAUNCHREADY_SINKS)."
	mendReach       = "Start what the sink names, or correct its url in provider \"launchready\" (or LAUNCHREADY_SINKS): it must be reached from where Terraform runs. " +
		"probe.connect_to, probe.ca_bundle and probe.timeout hold for it too."
	mendFile     = "Correct path of the sink in provider \"launchready\" (or LAUNCHREADY_SINKS): a log on this machine that the user who runs Terraform may read."
	mendMailbox  = "Correct imap, username and password of the mailbox in provider \"launchready\" (or LAUNCHREADY_MAILBOXES)."
	mendFailure  = "Make the request by hand and look at what it does. Then correct request, its identity, or expect_status of the drill: the answer must be the failure that is meant."
	mendThrottle = "Wait until the target takes requests of this machine again, lower repeat, or exempt its address from the limit while it tests."
	mendSignal   = "Let the drill show first: see what is said of this signal."
)

// causes are those of drills that did not happen, and of sinks that are not read.
var causes = []check.Cause{
	{Words: "there is nothing at the address for this method", Remedy: "Correct method and path (or url) of the drill's request: it must lead to what fails on purpose. 404 and 405 never count as a drill."},
	{Words: "exempt this machine from the challenge", Remedy: "Exempt this machine, by its address or the user agent of its requests, from the edge's challenge while it tests."},
	{Words: "too many requests had been made before", Remedy: mendThrottle},
	{Words: "leads elsewhere", Remedy: "Write the address that it leads to, or name in request.identity who is let in."},
	{Words: "expect_status", Remedy: mendFailure},
	{Words: ", no error", Remedy: mendFailure},
	{Words: ", no refusal", Remedy: mendFailure},
	{Words: "an error that was not meant", Remedy: mendFailure},

	{Words: "asked for its monitors", Remedy: "Correct monitors (or LAUNCHREADY_MONITORS) and cloudflare.api_token in provider \"launchready\", or wait until the service answers again."},

	{Words: "does not take the query", Remedy: mendQuery},
	{Words: "is not understood", Remedy: mendQuery},
	{Words: "the query must give", Remedy: mendQuery},
	{Words: "narrow the query", Remedy: mendQuery},
	{Words: "counts nothing", Remedy: mendQuery},
	{Words: "JSON pointer of the query", Remedy: mendQuery},
	{Words: "refuses the credentials", Remedy: mendCredentials},
	{Words: "check url", Remedy: mendAddress},
	{Words: "not followed with credentials", Remedy: mendAddress},
	{Words: "not Prometheus's text format", Remedy: mendAddress},
	{Words: "lines that cannot be read", Remedy: mendAddress},
	{Words: "wants fewer requests", Remedy: "Wait until the sink takes requests of this machine again, or let fewer signals read it."},
	{Words: "cannot be reached", Remedy: mendReach},
	{Words: "broke off its answer", Remedy: mendReach},
	{Words: "the file ", Remedy: mendFile},
	{Words: "the mailbox cannot be read", Remedy: mendMailbox},
	{Words: "use one of its own for alerts", Remedy: "Give alerts a mailbox of their own."},

	{Words: "nothing of the drill was seen there", Remedy: mendSignal},
	{Words: "none of its signals could be read", Remedy: "Mend the signals of the drill first: what is said of each tells how."},
	{Words: "line break in its name is not in the log", Remedy: "Log failed sign-ins whatever the name, with its line breaks encoded."},
	{Words: "labels that are not known", Remedy: "Write the labels that the route asks for into the rule, or let a drill show where the alert arrives."},
	{Words: "interrupted", Remedy: "Run again and let it end."},
}
