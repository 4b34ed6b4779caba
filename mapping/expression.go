package mapping

import "github.com/expr-lang/expr/ast"

// envName is expr's name of the whole environment, here of the item.
const envName = "$env"

// attributeOf returns the attribute that a node is the name of: email, or $env["e-mail"].
func attributeOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value, n.Value != envName
	case *ast.MemberNode:
		env, ok := n.Node.(*ast.IdentifierNode)
		name, isString := n.Property.(*ast.StringNode)
		if ok && isString && env.Value == envName {
			return name.Value, true
		}
	case *ast.ChainNode:
		return attributeOf(n.Node)
	}
	return "", false
}

// found is what findAttributes finds: the attributes that an expression reads, and a use of $env that hides which.
type found struct {
	names   []string
	bareEnv ast.Node
}

// findAttributes walks an expression. The variables that it declares itself are not attributes.
func findAttributes(root ast.Node) found {
	f := finder{skip: map[ast.Node]bool{}, declared: map[string]bool{}}
	ast.Walk(&root, &f)
	var result found
	for _, node := range f.identifiers {
		switch {
		case f.skip[node] || f.declared[node.Value]:
		case node.Value == envName:
			result.bareEnv = node
		default:
			result.names = append(result.names, node.Value)
		}
	}
	result.names = append(result.names, f.members...)
	return result
}

// finder sees children before their parents.
type finder struct {
	identifiers []*ast.IdentifierNode
	members     []string
	skip        map[ast.Node]bool // names of functions, and $env where its member is named
	declared    map[string]bool
}

func (f *finder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		f.identifiers = append(f.identifiers, n)
	case *ast.VariableDeclaratorNode:
		f.declared[n.Name] = true
	case *ast.CallNode:
		f.skip[n.Callee] = true
	case *ast.MemberNode:
		if name, ok := attributeOf(n); ok {
			f.members = append(f.members, name)
			f.skip[n.Node] = true
		}
	}
}
