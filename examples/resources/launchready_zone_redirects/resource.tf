resource "launchready_zone_redirects" "this" {
  zone = "acme.example"

  rules = [
    { ref = "www", hosts = ["www.acme.example"], to_host = "acme.example" },
    { ref = "old-portal", hosts = ["members.acme.example"], to_host = "portal.acme.example", status = 308 },
    { ref = "pricing", hosts = ["acme.example"], paths = ["/prices", "/plans/*"], to = "https://acme.example/pricing", keep_query = false },
  ]
}
