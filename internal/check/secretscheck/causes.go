package secretscheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// lastResort is for what could not be read for no reason of its own.
const lastResort = "Let the user that runs Terraform read what is named, or name something else, then run again."

// causes are those of a repository, of files and of pages that are not read.
var causes = []check.Cause{
	{Words: "shallow clone", Remedy: "Fetch all of the history: git fetch --unshallow, or fetch-depth: 0 in the checkout of a pipeline."},
	{Words: "partial clone", Remedy: "Fetch what the clone left out: git fetch --refetch --no-filter, or clone again without --filter."},
	{Words: "object is missing", Remedy: "The repository is damaged or incomplete: see git fsck, and clone it again."},
	{Words: "no such folder", Remedy: "Name the folder of a clone in repository; a path is relative to where Terraform runs, so begin it with path.root or path.module."},
	{Words: "no repository", Remedy: "Name the folder of a clone in repository; a downloaded archive has no history."},
	{Words: "rotation plan", Remedy: "Name a document that can be read in rotation.document: Markdown or CSV with a table, or YAML with a list."},
	{Words: "does not exist or cannot be read", Remedy: "Build first, or correct the path; a path is relative to where Terraform runs, so begin it with path.root or path.module."},
	{Words: "was it built?", Remedy: "Build first, and name the folder that the build writes to."},
	{Words: "logs holds no file", Remedy: "Name in logs the files, or the folder, that the portal writes to."},
	{Words: "the working tree has no file", Remedy: "Check a branch out in the repository, or name another folder."},
	{Words: "cannot be read: permission", Remedy: "Let the user that runs Terraform read it: chmod or chown, or run as the user who owns it."},
	{Words: "cannot be read", Remedy: lastResort},
	{Words: "answers with a challenge", Remedy: "Exempt this machine, by its address or the user agent of its requests, from the edge's challenge while it tests."},
	{Words: "too many requests", Remedy: "Wait until the host takes requests of this machine again, or exempt its address from the limit while it tests."},
	{Words: "longer than 5 MiB", Remedy: "Name the build output in paths, where a file is read to 64 MiB."},
	{Words: "longer than a minute", Remedy: "Name fewer pages, or look at them in more than one check."},
	{Words: "leads to another site", Remedy: "Name the address that it leads to, and its host in probe.allowed_hosts if it is yours."},
	{Words: "not an address", Remedy: "Write an address that begins with https://."},
	{Words: "a path that does not exist", Remedy: "Let the host answer 404 to paths that do not exist."},
	{Words: "to every path", Remedy: "Let the host answer 404 to paths that do not exist."},
	{Words: "longer than", Remedy: "Split the file, keep it out of what is scanned, or look into it by hand and waive the rule."},
	{Words: "name fewer pages", Remedy: "Name fewer pages, or look at them in more than one check."},
	{Words: "more than", Remedy: "Name the folders one by one, or leave out what is not shipped."},
	{Words: "is an archive that", Remedy: "Write the archive anew as tar, or as tar compressed by gzip, of less than 2 GiB."},
	{Words: "interrupted", Remedy: "Run again and let it end: the first scan of a repository reads all of its history."},
	{Words: "public_keys", Remedy: "Correct public_keys."},
	{Words: "configuration", Remedy: "Correct .gitleaks.toml or config: gitleaks detect --config must take it."},
}
