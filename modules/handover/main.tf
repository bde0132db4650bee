# The document that is left with the client. It asks no one and changes nothing:
# it joins what was built, what was verified and who answers for what.
data "launchready_handover" "this" {
  client              = var.client
  portal              = var.portal
  scorecard           = var.scorecard
  built               = var.built
  owners              = var.owners
  credentials         = var.credentials
  reviews             = var.reviews
  runbook             = var.runbook
  runbook_review_days = var.runbook_review_days
  topics              = var.topics
  waivers             = var.waivers
  attestations        = var.attestations
  certificates        = var.certificates
  files               = var.files
}
