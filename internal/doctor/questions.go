package doctor

// Question is something that no API tells, to be looked up and ticked.
type Question struct {
	Ask string `json:"ask"`
	// Where is the place in the Admin Console.
	Where string `json:"where"`
	// Else is what happens where the answer is no.
	Else string `json:"else"`
}

const toOkta = "the app > Provisioning > To Okta"

// questions are the settings of the org that only an admin can see.
func questions() []Question {
	return []Question{
		{"Does the Okta username format give what the mapping gives as userName?", toOkta + " > General",
			"people get another login than the table says"},
		{`Is "a user matches if" the username, or the e-mail address, matches exactly?`, toOkta + " > User Creation & Matching",
			"people whom the org has already are doubled, or the wrong ones matched"},
		{"Is Allow Custom Identity Source to source Okta users on?", toOkta + " > Profile & Lifecycle Sourcing",
			"imports create people, and never update or deactivate them"},
		{"Is what happens when a user is deactivated in the app set to Deactivate, not to Do Nothing or Suspend?", toOkta + " > Profile & Lifecycle Sourcing",
			"leavers stay active, or are only suspended"},
		{"Is Reactivate deactivated Okta users on?", toOkta + " > Profile & Lifecycle Sourcing",
			"whoever comes back stays out: the import fails for them"},
		{"Is Reactivate suspended Okta users on, if you suspend people?", toOkta + " > Profile & Lifecycle Sourcing",
			"a suspended person stays suspended though the table says active"},
		{"Is Auto-confirm exact matches on?", toOkta + " > User Creation & Matching",
			"people whom the org has already wait for an admin"},
		{"Is Auto-confirm new users on?", toOkta + " > User Creation & Matching", "new people wait for an admin"},
		{"Is Auto-activate new users on?", toOkta + " > User Creation & Matching", "new people are staged and cannot sign in"},
		{"Is the app the source that counts for its people?", "Directory > Profile Sources",
			"a source of higher priority keeps its values, and its people active"},
		{"Is rollcall the only client of this identity source?", "Reports > System Log: system.import.session.created",
			"two clients cancel one another's sessions"},
	}
}
