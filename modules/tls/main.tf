resource "launchready_zone_tls" "this" {
  count = var.enabled ? 1 : 0

  zone                     = var.zone
  mode                     = var.mode
  minimum_version          = var.minimum_version
  tls_1_3                  = true
  always_use_https         = true
  automatic_https_rewrites = true

  hsts = {
    max_age            = var.hsts.max_age
    include_subdomains = var.hsts.include_subdomains
    preload            = var.hsts.preload
  }
}
