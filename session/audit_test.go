package session

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
)

func TestOfEveryReasonItIsSaidWhetherTheAuditKeepsIt(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Reason" {
			return true
		}
		reason, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		declared++
		if _, said := audited[Reason(reason)]; !said {
			t.Errorf("%s: say in audited whether refusing by it is a security decision", spec.Names[0].Name)
		}
		return true
	})
	if declared == 0 || declared != len(audited) {
		t.Errorf("%d reasons are declared, and %d stand in audited", declared, len(audited))
	}
}
