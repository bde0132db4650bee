package portal

import "net/http"

// route is one entry of the API.
type route struct {
	method, path string
	access       access
	summary      string
	handle       func(http.ResponseWriter, *http.Request, user)
	id           string // example of {id} in path or query
	body         any    // example of the body
	fault        Switch // it exists with this alone; empty = always

	roleSlip      Switch // with it the role is not looked at
	anonymousSlip bool   // with AnonymousObject nobody need be signed in
}

// open is a handler for everyone.
func open(h http.HandlerFunc) func(http.ResponseWriter, *http.Request, user) {
	return func(w http.ResponseWriter, r *http.Request, _ user) { h(w, r) }
}

// fields is a JSON object.
type fields map[string]any

// apiRoutes is the whole API; what the description of it says is made of this.
func (p *Portal) apiRoutes() []route {
	mira := seeds[0]
	address := "someone@" + p.options.Domain
	return []route{
		// Sign-in.
		{method: "POST", path: "/api/login", summary: "Signs in", handle: open(p.login), body: fields{"email": address, "password": "a-long-password"}},
		{method: "POST", path: "/api/login/totp", summary: "Signs in: the second factor", handle: open(p.loginTOTP), body: fields{"ticket": "TICKET", "code": "123456"}},
		{method: "POST", path: "/api/token", summary: "Signs in for access and refresh token", handle: open(p.token), body: fields{"email": address, "password": "a-long-password"}},
		{method: "POST", path: "/api/token/refresh", summary: "New tokens for a refresh token", handle: open(p.refreshToken), body: fields{"refresh_token": "TOKEN"}},
		{method: "POST", path: "/api/logout", summary: "Signs out", handle: open(p.logout)},
		{method: "GET", path: "/api/me", access: members, summary: "Who is signed in", handle: p.me},
		{method: "POST", path: "/api/password", access: members, summary: "Changes the password", handle: p.changePassword, body: fields{"current_password": "a-long-password", "password": "another-password"}},
		{method: "POST", path: "/api/email", access: members, summary: "Changes the address", handle: p.changeEmail, body: fields{"current_password": "a-long-password", "email": address}},
		// Sign-up and recovery.
		{method: "POST", path: "/api/signup", summary: "Asks for an account", handle: open(p.signup), body: fields{"email": address, "password": "a-long-password", "name": "Someone"}},
		{method: "POST", path: "/api/password-reset", summary: "Asks for a letter to choose a new password", handle: open(p.passwordReset), body: fields{"email": address}},
		{method: "POST", path: "/api/password-reset/confirm", summary: "Sets a new password", handle: open(p.confirmReset), body: fields{"token": "TOKEN", "password": "another-password"}},
		{method: "POST", path: "/api/resend-code", summary: "Sends a code again", handle: open(p.resendCode), body: fields{"email": address}},
		// Members.
		{method: "GET", path: "/api/profile", access: members, summary: "The member's profile", handle: p.profile},
		{method: "PATCH", path: "/api/profile", access: members, summary: "Changes the profile", handle: p.updateProfile, body: fields{"display_name": mira.name, "locale": "en"}},
		{method: "GET", path: "/api/membership", access: members, summary: "Whether the membership is good", handle: p.membership},
		{method: "GET", path: "/api/members/{id}", access: members, summary: "A member, to itself and administrators", handle: p.member, id: mira.id},
		{method: "PATCH", path: "/api/members/{id}", access: members, summary: "Changes a member", handle: p.updateMember, id: mira.id, body: fields{"display_name": mira.name, "phone": mira.phone}},
		{method: "GET", path: "/api/messages", access: members, summary: "The member's messages", handle: p.listMessages},
		{method: "POST", path: "/api/messages", access: members, summary: "Writes a message", handle: p.writeMessage, body: fields{"text": "Hello"}},
		{method: "GET", path: "/api/messages/{id}", access: members, summary: "A message, to its owner", handle: p.oneMessage, id: MessageOf("member_a")},
		{method: "DELETE", path: "/api/messages/{id}", access: members, summary: "Takes a message away", handle: p.deleteMessage, id: MessageOf("member_a")},
		{method: "GET", path: "/api/invoices", access: members, summary: "The member's invoices", handle: p.listInvoices},
		{method: "GET", path: "/api/invoices/{id}", access: members, summary: "An invoice, to its owner and administrators", handle: p.invoice, id: "5001", anonymousSlip: true},
		{method: "GET", path: "/api/invoice", access: members, summary: "An invoice by query", handle: p.invoiceByQuery, id: "5001"},
		{method: "POST", path: "/api/invoices/lookup", access: members, summary: "An invoice by body", handle: p.lookupInvoice, body: fields{"id": "5001"}},
		{method: "GET", path: "/api/posts", access: members, summary: "Posts of the organisation", handle: p.posts},
		{method: "GET", path: "/api/posts/{id}", access: members, summary: "A post, to its organisation", handle: p.post, id: "101"},
		{method: "POST", path: "/api/invites", access: members, summary: "Invites someone", handle: p.invite, body: fields{"email": address}},
		// Administrators and machines.
		{method: "GET", path: "/api/admin/users", access: admins, summary: "Every account", handle: p.adminUsers, roleSlip: AdminListOpen},
		{method: "GET", path: "/api/admin/members/{id}/note", access: admins, summary: "What is written down about a member", handle: p.adminNote, id: mira.id},
		{method: "POST", path: "/api/admin/members/{id}/note", access: admins, summary: "Writes something down about a member", handle: p.writeNote, id: mira.id, body: fields{"text": "Called back"}, roleSlip: AdminWriteOpen},
		{method: "GET", path: "/api/mail/suppressions", access: members, summary: "Whether an address gets mail, to administrators and machines", handle: p.suppressions},
		{method: "GET", path: "/api/reports/weekly", access: members, summary: "The week's figures", handle: p.weeklyReport, fault: RouteUncovered},
		// Everyone.
		{method: "GET", path: "/api/public/events", summary: "Events that everyone may come to", handle: open(p.publicEvents)},
		{method: "GET", path: "/api/openapi.json", summary: "This description", handle: open(p.openAPI)},
	}
}

