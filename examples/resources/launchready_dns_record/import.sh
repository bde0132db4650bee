terraform import launchready_dns_record.portal acme.example/A/portal
