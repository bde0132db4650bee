variables {
  zone = "acme.example"
}

run "settings_are_strict" {
  command = apply

  assert {
    condition     = launchready_zone_tls.this[0].mode == "strict" && launchready_zone_tls.this[0].minimum_version == "1.2" && launchready_zone_tls.this[0].always_use_https
    error_message = "The defaults are not strict."
  }

  assert {
    condition     = launchready_zone_tls.this[0].hsts.max_age == 31536000 && launchready_zone_tls.this[0].hsts.enabled
    error_message = "HSTS does not last a year."
  }
}
