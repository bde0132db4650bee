package secretscheck

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// leak is a file that must not be public, and how its content is known.
type leak struct {
	path, what string
	severity   readiness.Severity
	remedy     string // empty = the rule's
	proof      *regexp.Regexp
	html       bool // the file is a page itself
}

// proven reports whether an answer is the file.
func (l leak) proven(x probe.Exchange) bool {
	if x.Status != 200 && x.Status != 206 || !x.Readable() {
		return false
	}
	if !l.html && looksHTML(x) {
		return false
	}
	return l.proof.Match(x.Body)
}

// looksHTML reports whether an answer is a page, whatever was asked for.
func looksHTML(x probe.Exchange) bool {
	head := bytes.ToLower(bytes.TrimLeft(x.Body[:min(len(x.Body), 512)], " \t\r\n\ufeff"))
	for _, sign := range []string{"<!doctype html", "<html", "<head", "<body", "<!--"} {
		if bytes.HasPrefix(head, []byte(sign)) {
			return true
		}
	}
	return false
}

// sibling is a path of the same kind that does not exist.
func (l leak) sibling(token string) string {
	dir, file := path.Split(l.path)
	if file == "" {
		return strings.TrimSuffix(dir, "/") + "-" + token + "/"
	}
	if strings.HasPrefix(file, ".") {
		return dir + file + "-" + token
	}
	return dir + token + "-" + file
}

