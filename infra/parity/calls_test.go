package parity

import (
	"maps"
	"slices"
	"testing"
)

// callers are the programs that call AWS in a role, and the statements that allow what each goes through. The emulators let
// everything pass, so that nothing else would notice a call that the role may not make, or an action that nobody uses.
var callers = []struct {
	role, command string
	statements    map[string][]string
}{
	{"stream-handler", "cmd/stream-handler", map[string][]string{"sqs.Client": {"SendIntents"}}},
	{"flusher", "cmd/flusher", map[string][]string{
		"dynamo.StoreClient": {"KeepControl"},
		"dynamo.TableClient": {"ReadTable", "FindByExternalId", "ScanForSync"},
		"sqs.Client":         {"WorkQueues"},
		"aws.secretsClient":  {"ReadOktaSecret"},
	}},
	{"items-api", "cmd/items-api", map[string][]string{"dynamo.ItemsClient": {"ServeItems"}}},
	{"operator", "cmd/rollcall", map[string][]string{
		"dynamo.StoreClient":    {"KeepControl"},
		"dynamo.StoreDescriber": {"CheckControl"},
		"dynamo.TableClient":    {"ReadTable", "FindByExternalId"},
		"replay.StreamClient":   {"ReadStream"},
		"replay.BucketClient":   {"ListFailedRecords"},
		"replay.ObjectClient":   {"ReadFailedRecords"},
		"sqs.Client":            {"WorkQueues", "CheckQueues"},
		"cloudwatch.Client":     {"ReadMetrics"},
		"aws.secretsClient":     {"ReadOktaSecret"},
	}},
}

// byAWS are the statements for what AWS itself does in a role's name, by role: Lambda reads the stream, keeps failed records and
// writes logs, Scheduler starts, and the services use keys.
var byAWS = map[string][]string{
	"stream-handler": {"ReadStream", "ListStreams", "KeepFailedRecords", "FindBucket", "WriteLogs", "DecryptStream", "EncryptIntentsAndRecords"},
	"flusher":        {"WriteLogs", "DecryptTable", "EncryptControl", "EncryptIntents", "DecryptSecret"},
	"items-api":      {"WriteLogs", "EncryptTable"},
	"operator":       {"DecryptTable", "UseKey", "DecryptSecret"},
	"scheduler":      {"StartFlusher"},
}

// TestRolesMayWhatTheCodeCalls compares what each role may do with what its program may come to call, both ways, and knows every
// statement. The variant has every option on.
func TestRolesMayWhatTheCodeCalls(t *testing.T) {
	terraform, _, _ := houses(t, "complete")
	known := map[string][]string{}
	for role, statements := range byAWS {
		known[role] = slices.Clone(statements)
	}
	for _, caller := range callers {
		calls := load(t, caller.command).awsCalls()
		for _, through := range union(calls, caller.statements) {
			statements := caller.statements[through]
			known[caller.role] = append(known[caller.role], statements...)
			if allowed := allowedBy(terraform.Roles[caller.role], statements); !slices.Equal(allowed, calls[through]) {
				t.Errorf("%s %v allow %v; %s calls %v through %s", caller.role, statements, allowed, caller.command, calls[through], through)
			}
		}
	}
	for _, role := range slices.Sorted(maps.Keys(terraform.Roles)) {
		for _, s := range terraform.Roles[role] {
			if !slices.Contains(known[role], s.ID) {
				t.Errorf("%s: statement %s is for nobody's calls", role, s.ID)
			}
		}
		for _, id := range known[role] {
			if !slices.ContainsFunc(terraform.Roles[role], func(s Statement) bool { return s.ID == id }) {
				t.Errorf("%s has no statement %s", role, id)
			}
		}
	}
}

// allowedBy are the actions that the statements of these IDs allow.
func allowedBy(all []Statement, ids []string) (actions []string) {
	for _, s := range all {
		if slices.Contains(ids, s.ID) {
			actions = append(actions, s.Actions...)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}
