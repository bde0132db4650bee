# DMARC, TLS and WAF are not weakened, whatever the gate thinks of the result: each of
# these packages compares what is there with what the plan makes of it.
package launchready.protection

import data.launchready.plan
import data.launchready.protection_dmarc
import data.launchready.protection_tls
import data.launchready.protection_waf
import data.launchready.settings
import rego.v1

deny contains message if {
	not plan.destroys
	some message in ((protection_dmarc.weaker | protection_tls.weaker) | protection_waf.weaker)
}

deny contains message if {
	plan.destroys
	not settings.allow_destroy
	message := sprintf("The run destroys all %d resources of the workspace, and with them what protects the client's mail and site. For a client who leaves, a person overrides this policy, or allow_destroy is set in settings.rego.", [count(plan.managed)])
}
