package web_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// thing is a thousand bytes, each of which tells where it is.
func thing(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func content(t *testing.T, body []byte, method string, header ...string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	err := web.ServeContent(w, r, web.Content{Name: "a.mp3", Type: "audio/mpeg", Tag: "tag", Bytes: bytes.NewReader(body)})
	return w, err
}

// B53: ranges that overlap, are reversed or huge are refused or answered once,
// and what is sent is never much more than the whole. RFC 9110 §14.
func TestRanges(t *testing.T) {
	var many, apart []string
	for i := range 1000 {
		many = append(many, strconv.Itoa(i%7)+"-"+strconv.Itoa(500+i%400))
		apart = append(apart, strconv.Itoa(i)+"-"+strconv.Itoa(i))
	}
	odd := make([]string, 0, 500)
	for i := 0; i < 1000; i += 2 {
		odd = append(odd, apart[i])
	}
	for _, test := range []struct {
		name, ranges string
		status       int
		where        string // Content-Range
	}{
		{"first", "bytes=0-9", 206, "bytes 0-9/1000"},
		{"last", "bytes=-10", 206, "bytes 990-999/1000"},
		{"open", "bytes=990-", 206, "bytes 990-999/1000"},
		{"past the end", "bytes=990-5000", 206, "bytes 990-999/1000"},
		{"longer than it", "bytes=-5000", 206, "bytes 0-999/1000"},
		{"more than 63 bits", "bytes=5-99999999999999999999999", 206, "bytes 5-999/1000"},
		{"overlapping", "bytes=0-9, 5-20,15-30", 206, "bytes 0-30/1000"},
		{"adjacent, backwards", "bytes=10-19,0-9", 206, "bytes 0-19/1000"},
		{"a thousand overlapping", "bytes=" + strings.Join(many, ","), 206, "bytes 0-899/1000"},
		{"a thousand single bytes", "bytes=" + strings.Join(apart, ","), 206, "bytes 0-999/1000"},
		{"five hundred apart", "bytes=" + strings.Join(odd, ","), 206, "bytes 0-998/1000"},
		{"two that cost more than the whole", "bytes=0-499,501-999", 206, "bytes 0-999/1000"},
		{"one of them past the end", "bytes=0-9,5000-6000", 206, "bytes 0-9/1000"},
		{"too many", "bytes=" + strings.Repeat("0-1,", 1001), 416, "bytes */1000"},
		{"behind the end", "bytes=1000-1001", 416, "bytes */1000"},
		{"nothing", "bytes=-0", 416, "bytes */1000"},
		{"reversed", "bytes=9-5", 416, "bytes */1000"},
		{"no numbers", "bytes=a-b", 416, "bytes */1000"},
		{"negative", "bytes=--5", 416, "bytes */1000"},
		{"empty", "bytes=", 416, "bytes */1000"},
		{"other unit", "items=0-9", 200, ""},
	} {
		w, err := content(t, thing(1000), "GET", "Range", test.ranges)
		status := w.Code
		if authority.CodeOf(err) == authority.RangeUnsatisfiable {
			status = 416
		}
		if status != test.status || w.Header().Get("Content-Range") != test.where || w.Body.Len() > 2000 {
			t.Errorf("%s: %d %q, %d bytes, %v", test.name, status, w.Header().Get("Content-Range"), w.Body.Len(), err)
		}
		if status == 206 {
			from, till, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(test.where, "bytes "), "/1000"), "-")
			a, _ := strconv.Atoi(from)
			b, _ := strconv.Atoi(till)
			if !bytes.Equal(w.Body.Bytes(), thing(1000)[a:b+1]) {
				t.Errorf("%s: other bytes", test.name)
			}
		}
	}
}

func TestRangesInParts(t *testing.T) {
	body := thing(10_000)
	w, err := content(t, body, "GET", "Range", "bytes=9000-9009,0-9")
	if err != nil || w.Code != 206 {
		t.Fatal(w.Code, err)
	}
	_, params, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(w.Body, params["boundary"])
	for _, want := range [][]byte{body[:10], body[9000:9010]} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(part)
		if err != nil || !bytes.Equal(got, want) || part.Header.Get("Content-Type") != "audio/mpeg" {
			t.Errorf("%v %v", part.Header, err)
		}
	}
}

func TestContentHeaders(t *testing.T) {
	for _, test := range []struct {
		name, method string
		header       []string
		status, size int
	}{
		{"whole", "GET", nil, 200, 1000},
		{"HEAD", "HEAD", nil, 200, 0},
		{"HEAD of a range", "HEAD", []string{"Range", "bytes=0-9"}, 206, 0},
		{"If-Range", "GET", []string{"Range", "bytes=0-9", "If-Range", `"tag"`}, 206, 10},
		{"If-Range of other bytes", "GET", []string{"Range", "bytes=0-9", "If-Range", `"other"`}, 200, 1000},
		{"If-Range and a range that cannot be", "GET", []string{"Range", "bytes=9-5", "If-Range", `"other"`}, 200, 1000},
		{"known", "GET", []string{"If-None-Match", `"tag"`}, 304, 0},
		{"known range", "GET", []string{"If-None-Match", `"tag"`, "Range", "bytes=0-9"}, 304, 0},
		{"other", "GET", []string{"If-Match", `"other"`}, 412, 0},
	} {
		w, err := content(t, thing(1000), test.method, test.header...)
		if err != nil || w.Code != test.status || w.Body.Len() != test.size {
			t.Errorf("%s: %d, %d bytes, %v", test.name, w.Code, w.Body.Len(), err)
		}
		if test.status == 304 || test.status == 412 {
			continue
		}
		for name, want := range map[string]string{
			"Content-Type": "audio/mpeg", "Content-Disposition": `attachment; filename="a.mp3"`,
			"Content-Security-Policy": "sandbox; default-src 'none'", "Accept-Ranges": "bytes", "Etag": `"tag"`,
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s %q", test.name, name, got)
			}
		}
	}
}

// failing reads nothing.
type failing struct{ io.ReadSeeker }

func (failing) Seek(int64, int) (int64, error) { return 0, errors.New("disk") }

func TestContentThatCannotBeRead(t *testing.T) {
	w := httptest.NewRecorder()
	err := web.ServeContent(w, httptest.NewRequest(http.MethodGet, "/", nil), web.Content{Bytes: failing{}})
	if authority.CodeOf(err) != authority.Unavailable || w.Body.Len() > 0 {
		t.Errorf("%v %s", err, w.Body)
	}
}

// Whatever ranges are asked for, they are refused, or the answer is no more than
// twice the whole and holds what its Content-Range says.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-1", "bytes=-5,1-2", "bytes=9-", "bytes=1-2,4-5,7-8", "bytes=,,1-1,", "Bytes= 0 - 1", "bytes=0-0,-1"} {
		f.Add(s)
	}
	body := thing(3000)
	f.Fuzz(func(t *testing.T, ranges string) {
		w, err := content(t, body, "GET", "Range", ranges)
		if err != nil {
			if authority.CodeOf(err) != authority.RangeUnsatisfiable || w.Body.Len() > 0 {
				t.Fatal(err, w.Body.Len())
			}
			return
		}
		if w.Body.Len() > 2*len(body) || w.Code != 200 && w.Code != 206 {
			t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
		}
		if w.Code == 200 && !bytes.Equal(w.Body.Bytes(), body) {
			t.Fatal("not the whole")
		}
	})
}
