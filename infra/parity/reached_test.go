package parity

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program is a command of the repository with all it is made of, as far as calls go.
type program struct {
	// bodies are what each function of ours uses, function literals in it included, and what the initial value of each variable
	// of a package does. Under nil is what starts by itself.
	bodies map[types.Object][]types.Object
	// theirs are the interfaces of the packages that the repository imports.
	theirs []*types.Interface
	main   types.Object
}

// listed is what is read of `go list -deps`.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Module                  *struct{ Path string }
}

// load reads a command of the repository, given as a path in it.
func load(t *testing.T, command string) *program {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Module", "./"+command)
	list.Dir = filepath.Join("..", "..")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list %s: %v", command, err)
	}
	p := &program{bodies: map[types.Object][]types.Object{}}
	exports, checked := map[string]string{}, map[string]*types.Package{}
	files := token.NewFileSet()
	others := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	imports := importing(func(path string) (*types.Package, error) {
		if of := checked[path]; of != nil {
			return of, nil
		}
		return others.Import(path)
	})
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var it listed
		if err := decoder.Decode(&it); errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			t.Fatal(err)
		}
		if it.Module == nil || it.Module.Path != "rollcall" {
			exports[it.ImportPath] = it.Export
			continue
		}
		if checked[it.ImportPath], err = p.check(files, it, imports); err != nil {
			t.Fatalf("read %s: %v", it.ImportPath, err)
		}
	}
}

type importing func(path string) (*types.Package, error)

func (i importing) Import(path string) (*types.Package, error) { return i(path) }

// check reads a package of the repository into the program.
func (p *program) check(files *token.FileSet, it listed, imports types.Importer) (*types.Package, error) {
	var parsed []*ast.File
	for _, name := range it.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(it.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: imports}
	pkg, err := config.Check(it.ImportPath, files, parsed, info)
	if err != nil {
		return nil, err
	}
	for _, file := range parsed {
		for _, decl := range file.Decls {
			p.enter(decl, info)
		}
	}
	for _, imported := range pkg.Imports() {
		if !strings.HasPrefix(imported.Path(), "rollcall/") {
			p.theirs = append(p.theirs, interfaces(imported)...)
		}
	}
	return pkg, nil
}

// enter enters what a declaration uses.
func (p *program) enter(decl ast.Decl, info *types.Info) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		of := info.Defs[decl.Name]
		switch {
		case decl.Name.Name == "init":
			of = nil
		case decl.Name.Name == "main" && of.Pkg().Name() == "main":
			p.main = of
		}
		p.uses(of, decl.Body, info)
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			if variables, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range variables.Names {
					p.uses(info.Defs[name], spec, info)
				}
			}
		}
	}
}

func (p *program) uses(of types.Object, body ast.Node, info *types.Info) {
	p.bodies[of] = append(p.bodies[of], nil) // it is ours
	ast.Inspect(body, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			switch used := info.Uses[name].(type) {
			case *types.Func:
				p.bodies[of] = append(p.bodies[of], used.Origin())
			case *types.Var, *types.TypeName:
				p.bodies[of] = append(p.bodies[of], used)
			}
		}
		return true
	})
}

func interfaces(pkg *types.Package) (all []*types.Interface) {
	for _, name := range pkg.Scope().Names() {
		declared, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !declared.Exported() {
			continue
		}
		if it, ok := declared.Type().Underlying().(*types.Interface); ok && it.NumMethods() > 0 && it.IsMethodSet() {
			all = append(all, it)
		}
	}
	return all
}

// reach is what a run of a program may come to.
type reach struct {
	*program
	// functions are variables of packages too.
	functions map[types.Object]bool
	// types are those of which there may be values.
	types map[*types.Named]bool
}

