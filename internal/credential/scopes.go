package credential

import (
	"slices"

	"rollcall/okta"
)

// What the programs ask for besides okta.identitySources.manage and okta.identitySources.read, without which nothing
// works. None of these must be granted: what lacks its scope is not done, and says so.
var (
	// ToFlush is of whatever flushes: it learns from the System Log whom an import did not apply.
	ToFlush = []string{okta.ScopeLogsRead}
	// ToCompare is of what lists whom Okta has.
	ToCompare = []string{okta.ScopeAppsRead}
	// ToExamine is of what checks an installation: what the others need, and what only the checks do.
	ToExamine = slices.Concat(ToFlush, ToCompare, []string{okta.ScopeSchemasRead, okta.ScopeMappingsRead})
	// ToSetUp is of what declares and maps attributes.
	ToSetUp = []string{okta.ScopeSchemasRead, okta.ScopeSchemasManage, okta.ScopeMappingsRead, okta.ScopeMappingsManage}
)
