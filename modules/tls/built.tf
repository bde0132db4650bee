# What this module has set in the zone, for a handover document.
output "built" {
  description = "What this module has built, as the module handover takes it."
  value = {
    title = "TLS"
    settings = length(launchready_zone_tls.this[*].id) == 0 ? {} : {
      "From the edge to the origin"    = { strict = "TLS with a verified certificate (strict)", full = "TLS with any certificate (full)", flexible = "no TLS (flexible)", off = "TLS is off" }[var.mode]
      "Lowest TLS version of visitors" = var.minimum_version
      "TLS 1.3"                        = "on"
      "HTTP"                           = "leads to HTTPS, on every page"
      "HTTP Strict Transport Security" = join(", ", concat(["${var.hsts.max_age} seconds"], var.hsts.include_subdomains ? ["with all names below"] : [], var.hsts.preload ? ["built into browsers"] : []))
    }
  }
}
