# What is declared stands in the document, and what is not is named as missing.

variables {
  client = "Acme Members"
  portal = "https://portal.acme.example"
}

run "an_empty_handover_says_what_is_missing" {
  command = plan

  assert {
    condition     = length(output.missing) == 5
    error_message = "missing is ${jsonencode(output.missing)}"
  }

  assert {
    condition     = strcontains(output.markdown, "# Handover: Acme Members") && strcontains(output.html, "Acme Members")
    error_message = "The document does not name the client: ${output.markdown}"
  }
}

run "what_is_declared_is_written" {
  command = plan

  variables {
    built = {
      email = { records = {
        dmarc = { name = "_dmarc.acme.example", type = "TXT", content = "v=DMARC1; p=quarantine" }
        dkim  = { name = "google._domainkey.acme.example", type = "TXT", content = "v=DKIM1; k=rsa; p=MIIB" }
      } }
      dns = {
        records = { portal = { name = "portal.acme.example", type = "A", content = "198.51.100.10", proxied = true } }
        limits  = ["Secondary name servers are not looked at."]
      }
      monitoring = {
        monitors = { portal = { url = "https://portal.acme.example/" } }
        alerts   = { down = { kind = "health check", to = ["ops@agency.example"] } }
      }
    }
    owners       = { registrar = { owner = "Acme Ltd", contact = "jane@acme.example" } }
    credentials  = { token = { place = "1Password, vault Acme", owner = "Ada Operator", rotated = "2026-11-02", rotate_every_days = 30 } }
    reviews      = { dkim = { due = "2027-05-01" }, contract = { what = "Renew the contract", due = "2027-04-01" } }
    waivers      = [{ rule = "tls.hsts_missing", reason = "the old portal goes", owner = "Ada Operator", expires = "2027-03-01" }]
    attestations = [{ rule = "support.no_database_edits", statement = "Nobody can.", owner = "Ada Operator", evidence = "https://wiki.agency.example", expires = "2027-06-01" }]
    certificates = { "portal.acme.example" = "2027-02-01" }
    runbook      = "# Refunds\n\n- **Owner:** Ines Moreau\n- **Contact:** billing@acme.example\n\nLast reviewed: 2026-11-16\n\n1. Find the invoice.\n2. Choose \"Refund\".\n3. Answer.\n"
  }

  assert {
    condition = alltrue([for text in [
      "198.51.100.10", "Secondary name servers", "ops@agency.example", "1Password, vault Acme", "Ines Moreau", "Find the invoice.", "tls.hsts\\_missing", "Nobody can.",
    ] : strcontains(output.markdown, text)])
    error_message = output.markdown
  }

  assert {
    condition = [for r in output.next_reviews : "${coalesce(r.due, "-")} ${r.id}"] == [
      "2026-12-02 credential:token", "2027-02-01 certificate:portal.acme.example", "2027-02-14 runbook", "2027-03-01 waiver:tls.hsts_missing:*", "2027-04-01 contract",
      "2027-05-01 dkim", "2027-06-01 attestation:support.no_database_edits", "- dmarc",
    ]
    error_message = jsonencode(output.next_reviews)
  }
}

run "a_place_is_not_empty" {
  command = plan

  variables {
    credentials = { token = { place = " " } }
  }

  expect_failures = [var.credentials]
}

run "a_day_is_a_day" {
  command = plan

  variables {
    credentials  = { token = { place = "1Password", rotated = "last week" } }
    reviews      = { contract = { due = "in spring" } }
    certificates = { "portal.acme.example" = "soon" }
  }

  expect_failures = [var.credentials, var.reviews, var.certificates]
}

run "days_are_bounded" {
  command = plan

  variables {
    credentials         = { token = { place = "1Password", rotate_every_days = 0 } }
    runbook_review_days = 0
  }

  expect_failures = [var.credentials, var.runbook_review_days]
}

run "an_owner_has_a_name" {
  command = plan

  variables {
    owners = { registrar = { owner = "" } }
  }

  expect_failures = [var.owners]
}

run "a_client_has_a_name_and_a_portal_an_address" {
  command = plan

  variables {
    client = " "
    portal = "portal.acme.example"
  }

  expect_failures = [var.client, var.portal]
}

run "a_form_that_is_not_known_is_refused" {
  command = plan

  variables {
    files = ["handover.pdf"]
  }

  expect_failures = [var.files]
}
