output "html" {
  description = "The document as one HTML file."
  value       = data.launchready_handover.this.html
}

output "markdown" {
  description = "The document as Markdown."
  value       = data.launchready_handover.this.markdown
}

output "next_reviews" {
  description = "What must be looked at next, earliest first: id, what, due and owner."
  value       = data.launchready_handover.this.next_reviews
}

output "missing" {
  description = "What a handover should say and this one does not."
  value       = data.launchready_handover.this.missing
}
