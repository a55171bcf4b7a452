package operation

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

type grantView struct {
	ID         string       `json:"id"`
	Dialect    string       `json:"dialect"`
	Principal  authority.ID `json:"principal"`
	Holder     string       `json:"holder"`
	Credential authority.ID `json:"credential"`
	Issued     time.Time    `json:"issued"`
	Expires    time.Time    `json:"expires"`
	LastUsed   *time.Time   `json:"last_used,omitempty"`
	Address    string       `json:"address,omitempty"`
}

func viewGrant(g admin.LiveGrant) grantView {
	return grantView{
		ID: authority.EncodeGrant(g.ID), Dialect: g.Dialect, Principal: g.Principal, Holder: g.Holder,
		Credential: g.Credential, Issued: g.Issued, Expires: g.Expires, LastUsed: optional(g.LastUsed), Address: g.Address,
	}
}

func watchOperations() []operation {
	return []operation{
		op("grant.list", inside, listGrants), op("grant.revoke", inside, revokeGrants),
		op("audit.list", maybe, listAudit),
		op("token.inspect", inside, inspectToken), op("token.revoke", inside, revokeToken),
	}
}

type grantFilter struct {
	Principal string `json:"principal"` // name, login or id
	Dialect   string `json:"dialect"`
	Limit     int    `json:"limit,string"` // 0 = 1000
}

func listGrants(ctx context.Context, t *Table, c authority.Caller, in grantFilter) ([]grantView, error) {
	q := admin.GrantQuery{Dialect: in.Dialect, Size: in.Limit}
	if in.Principal != "" {
		id, err := t.who(ctx, c, in.Principal, anybody()...)
		if err != nil {
			return nil, err
		}
		q.Principal = id
	}
	if q.Size == 0 {
		q.Size = 1000
	}
	list, err := t.Admin.Grants(ctx, c, q)
	return mapped(list, viewGrant), err
}

type revocation struct {
	Grant     string `json:"grant"`
	Principal string `json:"principal"` // name, login or id
	All       bool   `json:"all"`       // everything of the account
}

func revokeGrants(ctx context.Context, t *Table, c authority.Caller, in revocation) (nothing, error) {
	switch {
	case in.All && in.Grant == "" && in.Principal == "":
		return nothing{}, t.Admin.RevokeEverything(ctx, c)
	case !in.All && in.Grant == "" && in.Principal != "":
		id, err := t.who(ctx, c, in.Principal, anybody()...)
		if err != nil {
			return nothing{}, err
		}
		return nothing{}, t.Admin.RevokeGrants(ctx, c, id)
	case !in.All && in.Grant != "" && in.Principal == "":
		id, err := authority.DecodeGrant(in.Grant)
		if err != nil {
			return nothing{}, err
		}
		return nothing{}, t.Admin.RevokeGrant(ctx, c, id)
	}
	return nothing{}, authority.E(authority.InvalidRequest, "name one of: a grant, a principal, or all of the account")
}

type auditView struct {
	ID         authority.ID      `json:"id"`
	Time       time.Time         `json:"time"`
	Account    authority.ID      `json:"account,omitempty"`
	Actor      authority.ID      `json:"actor,omitempty"`
	Credential authority.ID      `json:"credential,omitempty"`
	Dialect    string            `json:"dialect,omitempty"`
	Address    string            `json:"address,omitempty"`
	RequestID  string            `json:"request_id,omitempty"`
	Verb       string            `json:"verb"`
	Object     string            `json:"object,omitempty"`
	Outcome    authority.Outcome `json:"outcome"`
	Reason     string            `json:"reason,omitempty"`
	Count      int               `json:"count"`
}

func viewEntry(e authority.Entry) auditView {
	v := auditView{
		ID: e.ID, Time: e.Time, Account: e.Account, Actor: e.Actor, Credential: e.Credential, Dialect: e.Dialect,
		RequestID: e.RequestID, Verb: e.Verb, Object: e.Object, Outcome: e.Outcome, Reason: e.Reason, Count: e.Count,
	}
	if e.Address.IsValid() {
		v.Address = e.Address.String()
	}
	return v
}

type auditFilter struct {
	Verb       string            `json:"verb"`
	Actor      authority.ID      `json:"actor,string"`
	Credential authority.ID      `json:"credential,string"`
	Outcome    authority.Outcome `json:"outcome"`
	Since      Moment            `json:"since"`
	Until      Moment            `json:"until"`
	Before     authority.ID      `json:"before,string"`
	Limit      int               `json:"limit,string"`
}

func listAudit(ctx context.Context, t *Table, c authority.Caller, in auditFilter) ([]auditView, error) {
	list, err := t.Admin.Audit(ctx, c, admin.AuditQuery{
		Verb: in.Verb, Actor: in.Actor, Credential: in.Credential, Outcome: in.Outcome,
		Since: in.Since.Time, Until: in.Until.Time, Before: in.Before, Size: in.Limit,
	})
	return mapped(list, viewEntry), err
}

type tokenInput struct {
	Token string `json:"token"`
}

type tokenView struct {
	Active  bool       `json:"active"`
	Kind    string     `json:"kind,omitempty"`
	Dialect string     `json:"dialect,omitempty"`
	Grant   string     `json:"grant,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Issued  *time.Time `json:"issued,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
}

func inspectToken(ctx context.Context, t *Table, c authority.Caller, in tokenInput) (tokenView, error) {
	i, err := t.Tokens.Introspect(ctx, c, authority.NewSecret(in.Token))
	if err != nil || !i.Active {
		return tokenView{}, err
	}
	return tokenView{
		Active: true, Kind: i.Kind.String(), Dialect: i.Dialect, Grant: authority.EncodeGrant(i.Grant),
		Subject: i.Principal.Name, Issued: optional(i.Issued), Expires: optional(i.Expires),
	}, nil
}

// revokeToken answers with what the token was: one that is no token, or dead,
// leaves nothing to revoke. RFC 7009 §2.2.
func revokeToken(ctx context.Context, t *Table, c authority.Caller, in tokenInput) (tokenView, error) {
	was, err := inspectToken(ctx, t, c, in)
	if err != nil {
		return tokenView{}, err
	}
	return was, t.Tokens.RevokeToken(ctx, c, authority.NewSecret(in.Token))
}
