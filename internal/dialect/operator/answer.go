package operator

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/web"
)

// The words of the methods in answers and in kept results.
const (
	historyName = "getcallhistory"
	fileName    = "getcallrecordfile"
)

// Bounds of one history. The first page is small, so that it is there at once.
const (
	firstPage = 100
	nextPage  = 1000
	mostRows  = 10_000
)

// writePatience is how long a client may take for one step of a stream.
const writePatience = 30 * time.Second

// facts are what every answer tells of itself.
type facts struct {
	CallTime         string
	ResponseDuration string // seconds
	Hash             string
}

func (d *Dialect) facts(c authority.Caller, began time.Time, hash string) facts {
	return facts{
		CallTime:         began.In(zoneOf(c.Account())).Format(time.DateTime),
		ResponseDuration: fmt.Sprintf("%.3f", d.Now().Sub(began).Seconds()), Hash: hash,
	}
}

const noError = `{"error":{"errorMessage":"","errorCode":0},"result":{`

// of writes the members that say which call of which method this is. Nothing in
// them needs escaping.
func (f facts) of(method string) string {
	return fmt.Sprintf(`"apiName":%q,"apiVersion":1,"callTime":%q,"responseDuration":%q,"code":0,"requestHash":%q`,
		method, f.CallTime, f.ResponseDuration, f.Hash)
}

// historyAnswer writes a history as it is read. Its last bytes are sent once the
// whole is kept under its hash, so whoever has the answer can have it again.
type historyAnswer struct {
	d      *Dialect
	ctx    context.Context // of the one request that it answers
	caller authority.Caller
	query  calls.Query
	bound  []byte
	page   calls.Page
	began  time.Time
}

// Stream implements web.Streamer. The status has been sent when something goes
// wrong on the way: then the answer breaks off, so that it cannot be read as the
// whole.
func (a *historyAnswer) Stream(w http.ResponseWriter) {
	hash, key := newHash()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	var kept bytes.Buffer
	pack := gzip.NewWriter(&kept)
	out := io.MultiWriter(w, pack)
	tail, err := a.rows(w, out, noError+a.d.facts(a.caller, a.began, hash).of(historyName)+`,"rowset":[`)
	if err == nil {
		_, err = io.WriteString(pack, tail)
		err = errors.Join(err, pack.Close())
	}
	if err == nil {
		err = a.d.Results.Keep(a.ctx, a.caller, key, calls.Result{Method: historyName, Body: kept.Bytes()})
	}
	if err == nil {
		_, err = io.WriteString(w, tail)
	}
	if err != nil {
		web.Abort()
	}
}

// rows writes head and all rows and gives what is still to be written.
func (a *historyAnswer) rows(w http.ResponseWriter, out io.Writer, head string) (tail string, err error) {
	if _, err := io.WriteString(out, head); err != nil {
		return "", err
	}
	zone, written := zoneOf(a.caller.Account()), 0
	for {
		if err := writeRows(out, a.page.Items, zone, written == 0); err != nil {
			return "", err
		}
		written += len(a.page.Items)
		if !a.page.More || written >= mostRows {
			break
		}
		if err := a.next(w, written); err != nil {
			return "", err
		}
	}
	if !a.page.More {
		return "]}}", nil
	}
	return `],"nextCursor":"` + writeCursor(a.page.Next(), a.bound) + `"}}`, nil
}

// next sends what has been written and reads the next page, for a caller who is
// still let in.
func (a *historyAnswer) next(w http.ResponseWriter, written int) error {
	if err := advance(w); err != nil {
		return err
	}
	if err := a.d.still(a.ctx, a.caller, calls.CallsList); err != nil {
		return err
	}
	a.query.After, a.query.Limit = a.page.Next(), min(nextPage, mostRows-written)
	var err error
	a.page, err = a.d.Calls.Calls(a.ctx, a.caller, a.query)
	return err
}

// advance sends what has been written and gives the client time for more.
func advance(w http.ResponseWriter) error {
	patience(w)
	return http.NewResponseController(w).Flush()
}

// patience begins the client's time to read anew.
func patience(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience)) // what cannot be set stays as it was
}

func writeRows(out io.Writer, items []calls.Call, zone *time.Location, first bool) error {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	for i, c := range items {
		if i > 0 || !first {
			text.WriteByte(',')
		}
		if err := lines.Encode(rowOf(c, zone)); err != nil {
			return err
		}
		text.Truncate(text.Len() - 1) // the line feed that Encoder adds
	}
	_, err := out.Write(text.Bytes())
	return err
}

type requestKey struct{}

// remembering puts the request into its context, for answers that ask once more
// whether its bearer is let in.
func remembering(serve func(http.ResponseWriter, *http.Request, authority.Caller) error) func(http.ResponseWriter, *http.Request, authority.Caller) error {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		return serve(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, r)), c)
	}
}

// still asks once more whether the bearer of the request is let in and may what
// it is doing: what was revoked ends a stream too.
func (d *Dialect) still(ctx context.Context, c authority.Caller, p authority.Permission) error {
	r, ok := ctx.Value(requestKey{}).(*http.Request)
	if !ok {
		return authority.E(authority.Internal, "")
	}
	shown, err := d.Credential(r)
	if err != nil {
		return err
	}
	again, err := d.Core.Authenticate(ctx, c.Origin(), shown)
	if err == nil && !again.Can(p) {
		return authority.E(authority.Forbidden, "the permission is missing")
	}
	return err
}

// recordName is the name that a recording is sent under.
func recordName(id authority.ID) string { return strings.ToLower(calls.FormatID(id)) + ".mp3" }
