# Takes the whole zone over. To write its configuration as well, use an import block and
# terraform plan -generate-config-out=zone.tf
terraform import launchready_zone_records.this acme.example
