package deploycheck

// Memory keeps what is done once.
type Memory struct{}

// Drill lets a dependency of staging fail.
type Drill struct{}
