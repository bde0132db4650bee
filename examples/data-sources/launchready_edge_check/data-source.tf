data "launchready_edge_check" "this" {
  hosts   = ["portal.acme.example"]
  origins = ["198.51.100.10"]

  private_paths = ["/account", "/api/me"]
  static_paths  = ["/static/site.css"]
  identity      = "member_a" # of the provider block
}
