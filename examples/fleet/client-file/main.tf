# Reads the client file and says what is wrong with it, before anything else happens.

terraform {
  required_version = ">= 1.8"
}

variable "path" {
  description = "The client file: CSV with a first line that names the columns."
  type        = string
  nullable    = false
}

variable "domain" {
  description = "Domain of the client that this run is about."
  type        = string
  nullable    = false
}

locals {
  name    = basename(var.path)
  columns = ["domain", "portal_host", "origin", "tier", "senders", "dmarc", "alerts_to"]

  # Spreadsheets write a byte order mark and Windows line ends.
  text   = trimspace(trimprefix(replace(file(var.path), "\r\n", "\n"), "\ufeff"))
  header = [for column in split(",", split("\n", local.text)[0]) : trimspace(trim(column, "\""))]
  lacks  = setsubtract(local.columns, local.header)
  reads  = can(csvdecode(local.text))
  rows   = length(local.lacks) > 0 || !local.reads ? [] : csvdecode(local.text)

  # What cannot be read: lines with a field too few or too many, as an editor counts them.
  fields = [for line in split("\n", local.text) : length(regexall(",(?:\"(?:[^\"]|\"\")*\"|[^,]*)", ",${line}"))]
  uneven = local.reads ? [] : [for i, line in split("\n", local.text) :
    "line ${i + 1} has ${local.fields[i]} fields and not ${length(local.header)}: ${
      local.fields[i] < length(local.header) ? "${join(", ", slice(local.header, local.fields[i], length(local.header)))} is missing; what is empty still takes its comma" : "there is something after ${local.header[length(local.header) - 1]}; a field with a comma in it stands in quotation marks"
    }" if trimspace(line) != "" && local.fields[i] != length(local.header)
  ]

  clients = [for i, row in local.rows : {
    line        = i + 2 # as an editor counts them, where no field holds a line end
    domain      = trimsuffix(lower(trimspace(row.domain)), ".")
    portal_host = trimspace(row.portal_host)
    origin      = trimspace(row.origin)
    tier        = lower(trimspace(row.tier))
    senders     = compact(split(" ", trimspace(row.senders)))
    dmarc       = lower(trimspace(row.dmarc))
    alerts_to   = compact(split(" ", trimspace(row.alerts_to)))
  }]

  by_domain = { for client in local.clients : client.domain => client... }
  twice     = { for domain, same in local.by_domain : domain => [for client in same : client.line] if length(same) > 1 }

  faults = flatten([for client in local.clients : compact([
    can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9-]+$", client.domain)) ? "" : "line ${client.line}: domain is \"${client.domain}\"; write a domain name such as acme.example, without scheme or path",
    client.portal_host != "" ? "" : "line ${client.line}: portal_host is empty; write a name such as portal, or @ for the domain itself",
    client.origin != "" ? "" : "line ${client.line}: origin is empty; write the address or host name where the portal runs",
    contains(["free", "pro", "business", "enterprise"], client.tier) ? "" : "line ${client.line}: tier is \"${client.tier}\"; write free, pro, business or enterprise",
    contains(["none", "quarantine", "reject"], client.dmarc) ? "" : "line ${client.line}: dmarc is \"${client.dmarc}\"; write none, quarantine or reject",
  ])])
}

output "client" {
  description = "What the file says of the client."
  value       = local.by_domain[var.domain][0]

  precondition {
    condition     = length(local.lacks) == 0
    error_message = "${local.name} lacks the column ${join(", ", local.lacks)}. Its first line must name, in any order and with commas between: ${join(", ", local.columns)}.${strcontains(local.header[0], ";") ? " It has semicolons in the place of commas: save it as CSV with commas." : ""}"
  }

  precondition {
    condition     = length(local.lacks) > 0 || local.reads
    error_message = "${local.name} cannot be read:\n${length(local.uneven) > 0 ? join("\n", local.uneven) : "a quotation mark is not closed, or stands within a field that is not in quotation marks: write it twice, and the field in quotation marks"}"
  }

  precondition {
    condition     = length(local.lacks) > 0 || !local.reads || length(local.rows) > 0
    error_message = "${local.name} names no client: write a line for each below the first one."
  }

  precondition {
    condition     = length(local.twice) == 0
    error_message = "${local.name} names one domain for two clients: ${join("; ", [for domain, lines in local.twice : "${domain} in lines ${join(" and ", lines)}"])}. Each client has a domain, and so a zone and a state, of its own: correct or remove one of the lines."
  }

  precondition {
    condition     = length(local.faults) == 0
    error_message = "${local.name} cannot be used:\n${join("\n", local.faults)}"
  }

  precondition {
    condition     = length(local.by_domain) == 0 || contains(keys(local.by_domain), var.domain)
    error_message = "${local.name} names no client with the domain \"${var.domain}\". Choose one by the workspace, such as TF_WORKSPACE=${try(keys(local.by_domain)[0], "acme.example")}."
  }
}
