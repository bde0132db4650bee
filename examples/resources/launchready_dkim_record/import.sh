terraform import launchready_dkim_record.google acme.example/google
