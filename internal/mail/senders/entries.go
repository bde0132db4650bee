package senders

// verified is when the entries were last compared with their sources.
const verified = "2026-11"

// fixed are selectors that the service sets, as CNAMEs below the given suffixes.
func fixed(names []string, targets ...string) []Selector {
	var out []Selector
	for _, n := range names {
		out = append(out, Selector{Name: n, Form: CNAME, Fixed: true, Targets: targets})
	}
	return out
}

// usual are selectors that an account gets by default and may change.
func usual(form Form, names ...string) []Selector {
	var out []Selector
	for _, n := range names {
		out = append(out, Selector{Name: n, Form: form})
	}
	return out
}

// entries are the catalogue. Sources: the vendors' documentation, the Domain
// Connect template collection, and public DNS configurations.
func entries() []Sender {
	return []Sender{
		{
			Key: "google_workspace", Title: "Google Workspace", Includes: []string{"_spf.google.com"}, Apex: ApexNeeded,
			Selectors: usual(TXT, "google"), Evidence: []Evidence{Template, Observed},
			Note: "The selector may be chosen; old tenants got 1024-bit keys.",
		},
		{
			Key: "microsoft_365", Title: "Microsoft 365", Includes: []string{"spf.protection.outlook.com", "spf.protection.office365.us", "spf.protection.partner.outlook.cn"}, Apex: ApexNeeded,
			Selectors: fixed([]string{"selector1", "selector2"}, "onmicrosoft.com", "dkim.mail.microsoft", "onmicrosoft.us", "partner.onmschina.cn"), Evidence: []Evidence{Template, Observed},
			Note: "The targets differ per tenant: copy them, never compute them.",
		},
		{
			Key: "cloudflare_email_sending", Title: "Cloudflare Email Sending", Includes: []string{"_spf.mx.cloudflare.net"}, Apex: ApexUseless, SPFAt: "cf-bounce",
			Selectors:    []Selector{{Name: "cf-bounce", Form: TXT, Fixed: true}},
			ReturnPathAt: "cf-bounce", ReturnPath: []string{"mx.cloudflare.net"}, Evidence: []Evidence{Documentation, Observed},
			Note: "Writes _dmarc with p=reject and no rua where none is.",
		},
		{
			Key: "cloudflare_email_routing", Title: "Cloudflare Email Routing", Includes: []string{"_spf.mx.cloudflare.net"}, Apex: ApexOptional, Forwards: true,
			Selectors: usual(TXT, "cf2024-1"), Evidence: []Evidence{Documentation, Observed},
			Note: "Forwards inbound mail; it sends none of its own.",
		},
		{
			Key: "amazon_ses", Title: "Amazon SES", Includes: []string{"amazonses.com"}, Apex: ApexUseless, SPFAt: "the custom MAIL FROM name",
			ReturnPath: []string{"amazonses.com"}, Evidence: []Evidence{Documentation, Observed},
			Note: "Three selectors of random tokens, CNAMEs below dkim.amazonses.com.",
		},
		{
			Key: "sendgrid", Title: "Twilio SendGrid", Includes: []string{"sendgrid.net"}, Apex: ApexUseless,
			Selectors:  []Selector{{Name: "s1", Form: CNAME, Targets: []string{"sendgrid.net"}}, {Name: "s2", Form: CNAME, Targets: []string{"sendgrid.net"}}},
			ReturnPath: []string{"sendgrid.net"}, Evidence: []Evidence{Documentation, Template, Observed},
			Note: "Custom selectors occur.",
		},
		{
			Key: "mailgun", Title: "Mailgun", Includes: []string{"mailgun.org"}, Apex: ApexOptional, SPFAt: "the sending domain",
			Selectors:  append(usual(CNAME, "pdk1", "pdk2"), usual(TXT, "k1", "mx", "mailo", "krs", "pic", "smtp", "email")...),
			ReturnPath: []string{"mailgun.org"}, Evidence: []Evidence{Template, Observed},
		},
		{
			Key: "postmark", Title: "Postmark", Includes: []string{"spf.mtasv.net"}, Apex: ApexUseless,
			ReturnPathAt: "pm-bounces", ReturnPath: []string{"pm.mtasv.net"}, Evidence: []Evidence{Template, Observed},
			Note: "One selector per domain, a timestamp followed by pm. The include is legacy.",
		},
		{
			Key: "resend", Title: "Resend", Includes: []string{"amazonses.com"}, Apex: ApexUseless, SPFAt: "send",
			Selectors:    []Selector{{Name: "resend", Form: TXT, Fixed: true}},
			ReturnPathAt: "send", ReturnPath: []string{"amazonses.com"}, Evidence: []Evidence{Template, Observed},
		},
		{
			Key: "brevo", Title: "Brevo", Includes: []string{"spf.brevo.com", "spf.sendinblue.com"}, Apex: ApexUseless,
			Selectors: append([]Selector{{Name: "brevo1", Form: CNAME, Targets: []string{"dkim.brevo.com"}}, {Name: "brevo2", Form: CNAME, Targets: []string{"dkim.brevo.com"}}}, usual(TXT, "mail")...),
			Evidence:  []Evidence{Documentation, Observed}, Note: "Useless on shared addresses; a dedicated one has its own return path. Accounts set up earlier have mail as TXT.",
		},
		{
			Key: "mailchimp", Title: "Mailchimp", Includes: []string{"servers.mcsv.net"}, Apex: ApexUseless,
			Selectors: append(fixed([]string{"k2", "k3"}, "mcsv.net"), Selector{Name: "k1", Form: CNAME, Targets: []string{"mcsv.net"}}),
			Evidence:  []Evidence{Template, Observed}, Note: "The return path is the vendor's: DKIM alone carries DMARC.",
		},
		{
			Key: "mandrill", Title: "Mailchimp Transactional (Mandrill)", Includes: []string{"spf.mandrillapp.com"}, Apex: ApexUseless,
			Selectors:  append(fixed([]string{"mte1", "mte2"}, "mandrillapp.com"), usual(TXT, "mandrill")...),
			ReturnPath: []string{"mandrillapp.com"}, Evidence: []Evidence{Observed},
		},
		{
			Key: "sparkpost", Title: "SparkPost (Bird)", Includes: []string{"sparkpostmail.com"}, Apex: ApexUseless,
			ReturnPath: []string{"sparkpostmail.com"}, Evidence: []Evidence{Template, Observed},
			Note: "The selector is scph and the month of set-up.",
		},
		{
			Key: "zoho_mail", Title: "Zoho Mail", Apex: ApexNeeded, PerAccount: true,
			Includes:  []string{"zoho.com", "zohomail.com", "zoho.eu", "zohomail.eu", "zoho.in", "zohomail.in", "zoho.com.au", "zohomail.com.au", "zoho.jp", "zohomail.jp", "zohocloud.ca", "zohomail.sa", "zohomail.cn", "zoho.com.cn"},
			Selectors: usual(TXT, "zmail", "zoho"), Evidence: []Evidence{Template, Observed}, Note: "The include depends on the data centre.",
		},
		{
			Key: "zeptomail", Title: "Zoho ZeptoMail", Includes: []string{"zeptomail.net", "zeptomail.com"}, Apex: ApexUseless,
			ReturnPathAt: "bounce-zem", ReturnPath: []string{"zeptomail.com", "zeptomail.eu", "zeptomail.in"}, Evidence: []Evidence{Observed}, Note: "The selector is a number.",
		},
		{
			Key: "fastmail", Title: "Fastmail", Includes: []string{"spf.messagingengine.com"}, Apex: ApexNeeded,
			Selectors: append(fixed([]string{"fm1", "fm2", "fm3"}, "dkim.fmhosted.com"), Selector{Name: "mesmtp", Form: CNAME, Targets: []string{"dkim.fmhosted.com"}}),
			Evidence:  []Evidence{Observed},
		},
		{
			Key: "proton", Title: "Proton Mail", Includes: []string{"_spf.protonmail.ch"}, Apex: ApexNeeded,
			Selectors: fixed([]string{"protonmail", "protonmail2", "protonmail3"}, "domains.proton.ch"), Evidence: []Evidence{Observed},
		},
		{
			Key: "kit", Title: "Kit (ConvertKit)", Apex: ApexUseless,
			Selectors:    fixed([]string{"cka", "cka2"}, "convertkit.com"),
			ReturnPathAt: "ckespa", ReturnPath: []string{"convertkit.com"}, Evidence: []Evidence{Observed},
		},
		{
			Key: "customer_io", Title: "Customer.io", Includes: []string{"mailgun.org"}, Apex: ApexOptional, SPFAt: "the sending subdomain",
			Evidence: []Evidence{Template}, Note: "Sends through Mailgun; the selector varies.",
		},
		{
			Key: "intercom", Title: "Intercom", Apex: ApexUseless,
			Selectors:    fixed([]string{"intercom"}, "dkim.intercom.io"),
			ReturnPathAt: "outbound.intercom", ReturnPath: []string{"intercom-mail.com"}, Evidence: []Evidence{Observed},
		},
		{
			Key: "zendesk", Title: "Zendesk", Includes: []string{"mail.zendesk.com"}, Apex: ApexNeeded,
			Selectors: fixed([]string{"zendesk1", "zendesk2"}, "zendesk.com"), Evidence: []Evidence{Documentation, Observed},
		},
		{
			Key: "hubspot", Title: "HubSpot", Includes: []string{"hubspotemail.net"}, Apex: ApexNeeded, PerAccount: true, Evidence: []Evidence{Observed},
			Note: "The include and both selectors carry the portal's number: <portal>.spf<nn>.hubspotemail.net, hs1-<portal>, hs2-<portal>.",
		},
		{
			Key: "activecampaign", Title: "ActiveCampaign", Includes: []string{"emsd1.com"}, Apex: ApexUseless,
			Selectors: fixed([]string{"acdkim1", "acdkim2"}, "acems1.com"), Evidence: []Evidence{Observed},
		},
		{
			Key: "loops", Title: "Loops", Includes: []string{"amazonses.com"}, Apex: ApexUseless, SPFAt: "envelope",
			ReturnPathAt: "envelope", ReturnPath: []string{"amazonses.com"}, Evidence: []Evidence{Documentation, Observed},
		},
		{
			Key: "mailersend", Title: "MailerSend", Includes: []string{"_spf.mailersend.net"}, Apex: ApexOptional,
			Selectors:    append([]Selector{{Name: "mlsend2", Form: CNAME, Targets: []string{"mailersend.net"}}}, usual(TXT, "mlsend")...),
			ReturnPathAt: "mta", ReturnPath: []string{"mailersend.net"}, Evidence: []Evidence{Template, Observed},
		},
	}
}
