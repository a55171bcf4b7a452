package ringme

import (
	"context"
	"net/http"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Links makes and follows links that need no token, and lets a bearer in again;
// *authority.Authority does.
type Links interface {
	Link(c authority.Caller, purpose string, what authority.ID, life time.Duration) (authority.Secret, error)
	Follow(ctx context.Context, o authority.Origin, purpose, text string) (authority.Caller, authority.ID, error)
	Authenticate(ctx context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error)
}

// linkLife is how long a link to a recording lives at most.
const linkLife = 10 * time.Minute

// toRecording is the purpose of such a link.
const toRecording = "recording"

func (d *Dialect) recordRoutes() []web.Route {
	const list, one = base + "/client/{client}/record", base + "/client/{client}/record/{record}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: calls.CallsList, Request: recordsRequest{}, Response: []record{},
			Summary: "List recordings, newest first.", Serve: formed(web.JSON(d.records)),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: calls.RecordRead, Request: soundRequest{}, Response: sounds{},
			Fails:   []authority.Code{authority.RangeUnsatisfiable},
			Summary: "Fetch a recording, whole or in ranges.", Serve: d.record,
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: calls.RecordDelete, Audit: "recording.delete",
			Request: recordRequest{}, Response: web.NoContent{}, Summary: "Delete a recording.",
			Serve: web.JSON(d.deleteRecord),
		},
		{
			Method: http.MethodGet, Pattern: one + "/storage_url", Permission: calls.RecordRead, Secret: true,
			Request: recordRequest{}, Response: storageURL{}, Summary: "Make a link to a recording that lives for minutes and needs no token.",
			Serve: web.JSON(d.storageURL),
		},
		{
			Method: http.MethodGet, Pattern: base + "/storage/{link}", Public: true, Secret: true, Request: linkRequest{}, Response: sounds{},
			Fails:   []authority.Code{authority.RangeUnsatisfiable, authority.LimitExceeded},
			Summary: "Fetch the recording that a link leads to.", Serve: d.storage,
		},
	}
}

// sounds documents the bytes of a recording.
type sounds struct{}

// MediaTypes implements web.Typed.
func (sounds) MediaTypes() []string { return []string{calls.MP3.Type(), calls.WAV.Type()} }

// Bodies implements web.Varied.
func (sounds) Bodies() []any { return nil }

// Statuses implements web.Varied. RFC 9110 §14, §13
func (sounds) Statuses() []int {
	return []int{http.StatusOK, http.StatusPartialContent, http.StatusNotModified}
}

// linkRequest documents storage, which reads the path itself.
type linkRequest struct {
	Link string `path:"link" about:"The end of a record_url"`
	partial
}

// soundRequest documents record, likewise.
type soundRequest struct {
	recordRequest
	partial
}

// partial documents what web.ServeContent reads.
type partial struct {
	Range string `header:"Range"         example:"bytes=0-1023" about:"A part of the file, in bytes"`
	Tag   string `header:"If-None-Match" about:"ETag of an earlier answer: the same bytes are not sent again"`
}

type recordsRequest struct {
	ofClient
	paging
}

// record is what is known of a recording. docs/dialects/ringme.md §4
type record struct {
	RecordUUID  string `json:"record_uuid"`
	CallUUID    string `json:"call_uuid"`
	InitTime    string `json:"init_time_gmt"`
	FileSize    int64  `json:"file_size" about:"Bytes"`
	ContentType string `json:"content_type"`
}

func recordOf(r calls.Recording) record {
	return record{
		RecordUUID: calls.FormatID(r.ID), CallUUID: calls.FormatID(r.Call), InitTime: r.Begun.Format(wireTime),
		FileSize: r.Size, ContentType: r.Media.Type(),
	}
}

