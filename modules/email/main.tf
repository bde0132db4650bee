locals {
  # A domain in whose name nobody sends says so.
  nobody_sends = length(var.senders) + length(var.spf.include) + length(var.spf.ip4) + length(var.spf.ip6) == 0
  all          = var.spf.all != null ? var.spf.all : local.nobody_sends ? "-all" : "~all"

  # The zone itself may be one of the names without mail.
  zone_parked = contains(var.parked, "@") || contains(var.parked, var.zone)
  below       = toset([for name in var.parked : name if var.enabled && !contains(["@", var.zone], name)])

  # The MX records of return paths by a key of their own.
  return_path_mx = merge([for key, path in var.return_paths : { for host in path.mx : "${key}-${host}" => { name = path.name, host = host } }]...)

  # An address or a name, as the record's type wants it.
  mta_sts_origin = var.mta_sts == null ? null : var.mta_sts.origin
  mta_sts_type   = local.mta_sts_origin == null ? null : can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$", local.mta_sts_origin)) ? "A" : strcontains(local.mta_sts_origin, ":") ? "AAAA" : "CNAME"
}

resource "launchready_spf_record" "this" {
  count = var.enabled ? 1 : 0

  zone        = var.zone
  senders     = var.senders
  include     = var.spf.include
  ip4         = var.spf.ip4
  ip6         = var.spf.ip6
  all         = local.all
  merge       = var.spf.merge
  on_conflict = var.on_conflict
}

resource "launchready_dkim_record" "this" {
  for_each = { for selector, key in var.dkim : selector => key if var.enabled }

  zone        = var.zone
  selector    = each.key
  public_key  = each.value.public_key
  target      = each.value.target
  sender      = each.value.sender
  on_conflict = var.on_conflict
}

resource "launchready_dmarc_record" "this" {
  count = var.enabled ? 1 : 0

  zone                         = var.zone
  policy                       = local.zone_parked ? "reject" : var.dmarc.policy
  subdomain_policy             = var.dmarc.subdomain_policy
  nonexistent_subdomain_policy = var.dmarc.nonexistent_subdomain_policy
  rua                          = var.dmarc.rua
  on_conflict                  = var.on_conflict
}

# Return paths: a CNAME to the sending service, or MX and SPF records of their own.

resource "launchready_dns_record" "return_path" {
  for_each = { for key, path in var.return_paths : key => path if var.enabled && path.target != null }

  zone        = var.zone
  name        = each.value.name
  type        = "CNAME"
  content     = each.value.target
  proxied     = false
  on_conflict = var.on_conflict
}

resource "launchready_dns_record" "return_path_mx" {
  for_each = { for key, record in local.return_path_mx : key => record if var.enabled }

  zone        = var.zone
  name        = each.value.name
  type        = "MX"
  mx          = { priority = 10, target = each.value.host }
  on_conflict = var.on_conflict
}

resource "launchready_spf_record" "return_path" {
  for_each = { for key, path in var.return_paths : key => path if var.enabled && path.target == null }

  zone        = var.zone
  name        = each.value.name
  include     = each.value.include
  all         = "~all"
  on_conflict = var.on_conflict
}

# Transport: senders are told to insist on verified TLS, and to report.

resource "launchready_mta_sts_records" "this" {
  count = !var.enabled || var.mta_sts == null ? 0 : 1

  zone        = var.zone
  mode        = var.mta_sts.mode
  mx          = var.mta_sts.mx
  max_age     = var.mta_sts.max_age
  on_conflict = var.on_conflict
}

resource "launchready_dns_record" "mta_sts_host" {
  count = !var.enabled || local.mta_sts_origin == null ? 0 : 1

  zone        = var.zone
  name        = "mta-sts"
  type        = local.mta_sts_type
  content     = local.mta_sts_origin
  proxied     = true
  on_conflict = var.on_conflict
}

resource "launchready_tls_rpt_record" "this" {
  count = !var.enabled || length(var.tls_rpt) == 0 ? 0 : 1

  zone        = var.zone
  rua         = var.tls_rpt
  on_conflict = var.on_conflict
}

resource "launchready_bimi_record" "this" {
  count = !var.enabled || var.bimi == null ? 0 : 1

  zone        = var.zone
  location    = var.bimi.location
  certificate = var.bimi.certificate
  on_conflict = var.on_conflict
}

# A name that neither sends nor receives mail says so.

resource "launchready_spf_record" "parked" {
  for_each = local.below

  zone        = var.zone
  name        = each.value
  all         = "-all"
  merge       = false
  on_conflict = var.on_conflict
}

resource "launchready_dmarc_record" "parked" {
  for_each = local.below

  zone        = var.zone
  name        = each.value
  policy      = "reject"
  rua         = var.dmarc.rua
  on_conflict = var.on_conflict
}

resource "launchready_dns_record" "parked_mx" {
  for_each = setunion(local.below, var.enabled && local.zone_parked ? ["@"] : [])

  zone        = var.zone
  name        = each.value
  type        = "MX"
  mx          = { priority = 0, target = "." }
  on_conflict = var.on_conflict
}
