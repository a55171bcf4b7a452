package query

import (
	"strings"

	"propusk/internal/spelling"
)

// Expr is a condition that rows meet or do not.
type Expr interface{ Test(r Row) bool }

// And is met when both are.
type And struct{ Left, Right Expr }

// Or is met when one is.
type Or struct{ Left, Right Expr }

// Not turns a condition round.
type Not struct{ Of Expr }

// Compare sets two operands against each other: Op is eq, ne, gt, ge, lt or le.
type Compare struct {
	Op          string
	Left, Right Operand
}

// Match looks for a text in another: Func is contains, startswith or endswith.
type Match struct {
	Func     string
	In, What Operand
}

// Operand is a field, or a literal where Field is "".
type Operand struct {
	Field string
	Value Value
	Kind  Kind // of the field or literal
}

func (o Operand) of(r Row) Value {
	if o.Field == "" {
		return o.Value
	}
	return r.Field(o.Field)
}

// Test implements Expr.
func (e And) Test(r Row) bool { return e.Left.Test(r) && e.Right.Test(r) }

// Test implements Expr.
func (e Or) Test(r Row) bool { return e.Left.Test(r) || e.Right.Test(r) }

// Test implements Expr.
func (e Not) Test(r Row) bool { return !e.Of.Test(r) }

// Test implements Expr. What is null is neither greater nor less (OData 4.01
// URL Conventions §5.1.1.1).
func (e Compare) Test(r Row) bool {
	a, b := e.Left.of(r), e.Right.of(r)
	c := compare(a, b)
	switch e.Op {
	case "eq":
		return c == 0
	case "ne":
		return c != 0
	}
	if a.Kind == NullKind || b.Kind == NullKind {
		return false
	}
	switch e.Op {
	case "gt":
		return c > 0
	case "ge":
		return c >= 0
	case "lt":
		return c < 0
	}
	return c <= 0
}

// Test implements Expr. Texts are compared folded, whatever case they have.
func (e Match) Test(r Row) bool {
	in, what := spelling.Fold(e.In.of(r).Text), spelling.Fold(e.What.of(r).Text)
	switch e.Func {
	case "contains":
		return strings.Contains(in, what)
	case "startswith":
		return strings.HasPrefix(in, what)
	}
	return strings.HasSuffix(in, what)
}
