output "client_id" {
  description = "Client ID of the service app: clientId in rollcall's secret."
  value       = okta_app_oauth.rollcall.client_id
}

output "identity_source_id" {
  description = "The identity source: okta.identity_source_id of infra/terraform."
  value       = var.app_id
}

output "by_hand" {
  description = "What Terraform cannot set. Do it once, then run rollcall doctor."
  value = [
    "Applications > ${var.label} > General: switch on Proof of possession (DPoP). The provider has no argument for it; rollcall works with and without.",
    "The Custom Identity Source app > Provisioning > To Okta: the Okta username format, what a user matches by, confirm exact matches and new users, activate new users, source Okta users, deactivate leavers, reactivate deactivated users.",
    "The Custom Identity Source app > Provisioning > Integration, and Directory > Profile Sources: make it a source of profiles.",
  ]
}
