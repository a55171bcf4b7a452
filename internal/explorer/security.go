package explorer

import (
	"maps"
	"slices"
	"strings"

	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
)

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// securitySchemes are the ways to show a credential. Where a way in is a grant of
// RFC 6749, the scheme is told how to ask for a token.
func (b *Book) securitySchemes(url string) object {
	out := object{}
	for i, s := range b.Manual.Schemes {
		one := object{}
		flows := b.flows(url)
		switch {
		case i == 0 && len(flows) > 0:
			one = append(one, schema.Member{Name: "type", Value: "oauth2"}, schema.Member{Name: "flows", Value: flows})
			if name := b.tokenName(); name != "access_token" {
				one = append(one, schema.Member{Name: "x-tokenName", Value: name}) // explorers send that member of the answer
			}
		default:
			one = append(one, schema.Member{Name: "type", Value: "http"}, schema.Member{Name: "scheme", Value: string(s.Kind)})
			if s.Format != "" {
				one = append(one, schema.Member{Name: "bearerFormat", Value: s.Format})
			}
		}
		if s.About != "" {
			one = append(one, schema.Member{Name: "description", Value: s.About})
		}
		out = append(out, schema.Member{Name: s.Name, Value: one})
	}
	return out
}

// flows are the ways in that are grants: a flow each, by its name in OpenAPI.
func (b *Book) flows(url string) object {
	var out object
	for _, w := range b.Manual.Ways {
		name := flowOf(w.Get)
		if name == "" || slices.ContainsFunc(out, func(m schema.Member) bool { return m.Name == name }) {
			continue
		}
		flow := object{}
		if w.Authorize != "" {
			flow = append(flow, schema.Member{Name: "authorizationUrl", Value: url + w.Authorize})
		}
		flow = append(flow, schema.Member{Name: "tokenUrl", Value: url + w.Get.Path})
		if w.Renew != nil {
			flow = append(flow, schema.Member{Name: "refreshUrl", Value: url + w.Renew.Path})
		}
		flow = append(flow, schema.Member{Name: "scopes", Value: object{}})
		if w.Get.Access != "access_token" {
			flow = append(flow, schema.Member{Name: "x-tokenName", Value: w.Get.Access})
		}
		out = append(out, schema.Member{Name: name, Value: flow})
	}
	return out
}

// flowOf names the grant of a step; "" = it is none, or its answer is not spelt
// as RFC 6749 §5.1 has it.
func flowOf(s dialect.Step) string {
	if s.Access != strings.ToLower(s.Access) {
		return ""
	}
	for _, p := range s.Form {
		switch {
		case p.Name != "grant_type":
		case strings.EqualFold(p.Value, "client_credentials"):
			return "clientCredentials"
		case p.Value == "password":
			return "password"
		case p.Value == "authorization_code":
			return "authorizationCode"
		}
	}
	return ""
}

func (b *Book) tokenName() string {
	for _, w := range b.Manual.Ways {
		if flowOf(w.Get) != "" {
			return w.Get.Access
		}
	}
	return ""
}
