package hubex

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/tasks"
	"propusk/internal/web"
)

// tokenRoutes are the ways to a token (docs/dialects/hubex.md §1).
func (d *Dialect) tokenRoutes() []web.Route {
	return []web.Route{
		{
			Method: http.MethodPost, Pattern: "/fsm/AUTHZ/AccessTokens", Public: true, Secret: true,
			Door: doorService, Audit: authority.VerbIssue,
			Request: accessRequest{}, Response: accessResponse{},
			Summary: "Exchange a service token or a refresh token for an access token.",
			Serve:   kindsAreRequests(web.JSON(d.access, web.FoldKeys)),
		},
		{
			Method: http.MethodPost, Pattern: "/fsm/AUTHZ/RefreshTokens", Secret: true,
			Request: refreshRequest{}, Response: refreshResponse{},
			Summary: "Say the refresh token that belongs to the access token once more.",
			Serve:   web.JSON(d.refreshToken, web.FoldKeys),
		},
	}
}

// taskRoutes are the methods of work orders (docs/dialects/hubex.md §2, §3).
func (d *Dialect) taskRoutes() []web.Route {
	const base, one = "/fsm/WORK/Tasks", "/fsm/WORK/Tasks/{id}"
	read := func(pattern, summary string, req, resp any, serve web.Serve) web.Route {
		return web.Route{
			Method: http.MethodGet, Pattern: pattern, Permission: tasks.TasksList,
			Request: req, Response: resp, Summary: summary, Serve: serve,
		}
	}
	list := read(base, "List work orders.", listRequest{}, listResponse{}, headApart(
		web.JSON(d.list, web.FoldKeys, web.NameIgnored), web.JSON(d.count, web.FoldKeys, web.NameIgnored)))
	list.Fails = []authority.Code{authority.RangeUnsatisfiable}
	return append([]web.Route{
		list,
		read(one, "Read a work order.", taskRequest{}, task{}, web.JSON(d.task, web.FoldKeys, web.NameIgnored)),
		read(one+"/stages/next", "List the stages that a work order may go to.",
			nextRequest{}, []stage{}, web.JSON(d.nextStages, web.FoldKeys, web.NameIgnored)),
		read(one+"/conversations", "Read the conversation of a work order.",
			conversationRequest{}, conversationResponse{}, web.JSON(d.conversation, web.FoldKeys, web.NameIgnored)),
	}, d.changeRoutes(base, one)...)
}

func (d *Dialect) changeRoutes(base, one string) []web.Route {
	return []web.Route{
		{
			Method: http.MethodPost, Pattern: base, Permission: tasks.TaskAdd, Audit: "task.create", Repeats: true,
			Request: createFields{}, Response: createResponse{},
			Summary: "Create a work order.", Serve: stamped(web.JSON(d.create, web.FoldKeys)),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: tasks.TaskChange, Audit: "task.change",
			Request: changeFields{}, Response: changeResponse{},
			Summary: "Change fields of a work order.", Serve: web.JSON(d.change, web.FoldKeys),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: tasks.TaskRemove, Audit: "task.remove",
			Request: removeRequest{}, Response: accepted{},
			Summary: "Delete a work order; isDeleted=true still finds it.", Serve: web.JSON(d.remove, web.FoldKeys),
		},
		{
			Method: http.MethodPost, Pattern: "/fsm/WORK/TaskStagingHistory",
			Permission: tasks.TaskStageChange, Audit: "task.move",
			Fails:   []authority.Code{authority.NotFound},
			Request: moveFields{}, Response: moveResponse{},
			Summary: "Move a work order to another stage.", Serve: web.JSON(d.move, web.FoldKeys),
		},
		{
			Method: http.MethodPost, Pattern: one + "/conversation",
			Permission: tasks.TaskConversation, Audit: "task.comment",
			Request: commentRequest{}, Response: commentResponse{},
			Summary: "Write into the conversation of a work order.", Serve: web.JSON(d.comment, web.FoldKeys),
		},
	}
}

// headApart serves HEAD by a function of its own, which need not read the rows.
func headApart(get, head web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		if r.Method == http.MethodHead {
			return head(w, r, c)
		}
		return get(w, r, c)
	}
}
