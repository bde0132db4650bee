locals {
  # The record's type follows from what the origin is.
  type = { for key, host in var.web_hosts : key =>
    can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$", host.origin)) ? "A" : strcontains(host.origin, ":") ? "AAAA" : "CNAME"
  }

  # www stands for the zone itself.
  www = var.www ? { www = { name = "www", type = "CNAME", content = "@", proxied = true } } : {}

  # A name that only redirects needs no origin: the edge answers. 100:: (RFC 6666) is never connected to.
  redirects = { for key, name in var.redirect_hosts : "redirect-${key}" => { name = name, type = "AAAA", content = "100::", proxied = true } }

  # A name that neither sends nor receives mail says so: null MX (RFC 7505), SPF and DMARC that refuse.
  parked = merge([for name in var.parked : {
    "parked-${name}-mx"    = { name = name, type = "MX", content = "0 ." }
    "parked-${name}-spf"   = { name = name, type = "TXT", content = "v=spf1 -all" }
    "parked-${name}-dmarc" = { name = name == "@" ? "_dmarc" : "_dmarc.${name}", type = "TXT", content = "v=DMARC1; p=reject" }
  }]...)

  # Who may issue certificates, wildcards included (RFC 8659).
  caa = merge([for authority in var.caa : {
    "caa-${authority}"      = { name = "@", type = "CAA", content = "0 issue \"${authority}\"" }
    "caa-wild-${authority}" = { name = "@", type = "CAA", content = "0 issuewild \"${authority}\"" }
  }]...)

  records = merge(local.www, local.redirects, local.parked, local.caa, var.records)

  # What other resources of this module and its callers own is not foreign.
  ours = concat([for host in values(var.web_hosts) : host.name], var.ignore)
}

resource "launchready_dns_record" "web" {
  for_each = { for key, host in var.web_hosts : key => host if var.enabled }

  zone        = var.zone
  name        = each.value.name
  type        = local.type[each.key]
  content     = each.value.origin
  proxied     = each.value.proxied
  on_conflict = each.value.on_conflict != null ? each.value.on_conflict : var.on_conflict
}

resource "launchready_zone_records" "this" {
  count = var.enabled && (length(local.records) > 0 || var.unmanaged != "keep") ? 1 : 0

  zone              = var.zone
  records           = local.records
  unmanaged         = var.unmanaged
  ignore            = local.ours
  allow_mass_delete = var.allow_mass_delete
}

resource "launchready_zone_dnssec" "this" {
  count = var.enabled && var.dnssec ? 1 : 0

  zone = var.zone
}
