package bind_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"propusk/internal/authority"
	"propusk/internal/web/bind"
)

type place struct {
	City string `json:"city" required:"true"`
	Zip  *int   `json:"zip"`
}

type order struct {
	Title    string           `json:"title"`
	Count    int              `json:"count"`
	Small    int8             `json:"small"`
	Ratio    float64          `json:"ratio"`
	Open     *bool            `json:"open"`
	Deadline time.Time        `json:"deadline"`
	Token    authority.Secret `json:"serviceToken"`
	Tags     []string         `json:"tags"`
	Place    place            `json:"place"`
	Extra    map[string]int   `json:"extra"`
	Raw      json.RawMessage  `json:"raw"`
	Any      any              `json:"any"`
}

// decode reads body as an order.
func decode(body string, o bind.Options) (got order, err error) {
	err = bind.ShapeOf(reflect.TypeFor[order](), o).Decode([]byte(body), reflect.ValueOf(&got).Elem())
	return got, err
}

func TestJSONReads(t *testing.T) {
	got, err := decode("\xef\xbb\xbf"+` {"title":"Приме\u0440 \ud83d\ude00 e\u0301\n", "count":-7,"ratio":1e2,"open":false,
		"deadline":"2024-05-20T10:00:00+03:00","serviceToken":"s","tags":["a",null,"b"],"place":{"city":"K","zip":1},
		"extra":{"x":1},"raw":[1, 2],"any":{"n":12345678901234567890},"unknown":{"deep":[{}]},"TITLE2":1} `, bind.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Title != "Пример 😀 é\n" {
		t.Errorf("title %q is not in normal form C", got.Title)
	}
	if got.Count != -7 || got.Ratio != 100 || got.Open == nil || *got.Open || got.Token.Reveal() != "s" ||
		len(got.Tags) != 3 || got.Place.City != "K" || *got.Place.Zip != 1 || got.Extra["x"] != 1 || string(got.Raw) != "[1, 2]" {
		t.Errorf("got %+v", got)
	}
	if !got.Deadline.Equal(time.Date(2024, 5, 20, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("deadline %v", got.Deadline)
	}
	if n := got.Any.(map[string]any)["n"]; n != json.Number("12345678901234567890") {
		t.Errorf("a large number lost digits: %v", n)
	}
}

// B38: what is broken is Malformed and says where.
func TestJSONRefusesBrokenText(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "blank": " ", "cut": `{"title":"x`, "cut object": `{"title":"x"`, "no colon": `{"title" "x"}`,
		"comma at end": `{"title":"x",}`, "array comma": `{"tags":["x",]}`, "two values": `{} {}`, "tail": `{}x`,
		"single quotes": `{'title':'x'}`, "bare key": `{title:1}`, "leading zero": `{"count":01}`, "plus": `{"count":+1}`,
		"hex": `{"count":0x1}`, "dot": `{"ratio":1.}`, "dot first": `{"ratio":.1}`, "exponent": `{"ratio":1e}`, "minus": `{"count":-}`,
		"NaN": `{"ratio":NaN}`, "Infinity": `{"ratio":Infinity}`, "True": `{"open":True}`, "comment": `{/**/}`,
		"control": "{\"title\":\"a\nb\"}", "escape": `{"title":"\x41"}`, "short escape": `{"title":"\u12"}`, "NUL": `{"title":"a\u0000"}`,
		"raw NUL": "{\"title\":\"a\x00\"}", "NUL behind": "{}\x00", "bad UTF-8": "{\"title\":\"\xff\"}", "overlong": "{\"title\":\"\xc0\xaf\"}",
		"lone high": `{"title":"\ud800"}`, "lone low": `{"title":"\udc00"}`, "high high": `{"title":"\ud800\ud800"}`, "encoded surrogate": "{\"title\":\"\xed\xa0\x80\"}",
		"twice": `{"title":"a","title":"b"}`, "twice by case": `{"title":"a","Title":"b"}`, "twice by escape": `{"title":"a","titl\u0065":"b"}`,
		"kelvin": `{"k":1,"\u212a":2}`, "long s": `{"s":1,"ſ":2}`, "twice deep": `{"other":{"a":1,"A":1}}`, "bad in unknown": `{"other":{"a":"\ud800"}}`,
		"deep": strings.Repeat("[", 65) + strings.Repeat("]", 65), "very deep": strings.Repeat("[", 100000), "UTF-16": "\xff\xfe{\x00}\x00",
		"wrong kind, then broken": `{"title":1,`,
	} {
		_, err := decode(body, bind.Options{})
		if authority.CodeOf(err) != authority.Malformed {
			t.Errorf("%s: %v", name, err)
		}
		var e *authority.Error
		if errors.As(err, &e) && e.Fields["position"] == "" {
			t.Errorf("%s: no position in %v", name, err)
		}
	}
}

func TestJSONRefusesWrongKinds(t *testing.T) {
	for body, want := range map[string]string{
		`[]`:                            "the body must be an object",
		`"x"`:                           "the body must be an object",
		`{"title":1}`:                   "title must be a string",
		`{"title":{"a":1}}`:             "title must be a string",
		`{"count":"1"}`:                 "count must be an integer",
		`{"count":1.0}`:                 "count must be an integer",
		`{"count":1e2}`:                 "count must be an integer",
		`{"count":9223372036854775808}`: "count must be an integer",
		`{"small":128}`:                 "small must be an integer",
		`{"ratio":1e999}`:               "ratio must be a number",
		`{"open":"true"}`:               "open must be a boolean",
		`{"open":1}`:                    "open must be a boolean",
		`{"deadline":"tomorrow"}`:       "deadline must be a date-time",
		`{"deadline":5}`:                "deadline must be a date-time",
		`{"serviceToken":5}`:            "serviceToken must be a string",
		`{"tags":"a"}`:                  "tags must be an array",
		`{"tags":[1]}`:                  "tags[0] must be a string",
		`{"tags":["a",{"b":1}]}`:        "tags[1] must be a string",
		`{"place":{"city":1}}`:          "place.city must be a string",
		`{"extra":{"x":"y"}}`:           "extra.x must be an integer",
	} {
		_, err := decode(body, bind.Options{})
		var e *authority.Error
		if !errors.As(err, &e) || e.Code != authority.InvalidValue || e.Message != want {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	if _, err := decode(`{"place":{}}`, bind.Options{}); authority.CodeOf(err) != authority.InvalidRequest {
		t.Errorf("a required field that is missing: %v", err)
	}
}

// A key that is a known one but for its case is named, at any depth; an unknown
// one is passed over.
func TestJSONExactKeys(t *testing.T) {
	for body, want := range map[string]string{
		`{"Title":"a"}`:                     "title",
		`{"place":{"CITY":"a","city":"b"}}`: "",
		`{"place":{"City":"a"}}`:            "city",
		`{"ſervicetoken":"a"}`:              "serviceToken",
		`{"titles":"a","place":{"x":1}}`:    "place.city", // missing
	} {
		_, err := decode(body, bind.Options{Exact: true})
		var e *authority.Error
		if !errors.As(err, &e) || e.Fields["parameter"] != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Where a body names what changes, null is neither a value nor left out.
func TestJSONNoNull(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":null}`:                              "title",
		`{"title":"a","place":{"city":null}}`:         "place.city",
		`{"other":null,"place":{"city":"a"}}`:         "",
		`{"title":"a","place":{"city":"a","x":null}}`: "",
	} {
		_, err := decode(body, bind.Options{Solid: true})
		var e *authority.Error
		if want == "" && err != nil || want != "" && (!errors.As(err, &e) || e.Code != authority.InvalidRequest || e.Fields["parameter"] != want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Where unknown keys are refused the first one is named, at any depth.
func TestJSONWholeKeys(t *testing.T) {
	for body, want := range map[string]string{
		`{"titles":"a"}`:               "titles",
		`{"place":{"city":"a","x":1}}`: "place.x",
	} {
		_, err := decode(body, bind.Options{Whole: true})
		var e *authority.Error
		if !errors.As(err, &e) || e.Code != authority.InvalidRequest || e.Fields["parameter"] != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestJSONKeysByCase(t *testing.T) {
	body := `{"TITLE":"a","ServiceToken":"b"}`
	if got, err := decode(body, bind.Options{Fold: true}); err != nil || got.Title != "a" || got.Token.Reveal() != "b" {
		t.Errorf("folded: %+v %v", got, err)
	}
	if got, err := decode(body, bind.Options{}); err != nil || got.Title != "" || !got.Token.Empty() {
		t.Errorf("exact: %+v %v", got, err)
	}
}

// What we take, encoding/json takes too, and reads the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"title":"a","count":1}`, `{"tags":["x"],"place":{"city":"k","zip":3}}`, `{"title":"\ud83d\ude00"}`, `{"a":{"A":1}}`, `{"raw":[1,{"x":null}],"any":1e5}`, "{\"title\":\"\xff\"}", `{"ratio":-0.5e-3}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(string(body), bind.Options{})
		code := authority.CodeOf(err)
		if code == authority.Internal {
			t.Fatalf("%q: %v", body, err)
		}
		plain := bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
		if code == "" && (!json.Valid(plain) || !utf8.Valid(plain)) {
			t.Fatalf("%q was taken", body)
		}
		if code != "" || bytes.ContainsAny(plain, "\\") {
			return
		}
		var want struct {
			Count int     `json:"count"`
			Ratio float64 `json:"ratio"`
		}
		dec := json.NewDecoder(bytes.NewReader(plain))
		if dec.Decode(&want) == nil && got.Count != 0 && (want.Count != got.Count || want.Ratio != got.Ratio) {
			t.Fatalf("%q: %+v, encoding/json %+v", body, got, want)
		}
	})
}
