terraform import launchready_zone_tls.this acme.example
