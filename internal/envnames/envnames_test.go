package envnames

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is what was read; an empty variable has a "-" behind it.
func shown(names []Name) string {
	var out []string
	for _, n := range names {
		if n.Empty {
			n.Name += "-"
		}
		out = append(out, n.Name)
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text   string
		target Target
		want   string
	}{
		"a file of variables":       {"# The database\nDATABASE_URL=postgres://u:p@h/d?sslmode=on # local\nexport TOKEN='x y'\nEMPTY=\nQUOTED=\"\"\nSPACES = a\nJUST_COMMENT= # nothing\n\n#OPTIONAL=1\n", Any, "DATABASE_URL EMPTY- JUST_COMMENT- QUOTED- SPACES TOKEN"},
		"a key over lines":          {"KEY=\"-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ==\nNOT_A_NAME=1\n-----END KEY-----\"\nNEXT=1\n", Any, "KEY NEXT"},
		"a key without quotes":      {"KEY=\n-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ==\nMIIEVQIBADANBGKQHKIG9W0BAQ\n-----END KEY-----\nNEXT=1\n", Any, "KEY- NEXT"},
		"base64 is no name":         {"A=1\nMIIEvQIBADANBgkqhkiG9w0BAQ==\n", Any, "A"},
		"a quote that never ends":   {"NOTE=\"it\nNEXT=1\n", Any, "NEXT NOTE"},
		"an apostrophe":             {"NOTE=it's\nNEXT=1\n", Any, "NEXT NOTE"},
		"an escaped quote":          {`A="x\"y"` + "\nB=1", Any, "A B"},
		"Windows":                   {"\xef\xbb\xbfA=1\r\nB=\r\n", Any, "A B-"},
		"UTF-16":                    {"\xff\xfeA\x00=\x001\x00\n\x00B\x00=\x00", Any, "A B-"},
		"twice, once set":           {"A=\nA=1\n", Any, "A"},
		"a list":                    {"A_B\nC\n- D\n* E\n", Any, "A_B C D E"},
		"lower case":                {"http_proxy=x\nConnectionStrings__Default=y\nserver.port=8080", Any, "ConnectionStrings__Default http_proxy server.port"},
		"docker env":                {"PATH=/usr/bin:/bin\nHOSTNAME=4f2\nA=b=c", Any, "A HOSTNAME PATH"},
		"heroku config":             {"=== acme Config Vars\n\nDATABASE_URL:   postgres://u:p@h/d\nEMPTY:\n", Any, "DATABASE_URL EMPTY-"},
		"fly secrets list":          {"NAME        \tDIGEST          \tCREATED AT \nDATABASE_URL\tb9b2a3f0c1d2e3f4\t2h ago\nTOKEN\taaaa\t2h ago\n", Any, "DATABASE_URL TOKEN"},
		"vercel env ls":             {"> Environment Variables found\n\n name          value       environments\n DATABASE_URL  Encrypted   Production\n", Any, "DATABASE_URL"},
		"gh secret list":            {"DEPLOY_KEY\tUpdated 2026-10-01\nTOKEN\tUpdated 2026-10-01", Any, "DEPLOY_KEY TOKEN"},
		"railway table":             {"╔═══╗\n│ DATABASE_URL │ postgres://x │\n", Any, "DATABASE_URL"},
		"vercel, production":        {`{"envs":[{"key":"A","value":"x","target":["production","preview"],"type":"encrypted"},{"key":"B","target":["preview"]},{"key":"C","target":"production","value":"","type":"plain"}]}`, Production, "A C-"},
		"vercel, staging":           {`{"envs":[{"key":"A","target":["production","preview"]},{"key":"B","target":["preview"]},{"key":"C","target":"production"},{"key":"D","target":[],"customEnvironmentIds":["env_1"]}]}`, Staging, "A B D"},
		"render":                    {`[{"envVar":{"key":"A","value":"x"},"cursor":"c"},{"envVar":{"key":"B","value":""},"cursor":"d"}]`, Any, "A B-"},
		"heroku config -j":          {`{"A":"x","B":""}`, Any, "A B-"},
		"fly secrets list --json":   {`[{"Name":"A","Digest":"0123","CreatedAt":"2026-10-01"},{"name":"B","digest":"9"}]`, Any, "A B"},
		"docker inspect":            {`[{"Id":"1","Config":{"Env":["A=x","B="],"Hostname":"h"}}]`, Any, "A B-"},
		"github secrets":            {`{"total_count":1,"secrets":[{"name":"A","created_at":"2026-10-01"}]}`, Any, "A"},
		"github variables":          {`{"total_count":2,"variables":[{"name":"A","value":"x"},{"name":"B","value":""}]}`, Any, "A B-"},
		"gh secret list --json":     {`[{"name":"A"}]`, Any, "A"},
		"wrangler secret list":      {`[{"name":"A","type":"secret_text"}]`, Any, "A"},
		"netlify":                   {`[{"key":"A","scopes":["builds"],"values":[{"value":"x","context":"all"}]},{"key":"B","values":[{"value":"x","context":"production"}]}]`, Staging, "A"},
		"ecs":                       {`{"containerDefinitions":[{"name":"WEB","environment":[{"name":"A","value":"x"}],"secrets":[{"name":"B","valueFrom":"arn:aws:x"}]}]}`, Any, "A B"},
		"JSON of texts":             {`["A=1","B"]`, Any, "A B"},
		"yaml":                      {"env:\n  A: x\n  B: ${{ secrets.B }}\n", Any, "A B"},
		"vercel env ls, production": {"> Environment Variables found\n\n name          value       environments\n A  Encrypted   Production\n B  Encrypted   Preview\n C  Encrypted   Development, Preview, Production\n", Production, "A C"},
		"vercel env ls, staging":    {"> Environment Variables found\n\n name          value       environments\n A  Encrypted   Production\n B  Encrypted   Preview\n C  Encrypted   Development, Preview, Production\n", Staging, "B C"},
		"railway, framed":           {"╔════ Variables for web ════╗\n║ DATABASE_URL │ postgres://x ║\n║──────║\n║ TOKEN │ x ║\n╚════╝\n", Any, "DATABASE_URL TOKEN"},
		"wrangler with its banner":  {" ⛅️ wrangler 3.28.2\n-------------------\n[\n  {\"name\": \"A\", \"type\": \"secret_text\"}\n]\n", Any, "A"},
		"pages":                     {`{"result":{"name":"web","id":"1","deployment_configs":{"preview":{"env_vars":{"A":{"type":"plain_text","value":"x"}}},"production":{"env_vars":{"B":{"type":"secret_text","value":""}}}}},"success":true}`, Production, "B"},
		"netlify, one context":      {`[{"key":"A","values":[{"value":"","context":"production"},{"value":"x","context":"dev"}]}]`, Production, "A-"},
		"describe-task-definition":  {`{"taskDefinition":{"taskDefinitionArn":"x","containerDefinitions":[{"name":"web","image":"x","environment":[{"name":"A","value":"x"}],"secrets":[{"name":"B","valueFrom":"arn"}]}],"family":"web"}}`, Any, "A B"},
		"ecs, secrets alone":        {`{"containerDefinitions":[{"name":"web","secrets":[{"name":"B","valueFrom":"arn"}]}]}`, Any, "B"},
		"a ConfigMap":               {`{"apiVersion":"v1","kind":"ConfigMap","data":{"A":"x","app.properties":"a=b","E":""},"metadata":{"name":"web"}}`, Any, "A E-"},
		"a Secret":                  {`{"apiVersion":"v1","kind":"Secret","stringData":{"A":"x"},"metadata":{"name":"web"}}`, Any, "A"},
		"kubectl get, a list":       {`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","data":{"A":"x"},"metadata":{"name":"WEB"}},{"apiVersion":"v1","kind":"Secret","data":{"B":"eA=="},"metadata":{"name":"web"}}]}`, Any, "A B"},
		"a Deployment":              {`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":[{"name":"APP","env":[{"name":"A","value":"x"},{"name":"B","valueFrom":{"secretKeyRef":{"name":"x","key":"y"}}}]}]}}}}`, Any, "A B"},
		"lambda":                    {`{"FunctionName":"x","Environment":{"Variables":{"A":"x"}},"Runtime":"nodejs22.x"}`, Any, "A"},
		"gitlab, production":        {`[{"key":"A","value":"x","environment_scope":"*"},{"key":"B","value":"x","environment_scope":"production"},{"key":"C","value":"x","environment_scope":"staging"}]`, Production, "A B"},
		"doppler":                   {`{"A":{"computed":"x","note":""},"B":{"computed":""}}`, Any, "A B-"},
		"YAML with keys":            {"services:\n  - type: web\n    envVars:\n      - key: A_B\n        sync: false\n      - key: \"C\"\n        value: x\n", Any, "A_B C"},
		"a key from the first line": {"KEY=-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA=\nABCDEFGH\n-----END RSA PRIVATE KEY-----\nNEXT=1\n", Any, "KEY NEXT"},
		"names in one line":         {"A_KEY B_KEY C_KEY\nD, E\n", Any, "A_KEY B_KEY C_KEY D E"},
		"a warning before it":       {"WARN: the config is deprecated\nA=1\n", Any, "A"},
		"a value that has a colon":  {"A=x: y\n", Any, "A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse([]byte(tt.text), tt.target)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, shown(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"nothing":         {"", ErrNoNames},
		"comments":        {"# A=1\n", ErrNoNames},
		"prose":           {"Ask the platform team for s3cr3t values.\n", ErrNoNames},
		"binary":          {"A=1\x00", ErrBinary},
		"broken JSON":     {`{"A":"s3cr3t"`, ErrJSON},
		"a refusal":       {`{"id":"unauthorized","message":"Invalid credentials provided."}`, ErrRefusal},
		"an error":        {`{"result":null,"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}`, ErrRefusal},
		"no answer":       {"HTTP 404: Not Found (https://api.example/x)\n", ErrNoNames},
		"JSON of no form": {`{"pages":[1,2,3]}`, ErrJSON},
		"an empty object": {`{}`, ErrNoNames},
		"too long":        {strings.Repeat("A=1\n", 2<<20), ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse([]byte(tt.text), Any)
			if !errors.Is(err, tt.want) || len(got) > 0 {
				t.Errorf("%v, %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

// What is a value stays where it is: whatever the text, names are names.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"A=1\nB=\"x\ny\"\n", `{"envs":[{"key":"A","target":["preview"]}]}`, `[{"envVar":{"key":"A"}}]`, `[{"Config":{"Env":["A=1"]}}]`,
		"NAME DIGEST\nA b\n", "A: b", "-----BEGIN X-----\nQUJD\n-----END X-----", "\xff\xfeA\x00=\x00", `{"a":{"a":{"env":{"env":{"env":[]}}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Parse(text, Production)
		if (err == nil) == (len(got) == 0) {
			t.Fatalf("%d names, %v", len(got), err)
		}
		for i, n := range got {
			if !assignable(n.Name) {
				t.Errorf("%q is no name", n.Name)
			}
			if i > 0 && got[i-1].Name >= n.Name {
				t.Errorf("%q is not sorted or not alone", n.Name)
			}
		}
	})
}

func TestParseExample(t *testing.T) {
	t.Parallel()
	got, err := ParseExample([]byte("A=\n# Where errors go; see docs\n# SENTRY_DSN=\n#export B=1\n# A=2\n"))
	want := []Name{{Name: "A", Empty: true}, {Name: "B", Empty: true, Optional: true}, {Name: "SENTRY_DSN", Empty: true, Optional: true}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
