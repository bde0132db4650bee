package api

// limits are what a plan allows.
type limits struct {
	records      int  // in a zone
	batch        int  // operations in a call
	comment      int  // characters
	tags         int  // of a record
	minTTL       int  // seconds, DNS only
	flatten      bool // settings.flatten_cname
	name         string
	price        int // dollars a month
	subscription bool
}

// limitsOf returns the limits by legacy_id; one that is not known has those of
// the largest plan.
func limitsOf(plan string) limits {
	switch plan {
	case "free":
		return limits{records: 200, batch: 200, comment: 100, tags: 0, minTTL: 60, name: "Free Website"}
	case "pro":
		return limits{records: 3500, batch: 3500, comment: 500, tags: 20, minTTL: 60, flatten: true, name: "Pro Website", price: 20, subscription: true}
	case "business":
		return limits{records: 3500, batch: 3500, comment: 500, tags: 20, minTTL: 60, flatten: true, name: "Business Website", price: 200, subscription: true}
	default:
		return limits{records: 3500, batch: 3500, comment: 500, tags: 20, minTTL: 30, flatten: true, name: "Enterprise Website", subscription: true}
	}
}

func planView(plan string) map[string]any {
	l := limitsOf(plan)
	return map[string]any{
		"id": plan + "-plan", "name": l.name, "price": l.price, "currency": "USD", "frequency": "monthly",
		"is_subscribed": l.subscription, "can_subscribe": false, "legacy_id": plan, "legacy_discount": false, "externally_managed": false,
	}
}
