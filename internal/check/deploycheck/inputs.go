package deploycheck

// Environment, Rollback, AlertLink and Plan.
type (
	Environment struct{}
	Rollback    struct{}
	AlertLink   struct{}
	Plan        struct{}
)
