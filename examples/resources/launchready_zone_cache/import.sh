terraform import launchready_zone_cache.this acme.example