// reached are the functions that a run of the program may come to: those that main and what it comes to use, and the methods that
// stand behind an interface's where that is used, or is somebody else's, of types that it comes to.
func (p *program) reached() map[types.Object]bool {
	r := reach{program: p, types: map[*types.Named]bool{}}
	for before := -1; before < len(r.functions)+len(r.types); {
		before = len(r.functions) + len(r.types)
		r.functions = map[types.Object]bool{}
		r.come(nil)
		r.come(p.main)
		for _, of := range p.theirs {
			for method := range of.Methods() {
				r.comeBehind(of, method.Name())
			}
		}
	}
	return r.functions
}

func (r reach) come(to types.Object) {
	if r.functions[to] {
		return
	}
	r.functions[to] = true
	for _, used := range r.bodies[to] {
		switch used := used.(type) {
		case *types.Func, *types.Var:
			r.come(used)
		case *types.TypeName:
			r.hold(used.Type())
		}
	}
	if f, ok := to.(*types.Func); ok && f.Signature().Recv() != nil {
		if of, ok := f.Signature().Recv().Type().Underlying().(*types.Interface); ok {
			r.comeBehind(of, f.Name())
		}
	}
}

// hold enters a type, and those of its members that are there with it.
func (r reach) hold(t types.Type) {
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if r.types[named] {
			return
		}
		r.types[named] = true
	}
	if structure, ok := t.Underlying().(*types.Struct); ok {
		for member := range structure.Fields() {
			if _, pointer := member.Type().Underlying().(*types.Pointer); !pointer {
				r.hold(member.Type())
			}
		}
	}
}

// comeBehind comes to the methods of that name of the types that implement the interface.
func (r reach) comeBehind(of *types.Interface, name string) {
	for named := range r.types {
		if named.TypeParams().Len() > 0 || types.IsInterface(named) || !types.Implements(types.NewPointer(named), of) {
			continue
		}
		object, _, _ := types.LookupFieldOrMethod(named, true, named.Obj().Pkg(), name)
		if method, ok := object.(*types.Func); ok {
			r.come(method.Origin())
		}
	}
}

const services = "github.com/aws/aws-sdk-go-v2/service/"

// awsCalls are the calls of AWS that the program may make, by what they go through: an interface of ours ("dynamo.StoreClient"),
// or the SDK itself. A call is known by its input.
func (p *program) awsCalls() map[string][]string {
	calls := map[string][]string{}
	for to := range p.reached() {
		f, ok := to.(*types.Func)
		if !ok {
			continue
		}
		through := "SDK"
		if receiver := f.Signature().Recv(); receiver != nil {
			if named, ok := receiver.Type().(*types.Named); ok && types.IsInterface(named) && named.Obj().Pkg() != nil {
				through = named.Obj().Pkg().Name() + "." + named.Obj().Name()
			}
		}
		if _, written := p.bodies[f]; written {
			continue // it is ours, and hands the input on
		}
		for parameter := range f.Signature().Params().Variables() {
			pointer, ok := parameter.Type().(*types.Pointer)
			if !ok {
				continue
			}
			input, ok := pointer.Elem().(*types.Named)
			if !ok || input.Obj().Pkg() == nil || !strings.HasPrefix(input.Obj().Pkg().Path(), services) {
				continue
			}
			if operation, ok := strings.CutSuffix(input.Obj().Name(), "Input"); ok {
				service := strings.TrimPrefix(input.Obj().Pkg().Path(), services)
				calls[through] = append(calls[through], action(service, operation))
			}
		}
	}
	for through := range calls {
		slices.Sort(calls[through])
		calls[through] = slices.Compact(calls[through])
	}
	return calls
}

// action is what IAM calls an operation.
func action(service, operation string) string {
	switch {
	case service == "sqs": // a batch needs what one message needs
		operation = strings.TrimSuffix(operation, "Batch")
	case service == "s3" && operation == "ListObjectsV2":
		operation = "ListBucket"
	case service == "s3" && operation == "HeadObject":
		operation = "GetObject"
	case service == "dynamodbstreams":
		service = "dynamodb"
	}
	return service + ":" + operation
}
