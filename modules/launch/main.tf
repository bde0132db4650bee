locals {
  # A name may be relative to the domain, "@", or full.
  names = merge({ portal = var.portal_host }, { for key, host in var.web_hosts : key => host.name })
  fqdn = { for key, name in local.names : key =>
    contains(["@", var.domain], name) ? var.domain : endswith(name, ".${var.domain}") ? name : "${name}.${var.domain}"
  }

  portal = local.fqdn["portal"]

  web_hosts = merge({ portal = { name = var.portal_host, origin = var.origin, proxied = true } }, var.web_hosts)

  hosts = distinct(values(local.fqdn))

  # The portal first: paths are those of the first host.
  proxied = distinct(concat(
    local.web_hosts["portal"].proxied ? [local.portal] : [],
    [for key, name in local.fqdn : name if local.web_hosts[key].proxied],
  ))

  # Where the portal's own records lead to must not answer anyone else.
  origins = var.origins != null ? var.origins : distinct([
    for host in local.web_hosts : host.origin if host.proxied && (can(cidrhost("${host.origin}/32", 0)) || can(cidrhost("${host.origin}/128", 0)))
  ])

  # The repository, and what the portal serves.
  secrets = var.repository == null && var.secrets == null ? null : merge(
    { repository = var.repository, pages = [for path in var.pages : "https://${local.portal}${path}"] },
    var.secrets,
  )

  # The runbook, and what else of the support.
  support = var.runbook == null && var.support == null ? null : merge({ runbook = var.runbook }, var.support)

  # What is watched, and who is told of it.
  observability = var.observability == null ? null : merge(
    { monitored_hosts = module.monitoring.hosts },
    length(local.on_call) > 0 ? { on_call = local.on_call } : {},
    var.observability,
  )
  on_call = [for to in var.alerts_to : to if strcontains(to, "@")]

  # Every name server must serve the web hosts: by Cloudflare's addresses, or their own.
  expected = { for key, host in local.web_hosts : key => {
    name    = local.fqdn[key]
    type    = host.proxied ? "A" : can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$", host.origin)) ? "A" : strcontains(host.origin, ":") ? "AAAA" : "CNAME"
    values  = host.proxied ? null : [host.origin]
    proxied = host.proxied
  } }
}

module "dns" {
  source = "../dns"

  enabled        = !contains(var.adopt, "dns")
  zone           = var.domain
  web_hosts      = local.web_hosts
  www            = var.dns.www
  redirect_hosts = var.dns.redirect_hosts
  caa            = var.dns.caa
  records        = var.records
  dnssec         = var.dns.dnssec
}

module "email" {
  source = "../email"

  enabled      = !contains(var.adopt, "email")
  zone         = var.domain
  senders      = var.senders
  spf          = var.spf
  dkim         = var.dkim
  return_paths = var.return_paths
  parked       = var.dns.parked
  tls_rpt      = var.mail.tls_rpt
  bimi         = var.mail.bimi
  mta_sts = var.mail.mta_sts == null ? null : {
    mode    = var.mail.mta_sts.mode
    mx      = var.mail.mta_sts.mx
    max_age = var.mail.mta_sts.max_age
    origin  = var.mail.mta_sts.origin != null ? var.mail.mta_sts.origin : var.origin
  }
  dmarc = {
    policy                       = var.dmarc.policy
    subdomain_policy             = var.dmarc.subdomain_policy
    nonexistent_subdomain_policy = var.dmarc.nonexistent_subdomain_policy
    rua                          = var.dmarc.rua == null ? ["mailto:dmarc@${var.domain}"] : var.dmarc.rua
  }
}

module "tls" {
  source = "../tls"

  enabled         = !contains(var.adopt, "tls")
  zone            = var.domain
  mode            = var.tls.mode
  minimum_version = var.tls.minimum_version
  hsts            = var.tls.hsts
}

module "edge" {
  source = "../edge"

  enabled      = !contains(var.adopt, "edge")
  zone         = var.domain
  tier         = var.tier
  hosts        = local.proxied
  name         = var.edge.name
  position     = var.edge.position
  throttle     = var.edge.throttle
  cache        = var.edge.cache
  waf          = var.edge.waf
  ddos         = var.edge.ddos
  headers      = var.edge.headers
  redirects    = var.edge.redirects
  origin_pulls = var.edge.origin_pulls
}

module "monitoring" {
  source = "../monitoring"

  enabled   = !contains(var.adopt, "monitoring")
  zone      = var.domain
  tier      = var.tier
  name      = var.monitoring.name != null ? var.monitoring.name : replace(var.domain, ".", "-")
  backend   = var.monitoring.backend
  monitors  = var.monitoring.monitors != null ? var.monitoring.monitors : { portal = { url = "https://${local.portal}/" } }
  alerts    = var.monitoring.alerts
  alerts_to = var.alerts_to
}

# The zone as it is once all is built: what names point at shows only here.
data "launchready_dns_records" "this" {
  depends_on = [module.dns.ready, module.email.ready]

  zone = var.domain
}

# The checks wait for what they test, and for nothing else: where a change is
# pending they run after it, in the same apply; where none is, in the plan.
module "verify" {
  source     = "../verify"
  depends_on = [module.dns.ready, module.email.ready, module.tls.ready, module.edge.ready, module.monitoring.ready]

  domain         = var.domain
  hosts          = local.hosts
  pages          = [for path in var.pages : "https://${local.portal}${path}"]
  senders        = var.senders
  dkim_selectors = keys(var.dkim)
  records        = data.launchready_dns_records.this.records
  expected       = local.expected
  require_dns    = var.dns.dnssec && var.dns.require_ds ? ["dnssec"] : []
  require_tls    = var.require_tls
  return_paths   = module.email.return_paths
  parked         = var.dns.parked
  delivery = var.delivery == null ? null : merge(var.delivery, {
    link_hosts = var.delivery.link_hosts != null ? var.delivery.link_hosts : [local.portal]
  })
  require_mail    = concat(var.mail.require, var.mail.mta_sts != null ? ["mta_sts"] : [], length(var.mail.tls_rpt) > 0 ? ["tls_rpt"] : [])
  minimum_policy  = var.dmarc.policy == "none" ? "quarantine" : var.dmarc.policy
  edge_hosts      = local.proxied
  origins         = local.origins
  private_paths   = var.private_paths
  static_paths    = var.static_paths
  waf_probe       = var.waf_probe
  identity        = var.identity
  marker          = var.marker
  cors            = var.cors
  endpoints       = var.endpoints
  maximum_lockout = var.maximum_lockout
  authentication  = var.authentication
  authorization   = var.authorization
  secrets         = local.secrets
  observability   = local.observability
  latency         = var.latency
  deployment      = var.deployment
  support         = local.support
  require         = var.require
  checks          = var.checks
  waivers         = var.waivers
  attestations    = var.attestations
  report_files    = var.report_files
  baseline        = var.baseline
  hourly_rate     = var.hourly_rate
  expiry_warning  = var.expiry_warning
  enforcement     = var.enforcement
  wait            = var.wait
  valid_for       = var.valid_for

  sending_subdomains = var.mail.sending_subdomains
  mail_addresses     = var.mail.addresses
  effort_overrides   = var.effort_overrides
}
