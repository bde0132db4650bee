package secretscheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleTree       = "secrets.in_tree"
	ruleHistory    = "secrets.in_history"
	ruleTracked    = "secrets.env_file_tracked"
	ruleNotIgnored = "secrets.env_file_not_ignored"
	ruleArtifact   = "secrets.in_artifact"
	ruleBundle     = "secrets.in_bundle"
	ruleSourceMap  = "secrets.source_map_public"
	ruleExposed    = "secrets.file_exposed"
	ruleLogs       = "secrets.in_logs"
	rulePublic     = "secrets.public_key"
	ruleUnknown    = "secrets.unknown_key"
	ruleRotation   = "secrets.rotation_plan"
	ruleComplete   = "secrets.scan_complete"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Secrets, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	attestable := rule(ruleRotation, readiness.High,
		"no rotation plan names an owner and a date for every secret",
		"Write a table of secret, owner and date of the last rotation and name it in rotation, or state it there with an owner, a date and evidence.",
		"ASVS-5.0-13.1.4", "ASVS-5.0-13.3.4")
	attestable.Attestable = true
	return []readiness.Rule{
		rule(ruleTree, readiness.Critical,
			"a file of the repository holds a secret",
			"Rotate the secret first, then move it to a secret store and read it from the environment.",
			"ASVS-5.0-13.3.1", "CIS-8-16.1"),
		rule(ruleHistory, readiness.Critical,
			"a commit of the repository holds a secret",
			"Rotate the secret: whoever has a clone, a fork or a cache keeps the old commit. Rewriting the history comes second.",
			"ASVS-5.0-13.3.1"),
		rule(ruleTracked, readiness.High,
			"a file of environment variables is or was committed",
			"Rotate what it holds, run git rm --cached on it, and ignore it.",
			"ASVS-5.0-13.3.1"),
		rule(ruleNotIgnored, readiness.Medium,
			"a file .env would be committed by git add",
			"Add .env and .env.* to .gitignore, with !.env.example.",
			"ASVS-5.0-13.3.1"),
		rule(ruleArtifact, readiness.Critical,
			"what is shipped holds a secret",
			"Rotate the secret, and keep it in a variable of the server: prefixes such as NEXT_PUBLIC_ and VITE_ hand variables to the browser.",
			"ASVS-5.0-14.2.3", "ASVS-5.0-13.3.1"),
		rule(ruleBundle, readiness.Critical,
			"the live site serves a secret",
			"Rotate the secret, move it to the server, deploy, and purge the cache.",
			"WSTG-INFO-05", "ASVS-5.0-14.2.3"),
		rule(ruleSourceMap, readiness.Medium,
			"a source map is public",
			"Do not deploy source maps: upload them to the error tracker and delete them from the build output.",
			"WSTG-INFO-05", "ASVS-5.0-13.4.7"),
		rule(ruleExposed, readiness.Critical,
			"the site serves a file that is not for the public",
			"Delete the file from the web root, refuse dotfiles at the edge (launchready_zone_waf) and at the origin, and rotate what it held.",
			"ASVS-5.0-13.4.1", "ASVS-5.0-13.4.7", "WSTG-CONF-04"),
		rule(ruleLogs, readiness.Critical,
			"a log holds a secret",
			"Redact headers, cookies, tokens and passwords before a line is written, rotate what was logged, and delete the log.",
			"ASVS-5.0-16.2.5"),
		rule(rulePublic, readiness.Info,
			"a key that is meant for everybody is in use",
			"Nothing to mend: restrict the key by referrer where its vendor allows it.",
			"ASVS-5.0-13.3.1"),
		rule(ruleUnknown, readiness.Medium,
			"the live site serves what looks like a key of an unknown kind",
			"Find out what it opens. Move it to the server if it is secret; else name its fingerprint in public_keys with a reason.",
			"WSTG-INFO-05"),
		attestable,
		rule(ruleComplete, readiness.High,
			"part of what was to be scanned could not be read",
			"Mend what kept it from being read: what was not read may hold a secret.",
			"ASVS-5.0-13.3.1"),
	}
}
