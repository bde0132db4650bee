# A policy set for HCP Terraform and Terraform Enterprise: five policies, which is
# what one set of the free edition may hold. Mandatory: a run that one of them
# denies goes on only if somebody with the permission to override policies says so.

policy "gate" {
  description       = "The launch gate is open, decided in this very plan"
  query             = "data.launchready.gate.deny"
  enforcement_level = "mandatory"
}

policy "checks" {
  description       = "No check was removed, switched off or set to report"
  query             = "data.launchready.checks.deny"
  enforcement_level = "mandatory"
}

policy "waivers" {
  description       = "Waivers are few, short and not expired"
  query             = "data.launchready.waivers.deny"
  enforcement_level = "mandatory"
}

policy "override" {
  description       = "Nobody has broken the glass"
  query             = "data.launchready.override.deny"
  enforcement_level = "mandatory"
}

policy "protection" {
  description       = "DMARC, TLS and WAF are not weakened"
  query             = "data.launchready.protection.deny"
  enforcement_level = "mandatory"
}
