# What stands in the zone by this module, for a handover document.
locals {
  # A zone may be named by its id: names then stay as they are written.
  full_name = { for name in distinct([for r in values(local.records) : r.name]) : name =>
    !strcontains(var.zone, ".") || name == var.zone || endswith(name, ".${var.zone}") ? name : name == "@" ? var.zone : "${name}.${var.zone}"
  }
}

output "built" {
  description = "What this module has built, as the module handover takes it."
  value = {
    title = "DNS"
    records = merge(
      { for key, r in launchready_dns_record.web : "web-${key}" => {
        name = r.fqdn, type = r.type, content = r.content, proxied = coalesce(r.proxied, false), purpose = key == "portal" ? "the portal" : "the site ${key}"
      } },
      { for key, r in local.records : key => {
        name = local.full_name[r.name], type = r.type, content = try(r.content, ""), proxied = try(tobool(r.proxied), false), purpose = ""
      } if length(launchready_zone_records.this) > 0 },
    )
    settings = { for s in launchready_zone_dnssec.this[*] : "DNSSEC" => "on; DS record for the registrar: ${coalesce(s.ds, "not known yet")}" }
  }
}
