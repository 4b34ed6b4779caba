package parity

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// edges are the interfaces through which the functions call AWS, with the statements that allow it. The emulators let
// everything pass, so that nothing else would notice a call that the role may not make, or one that nobody makes any more.
var edges = []struct {
	file, iface, service string
	role                 string
	statements           []string
}{
	{"../../internal/dynamo/control.go", "StoreClient", "dynamodb", "flusher", []string{"KeepControl"}},
	{"../../internal/dynamo/table.go", "TableClient", "dynamodb", "flusher", []string{"ReadTable", "FindByExternalId", "ScanForSync"}},
	{"../../internal/dynamo/items.go", "ItemsClient", "dynamodb", "items-api", []string{"ServeItems"}},
	{"../../internal/sqs/queue.go", "Client", "sqs", "flusher", []string{"WorkQueues"}},
	{"../../internal/dynamo/storeshape.go", "StoreDescriber", "dynamodb", "operator", []string{"CheckControl"}},
	{"../../internal/dynamo/table.go", "TableClient", "dynamodb", "operator", []string{"ReadTable", "FindByExternalId"}},
	{"../../internal/dynamo/control.go", "StoreClient", "dynamodb", "operator", []string{"KeepControl"}},
	{"../../internal/sqs/queue.go", "Client", "sqs", "operator", []string{"WorkQueues"}},
	{"../../internal/cloudwatch/metric.go", "Client", "cloudwatch", "operator", []string{"ReadMetrics"}},
	{"../../internal/aws/secret.go", "secretsClient", "secretsmanager", "flusher", []string{"ReadOktaSecret"}},
}

func TestRolesMayWhatTheCodeCalls(t *testing.T) {
	terraform, _, _ := houses(t, "complete")
	for _, edge := range edges {
		var allowed []string
		for _, s := range terraform.Roles[edge.role] {
			if slices.Contains(edge.statements, s.ID) {
				allowed = append(allowed, s.Actions...)
			}
		}
		slices.Sort(allowed)
		if called := actions(t, edge.file, edge.iface, edge.service); !slices.Equal(allowed, called) {
			t.Errorf("%s %v allow %v; %s calls %v", edge.role, edge.statements, allowed, edge.iface, called)
		}
	}
}

// actions are those that the methods of an interface need. A batch of SQS needs what one message needs.
func actions(t *testing.T, file, iface, service string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != iface {
			return true
		}
		for _, method := range spec.Type.(*ast.InterfaceType).Methods.List {
			name := method.Names[0].Name
			if service == "sqs" {
				name = strings.TrimSuffix(name, "Batch")
			}
			found = append(found, service+":"+name)
		}
		return false
	})
	if len(found) == 0 {
		t.Fatalf("%s has no interface %s", file, iface)
	}
	slices.Sort(found)
	return found
}
