# What stands in the zone by this module, for a handover document.
output "built" {
  description = "What this module has built, as the module handover takes it."
  value = {
    title = "E-mail"
    records = merge(
      { for r in launchready_spf_record.this[*] : "spf" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "SPF: who may send" } },
      { for key, r in launchready_dkim_record.this : "dkim-${key}" => {
        name = r.fqdn, type = var.dkim[key].target != null ? "CNAME" : "TXT", content = r.content, purpose = "DKIM: signatures${var.dkim[key].sender == null ? "" : " of ${var.dkim[key].sender}"}"
      } },
      { for r in launchready_dmarc_record.this[*] : "dmarc" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "DMARC: what happens to mail that fails" } },
      { for key, r in launchready_dns_record.return_path : "return-path-${key}" => { name = r.fqdn, type = "CNAME", content = r.content, purpose = "bounces of ${key}" } },
      { for key, r in launchready_dns_record.return_path_mx : "return-path-mx-${key}" => { name = r.fqdn, type = "MX", content = "10 ${local.return_path_mx[key].host}", purpose = "bounces" } },
      { for key, r in launchready_spf_record.return_path : "return-path-spf-${key}" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "SPF of bounces" } },
      { for r in launchready_mta_sts_records.this[*] : "mta-sts" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "MTA-STS: mail comes by verified TLS; the policy is at ${r.policy_url}" } },
      { for r in launchready_dns_record.mta_sts_host[*] : "mta-sts-host" => { name = r.fqdn, type = local.mta_sts_type, content = local.mta_sts_origin, proxied = true, purpose = "serves the MTA-STS policy" } },
      { for r in launchready_tls_rpt_record.this[*] : "tls-rpt" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "reports of failed TLS" } },
      { for r in launchready_bimi_record.this[*] : "bimi" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "BIMI: the logo beside mail" } },
      { for key, r in launchready_spf_record.parked : "parked-spf-${key}" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "no mail from here" } },
      { for key, r in launchready_dmarc_record.parked : "parked-dmarc-${key}" => { name = r.fqdn, type = "TXT", content = r.content, purpose = "no mail from here" } },
      { for key, r in launchready_dns_record.parked_mx : "parked-mx-${key}" => { name = r.fqdn, type = "MX", content = "0 .", purpose = "no mail to here" } },
    )
  }
}
