package deploycheck

// Environment, Rollback, AlertLink and Plan.
type (
	Rollback  struct{}
	AlertLink struct{}
	Plan      struct{}
)
