package dnscheck

import "strings"

// claim says whether a stranger can claim a name at a service.
type claim int

const (
	vulnerable claim = iota
	edgeCase         // only under conditions, such as a name that was never verified
	safe
)

// service is a hosting service that names are pointed to, and the signs by
// which it shows that a name there has no owner.
type service struct {
	name       string
	suffixes   []string // of the CNAME target; "*" stands for one label
	status     claim
	nxdomain   bool // the sign is that the target does not exist
	body       []string
	httpStatus int // that goes with the body; 0 = any
}

// services are fingerprints of EdOverflow/can-i-take-over-xyz, as of 2025-02,
// without those whose sign is too general to tell anything. The first match counts.
func services() []service {
	return []service{
		{name: "AWS S3", suffixes: []string{"s3.amazonaws.com", "s3.*.amazonaws.com", "s3.dualstack.*.amazonaws.com", "s3-website.*.amazonaws.com"}, body: []string{"NoSuchBucket", "The specified bucket does not exist"}, httpStatus: 404},
		{name: "AWS Elastic Beanstalk", suffixes: []string{"elasticbeanstalk.com"}, nxdomain: true},
		{name: "Microsoft Azure", suffixes: []string{
			"cloudapp.net", "cloudapp.azure.com", "azurewebsites.net", "blob.core.windows.net", "azure-api.net", "azurehdinsight.net", "azureedge.net",
			"azurecontainer.io", "database.windows.net", "azuredatalakestore.net", "search.windows.net", "azurecr.io", "redis.cache.windows.net", "servicebus.windows.net", "trafficmanager.net", "visualstudio.com",
		}, nxdomain: true},
		{name: "Agile CRM", suffixes: []string{"agilecrm.com"}, body: []string{"Sorry, this page is no longer available."}},
		{name: "Airee", suffixes: []string{"airee.ru", "airee.international"}, body: []string{"Ошибка 402. Сервис Айри.рф не оплачен"}, httpStatus: 402},
		{name: "Anima", suffixes: []string{"animaapp.io", "animaapp.com"}, body: []string{"The page you were looking for does not exist.", "If this is your website and you've just created it, try refreshing in a minute"}},
		{name: "Bitbucket", suffixes: []string{"bitbucket.io"}, body: []string{"Repository not found"}, httpStatus: 404},
		{name: "Campaign Monitor", suffixes: []string{"createsend.com"}, body: []string{"Trying to access your account?"}},
		{name: "Canny", suffixes: []string{"canny.io"}, body: []string{"Company Not Found", "There is no such company. Did you enter the right URL?"}},
		{name: "Discourse", suffixes: []string{"trydiscourse.com", "hosted-by-discourse.com"}, nxdomain: true},
		{name: "Gemfury", suffixes: []string{"furyns.com"}, body: []string{"404: This page could not be found."}},
		{name: "GetResponse", suffixes: []string{"gr8.com"}, body: []string{"With GetResponse Landing Pages, lead generation has never been easier"}},
		{name: "Ghost", suffixes: []string{"ghost.io"}, body: []string{"Site unavailable", "Failed to resolve DNS path for this host"}},
		{name: "HatenaBlog", suffixes: []string{"hatenablog.com"}, body: []string{"404 Blog is not found"}},
		{name: "Help Juice", suffixes: []string{"helpjuice.com"}, body: []string{"We could not find what you're looking for."}},
		{name: "Help Scout", suffixes: []string{"helpscoutdocs.com"}, body: []string{"No settings were found for this company:"}},
		{name: "JetBrains YouTrack", suffixes: []string{"youtrack.cloud", "myjetbrains.com"}, body: []string{"is not a registered InCloud YouTrack"}},
		{name: "LaunchRock", suffixes: []string{"launchrock.com"}, body: []string{"It looks like you may have taken a wrong turn somewhere. Don't worry...it happens to all of us."}},
		{name: "ngrok", suffixes: []string{"ngrok.io"}, body: []string{"ngrok.io not found"}},
		{name: "Pantheon", suffixes: []string{"pantheonsite.io"}, body: []string{"404 error unknown site!"}, httpStatus: 404},
		{name: "Pingdom", suffixes: []string{"stats.pingdom.com"}, body: []string{"Sorry, couldn't find the status page"}},
		{name: "ReadMe", suffixes: []string{"readme.io", "readmessl.com"}, body: []string{"The creators of this project are still working on making everything perfect!"}},
		{name: "Short.io", suffixes: []string{"short.io"}, body: []string{"Link does not exist"}},
		{name: "SmartJobBoard", suffixes: []string{"smartjobboard.com", "mysmartjobboard.com"}, body: []string{"This job board website is either expired or its domain name is invalid."}},
		{name: "Strikingly", suffixes: []string{"strikinglydns.com", "strikingly.com"}, body: []string{"PAGE NOT FOUND."}, httpStatus: 404},
		{name: "Surge", suffixes: []string{"surge.sh"}, body: []string{"project not found"}, httpStatus: 404},
		{name: "SurveySparrow", suffixes: []string{"surveysparrow.com"}, body: []string{"Account not found."}},
		{name: "Uberflip", suffixes: []string{"uberflip.com"}, body: []string{"The URL you've accessed does not provide a hub.", "Non-hub domain, The URL you've accessed does not provide a hub."}},
		{name: "UptimeRobot", suffixes: []string{"stats.uptimerobot.com"}, body: []string{"page not found"}, httpStatus: 404},
		{name: "WordPress.com", suffixes: []string{"wordpress.com"}, body: []string{"Do you want to register"}},
		{name: "Worksites", suffixes: []string{"worksites.net"}, body: []string{"Hello! Sorry, but the website you&rsquo;re looking for doesn&rsquo;t exist."}},

		{name: "GitHub Pages", suffixes: []string{"github.io"}, status: edgeCase, body: []string{"There isn't a GitHub Pages site here."}, httpStatus: 404},
		{name: "Heroku", suffixes: []string{"herokuapp.com", "herokudns.com", "herokussl.com"}, status: edgeCase, nxdomain: true, body: []string{"No such app", "no-such-app.html", "There's nothing here, yet."}},
		{name: "Intercom", suffixes: []string{"custom.intercom.help"}, status: edgeCase, body: []string{"Uh oh. That page doesn't exist."}},
		{name: "Landingi", suffixes: []string{"landingi.com"}, status: edgeCase, body: []string{"It looks like you're lost..."}},
		{name: "Netlify", suffixes: []string{"netlify.app", "netlify.com"}, status: edgeCase, body: []string{"Not Found - Request ID:"}, httpStatus: 404},
		{name: "Shopify", suffixes: []string{"myshopify.com"}, status: edgeCase, body: []string{"Sorry, this shop is currently unavailable."}, httpStatus: 404},
		{name: "Tilda", suffixes: []string{"tilda.ws"}, status: edgeCase, body: []string{"Please renew your subscription"}},
		{name: "Tumblr", suffixes: []string{"domains.tumblr.com"}, status: edgeCase, body: []string{"Whatever you were looking for doesn't currently exist at this address"}, httpStatus: 404},
		{name: "Vercel", suffixes: []string{"vercel-dns.com", "vercel.app", "now.sh"}, status: edgeCase, body: []string{"The deployment could not be found on Vercel.", "DEPLOYMENT_NOT_FOUND"}, httpStatus: 404},
		{name: "Webflow", suffixes: []string{"proxy.webflow.com", "proxy-ssl.webflow.com", "cdn.webflow.com"}, status: edgeCase, body: []string{"The page you are looking for doesn't exist or has been moved."}, httpStatus: 404},

		{name: "Akamai", suffixes: []string{"edgesuite.net", "edgekey.net"}, status: safe},
		{name: "AWS CloudFront", suffixes: []string{"cloudfront.net"}, status: safe},
		{name: "AWS load balancer", suffixes: []string{"elb.amazonaws.com"}, status: safe},
		{name: "Desk", suffixes: []string{"desk.com"}, status: safe},
		{name: "Fastly", suffixes: []string{"fastly.net"}, status: safe},
		{name: "Firebase", suffixes: []string{"firebaseapp.com", "web.app"}, status: safe},
		{name: "Freshdesk", suffixes: []string{"freshdesk.com"}, status: safe},
		{name: "Google Cloud Storage", suffixes: []string{"c.storage.googleapis.com"}, status: safe},
		{name: "Google Sites", suffixes: []string{"ghs.googlehosted.com", "ghs.google.com"}, status: safe},
		{name: "HubSpot", suffixes: []string{"hubspot.net", "hs-sites.com"}, status: safe},
		{name: "Instapage", suffixes: []string{"pageserve.co", "secure.pageserve.co"}, status: safe},
		{name: "Kinsta", suffixes: []string{"kinsta.cloud"}, status: safe},
		{name: "Squarespace", suffixes: []string{"ext-cust.squarespace.com"}, status: safe},
		{name: "Statuspage", suffixes: []string{"statuspage.io", "stspg-customer.com"}, status: safe},
		{name: "Unbounce", suffixes: []string{"unbouncepages.com"}, status: safe},
		{name: "WP Engine", suffixes: []string{"wpengine.com"}, status: safe},
		{name: "Zendesk", suffixes: []string{"zendesk.com"}, status: safe},
	}
}

// serviceOf finds the service that a name is of.
func serviceOf(name string) (service, bool) {
	for _, v := range services() {
		for _, suffix := range v.suffixes {
			if hasSuffix(name, suffix) {
				return v, true
			}
		}
	}
	return service{}, false
}

// hasSuffix reports whether a name is at or below a suffix, in which "*" stands
// for any label. Old S3 website hosts join region and service by a hyphen.
func hasSuffix(name, suffix string) bool {
	name = strings.ReplaceAll(strings.ReplaceAll(name, "s3-website-", "s3-website."), ".s3-", ".s3.")
	name = strings.ReplaceAll(name, ".s3.website", ".s3-website")
	labels, want := strings.Split(name, "."), strings.Split(suffix, ".")
	if len(labels) < len(want) {
		return false
	}
	labels = labels[len(labels)-len(want):]
	for i := range want {
		if want[i] != "*" && want[i] != labels[i] {
			return false
		}
	}
	return true
}
