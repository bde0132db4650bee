package portal

import "net/http"

// DrillRoute fails on purpose, for administrators alone: so that it can be seen
// who notices.
const DrillRoute = "/api/drill/error"

// drillError answers 500 as any error does that nobody expected.
func (p *Portal) drillError(w http.ResponseWriter, _ *http.Request, _ user) {
	if p.On(DrillRouteGone) {
		refuse(w, http.StatusNotFound)
		return
	}
	if p.On(StackTraceShown) {
		explain(w, http.StatusInternalServerError, "panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 7 [running]:\n"+
			"main.(*Server).drill(0x0)\n\t/srv/portal/drill.go:17 +0x1d\n")
		return
	}
	refuse(w, http.StatusInternalServerError)
}
