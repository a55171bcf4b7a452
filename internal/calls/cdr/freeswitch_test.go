package cdr_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"propusk/internal/calls/cdr"
)

// sample is one of testdata/freeswitch.jsonl: what mod_json_cdr writes, less the
// variables that nobody reads.
type sample struct {
	What   string
	Want   string
	Record json.RawMessage
}

func samples(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/freeswitch.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for line := range strings.Lines(string(text)) {
		var s sample
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func sayRecord(document []byte) string {
	call, err := cdr.FreeSWITCH(document)
	if err != nil {
		return err.Error()
	}
	return strings.TrimPrefix(say(0, call), "0 ")
}

func TestFreeSWITCH(t *testing.T) {
	for _, s := range samples(t) {
		if got := sayRecord(s.Record); got != s.Want {
			t.Errorf("%s:\n got %s\nwant %s", s.What, got, s.Want)
		}
		if got := sayRecord(encodeValues(t, s.Record)); got != s.Want {
			t.Errorf("%s, with values encoded:\n got %s\nwant %s", s.What, got, s.Want)
		}
	}
}

// encodeValues writes every value as encode-values does, which is the default.
func encodeValues(t *testing.T, document []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case string:
			return url.PathEscape(v)
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for key := range v {
				v[key] = walk(v[key])
			}
		}
		return v
	}
	out, err := json.Marshal(walk(v))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Variables may be coded where nothing with a blank says so.
func TestNumbersThatAreCoded(t *testing.T) {
	call, err := cdr.FreeSWITCH([]byte(`{"variables":{"uuid":"x","start_epoch":"5","end_epoch":"6","caller_id_number":"%2B74998880001","destination_number":"%2A98"},"callflow":[]}`))
	if err != nil || call.From.Number != "+74998880001" || call.To.Number != "*98" {
		t.Errorf("%+v %v", call, err)
	}
}

func TestWhatIsNoRecord(t *testing.T) {
	for _, text := range []string{
		"", "[]", "{}", "null", `{"variables":{}}`, `{"variables":{"uuid":"x"}}`, `{"variables":{"uuid":"x","start_epoch":"later"}}`,
		`{"variables":{"uuid":"x","start_epoch":"9999999999999999","end_epoch":"1"}}`, `{"variables":{"uuid":"x","start_epoch":"5","end_epoch":"1"}}`,
		`{"variables":{"uuid":["x"],"start_epoch":"5","end_epoch":"6"}}`, `{"variables":"x"}`,
		"{\"variables\":{\"uuid\":\"x\xff\",\"start_epoch\":\"5\",\"end_epoch\":\"6\"}}",
	} {
		if _, err := cdr.FreeSWITCH([]byte(text)); err == nil || errors.Is(err, cdr.ErrOtherLeg) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzFreeSWITCH(f *testing.F) {
	for _, s := range samples(f) {
		f.Add([]byte(s.Record))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		call, err := cdr.FreeSWITCH(document)
		if err == nil && (call.Duration < 0 || call.Talk < 0 || call.Talk > call.Duration || call.Direction == 0 || call.SourceID == "") {
			t.Fatalf("%+v", call)
		}
	})
}
