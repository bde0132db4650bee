# All policies at once, for `opa eval`, conftest and CI.
package launchready

import rego.v1

deny := (((data.launchready.gate.deny | data.launchready.checks.deny) | data.launchready.waivers.deny) | data.launchready.override.deny) | data.launchready.protection.deny
