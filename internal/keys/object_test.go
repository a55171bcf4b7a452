package keys_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"propusk/internal/keys"
)

type inner struct {
	Grant string `json:"grant"`
}

type embedded struct {
	Name string `json:"name"`
}

type wire struct {
	embedded
	Sub    string           `json:"sub"`
	Exp    int64            `json:"exp"`
	Skip   string           `json:"-"`
	Bare   string           // read as "Bare"
	Core   *inner           `json:"core"`
	List   []inner          `json:"list"`
	Grid   [][]inner        `json:"grid"`
	ByName map[string]inner `json:"by_name"`
	When   time.Time        `json:"when"`
	Raw    json.RawMessage  `json:"raw"`
	Self   *wire            `json:"self"`
	hidden string
}

// decode reads data into a T.
func decode[T any](data []byte) (T, error) { return keys.NewDecoder[T]().Decode(data) }

func TestDecoderTakes(t *testing.T) {
	cases := map[string]string{
		"empty":          `{}`,
		"blanks around":  " \t\r\n{ } \n",
		"unknown member": `{"sub":"1","other":{"a":[1,{"b":null}]}}`,
		"null":           `{"exp":null,"core":null}`,
		"same name elsewhere": `{"sub":"1","core":{"grant":"g"},"list":[{"grant":"1"},{"grant":"2"}],` +
			`"grid":[[{"grant":"1"}],[{"grant":"1"}]],"by_name":{"a":{"grant":"1"},"b":{"grant":"1"}}}`,
		"own decoding judges itself":   `{"raw":{"SUB":1,"GRANT":2},"when":"2026-01-01T00:00:00Z"}`,
		"case of unread names":         `{"other":{"SUB":1,"Grant":2},"hidden":"x","HIDDEN2":1,"skip":1}`,
		"value that looks like a name": `{"sub":"\":","other":["a:","sub","sub"]}`,
		"escaped name":                 `{"\u0073ub":"1"}`,
		"promoted":                     `{"name":"n","Bare":"b"}`,
		"backslashes":                  `{"sub":"\\","other":"\\\"","\\":1,"\"":2}`,
	}
	for name, text := range cases {
		if _, err := decode[wire]([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := decode[wire]([]byte(`{"sub":"s","exp":5,"name":"n","Bare":"b","core":{"grant":"g"}}`))
	if err != nil || w.Sub != "s" || w.Exp != 5 || w.Name != "n" || w.Bare != "b" || w.Core.Grant != "g" || w.hidden != "" {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestDecoderRefuses(t *testing.T) { // B6, rule 15
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	cases := map[string]string{
		"nothing":                  ``,
		"blanks":                   `  `,
		"null":                     `null`,
		"number":                   `1`,
		"string":                   `"{}"`,
		"array":                    `[{}]`,
		"open":                     `{"sub":"1"`,
		"text behind":              `{"sub":"1"}x`,
		"second object":            `{"sub":"1"}{"sub":"2"}`,
		"comma at the end":         `{"sub":"1",}`,
		"comment":                  `{/**/}`,
		"NUL behind":               "{}\x00",
		"byte order mark":          "\ufeff{}",
		"invalid UTF-8":            "{\"sub\":\"\xc3\x28\"}",
		"doubled":                  `{"sub":"1","sub":"1"}`,
		"doubled by escape":        `{"sub":"1","\u0073ub":"2"}`,
		"doubled by case":          `{"sub":"1","Sub":"2"}`,
		"doubled unread":           `{"x":1,"x":1}`,
		"doubled in depth":         `{"x":[{"y":{"z":1,"z":2}}]}`,
		"doubled behind an array":  `{"x":1,"y":[{"x":1}],"x":2}`,
		"doubled by blanks":        "{\"x\" :1,\"x\"\n: 1}",
		"other case":               `{"SUB":"1"}`,
		"one letter in other case": `{"suB":"1"}`,
		"long s":                   `{"ſub":"1"}`,
		"long s, escaped":          `{"\u017fub":"1"}`,
		"other case in depth":      `{"core":{"Grant":"g"}}`,
		"other case in a list":     `{"list":[{"grant":"1"},{"GRANT":"2"}]}`,
		"other case in a grid":     `{"grid":[[],[{"grant":"1"},{"GRANT":"2"}]]}`,
		"other case in a map":      `{"by_name":{"a":{"GRANT":"1"}}}`,
		"other case of promoted":   `{"Name":"n"}`,
		"other case of untagged":   `{"bare":"b"}`,
		"lone surrogates, doubled": `{"\ud800":1,"\udfff":2}`,
		"number as string":         `{"exp":"5"}`,
		"huge number":              `{"exp":1e30}`,
		"fraction":                 `{"exp":1.5}`,
		"string as number":         `{"sub":1}`,
		"nested too deeply":        deep,
		"array nested too deeply":  `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
		"array nested without end": `{"a":` + strings.Repeat("[", 4000),
	}
	for name, text := range cases {
		if w, err := decode[wire]([]byte(text)); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("%s: %v, %+v", name, err, w)
		}
	}
	many := make(map[string]int)
	for i := range 256 {
		many[strings.Repeat("x", i+1)] = i
	}
	if _, err := decode[wire]([]byte(encode(t, many))); err != nil {
		t.Errorf("256 members: %v", err)
	}
	many["y"] = 1
	if _, err := decode[wire]([]byte(encode(t, many))); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("257 members: %v", err)
	}
	var zero keys.Decoder[wire]
	if w, err := zero.Decode([]byte(`{"sub":"s"}`)); err != nil || w.Sub != "s" {
		t.Errorf("the zero Decoder: %+v, %v", w, err)
	}
	if _, err := zero.Decode([]byte(`{"SUB":"s"}`)); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("the zero Decoder took another case: %v", err)
	}
	type keyed struct {
		Kid string `json:"kid"`
	}
	if kelvin, err := decode[keyed]([]byte(`{"` + "\u212a" + `id":"x"}`)); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("the Kelvin sign: %v, %+v", err, kelvin)
	}
}

// FuzzDecoder holds a Decoder against encoding/json: what it takes,
// encoding/json reads in the same way, and reading it as a map (which does not
// fold case) gives the same members.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"sub":"1","exp":5}`, `{"sub":"1","Sub":"2"}`, `{"a":[{"b":1},{"b":2}]}`, `{"\u0073ub":"\""}`, `[1]`, `{"ſub":1}`, ` {"x":"\\"} `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		type short struct {
			Sub string `json:"sub"`
			Exp int64  `json:"exp"`
		}
		w, err := decode[short](data)
		if err != nil {
			if !errors.Is(err, keys.ErrInvalid) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		var members map[string]any
		if err := json.Unmarshal(data, &members); err != nil {
			t.Fatalf("%q was taken: %v", data, err)
		}
		if sub, _ := members["sub"].(string); sub != w.Sub {
			t.Fatalf("%q: sub is %q and %q", data, sub, w.Sub)
		}
	})
}
