package portal

// Faults of a deploy, in production and on staging.
const (
	ReleaseUntold  Switch = "release_untold"  // nothing says which release runs
	SplitDeploy    Switch = "split_deploy"    // every second answer is of the release before
	PreviousGone   Switch = "previous_gone"   // the release before was not kept
	RollbackUndone Switch = "rollback_undone" // nobody has ever gone back to it
	RollbackStale  Switch = "rollback_stale"  // somebody did, long ago
	AssetsMixed    Switch = "assets_mixed"    // a script differs from machine to machine
	TestKeys       Switch = "test_keys"       // the script holds a publishable key for tests
	StagingHost    Switch = "staging_host"    // pages load from staging
	LocalAddress   Switch = "local_address"   // pages name a developer's machine
	StackTraces    Switch = "stack_traces"    // what fails shows where
	ToolsServed    Switch = "tools_served"    // a description of the API to play with
	HotReload      Switch = "hot_reload"      // pages load a developer's tool
	BannerLeft     Switch = "banner_left"     // pages say that work is going on
	MaintenanceOn  Switch = "maintenance_on"  // the page of prices is answered 503
	MigrationsOpen Switch = "migrations_open" // the database is not as the release wants it
	HealthShallow  Switch = "health_shallow"  // /readyz looks at nothing
	HealthTells    Switch = "health_tells"    // /healthz shows the settings to everyone
	DrillIgnored   Switch = "drill_ignored"   // there is nothing to make a dependency fail with
	Indexable      Switch = "indexable"       // staging sends no X-Robots-Tag
	ProductionData Switch = "production_data" // staging runs on a copy of production's data
	RouteMissing   Switch = "route_missing"   // staging has no /pricing
	AccessWall     Switch = "access_wall"     // staging sends strangers to Cloudflare Access
	LoginWall      Switch = "login_wall"      // staging shows strangers a sign-in of its own
)
