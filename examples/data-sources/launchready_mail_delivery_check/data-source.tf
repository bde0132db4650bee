# A password reset for the test mailbox: the product's own sender, template and return path.
data "launchready_mail_delivery_check" "reset" {
  mailbox = "inbox" # mailboxes.inbox of the provider block, or LAUNCHREADY_MAILBOXES

  trigger = {
    request = {
      path = "/api/password-reset" # on portal.base_url
      body = jsonencode({ email = "{{recipient}}" })
    }
  }

  within         = "2m"
  from_domain    = "acme.example"
  link_hosts     = ["portal.acme.example"]
  dkim_selectors = ["s1"]

  bounce = {
    recipient = "no-such-member-{{token}}@acme.example"
    request = {
      path     = "/api/mail/suppressions?address={{recipient}}"
      identity = "robot"
      contains = "\"suppressed\":true"
    }
  }
}
