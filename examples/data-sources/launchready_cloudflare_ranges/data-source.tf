data "launchready_cloudflare_ranges" "this" {}

output "firewall" {
  value = concat(data.launchready_cloudflare_ranges.this.ipv4_cidrs, data.launchready_cloudflare_ranges.this.ipv6_cidrs)
}
