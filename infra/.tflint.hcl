# The rules of the terraform language. Values are looked at by cdk-nag (infra/nag) and by the modules' own tests.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
