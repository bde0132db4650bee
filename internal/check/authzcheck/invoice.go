package authzcheck

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

var (
	moneyForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:[€$£]\s?\d[\d.,]*|\b(?:EUR|USD|GBP|CHF)\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:EUR|USD|GBP|CHF|€|£)(?:\b|$|\s|<))`)
	})
	invoiceForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:[A-Z]{1,5}-?\d{4}-\d{3,}|(?i:invoice|rechnung|facture|factura)\s+(?:no\.?\s*|nr\.?\s*|#\s*)?[A-Z0-9-]*\d{3,})\b`)
	})
	invoiceWord = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\binvoices?\b|\brechnung|\bfactur|\bINV-?\d`)
	})
	debtWord   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b(?:un)?paid\b|\b(?:over)?due\b|\bbilled\b`) })
	personForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\p{Lu}\p{Ll}+ (?:\p{Lu}\. )?\p{Lu}\p{Ll}+`) })
)

// invoices reports whether an answer shows somebody's invoice: in JSON an object
// with a number, an amount and a person; in a page a number, an amount and a
// name within one row. A list of prices has no numbers of invoices, and goods and
// tickets have such numbers too: the page must speak of invoices or of a debt, or
// the number begin as those of invoices do, or the name be a member's.
func invoices(x probe.Exchange, member func(name string) bool) bool {
	var v any
	if json.Unmarshal(x.Body, &v) == nil {
		return invoiceObject(v, 0)
	}
	texts := []string{}
	for _, l := range leavesOf(x) {
		texts = append(texts, l.value)
	}
	speaks := invoiceWord().MatchString(strings.Join(texts, "\n"))
	for i, text := range texts {
		if !invoiceForm().MatchString(text) {
			continue
		}
		near := strings.Join(texts[max(i-3, 0):min(i+4, len(texts))], " | ")
		rest := invoiceForm().ReplaceAllString(near, "")
		if !moneyForm().MatchString(near + " ") {
			continue
		}
		if slices.ContainsFunc(personForm().FindAllString(rest, -1), member) {
			return true
		}
		if (speaks || debtWord().MatchString(near)) && (personForm().MatchString(rest) || addressForm().MatchString(rest)) {
			return true
		}
	}
	return false
}

func invoiceObject(v any, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch node := v.(type) {
	case []any:
		return slices.ContainsFunc(node, func(child any) bool { return invoiceObject(child, depth+1) })
	case map[string]any:
		var number, amount, person bool
		for name, child := range node {
			key := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
			text, isText := child.(string)
			switch {
			case invoiceKey(key) && strings.ContainsAny(scalar(child), "0123456789"), key == "number" && isText && invoiceForm().MatchString(text):
				number = true
			case slices.Contains([]string{"amount", "total", "amountdue", "amountpaid", "grandtotal", "balance", "subtotal", "totalcents", "amountcents"}, key):
				amount = true
			case slices.Contains([]string{"name", "customer", "customername", "member", "membername", "recipient", "billto", "billedto", "payer", "email", "customeremail", "fullname", "owner", "company"}, key):
				person = true
			}
			if invoiceObject(child, depth+1) {
				return true
			}
		}
		return number && amount && person
	}
	return false
}

// invoiceKey reports whether a field, in lower case and without separators, holds
// the number of an invoice, rather than when or whether they are sent.
func invoiceKey(key string) bool {
	switch strings.TrimPrefix(key, "latest") {
	case "invoice", "invoiceid", "invoiceno", "invoicenr", "invoicenumber", "invoiceref", "invoicereference", "invoiceuuid", "invoicecode":
		return true
	}
	return false
}

// knows reports whether an identity is told a name as its own.
func (t *tester) knows(name string) bool {
	for _, a := range t.agents {
		for _, v := range a.views {
			if v.holds(name) {
				return true
			}
		}
	}
	return false
}