// routes is the whole face of the portal.
func (p *Portal) routes() http.Handler {
	mux := http.NewServeMux()
	// Pages for people.
	mux.HandleFunc("GET /{$}", p.page("home"))
	mux.HandleFunc("GET /welcome", p.page("welcome"))
	mux.HandleFunc("POST /welcome", p.subscribe)
	mux.HandleFunc("GET /pricing", p.page("pricing"))
	mux.HandleFunc("GET /community", p.community)
	mux.HandleFunc("GET /login", p.loginPage)
	mux.HandleFunc("POST /login", p.loginForm)
	mux.HandleFunc("GET /login/totp", p.totpPage)
	mux.HandleFunc("POST /login/totp", p.totpForm)
	mux.HandleFunc("GET /reset/{token}", p.resetPage)
	mux.HandleFunc("POST /reset/{token}", p.resetForm)
	mux.HandleFunc("GET /confirm/{token}", p.confirmPage)
	mux.HandleFunc("POST /confirm/{token}", p.confirmForm)
	mux.HandleFunc("GET /account", p.accountPage)
	mux.HandleFunc("GET /admin", p.adminPage)
	mux.Handle("GET /static/", staticFiles())
	for _, rt := range p.apiRoutes() {
		next := p.guard(rt)
		mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) {
			if rt.fault != "" && !p.On(rt.fault) {
				refuse(w, http.StatusNotFound)
				return
			}
			next(w, r)
		})
	}
	mux.HandleFunc("GET /.well-known/jwks.json", p.jwks)
	// Mail.
	mux.HandleFunc("POST "+BounceHook, p.bounces)
	p.supportRoutes(mux)
	// Operation.
	mux.HandleFunc("POST "+DrillRoute, p.guard(route{access: admins, handle: p.drillError}))
	mux.HandleFunc("GET /healthz", p.health)
	mux.HandleFunc("GET /readyz", p.readiness)
	mux.HandleFunc("GET /version", p.version)
	mux.HandleFunc("PUT /drill/dependencies/{name}", p.setDependency)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		if p.On(TrapSoft404) {
			answer(w, http.StatusOK, map[string]any{"status": http.StatusNotFound})
			return
		}
		refuse(w, http.StatusNotFound)
	})
	return routed(p.leaking(mux))
}

// weeklyReport is a route that came with a release and that nobody ruled on.
func (p *Portal) weeklyReport(w http.ResponseWriter, _ *http.Request, _ user) {
	answer(w, http.StatusOK, map[string]any{"members": len(p.people.all()), "invoices": len(invoices())})
}
