data "launchready_sender" "mailchimp" {
  name = "mailchimp"
}

output "selectors" {
  value = data.launchready_sender.mailchimp.selectors[*].selector
}