func (d *Dialect) records(ctx context.Context, c authority.Caller, r recordsRequest) (out rows[record], err error) {
	if err := r.own(c); err != nil {
		return out, err
	}
	q := calls.RecordingQuery{Period: period(r.Start, r.End), Ascending: r.Order == ascending, Limit: r.PerPage}
	place := d.marks.place(c, "record", r.paging)
	if q.After, q.Offset, err = place.find(); err != nil {
		return out, err
	}
	page, err := d.Calls.Recordings(ctx, c, q)
	if err != nil {
		return out, err
	}
	if page.More {
		place.keep(page.Next())
	}
	out = rows[record]{make([]record, len(page.Items)), r.Page, page.More}
	for i, found := range page.Items {
		out.items[i] = recordOf(found)
	}
	return out, nil
}

type recordRequest struct {
	ofClient

	Record string `path:"record" about:"record_uuid, as the lists give it"`
}

// id gives the recording that the path names.
func (r recordRequest) id(c authority.Caller) (authority.ID, error) {
	if err := r.own(c); err != nil {
		return 0, err
	}
	return calls.ParseID(r.Record)
}

// record serves the bytes of a recording to the bearer of a token.
func (d *Dialect) record(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
	id, err := recordRequest{ofClient{r.PathValue("client")}, r.PathValue("record")}.id(c)
	if err != nil {
		return err
	}
	return d.sound(w, r, listener{c, id, func() (authority.Caller, error) {
		shown, err := dialect.Bearer(r)
		if err != nil {
			return authority.Caller{}, err
		}
		return d.Links.Authenticate(r.Context(), c.Origin(), shown)
	}})
}

// listener is who fetches a recording, and how he is let in again.
type listener struct {
	caller authority.Caller
	id     authority.ID
	again  func() (authority.Caller, error)
}

// sound writes the bytes of a recording.
func (d *Dialect) sound(w http.ResponseWriter, r *http.Request, l listener) error {
	found, file, err := d.Calls.Open(r.Context(), l.caller, l.id)
	if err != nil {
		return err
	}
	defer file.Close()
	uuid := calls.FormatID(found.ID)
	return web.ServeContent(w, r, web.Content{
		Name: found.Begun.Format("2006-01-02_15-04-05_") + uuid + "." + string(found.Media),
		Type: found.Media.Type(), Tag: uuid, Bytes: file,
		Still: func() error {
			c, err := l.again()
			if err != nil {
				return err
			}
			return mayListen(c)
		},
	})
}

// mayListen refuses who is let in and may not read recordings.
func mayListen(c authority.Caller) error {
	if !c.Can(calls.RecordRead) {
		return authority.E(authority.Forbidden, "the caller may not read recordings")
	}
	return nil
}

func (d *Dialect) deleteRecord(ctx context.Context, c authority.Caller, r recordRequest) (web.NoContent, error) {
	id, err := r.id(c)
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Calls.DeleteRecording(ctx, c, id)
}

type storageURL struct {
	RecordURL string `json:"record_url"`
}

func (d *Dialect) storageURL(ctx context.Context, c authority.Caller, r recordRequest) (storageURL, error) {
	id, err := r.id(c)
	if err != nil {
		return storageURL{}, err
	}
	if _, err := d.Calls.Recording(ctx, c, id); err != nil {
		return storageURL{}, err
	}
	link, err := d.Links.Link(c, toRecording, id, linkLife)
	if err != nil {
		return storageURL{}, err
	}
	return storageURL{d.URL(c.Stand()) + base + "/storage/" + link.Reveal()}, nil
}

// storage serves the bytes of a recording to whoever has a link to it. A link
// that is dead and one that never was are the same answer.
func (d *Dialect) storage(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	follow := func() (authority.Caller, authority.ID, error) {
		return d.Links.Follow(r.Context(), web.OriginOf(r.Context()), toRecording, r.PathValue("link"))
	}
	c, id, err := follow()
	if err != nil {
		return err
	}
	ex := web.ExchangeOf(r.Context())
	ex.Account, ex.Principal = c.Account().ID, c.Principal().ID
	if err := d.Meter(w.Header(), c); err != nil {
		return err
	}
	if !c.Can(calls.RecordRead) {
		return authority.E(authority.NotFound, "there is no such link")
	}
	return d.sound(w, r, listener{c, id, func() (authority.Caller, error) {
		c, _, err := follow()
		return c, err
	}})
}
