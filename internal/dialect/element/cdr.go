package element

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/calls/cdr"
	"propusk/internal/dialect"
	"propusk/internal/web"
	"propusk/internal/web/bind"
)

// Calls takes calls that took place elsewhere; *calls.Service does.
type Calls interface {
	Add(ctx context.Context, c authority.Caller, drafts []calls.Draft) (calls.Added, error)
}

const (
	cdrPath = base + "/cdr"
	doorCDR = "cdr" // an access key on every record
)

// recordRoutes take records of calls. FreeSWITCH knows Basic alone, so an access
// key opens this one path without a token. docs/dialects/element.md §3
func (d *Dialect) recordRoutes() []web.Route {
	return []web.Route{{
		Method: http.MethodPost, Pattern: cdrPath, Permission: calls.CallsAdd, Audit: "calls.add",
		Request: recordFields{}, Response: taken{}, Summary: "Add the call of a record that FreeSWITCH's mod_json_cdr sends.",
		Serve: d.takeRecord,
	}}
}

// recordKey reads the access key of a request with a record, or its token.
func recordKey(r *http.Request) (authority.Presented, error) {
	key, err := dialect.BasicClient(r)
	if err != nil {
		return authority.Presented{}, err
	}
	if key == (dialect.Client{}) {
		return dialect.Bearer(r)
	}
	return authority.Presented{Scheme: authority.Basic, Login: key.ID, Secret: key.Secret, Door: doorCDR}, nil
}

// recordFields documents takeRecord, which reads a record of mod_json_cdr.
type recordFields struct {
	UUID      string         `query:"uuid"    about:"FreeSWITCH's own; not looked at"`
	Variables recordTimes    `json:"variables" required:"true"`
	Callflow  []recordCallee `json:"callflow"  required:"true"`
}

type recordTimes struct {
	UUID   string `json:"uuid"         required:"true" example:"0d9c1f6a-5e1b-4a7e-9c36-6f0c3c1a9d11"`
	Start  string `json:"start_epoch"  required:"true" example:"1716188400"`
	Answer string `json:"answer_epoch" example:"1716188405"`
	End    string `json:"end_epoch"    required:"true" example:"1716188495"`
	Cause  string `json:"hangup_cause" example:"NORMAL_CLEARING"`
}

type recordCallee struct {
	Profile recordProfile `json:"caller_profile" required:"true"`
}

type recordProfile struct {
	Name        string `json:"caller_id_name"     example:"Romashka"`
	Number      string `json:"caller_id_number"   example:"74951234567"`
	Destination string `json:"destination_number" example:"101"`
	Context     string `json:"context"            example:"public"`
}

// taken says what became of a record.
type taken struct {
	Result string `json:"result" enum:"added,known,leg" about:"known: it was there; leg: it belongs to another record's call"`
}

// takeRecord serves users of the account's own list: a call is the account's.
func (d *Dialect) takeRecord(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
	if p := c.Principal(); p.Kind != authority.User || p.Of != 0 {
		return authority.E(authority.Forbidden, "records are taken from users of the account's own list")
	}
	document, err := readRecord(r)
	if err != nil {
		return err
	}
	call, err := cdr.FreeSWITCH(document)
	if errors.Is(err, cdr.ErrOtherLeg) {
		return web.Encode(w, taken{"leg"})
	}
	if err != nil {
		return authority.E(authority.InvalidValue, "the record "+err.Error()).With("parameter", "cdr")
	}
	added, err := d.Calls.Add(r.Context(), c, []calls.Draft{{Call: call.Call}})
	switch {
	case err != nil:
		return inRecord(err)
	case added.New == 0:
		return web.Encode(w, taken{"known"})
	}
	return web.Encode(w, taken{"added"})
}

// readRecord gives the document of r, as strict a JSON text as other bodies.
func readRecord(r *http.Request) ([]byte, error) {
	if err := web.CheckJSONType(r); err != nil {
		return nil, err
	}
	body, err := web.ReadBody(r)
	if err != nil {
		return nil, err
	}
	document, err := recordIn(body)
	if err != nil {
		return nil, err
	}
	return document, bind.CheckJSON(document)
}

// inRecord says of an error about a call what the record calls it.
func inRecord(err error) error {
	var e *authority.Error
	if !errors.As(err, &e) || e.Fields["field"] != "source_id" {
		return err
	}
	return authority.E(e.Code, strings.ReplaceAll(e.Message, "source_id", "uuid")).With("field", "uuid")
}

// recordIn finds the document in a body of any of the three forms. The form is
// told by the body itself: with disable-100-continue mod_json_cdr loses its
// Content-Type.
func recordIn(body []byte) ([]byte, error) {
	body = bytes.TrimSpace(body)
	if bytes.HasPrefix(body, []byte("{")) {
		return body, nil
	}
	text, ok := strings.CutPrefix(string(body), "cdr=")
	bad := authority.E(authority.Malformed, "the body is no JSON, no cdr= with encoded JSON and no cdr= with base64").With("parameter", "cdr")
	if !ok {
		return nil, bad
	}
	if plain, err := url.QueryUnescape(text); err == nil && strings.HasPrefix(plain, "{") {
		return []byte(plain), nil
	}
	return fromBase64(text, bad)
}

// fromBase64 reads what mod_json_cdr writes, percent-encoded or not, with line
// breaks or without.
func fromBase64(text string, bad error) ([]byte, error) {
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	document, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	return document, nil
}
