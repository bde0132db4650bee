resource "launchready_zone_origin_protection" "this" {
  zone                       = "acme.example"
  authenticated_origin_pulls = true
}

# Put these onto the origin: the certificate to /etc/nginx/cloudflare-origin-pull-ca.pem.
output "nginx_http" {
  value = launchready_zone_origin_protection.this.nginx_http
}

output "nginx_server" {
  value = launchready_zone_origin_protection.this.nginx_server
}
