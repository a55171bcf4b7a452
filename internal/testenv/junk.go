package testenv

import (
	"cmp"
	"net/http"
	"strings"
	"testing"
	"time"
)

// junk sends what cannot be read: each gets a refusal in the dialect's shape, soon
// (rule 5; B38–B40, B45).
func (x *exam) junk(t *testing.T) {
	if x.good.Type == Form {
		x.bodies(t, Form, badForms(), false)
	} else if x.good.Body != "" {
		x.bodies(t, JSON, badJSON(), true)
		x.bodies(t, JSON, oddJSON(), false)
		x.bodies(t, JSON, x.fields(), false)
	}
	for _, query := range badQueries() {
		x.quick(t, x.query(query))
	}
	for name, id := range x.ids {
		if !strings.Contains(x.rt.Pattern, "{"+name+"}") {
			continue
		}
		for _, bad := range badSegments() {
			call := x.good
			call.Path = strings.Replace(call.Path, id, bad, 1)
			if a := x.quick(t, call); a.Status < 300 && x.rt.Method != http.MethodGet {
				t.Errorf("B40: %s: %d", call.Path, a.Status)
			}
		}
	}
}

func (x *exam) bodies(t *testing.T, kind string, bodies []string, unreadable bool) {
	t.Helper()
	for _, body := range bodies {
		call := x.good
		call.Type, call.Body = kind, body
		a := x.quick(t, call)
		if unreadable && a.Status != 400 {
			t.Errorf("B38: %.60q: %d %s", body, a.Status, a.Body)
		}
	}
	for _, kind := range []string{"text/plain", "application/xml", "multipart/form-data; boundary=x", "a/b; charset=utf-16", "%"} {
		call := x.good
		call.Type = kind
		x.quick(t, call)
	}
	call := x.good
	call.Body = strings.Repeat(" ", int(cmp.Or(x.rt.MaxBody, 1<<20))) + x.good.Body
	if a := x.quick(t, call); a.Status != 413 {
		t.Errorf("rule 5: a body over the limit: %d", a.Status)
	}
	if a := x.quick(t, x.good.With("Content-Encoding", "gzip")); a.Status != 415 && a.Status != 400 {
		t.Errorf("B39: Content-Encoding gzip: %d", a.Status)
	}
}

// quick is ask with the route's bearer and a bound on time.
func (x *exam) quick(t *testing.T, call Call) Answer {
	t.Helper()
	if !x.rt.Public {
		call = call.With(Bearer(x.secrets[x.sub.Access])...)
	}
	a := x.ask(t, call)
	if a.Took > 2*time.Second {
		t.Errorf("%s %.60q %.60q took %v", call.Method, call.Path, call.Body, a.Took)
	}
	return a
}

// fields puts values that do not belong there into every member of the good body.
func (x *exam) fields() []string {
	var out []string
	parts := strings.Split(x.good.Body, `":`)
	for i := 1; i < len(parts); i++ {
		end := strings.LastIndexAny(parts[i], ",}")
		if end < 0 {
			continue
		}
		for _, value := range badValues() {
			changed := append([]string(nil), parts...)
			changed[i] = value + parts[i][end:]
			out = append(out, strings.Join(changed, `":`))
		}
	}
	return out
}

func badValues() []string {
	return []string{
		`null`, `[]`, `{}`, `true`, `-1`, `1e400`, `1.5`, `9223372036854775808`, `""`, `"\u0000"`, `"\ud800"`, "\"\xff\"",
		`"' OR 1=1 --"`, `"` + strings.Repeat("я", 40_000) + `"`, `"\u202e\u2028<script>"`, `[[[[1]]]]`, `"NaN"`, `"0x10"`,
	}
}

func badJSON() []string {
	return []string{
		`{`, `}`, `[`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`,
		`{"a":NaN}`, `{"a":"\x"}`, `{"a":"` + "\n" + `"}`, `{"a":"` + "\xff" + `"}`, "{\"a\":\"\x00\"}", `{"a":1}{"b":2}`, `{"a":1} x`, `/**/{}`,
		`{"a":tru}`, `{"a":"\ud800"}`, `{"a":"\u12"}`, "\xef\xbb\xbf\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", `{"a":1,"a":2}`,
		strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), `{"a":-}`, `{"a":1e}`, `{"":}`, "nul",
	}
}

func oddJSON() []string {
	return []string{
		`{}`, `[]`, `""`, `0`, `null`, `true`, `[{}]`, `[null]`, `{"":""}`, `{"__proto__":{}}`, `{"a":` + strings.Repeat("9", 5000) + `}`,
		`{"id":1,"account":1,"role":"admin","areas":[1],"permissions":["*"],"created":"2000-01-01T00:00:00Z"}`,
		`{"` + strings.Repeat("k", 70_000) + `":1}`, "[" + strings.Repeat("1,", 50_000) + "1]",
		`{"` + "\u212a" + `ey":1}`, strings.Repeat(" ", 1000), "\t\r\n",
	}
}

func badForms() []string {
	return []string{
		"", "&", "=", "a", "a=%", "a=%zz", "%=1", "a=%00", "a=%ff", "a=1;b=2", "grant_type=%67", strings.Repeat("a=1&", 12_000),
		"token=a&token=b", "client_id=a&client_id=b", "grant_type=client_credentials&grant_type=client_credentials",
		"grant_type=" + strings.Repeat("x", 70_000), "\x00", "\xff=\xff", "grant_type=password&username=a&password=b",
		"grant_type=client_credentials&scope=%22%5C", "grant_type=client_credentials&scope=%0d%0aSet-Cookie:x=1",
	}
}

func badQueries() []string {
	return []string{
		"%", "%zz", "a=%00", "a=%ff", "a=1;b=2", "fetch=%00", "=", "&&&", "a[]=1&a[b]=2", "%25%30%30=1", strings.Repeat("a=1&", 3000),
		"q=" + strings.Repeat("a", 20_000), "q='%20OR%20'1'='1", "orderBy=(select+1)", "__proto__=1", "callback=alert", "q=%e2%80%a8",
	}
}

func badSegments() []string {
	return []string{
		"0", "-1", "+1", "01", "1e3", "0x1", "1.0", "99999999999999999999", "9223372036854775807", "%00", "%ff", "%20", "%2f", "..%2f..", "%5c", "%2e%2e",
		"'%20OR%201=1--", "1%3bDROP%20TABLE%20task", "1%0d%0aX:%201", "null", "%D0%B0", "1%2F2", ";", "1;a=b", "*", strings.Repeat("9", 3000),
	}
}
