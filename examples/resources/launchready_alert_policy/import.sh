# By a zone of the account, or the account's id, and the policy's name or id.
terraform import launchready_alert_policy.ddos "acme.example/acme.example: attack"
