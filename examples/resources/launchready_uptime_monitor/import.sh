# By backend and name, or id; Cloudflare's by zone too.
terraform import launchready_uptime_monitor.portal "betterstack/Client portal"
terraform import launchready_uptime_monitor.origin cloudflare/acme.example/portal-origin
terraform import launchready_uptime_monitor.shop uptimerobot/800123456
