locals {
  # The record's type follows from what the origin is.
  type = { for key, host in var.web_hosts : key =>
    can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$", host.origin)) ? "A" : strcontains(host.origin, ":") ? "AAAA" : "CNAME"
  }
}

resource "launchready_dns_record" "web" {
  for_each = var.web_hosts

  zone        = var.zone
  name        = each.value.name
  type        = local.type[each.key]
  content     = each.value.origin
  proxied     = each.value.proxied
  on_conflict = each.value.on_conflict != null ? each.value.on_conflict : var.on_conflict
}
