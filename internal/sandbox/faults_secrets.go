package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// secretFaults are secrets in places where others read them.
func secretFaults() []Fault {
	work := func(name, breaks string, p leaks.Plant, status string, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: status, Scope: ScopeWork, apply: func(w *world) (func() error, error) {
			w.work.Set(p, true)
			return func() error { w.work.Set(p, false); return nil }, nil
		}}
	}
	live := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: portalSwitch(s)}
	}
	return []Fault{
		work("secret_in_tree", "A payment key is in the code.", leaks.InTree, "fail", "secrets.in_tree", "secrets.in_history"),
		work("secret_untracked", "A key is in a file that is not added yet, and that nothing ignores.", leaks.Untracked, "fail", "secrets.in_tree"),
		work("secret_in_deleted_file", "A token was committed and deleted later.", leaks.DeletedFile, "fail", "secrets.in_history"),
		work("secret_in_merge", "A merge added a secret, and a later commit took it out.", leaks.MergeCommit, "fail", "secrets.in_history"),
		work("secret_in_stash", "A token is in the stash.", leaks.Stash, "fail", "secrets.in_history"),
		work("secret_on_branch", "A key is on a branch that was never merged.", leaks.Branch, "fail", "secrets.in_history"),
		work("secret_in_utf16", "A key was in a script in UTF-16, which git takes for binary.", leaks.UTF16, "fail", "secrets.in_history"),
		work("secret_in_tag_message", "A token is in the message of a tag.", leaks.TagMessage, "fail", "secrets.in_history"),
		work("secret_in_commit_message", "A token is in the message of a commit.", leaks.CommitMessage, "fail", "secrets.in_history"),
		work("secret_in_address", "The password of the database was in its address.", leaks.Address, "fail", "secrets.in_history"),
		work("env_file_tracked", "The file .env is tracked.", leaks.EnvTracked, "fail", "secrets.env_file_tracked"),
		work("env_file_not_ignored", "Nothing ignores the file .env.", leaks.EnvNotIgnored, "fail", "secrets.env_file_not_ignored"),
		work("repository_shallow", "The clone is shallow: its history is missing.", leaks.Shallow, "inconclusive", "secrets.in_history", "secrets.scan_complete"),
		work("secret_in_build", "A key is in a bundle that is called as a library is.", leaks.InBuild, "fail", "secrets.in_artifact"),
		work("secret_in_logs", "The log has the headers of requests.", leaks.InLogs, "fail", "secrets.in_logs"),
		work("rotation_without_owner", "The rotation plan names no owner for a secret.", leaks.RotationMissing, "fail", "secrets.rotation_plan"),
		work("rotation_stale", "A secret was last rotated two years ago.", leaks.RotationStale, "fail", "secrets.rotation_plan"),

		live("secret_in_bundle", "The application's script holds a payment key.", portal.BundleSecret, "secrets.in_bundle"),
		live("service_role_in_bundle", "The application's script holds the token of the service role.", portal.BundleServiceRole, "secrets.in_bundle"),
		live("secret_in_chunk", "A chunk that the application's script loads holds a key.", portal.InlineSecret, "secrets.in_bundle"),
		live("unknown_key_in_bundle", "The application's script holds a key of no known vendor.", portal.BundleUnknown, "secrets.unknown_key"),
		live("source_map_public", "The source map of the application's script is served.", portal.MapPublic, "secrets.source_map_public"),
		live("source_map_of_server", "The source map holds source of the server.", portal.MapServer, "secrets.source_map_public"),
		live("secret_in_source_map", "The source map holds a key.", portal.MapSecret, "secrets.in_bundle", "secrets.source_map_public"),
		live("env_file_served", "The file of variables is in the web root.", portal.EnvServed, "secrets.file_exposed"),
		live("git_folder_served", "The folder .git is in the web root.", portal.GitServed, "secrets.file_exposed"),
		live("backup_served", "A dump of the database is in the web root.", portal.BackupServed, "secrets.file_exposed"),
		live("listing_served", "The folder of uploads is listed.", portal.ListingServed, "secrets.file_exposed"),
		live("profiler_served", "The profiler answers everybody.", portal.ProfilerServed, "secrets.file_exposed"),
		live("debug_mode", "Errors are shown by the debugger of the framework.", portal.DebugMode, "secrets.file_exposed"),
	}
}
