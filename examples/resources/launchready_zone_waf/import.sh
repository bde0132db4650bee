terraform import launchready_zone_waf.this acme.example
