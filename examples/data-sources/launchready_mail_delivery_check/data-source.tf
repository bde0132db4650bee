# A password reset for the test mailbox, with the product's own sender, template
# and return path; and an invitation to an address that does not exist.
data "launchready_mail_delivery_check" "reset" {
  mailbox = "inbox" # mailboxes.inbox of the provider block, or LAUNCHREADY_MAILBOXES

  trigger = {
    request = {
      url  = "https://portal.acme.example/api/password-reset"
      body = jsonencode({ email = "{{recipient}}" })
    }
  }

  within         = "2m"
  from_domain    = "acme.example"
  link_hosts     = ["portal.acme.example"]
  dkim_selectors = ["20260301093000pm"]

  bounce = {
    recipient = "no-such-member-{{token}}@acme.example"
    trigger = {
      request = {
        url      = "https://portal.acme.example/api/invites"
        identity = "robot" # identities.robot of the provider block, or LAUNCHREADY_IDENTITIES
        body     = jsonencode({ email = "{{recipient}}" })
      }
    }
    request = {
      url      = "https://portal.acme.example/api/mail/suppressions?address={{recipient}}"
      identity = "robot"
      contains = "\"suppressed\":true"
    }
  }
}
