# Rate limits as the plan can have them. Each is brought within the longest period
# of the plan; where there are more than the plan has rules, those of like rate
# become one. A generous limit never falls to the rate of a strict one: what is over
# three times as generous is not folded with it, and what then has no room is left out.
locals {
  # Rules, and seconds of the longest period and timeout. launchready_zone_rate_limits
  # says so too, when it is planned.
  plan = {
    free       = { rules = 1, period = 10, timeout = 10 }
    pro        = { rules = 2, period = 60, timeout = 3600 }
    business   = { rules = 5, period = 600, timeout = 86400 }
    enterprise = { rules = 100, period = 65535, timeout = 86400 }
  }[var.tier]

  by_method = contains(["business", "enterprise"], var.tier)
  by_host   = var.tier != "free"

  # Where methods cannot be told, a person who loads pages is counted too: of what is
  # converted so many requests pass at least.
  least = local.by_method ? 1 : 10

  unit = { h = 3600, m = 60, s = 1 }

  asked = { for name, t in var.throttle : name => {
    requests = t.requests
    seconds  = sum([for part in regexall("([0-9]+)([hms])", t.period) : part[0] * local.unit[part[1]]])
    timeout  = sum([for part in regexall("([0-9]+)([hms])", coalesce(t.timeout, t.period)) : part[0] * local.unit[part[1]]])
  } }

  fitted = { for name, t in local.asked : name => {
    requests = t.seconds <= local.plan.period ? t.requests : max(floor(t.requests * local.plan.period / t.seconds), local.least)
    seconds  = min(t.seconds, local.plan.period)
    timeout  = min(t.timeout, local.plan.timeout)
  } }

  # From the strictest to the most generous, those of the same methods side by side:
  # maps are in the order of their keys.
  methods = { for name, t in var.throttle : name => join(",", sort(t.methods)) }
  names   = values({ for name, t in local.fitted : format("%018.9f %s %s", t.requests / t.seconds, local.methods[name], name) => name })
  rates   = [for name in local.names : local.fitted[name].requests / local.fitted[name].seconds]

  # Bands of like rate. Each begins over three times above the beginning of the one
  # before. No plan that runs out of rules has more than five.
  none    = 1000000000000
  begin_1 = try(local.rates[0], local.none)
  begin_2 = try([for r in local.rates : r if r > 3 * local.begin_1][0], local.none)
  begin_3 = try([for r in local.rates : r if r > 3 * local.begin_2][0], local.none)
  begin_4 = try([for r in local.rates : r if r > 3 * local.begin_3][0], local.none)
  begin_5 = try([for r in local.rates : r if r > 3 * local.begin_4][0], local.none)
  begin_6 = try([for r in local.rates : r if r > 3 * local.begin_5][0], local.none)
  begins  = [local.begin_1, local.begin_2, local.begin_3, local.begin_4, local.begin_5, local.begin_6]
  bands   = [for r in local.rates : length([for b in local.begins : b if b <= r])]

  # While there is room a band is cut where neighbours differ most.
  room = local.plan.rules - min(local.plan.rules, length(distinct(local.bands)))
  gaps = { for i, name in local.names : format(
    "%018.9f %s %04d", local.rates[i] / local.rates[max(i - 1, 0)], local.methods[name] == local.methods[local.names[max(i - 1, 0)]] ? "same" : "unlike", i,
  ) => i if i > 0 && local.bands[i] == local.bands[max(i - 1, 0)] && local.bands[i] <= local.plan.rules }
  cuts = [for key in slice(reverse(keys(local.gaps)), 0, min(local.room, length(local.gaps))) : local.gaps[key]]

  # Each rule begins with its strictest limit, after which it is named.
  firsts   = [for i, name in local.names : i if i == 0 || local.bands[i] != local.bands[max(i - 1, 0)] || contains(local.cuts, i)]
  first_of = { for i, name in local.names : name => local.names[max([for f in local.firsts : f if f <= i]...)] if local.bands[i] <= local.plan.rules }
  together = { for first in distinct(values(local.first_of)) : first => [for name in local.names : name if try(local.first_of[name], null) == first] }

  limits = { for first, names in local.together : first => {
    description = length(names) == 1 ? "Rate limit ${first}" : "Rate limits ${join(", ", names)}"
    paths       = distinct(flatten([for name in names : var.throttle[name].paths]))
    methods     = distinct(flatten([for name in names : var.throttle[name].methods]))
    requests    = local.fitted[first].requests
    seconds     = local.fitted[first].seconds
    timeout     = max([for name in names : local.fitted[name].timeout]...)
  } }

  # What became of each limit, where it is not what was asked for.
  limits_lost = [for name in local.names : !contains(keys(local.first_of), name)
    ? "Rate limit ${name} (${local.asked[name].requests} requests in ${local.asked[name].seconds}s) is left out: the plan has ${local.plan.rules}, and stricter ones come first. The application must limit it."
    : join("", [
      "Rate limit ${name} (${local.asked[name].requests} requests in ${local.asked[name].seconds}s, blocked for ${local.asked[name].timeout}s) is ",
      "${local.limits[local.first_of[name]].requests} in ${local.limits[local.first_of[name]].seconds}s, blocked for ${local.limits[local.first_of[name]].timeout}s",
      length(local.together[local.first_of[name]]) == 1 ? "." : ", counted together with ${join(", ", setsubtract(local.together[local.first_of[name]], [name]))}.",
    ])
    if !contains(keys(local.first_of), name) || try(length(local.together[local.first_of[name]]), 0) > 1 || local.asked[name] != local.fitted[name]
  ]
}
