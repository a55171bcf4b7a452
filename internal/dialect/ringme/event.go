package ringme

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/web"
)

// Events keeps who wants to hear of an extension's calls; *directory.Service
// does.
type Events interface {
	Events(ctx context.Context, c authority.Caller, extension authority.ID) ([]directory.Event, error)
	AddEvent(ctx context.Context, c authority.Caller, e directory.Event) (directory.Event, error)
	DeleteEvent(ctx context.Context, c authority.Caller, extension, id authority.ID) error
}

func (d *Dialect) eventRoutes() []web.Route {
	const list, one = base + "/extension/{extension}/event", base + "/extension/{extension}/event/{event}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: directory.ExtensionsList, Request: eventsRequest{}, Response: []event{},
			Summary: "List the addresses that want to hear of an extension's calls.", Serve: web.JSON(d.events),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: directory.CallEvents, Audit: "event.create",
			Request: newEvent{}, Response: createdEvent{}, Summary: "Add such an address. Nothing is sent to it yet.", Serve: web.JSON(d.addEvent),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: directory.CallEvents, Audit: "event.delete",
			Request: eventRequest{}, Response: web.NoContent{}, Summary: "Forget such an address.", Serve: web.JSON(d.deleteEvent),
		},
	}
}

// event is an address that wants to hear of calls. docs/dialects/ringme.md §6
type event struct {
	ID        authority.ID `json:"id"`
	URL       string       `json:"url"`
	Method    string       `json:"method"`
	EventType string       `json:"event_type"`
}

func eventOf(e directory.Event) event { return event{e.ID, e.URL, e.Method, e.Kind} }

type eventsRequest struct {
	Extension authority.ID `path:"extension"`
}

func (d *Dialect) events(ctx context.Context, c authority.Caller, r eventsRequest) ([]event, error) {
	found, err := d.Events.Events(ctx, c, r.Extension)
	if err != nil {
		return nil, err
	}
	out := make([]event, len(found))
	for i, e := range found {
		out[i] = eventOf(e)
	}
	return out, nil
}

type newEvent struct {
	Extension authority.ID `path:"extension"  about:"Its id, as the list of extensions gives it"`
	URL       string       `json:"url"        example:"https://crm.example.com/calls"`
	Method    string       `json:"method"     example:"POST"                                     enum:"GET,POST" about:"Empty = POST"`
	EventType string       `json:"event_type" example:"dial-in"                                  enum:"dial-in,dial-out,answer,hangup"`
}

// createdEvent is an event with the status of a creation.
type createdEvent struct{ event }

// StatusCode implements web.Statuser.
func (createdEvent) StatusCode() int { return http.StatusCreated }

// JSONBody implements web.Bodier.
func (e createdEvent) JSONBody() any { return e.event }

func (d *Dialect) addEvent(ctx context.Context, c authority.Caller, r newEvent) (createdEvent, error) {
	made, err := d.Events.AddEvent(ctx, c, directory.Event{Extension: r.Extension, Kind: r.EventType, Method: r.Method, URL: r.URL})
	if err != nil {
		return createdEvent{}, err
	}
	return createdEvent{eventOf(made)}, nil
}

type eventRequest struct {
	Extension authority.ID `path:"extension"`
	Event     authority.ID `path:"event"`
}

func (d *Dialect) deleteEvent(ctx context.Context, c authority.Caller, r eventRequest) (web.NoContent, error) {
	return web.NoContent{}, d.Events.DeleteEvent(ctx, c, r.Extension, r.Event)
}
