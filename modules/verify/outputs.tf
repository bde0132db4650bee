output "gate" {
  description = "\"open\", \"blocked\" or \"overridden\"."
  value       = data.launchready_scorecard.this.gate
}

output "score" {
  description = "0 to 100."
  value       = data.launchready_scorecard.this.score
}

output "violations" {
  description = "What blocks, worst first."
  value       = data.launchready_scorecard.this.violations
}

output "areas" {
  description = "The ten areas of the scorecard."
  value       = data.launchready_scorecard.this.areas
}

output "criteria" {
  description = "The eight launch criteria, L1 to L8."
  value       = data.launchready_scorecard.this.criteria
}

output "deliverables" {
  description = "The 13 deliverables, ticked off by evidence."
  value       = data.launchready_scorecard.this.deliverables
}

output "plan_of_work" {
  description = "What has to be done, in hours and, with hourly_rate, in money."
  value       = data.launchready_scorecard.this.plan_of_work
}

output "json" {
  description = "The report as JSON: what the module handover takes."
  value       = data.launchready_scorecard.this.json
}

output "markdown" {
  description = "The report as Markdown."
  value       = data.launchready_scorecard.this.markdown
}
