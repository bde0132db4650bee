terraform import launchready_spf_record.this acme.example
