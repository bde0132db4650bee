package leaks

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// story writes what git fast-import reads.
type story struct {
	b bytes.Buffer
	n int // of marks
}

// file is a change of a file; no content deletes it.
type file struct{ path, content string }

// commit adds a commit to a branch and returns its mark. Dates go by the mark,
// so that a commit has the same id always.
func (s *story) commit(ref, message string, parents []int, files ...file) int {
	s.n++
	fmt.Fprintf(&s.b, "commit %s\nmark :%d\nauthor Dev <dev@acme.example> %d +0000\ncommitter Dev <dev@acme.example> %d +0000\ndata %d\n%s\n",
		ref, s.n, 1767261600+s.n*3600, 1767261600+s.n*3600, len(message), message)
	for i, p := range parents {
		fmt.Fprintf(&s.b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	for _, f := range files {
		if f.content == "" {
			fmt.Fprintf(&s.b, "D %s\n", f.path)
			continue
		}
		fmt.Fprintf(&s.b, "M 100644 inline %s\ndata %d\n%s\n", f.path, len(f.content), f.content)
	}
	s.b.WriteString("\n")
	return s.n
}

// history is the repository: the code of a portal, with examples and tests that
// hold what looks like keys, and with what is planted.
func (w *Workplace) history() []byte {
	const main = "refs/heads/main"
	s := &story{}
	ignore := "node_modules/\ndist/\n.env\n.env.*\n!.env.example\n"
	if w.on[EnvNotIgnored] {
		ignore = "node_modules/\ndist/\n"
	}
	at := s.commit(main, "Portal", nil,
		file{"README.md", "# Portal\n\nStart a database: `postgres://portal:portal@localhost:5432/portal`.\nAWS keys look like AK" + "IAIOSFODNN7EXAMPLE.\n"},
		file{".gitignore", ignore},
		file{".env.example", "DATABASE_URL=postgres://user:password@localhost:5432/portal\nSESSION_SECRET=change-me\nSTRIPE_SECRET_KEY=\nSMTP_PASSWORD=your-password\n"},
		file{"src/config.js", "export const key = process.env.STRIPE_SECRET_KEY;\nexport const publishable = \"pk_" + "live_51NcT4rBx7QwZ2mKv9LpJ3sYd8FhG6uEa\";\nexport const cacheKey = \"members:list:v2\";\n"},
		file{"src/bundle.js", Bundle()},
		file{"docker-compose.yml", "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD}\n"},
	)
	step := func(message string, files ...file) { at = s.commit(main, message, []int{at}, files...) }
	leaked := func(p Plant, path, content string) {
		if w.on[p] {
			step("Add "+path, file{path, content})
			step("Remove "+path, file{path, ""})
		}
	}
	if w.on[InTree] {
		step("Payments", file{"src/payments.js", "import Stripe from \"stripe\";\nexport const stripe = Stripe(\"" + Stripe + "\");\n"})
	}
	if w.on[EnvTracked] {
		step("Settings", file{".env", "PORT=3000\nNODE_ENV=production\nLOG_LEVEL=info\n"})
	}
	leaked(DeletedFile, "scripts/deploy.sh", "#!/bin/sh\nexport TOKEN="+GitHub+"\n")
	leaked(Address, "src/db.js", "export const url = \""+Database+"\";\n")
	leaked(UTF16, "scripts/deploy.ps1", wide("$env:RESEND = '"+Resend+"'\r\n"))
	side := s.commit("refs/heads/side", "Side", []int{at}, file{"src/side.js", "export const side = 1;\n"})
	step("Main", file{"src/main.js", "export const main = 1;\n"})
	merged := []file{}
	if w.on[MergeCommit] {
		merged = append(merged, file{"src/hooks.js", "export const hook = \"" + Webhook + "\";\n"})
	}
	at = s.commit(main, "Merge side", []int{at, side}, append(merged, file{"src/side.js", "export const side = 1;\n"})...)
	if w.on[MergeCommit] {
		step("Read the hook's secret from the environment", file{"src/hooks.js", "export const hook = process.env.HOOK_SECRET;\n"})
	}
	message := "Finish"
	if w.on[CommitMessage] {
		message = "Deploy with " + GitHub
	}
	step(message, file{"src/end.js", "export const end = 1;\n"})
	if w.on[Branch] {
		s.commit("refs/heads/experiment", "Try", []int{at}, file{"try.py", "KEY = \"" + AWS + "\"\n"})
	}
	if w.on[Stash] {
		index := s.commit("refs/sandbox/index", "index on main", []int{at})
		s.commit("refs/stash", "WIP on main", []int{at, index}, file{"src/end.js", "export const end = 1;\nconst t = \"" + GitHub + "\";\n"})
	}
	if w.on[TagMessage] {
		text := "Release; token " + GitHub
		fmt.Fprintf(&s.b, "tag v1\nfrom :%d\ntagger Dev <dev@acme.example> 1767300000 +0000\ndata %d\n%s\n", at, len(text), text)
	}
	s.b.WriteString("done\n")
	return s.b.Bytes()
}

// wide is a text in UTF-16 with its mark, as PowerShell writes it.
func wide(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}
