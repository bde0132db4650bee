package api

import "fmt"

// batchRecords does deletes, patches, puts and posts, in this order and within
// each in the order sent, in one transaction. The first error is the only one
// that comes back, and then nothing is done.
func batchRecords(c *call) (*envelope, *Error) {
	var in struct {
		Deletes []input `json:"deletes"`
		Patches []input `json:"patches"`
		Puts    []input `json:"puts"`
		Posts   []input `json:"posts"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	most := limitsOf(c.zone.Plan).batch
	if n := len(in.Deletes) + len(in.Patches) + len(in.Puts) + len(in.Posts); n > most {
		return nil, badRequest(codeBody, fmt.Sprintf("The batch has %d operations; at most %d are allowed.", n, most))
	}
	type lists struct {
		Deletes []recordView `json:"deletes"`
		Patches []recordView `json:"patches"`
		Puts    []recordView `json:"puts"`
		Posts   []recordView `json:"posts"`
	}
	var out lists
	err := c.server.change(c.zone, func(tx *transaction) *Error {
		out = lists{Deletes: []recordView{}, Patches: []recordView{}, Puts: []recordView{}, Posts: []recordView{}}
		for _, step := range []struct {
			in  []input
			out *[]recordView
			do  func(id string, in input) (recordView, *Error)
		}{
			{in.Deletes, &out.Deletes, func(id string, _ input) (recordView, *Error) { r, err := tx.remove(id); return viewOf(r), err }},
			{in.Patches, &out.Patches, func(id string, in input) (recordView, *Error) {
				r, err := tx.update(id, in, false)
				return viewOf(r), err
			}},
			{in.Puts, &out.Puts, func(id string, in input) (recordView, *Error) {
				r, err := tx.update(id, in, true)
				return viewOf(r), err
			}},
			{in.Posts, &out.Posts, func(_ string, in input) (recordView, *Error) { r, err := tx.create(in); return viewOf(r), err }},
		} {
			for _, one := range step.in {
				var id string
				if _, err := one.read("id", &id); err != nil {
					return err
				}
				view, err := step.do(id, one)
				if err != nil {
					return err
				}
				*step.out = append(*step.out, view)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return success(out), nil
}
