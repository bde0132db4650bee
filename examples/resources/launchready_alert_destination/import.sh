# By a zone of the account, or the account's id, and the kind with a name, an id or an address.
terraform import launchready_alert_destination.pager acme.example/webhook:Pager
terraform import launchready_alert_destination.ops acme.example/email:ops@agency.example
terraform import launchready_alert_destination.duty acme.example/pagerduty:Operations
