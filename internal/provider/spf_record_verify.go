package provider

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

func validateSPFRecord(_ context.Context, m *spfRecordModel, diags *diag.Diagnostics) {
	checkNetworks(diags, "ip4", m.IP4, netip.Addr.Is4)
	checkNetworks(diags, "ip6", m.IP6, netip.Addr.Is6)
	checkSPFNames(diags, m)
	for i, name := range knownStrings(m.Senders) {
		sender, ok := senders.Lookup(name)
		includes, known := stringsOf(m.Include)
		if ok && known && sender.PerAccount && !slices.ContainsFunc(includes, sender.Owns) {
			diags.AddAttributeError(path.Root("senders").AtListIndex(i), "The include depends on the account",
				fmt.Sprintf("%s %s Write the include that its console shows into include; senders may keep the name beside it.", sender.Title+":", sender.Note))
		}
	}
	if !m.Redirect.IsNull() && !m.All.IsNull() {
		diags.AddAttributeError(path.Root("redirect"), "redirect beside all", "A record with all ignores redirect (RFC 7208 section 6.1): leave one of them out.")
	}
}

// checkSPFNames holds that each name makes one term, and no more.
func checkSPFNames(diags *diag.Diagnostics, m *spfRecordModel) {
	check := func(at path.Path, mechanism, value string) {
		if value == "@" && (mechanism == "a" || mechanism == "mx") {
			return
		}
		if (mechanism == "a" || mechanism == "mx") && !strings.ContainsAny(value, ".%/") {
			value += ".zone.example" // a name within the zone
		}
		text := mechanism + ":" + value
		if mechanism == spf.Redirect {
			text = mechanism + "=" + value
		}
		record, err := spf.Parse(spf.Version + " " + text)
		if err != nil || len(record.Terms) != 1 || strings.ContainsAny(value, " \t\r\n") {
			why := "it is more than one term"
			if err != nil {
				why = err.Error()
			}
			diags.AddAttributeError(at, "Not a name for an SPF term", fmt.Sprintf("%s is %q; write one domain, such as _spf.google.com (%s).", at, value, why))
		}
	}
	for attribute, list := range map[string]types.List{"include": m.Include, "a": m.A, "mx": m.MX} {
		for i, value := range knownStrings(list) {
			check(path.Root(attribute).AtListIndex(i), attribute, value)
		}
	}
	if value := m.Redirect.ValueString(); value != "" {
		check(path.Root("redirect"), spf.Redirect, value)
	}
}

// addUnknownSender points at a sender that the catalogue does not have.
func addUnknownSender(diags *diag.Diagnostics, at path.Path, name string) {
	hint := "Known are " + strings.Join(senders.Keys(), ", ") + "."
	if near := senders.Nearest(name); near != "" {
		hint = fmt.Sprintf("Did you mean %q? ", near) + hint
	}
	diags.AddAttributeError(at, "Unknown sender", fmt.Sprintf("There is no sender %q in the catalogue. %s", name, hint))
}

func checkNetworks(diags *diag.Diagnostics, attribute string, l types.List, family func(netip.Addr) bool) {
	for i, s := range knownStrings(l) {
		address, err := netip.ParseAddr(s)
		if prefix, prefixErr := netip.ParsePrefix(s); prefixErr == nil {
			address, err = prefix.Addr(), nil
		}
		if err != nil || !family(address) {
			diags.AddAttributeError(path.Root(attribute).AtListIndex(i), "Not an address or network",
				fmt.Sprintf("%s[%d] is %q; write an address or a network of that family, such as %s.", attribute, i, s, map[string]string{"ip4": "192.0.2.0/24", "ip6": "2001:db8::/32"}[attribute]))
		}
	}
}

// plannedTXT answers for one name with the record that is about to be written,
// and for all others with what the DNS says.
type plannedTXT struct {
	spf.Resolver
	name, value string
}

func (p plannedTXT) LookupTXT(ctx context.Context, name string) ([][]string, error) {
	if strings.EqualFold(strings.TrimSuffix(name, "."), p.name) {
		return [][]string{{p.value}}, nil
	}
	return p.Resolver.LookupTXT(ctx, name)
}

// verifySPFBudget walks the tree of the planned record: more than ten look-ups
// are an error for every receiver, so they are one for the plan.
func verifySPFBudget(ctx context.Context, s *shared, _ *spfRecordModel, record cloudflare.Record, _ cloudflare.Zone, diags *diag.Diagnostics) {
	prober, waiting := s.ready()
	if waiting.HasError() {
		return
	}
	tree := spf.Walk(ctx, plannedTXT{Resolver: probe.MailResolver(prober), name: record.Name, value: textIn(record)}, record.Name)
	broken := tree.Has(spf.Loop) || tree.Has(spf.Multiple) || tree.Has(spf.Syntax) || tree.Has(spf.MXCount)
	switch {
	case broken && tree.Lookups <= spf.LookupLimit:
		diags.AddError(fmt.Sprintf("SPF of %s: receivers would answer with permerror", record.Name), problemsOf(tree))
	case tree.Lookups > spf.LookupLimit:
		diags.AddError(fmt.Sprintf("SPF of %s needs %d look-ups; receivers stop at %d", record.Name, tree.Lookups, spf.LookupLimit),
			fmt.Sprintf("Every receiver answers such a record with permerror (RFC 7208 section 4.6.4). Remove includes of services that use a return path of their own, or move a sender to a subdomain; terms kept of an adopted record go with merge = false.\n\n%s", indent(tree.String())))
	case len(tree.Problems) > 0:
		diags.AddWarning(fmt.Sprintf("SPF of %s: part of the tree is broken or could not be read", record.Name), problemsOf(tree))
	}
}

// problemsOf lists what is wrong in a tree, then the tree.
func problemsOf(tree *spf.Tree) string {
	var lines []string
	for _, problem := range tree.Problems {
		lines = append(lines, "  "+problem.String())
	}
	return strings.Join(lines, "\n") + "\n\n" + indent(tree.String())
}

// indent keeps the command line from wrapping a table.
func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}
