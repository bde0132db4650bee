# By zone, name and type; with the value behind it where a name has several of a type; or by zone and id.
terraform import launchready_dns_record.portal acme.example/portal/A
terraform import launchready_dns_record.portal acme.example/portal/A/198.51.100.10
terraform import launchready_dns_record.portal acme.example/372e67954025e0ba6aaa6d586b9e0b59
