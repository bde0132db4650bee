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

output "markdown" {
  description = "The report as Markdown."
  value       = data.launchready_scorecard.this.markdown
}
