locals {
  # A domain in whose name nobody sends says so.
  nobody_sends = length(var.senders) + length(var.spf.include) + length(var.spf.ip4) + length(var.spf.ip6) == 0
  all          = var.spf.all != null ? var.spf.all : local.nobody_sends ? "-all" : "~all"
}

resource "launchready_spf_record" "this" {
  zone        = var.zone
  senders     = var.senders
  include     = var.spf.include
  ip4         = var.spf.ip4
  ip6         = var.spf.ip6
  all         = local.all
  on_conflict = var.on_conflict
}

resource "launchready_dkim_record" "this" {
  for_each = var.dkim

  zone        = var.zone
  selector    = each.key
  public_key  = each.value.public_key
  target      = each.value.target
  on_conflict = var.on_conflict
}

resource "launchready_dmarc_record" "this" {
  zone             = var.zone
  policy           = var.dmarc.policy
  subdomain_policy = var.dmarc.subdomain_policy
  rua              = var.dmarc.rua
  on_conflict      = var.on_conflict
}
