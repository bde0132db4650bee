package render

import "regexp"

// Blackbox renders the modules of blackbox_exporter, one a monitor, by its name.
func (d Declaration) Blackbox() (string, error) {
	d = d.withDefaults()
	modules := object{}
	for _, m := range d.Monitors {
		modules = append(modules, field(m.Name, m.module(d.CAFile)))
	}
	return marshal("blackbox_exporter: modules", object{field("modules", modules)})
}

func (m Monitor) module(caFile string) object {
	http := object{
		field("method", text(m.Method)),
		field("preferred_ip_protocol", text("ip4")), // its own default is IPv6, which few hosts have
		field("ip_protocol_fallback", true),
		field("follow_redirects", m.follows()),
	}
	if valid := codes(m.Status); valid != nil {
		http = append(http, field("valid_status_codes", valid))
	}
	if m.secure() {
		http = append(http, field("fail_if_not_ssl", true))
	}
	if len(m.Headers) > 0 {
		http = append(http, field("headers", dictionary(m.Headers, func(v string) any { return text(v) })))
	}
	if m.Body != "" {
		http = append(http, field("fail_if_body_not_matches_regexp", []text{text(regexp.QuoteMeta(m.Body))}))
	}
	if m.Token.File != "" {
		http = append(http, field("authorization", object{field("type", text("Bearer")), field("credentials_file", text(m.Token.File))}))
	}
	if caFile != "" && m.secure() {
		http = append(http, field("tls_config", object{field("ca_file", text(caFile))}))
	}
	return object{field("prober", text("http")), field("timeout", span(m.Timeout)), field("http", http)}
}
