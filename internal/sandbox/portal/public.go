package portal

import (
	"net/http"
	"time"
)

// community is a page for everyone: it names the organisations, and nobody.
func (p *Portal) community(w http.ResponseWriter, _ *http.Request) {
	data := map[string]any{"Organizations": []string{"Harbour of the north", "Vineyards of the south"}}
	if p.options.Staging && !p.On(ProductionData) {
		data["Organizations"] = []string{"First example", "Second example"}
	}
	if p.On(LeakAddresses) {
		var members []user
		for _, u := range p.people.all() {
			if u.Role == roleMember {
				members = append(members, u)
			}
		}
		data["Members"] = members
	}
	if p.On(LeakInvoice) {
		i := invoices()[0]
		data["Invoice"] = map[string]string{"Number": i.Number, "Amount": i.Amount, "Owner": seeds[0].name}
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	p.render(w, http.StatusOK, "community", data)
}

// event is what everyone may know of one.
type event struct {
	Title string `json:"title"`
	Day   string `json:"day"`
	Place string `json:"place"`

	// What faults add.
	ID        int    `json:"id,omitempty"`
	Organizer string `json:"organizer_id,omitempty"`
	Note      string `json:"note,omitempty"`
	Token     string `json:"upload_token,omitempty"`
}

func (p *Portal) publicEvents(w http.ResponseWriter, _ *http.Request) {
	out := []event{
		{Title: "Open harbour day", Day: "Saturday", Place: "Pier 4"},
		{Title: "Wine walk", Day: "Sunday", Place: "South gate"},
	}
	for i := range out {
		owner, _ := p.people.byID(seeds[i].id)
		if p.On(LeakIDs) {
			out[i].ID, out[i].Organizer = 7001+i, owner.ID
		}
		if p.On(LeakMarker) {
			out[i].Note = "Organiser's note: " + markerOf(owner.ID)
		}
		if p.On(LeakToken) {
			out[i].Token = p.accessToken(owner, "", time.Hour)
		}
	}
	answer(w, http.StatusOK, map[string]any{"events": out})
}
