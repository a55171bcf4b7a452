package schema_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/explorer/schema"
)

type word string

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *word) UnmarshalText(text []byte) error { *w = word(text); return nil }

// Words says which texts there are.
func (word) Words() string { return "up or down" }

type moment struct{ at time.Time }

// MarshalJSON implements json.Marshaler.
func (m moment) MarshalJSON() ([]byte, error) { return json.Marshal(m.at.Format(time.RFC3339)) }

type inner struct {
	Name string `json:"name" required:"true" example:"Anna"`
}

type outer struct {
	inner

	Path   int              `path:"id"`
	Count  int              `json:"count"   default:"5" min:"1" max:"9" about:"How many"`
	Way    *word            `json:"way"`
	At     *time.Time       `json:"at,omitempty"`
	Said   moment           `json:"said"`
	Secret authority.Secret `json:"secret"`
	Kinds  []string         `json:"kinds"   enum:"a,b"`
	Free   json.RawMessage  `json:"free"`
	Table  map[string]int64 `json:"table"`
	Again  *outer           `json:"again"`
}

func written(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

const members = `"name":{"type":"string","examples":["Anna"]},` +
	`"count":{"type":"integer","description":"How many","default":5,"minimum":1,"maximum":9},` +
	`"way":{"type":["string","null"],"description":"up or down"},` +
	`"at":{"type":["string","null"],"format":"date-time"},"said":{"type":"string","format":"date-time"},` +
	`"secret":{"type":"string","format":"password","writeOnly":true},` +
	`"kinds":{"type":"array","items":{"type":"string","enum":["a","b"]}},"free":{},` +
	`"table":{"type":"object","additionalProperties":{"type":"integer","format":"int64"}},`

func TestRequest(t *testing.T) {
	equal(t, written(t, schema.Request(reflect.TypeFor[outer]())),
		`{"type":"object","properties":{`+members+`"again":{}},"required":["name"]}`)
}

func TestAnswers(t *testing.T) {
	a := &schema.Answers{}
	equal(t, written(t, a.Of(reflect.TypeFor[[]outer]())), `{"type":"array","items":{"$ref":"#/components/schemas/Outer"}}`)
	equal(t, written(t, a.Components()["Outer"]), `{"type":"object","properties":{`+members+
		`"again":{"anyOf":[{"$ref":"#/components/schemas/Outer"},{"type":"null"}]}},`+
		`"required":["name","count","way","said","secret","kinds","free","table","again"]}`)
	type outer struct {
		A bool `json:"a"`
	}
	equal(t, written(t, a.Of(reflect.TypeFor[outer]())), `{"$ref":"#/components/schemas/Outer2"}`)
	equal(t, written(t, a.Like("Error", map[string]any{"code": 1.0})), `{"$ref":"#/components/schemas/Error"}`)
	equal(t, written(t, a.Like("Error", map[string]any{"code": 2.0})), `{"$ref":"#/components/schemas/Error"}`)
	equal(t, written(t, a.Like("Error", map[string]any{"code": "x"})), `{"$ref":"#/components/schemas/Error2"}`)
}

func TestExample(t *testing.T) {
	got, ok := schema.Request(reflect.TypeFor[inner]()).Example()
	if !ok {
		t.Fatal("there is an example")
	}
	equal(t, written(t, got), `{"name":"Anna"}`)
	if _, ok := schema.Request(reflect.TypeFor[struct {
		A int `json:"a"`
	}]()).Example(); ok {
		t.Error("an example out of nothing")
	}
}
