variables {
  zone = "acme.example"
}

run "the_type_follows_from_the_origin" {
  command = apply

  variables {
    web_hosts = {
      portal = { name = "portal", origin = "198.51.100.10" }
      six    = { name = "six", origin = "2001:db8::10" }
      app    = { name = "app", origin = "acme.hosting.example" }
      direct = { name = "direct", origin = "198.51.100.11", proxied = false }
    }
  }

  assert {
    condition     = output.hosts == { portal = "portal.acme.example", six = "six.acme.example", app = "app.acme.example", direct = "direct.acme.example" }
    error_message = "Hosts are ${jsonencode(output.hosts)}."
  }

  assert {
    condition     = { for key, r in launchready_dns_record.web : key => r.type } == { portal = "A", six = "AAAA", app = "CNAME", direct = "A" }
    error_message = "Types are ${jsonencode({ for key, r in launchready_dns_record.web : key => r.type })}."
  }

  assert {
    condition     = launchready_dns_record.web["portal"].proxied && !launchready_dns_record.web["direct"].proxied
    error_message = "Hosts are proxied unless they say otherwise."
  }
}

run "an_empty_name_is_refused" {
  command = plan

  variables {
    web_hosts = { portal = { name = " ", origin = "198.51.100.10" } }
  }

  expect_failures = [var.web_hosts]
}

run "the_whole_of_a_zone" {
  command = apply

  variables {
    web_hosts      = { apex = { name = "@", origin = "198.51.100.10" } }
    redirect_hosts = { old = "old" }
    parked         = ["static"]
    caa            = ["letsencrypt.org"]
    records        = { docs = { name = "docs", type = "CNAME", content = "docs.hosting.example", ttl = 300 } }
    dnssec         = true
  }

  assert {
    condition     = length(launchready_zone_records.this[0].record_ids) == 7
    error_message = "Records are ${jsonencode(keys(launchready_zone_records.this[0].record_ids))}."
  }

  assert {
    condition     = startswith(output.ds, "acme.example. ") && output.redirect_hosts["old"] == "old"
    error_message = "DS is ${output.ds}."
  }
}

run "nothing_to_do_twice" {
  command = plan

  variables {
    web_hosts      = { apex = { name = "@", origin = "198.51.100.10" } }
    redirect_hosts = { old = "old" }
    parked         = ["static"]
    caa            = ["letsencrypt.org"]
    records        = { docs = { name = "docs", type = "CNAME", content = "docs.hosting.example", ttl = 300 } }
    dnssec         = true
  }

  assert {
    condition     = length(launchready_zone_records.this[0].record_ids) == 7
    error_message = "The plan after the apply changes records."
  }
}

run "an_authority_with_a_scheme_is_refused" {
  command = plan

  variables {
    caa = ["https://letsencrypt.org"]
  }

  expect_failures = [var.caa]
}
