package portal

// Traps: ways in which sound portals differ from what a check may expect. They
// are not faults.
const (
	TrapSoft404  Switch = "trap_soft_404"  // what there is not is answered with 200
	TrapError200 Switch = "trap_error_200" // what the API refuses is answered with 200
	TrapVolatile Switch = "trap_volatile"  // every answer differs from the last
	TrapSlow     Switch = "trap_slow"      // answers take a while
	TrapCSRF     Switch = "trap_csrf"      // writes by cookie need a token that is good for one request
	TrapSPA      Switch = "trap_spa"       // pages are one shell, whatever their address
)
