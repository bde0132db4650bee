// Command pocketbase serves a membership portal that is not ours: PocketBase as
// it comes, with members of two organisations and their private notes. Tests
// point the checks at it. It prints one line of JSON when it is ready, and ends
// with its standard input or by a signal.
package main

import (
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// page is the portal's front page.
const page = `<!DOCTYPE html><html lang="en"><head><title>Members</title></head><body><h1>Members</h1><p>Notes of two organisations.</p></body></html>`

// ready is what the line on standard output says.
type ready struct {
	URL    string            `json:"url"`
	People map[string]person `json:"people"`
}

// person is an account with what is its own.
type person struct {
	ID           string `json:"id"`
	Email        string `json:"email"`
	Password     string `json:"password"`
	Organization string `json:"organization"`
	Note         string `json:"note"`   // id of a private note
	Marker       string `json:"marker"` // a text that only the note holds
}

func main() {
	open := flag.Bool("open", false, "let anybody read and write the notes: collection rules that were never set right")
	flag.Parse()
	if err := serve(*open); err != nil {
		log.Fatal(err)
	}
}

func serve(open bool) error {
	data, err := os.MkdirTemp("", "pocketbase")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	public := filepath.Join(data, "pb_public")
	if err := os.MkdirAll(public, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(public, "index.html"), []byte(page), 0o600); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{DefaultDataDir: data, HideStartBanner: true})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil
		e.Listener = listener
		out := ready{URL: "http://" + listener.Addr().String()}
		if out.People, err = seed(e.App, open); err != nil {
			return err
		}
		// As PocketBase's own program serves the folder pb_public.
		e.Router.GET("/{path...}", apis.Static(os.DirFS(public), false))
		go func() { // the test that started it has gone
			_, _ = io.Copy(io.Discard, os.Stdin)
			_ = os.RemoveAll(data)
			os.Exit(0)
		}()
		if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
			return err
		}
		return e.Next()
	})
	app.RootCmd.SetArgs([]string{"serve", "--http=" + listener.Addr().String()})
	return app.Start()
}

// seed makes the collection of notes and its people.
func seed(app core.App, open bool) (map[string]person, error) {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return nil, err
	}
	notes := core.NewBaseCollection("notes")
	notes.Fields.Add(
		&core.TextField{Name: "title", Required: true},
		&core.TextField{Name: "body"},
		&core.RelationField{Name: "owner", CollectionId: users.Id, Required: true, MaxSelect: 1},
	)
	own, mine := "owner = @request.auth.id", `@request.auth.id != "" && @request.body.owner = @request.auth.id`
	if open {
		own, mine = "", ""
	}
	notes.ListRule, notes.ViewRule, notes.UpdateRule, notes.DeleteRule = types.Pointer(own), types.Pointer(own), types.Pointer(own), types.Pointer(own)
	notes.CreateRule = types.Pointer(mine)
	if err := app.Save(notes); err != nil {
		return nil, err
	}
	out := map[string]person{}
	for name, organization := range map[string]string{"member_a": "north", "member_b": "south", "member_c": "north"} {
		p := person{Email: name + "@portal.example", Password: rand.Text(), Organization: organization, Marker: "harbour-" + rand.Text()}
		account := core.NewRecord(users)
		account.SetEmail(p.Email)
		account.SetPassword(p.Password)
		account.SetVerified(true)
		account.Set("name", "Person "+name)
		if err := app.Save(account); err != nil {
			return nil, fmt.Errorf("account %s: %w", name, err)
		}
		note := core.NewRecord(notes)
		note.Set("title", "Note of "+name)
		note.Set("body", p.Marker)
		note.Set("owner", account.Id)
		if err := app.Save(note); err != nil {
			return nil, fmt.Errorf("note of %s: %w", name, err)
		}
		p.ID, p.Note = account.Id, note.Id
		out[name] = p
	}
	return out, nil
}
