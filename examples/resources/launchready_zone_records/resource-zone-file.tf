resource "launchready_zone_records" "from_file" {
  zone      = "acme.example"
  zone_file = <<-EOT
    $TTL 1h
    shop        A     198.51.100.11   ; the shop cf_tags=cf-proxied:true
    docs        CNAME shop
    @           TXT   ( "a text in "
                        "two strings" )
  EOT
}
