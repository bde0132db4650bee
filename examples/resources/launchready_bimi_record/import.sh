terraform import launchready_bimi_record.this acme.example/default
