resource "launchready_zone_response_headers" "this" {
  zone  = "acme.example"
  hosts = ["portal.acme.example"]

  content_type_options                = "nosniff"
  frame_options                       = "DENY"
  referrer_policy                     = "strict-origin-when-cross-origin"
  permissions_policy                  = "camera=(), geolocation=(), microphone=()"
  content_security_policy_report_only = "default-src 'self'; frame-ancestors 'none'"
  remove_leaking                      = true
}
