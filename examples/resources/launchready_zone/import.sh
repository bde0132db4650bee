terraform import launchready_zone.client client.example