// leaks are all files that are asked for, each with a proof that no page of
// another kind gives.
var leaks = sync.OnceValue(func() []leak {
	const (
		variables = `(?m)^(?:export )?[A-Z][A-Z0-9_]{2,}=[^\s]`
		dump      = `(?i)-- (?:MySQL|MariaDB|PostgreSQL database|SQLite|phpMyAdmin) ?(?:dump|SQL Dump)?|(?m)^(?:INSERT INTO|CREATE TABLE|COPY [a-z_."]+ \()`
		listing   = `(?i)<title>\s*(?:Index of /|Directory listing for )|<h1>\s*(?:Index of /|Directory listing for )|<title>listing directory /|<title>Directory: /|\[To Parent Directory\]|\A(?:<!doctype html>\s*<meta name="viewport"[^>]*>\s*)?<pre>\s*<a href="`
		refuse    = "Refuse the path at the edge (launchready_zone_waf) and take it out of the application's production build."
	)
	var out []leak
	add := func(severity readiness.Severity, what, proof string, paths ...string) {
		re := regexp.MustCompile(proof)
		for _, p := range paths {
			out = append(out, leak{path: p, what: what, severity: severity, proof: re})
		}
	}
	page := func(severity readiness.Severity, what, proof, remedy string, paths ...string) {
		re := regexp.MustCompile(proof)
		for _, p := range paths {
			out = append(out, leak{path: p, what: what, severity: severity, proof: re, html: true, remedy: remedy})
		}
	}
	const critical, high, medium = readiness.Critical, readiness.High, readiness.Medium
	add(critical, "a file of environment variables", variables, "/.env", "/.env.local", "/.env.production", "/.env.backup", "/.env.bak", "/.env.old")
	add(critical, "a Git repository", `^(?:ref: refs/|[0-9a-f]{40}\s*$)`, "/.git/HEAD")
	add(critical, "the configuration of a Git repository", `(?m)^\[core\]`, "/.git/config")
	add(critical, "a Subversion repository", `^SQLite format 3\x00`, "/.svn/wc.db")
	add(medium, "a list of the files of a folder (.DS_Store)", `^\x00\x00\x00\x01Bud1`, "/.DS_Store")
	add(critical, "credentials of AWS", `(?m)^\[[\w-]+\]\s*\n(?:.*\n){0,5}?\s*aws_(?:access_key_id|secret_access_key)`, "/.aws/credentials")
	add(critical, "a token of a package registry", `_auth(?:Token)?\s*=`, "/.npmrc")
	add(high, "the composition of containers", `(?m)^services:\s*$`, "/docker-compose.yml", "/docker-compose.yaml")
	add(critical, "the configuration of WordPress", `DB_PASSWORD|<\?php`, "/wp-config.php.bak", "/wp-config.php~", "/wp-config.php.old", "/wp-config.txt")
	add(critical, "a dump of a database", dump, "/backup.sql", "/dump.sql", "/database.sql", "/db.sql")
	add(critical, "a database", `^SQLite format 3\x00`, "/db.sqlite", "/db.sqlite3", "/database.sqlite")
	add(critical, "an archive", `^(?:PK\x03\x04|\x1f\x8b\x08)`, "/backup.zip", "/backup.tar.gz", "/www.zip", "/site.zip")
	add(critical, "a private key", `-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----`, "/id_rsa", "/.ssh/id_rsa", "/server.key", "/privatekey.key")
	add(critical, "the password of a deployment", `"(?:host|hostname|username)"\s*:`, "/.vscode/sftp.json", "/sftp-config.json")
	add(critical, "the passwords of a web server", `(?m)^[\w.@-]{1,64}:(?:\$apr1\$|\$2[aby]\$|\{SHA\})`, "/.htpasswd")
	add(critical, "the memory of the application", `^(?:JAVA PROFILE|\x1f\x8b\x08)`, "/actuator/heapdump")
	add(high, "the settings of the application (Spring Actuator)", `"propertySources"\s*:`, "/actuator/env")
	add(medium, "metrics of the application", `(?m)^# (?:HELP|TYPE) \w+`, "/metrics", "/actuator/prometheus")
	add(critical, "the state of Terraform", `"terraform_version"\s*:`, "/terraform.tfstate")
	add(high, "the log of the application", `(?m)^\[\d{4}-\d\d-\d\d[T ][\d:.+-]+\] \w+\.[A-Z]+: |^\[\d\d-[A-Z][a-z]{2}-\d{4} [\d:]+ [A-Z/a-z_]+\] PHP `, "/storage/logs/laravel.log", "/wp-content/debug.log")
	add(high, "variables of a running Go program", `"memstats"\s*:`, "/debug/vars")
	page(high, "the profiler of a running Go program", `<title>/debug/pprof/</title>|Types of profiles available`, refuse, "/debug/pprof/")
	page(high, "phpinfo()", `<title>(?:PHP [\d.]+ - )?phpinfo\(\)`, refuse, "/phpinfo.php", "/info.php")
	page(high, "the status of the web server", `(?i)<title>Apache Status|<h1>Apache Server Status`, refuse, "/server-status")
	page(high, "a client of the database (Adminer)", `<title>[^<]* - Adminer|id=["']menu["'][\s\S]{0,200}Adminer`, refuse, "/adminer.php")
	page(high, "the profiler of Symfony", `(?i)Symfony Profiler|sf-toolbar`, refuse, "/_profiler/")
	page(high, "Laravel Telescope", `<title>[^<]*Telescope|window\.Telescope`, refuse, "/telescope")
	page(high, "the routes of Rails", `(?i)Helper[\s\S]{0,300}HTTP Verb[\s\S]{0,300}Path`, refuse, "/rails/info/routes")
	page(high, "the error log of ASP.NET (ELMAH)", `(?i)Error Log for|Powered by (?:<[^>]*>)?ELMAH`, refuse, "/elmah.axd")
	page(high, "a debugger", `(?i)Werkzeug Debugger|Whoops\b[\s\S]{0,400}stack|You're seeing this error because you have <code>DEBUG`, refuse, "/debug")
	page(medium, "the listing of a folder", listing, "Turn the listing of folders off (autoindex off, Options -Indexes).", "/uploads/", "/backup/", "/backups/", "/static/", "/assets/", "/files/", "/storage/", "/.git/")
	return out
})

// debugger names the framework whose debug page a body is; "" if it is none.
func debugger(body []byte) string {
	for _, d := range []struct{ name, sign string }{
		{"Django", "because you have <code>DEBUG = True</code>"}, {"Laravel (Ignition)", "window.ignite("}, {"Laravel (Whoops)", "Whoops\\Exception"},
		{"Rails", "<h2 style=\"margin-top: 30px\">Routes</h2>"}, {"Rails", "Rails.root:"}, {"Flask (Werkzeug)", "Werkzeug Debugger"}, {"Symfony", "Symfony Exception"},
	} {
		if bytes.Contains(body, []byte(d.sign)) {
			return d.name
		}
	}
	return ""
}
