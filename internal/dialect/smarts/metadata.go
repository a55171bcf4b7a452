package smarts

import (
	"bytes"
	"context"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/catalog/query"
	"propusk/internal/web"
)

// namespace is that of every type of ours.
const namespace = "MobileSMARTS"

// metadataRequest chooses the form of the description.
type metadataRequest struct {
	Format *string  `query:"$format"`
	Accept []string `header:"Accept"`
}

// metadata describes the sets: in XML, or in JSON where the client asks for it.
// OData 4.01 Protocol §11.1.2
func metadata(_ context.Context, _ authority.Caller, q metadataRequest) (any, error) {
	asJSON, err := q.wantsJSON()
	if err != nil || !asJSON {
		return xmlText(edmx()), err
	}
	return csdl(), nil
}

// wantsJSON reads $format, which goes before Accept.
func (q metadataRequest) wantsJSON() (bool, error) {
	if q.Format == nil {
		accept := strings.Join(q.Accept, ",")
		return strings.Contains(accept, "json") && !strings.Contains(accept, "xml"), nil
	}
	switch kind, _, _ := strings.Cut(*q.Format, ";"); kind {
	case "json", "application/json":
		return true, nil
	case "xml", "application/xml":
		return false, nil
	}
	return false, authority.E(authority.NotAcceptable, "$format must be xml or json")
}

// description documents the answer.
type description struct{}

// MediaTypes implements web.Typed.
func (description) MediaTypes() []string { return []string{"application/xml", "application/json"} }

// xmlText is an answer in XML.
type xmlText []byte

// Stream implements web.Streamer.
func (x xmlText) Stream(w http.ResponseWriter) {
	web.WriteBody(w, http.StatusOK, "application/xml; charset=utf-8", x)
}

// property is one line of a type's description.
type property struct {
	name       string
	kind       string // Edm.String, or a type of ours
	collection bool
	navigation bool
}

// edm names the type that a field or value has in OData. CSDL 4.01 §3.3
func edm(kind query.Kind) string {
	switch kind {
	case query.NumberKind:
		return "Edm.Double"
	case query.BoolKind:
		return "Edm.Boolean"
	case query.TimeKind:
		return "Edm.DateTimeOffset"
	case query.StringKind, query.NullKind, query.ListKind:
	}
	return "Edm.String"
}

// properties lists those of e, in the order they are written.
func (e entity) properties() (out []property) {
	for _, f := range e.schema {
		p := property{name: f.Name, kind: edm(f.Kind)}
		if f.Kind == query.ListKind {
			p.kind, p.collection = namespace+"."+e.within[f.Name].name, true
		}
		out = append(out, p)
	}
	for _, f := range e.expand {
		out = append(out, property{name: f.Name, kind: namespace + "." + e.within[f.Name].name, collection: true, navigation: true})
	}
	return out
}

// properties lists those of c by what stands in its zero value.
func (c compound) properties() (out []property) {
	for _, m := range c.zero {
		p := property{name: m.name, kind: "Edm.String"}
		switch m.value.(type) {
		case float64:
			p.kind = "Edm.Double"
		case bool:
			p.kind = "Edm.Boolean"
		case []string:
			p.collection = true
		}
		out = append(out, p)
	}
	return out
}

// typed is a type as it is described.
type typed struct {
	name, key  string
	entity     bool
	open       bool
	properties []property
}

// types lists all of them, by name.
func types() []typed {
	all := map[string]typed{"BaseInfo": {name: "BaseInfo", entity: true, open: true}}
	for _, e := range entities() {
		all[e.name] = typed{e.name, e.key, true, e.open, e.properties()}
		for _, c := range e.within {
			all[c.name] = typed{c.name, c.key, c.key != "", c.name != "Stock", c.properties()}
		}
	}
	var out []typed
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[name])
	}
	return out
}

// typeOf is how a property's type is spelled in XML.
func (p property) typeOf() string {
	if p.collection {
		return "Collection(" + p.kind + ")"
	}
	return p.kind
}

// edmx writes the description as XML. CSDL XML 4.01 §3
func edmx() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" +
		`<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>` +
		`<Schema Namespace="` + namespace + `" xmlns="http://docs.oasis-open.org/odata/ns/edm">` + "\n")
	for _, t := range types() {
		t.write(&b)
	}
	b.WriteString(`<EntityContainer Name="Container">` + "\n")
	for _, e := range entities() {
		tag(&b, "EntitySet", "Name", e.set, "EntityType", namespace+"."+e.name)
	}
	tag(&b, "Singleton", "Name", "BaseInfo", "Type", namespace+".BaseInfo")
	b.WriteString("</EntityContainer>\n</Schema></edmx:DataServices></edmx:Edmx>\n")
	return b.Bytes()
}

func (t typed) write(b *bytes.Buffer) {
	element := "ComplexType"
	if t.entity {
		element = "EntityType"
	}
	b.WriteString("<" + element + ` Name="` + t.name + `"`)
	if t.open {
		b.WriteString(` OpenType="true"`)
	}
	b.WriteString(">\n")
	if t.key != "" {
		b.WriteString(`<Key><PropertyRef Name="` + t.key + `"/></Key>` + "\n")
	}
	for _, p := range t.properties {
		if p.navigation {
			tag(b, "NavigationProperty", "Name", p.name, "Type", p.typeOf(), "ContainsTarget", "true")
		} else {
			tag(b, "Property", "Name", p.name, "Type", p.typeOf(), "Nullable", "false")
		}
	}
	b.WriteString("</" + element + ">\n")
}

// tag writes an empty element with attributes.
func tag(b *bytes.Buffer, name string, attributes ...string) {
	b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="`)
		_ = xml.EscapeText(b, []byte(attributes[i+1])) // a buffer takes everything
		b.WriteString(`"`)
	}
	b.WriteString("/>\n")
}

// csdl gives the description as JSON. CSDL JSON 4.01 §3
func csdl() map[string]any {
	schema := map[string]any{}
	for _, t := range types() {
		schema[t.name] = t.csdl()
	}
	container := map[string]any{"$Kind": "EntityContainer", "BaseInfo": map[string]any{"$Type": namespace + ".BaseInfo"}}
	for _, e := range entities() {
		container[e.set] = map[string]any{"$Collection": true, "$Type": namespace + "." + e.name}
	}
	schema["Container"] = container
	return map[string]any{"$Version": "4.0", "$EntityContainer": namespace + ".Container", namespace: schema}
}

func (t typed) csdl() map[string]any {
	out := map[string]any{"$Kind": "ComplexType"}
	if t.entity {
		out["$Kind"] = "EntityType"
	}
	if t.open {
		out["$OpenType"] = true
	}
	if t.key != "" {
		out["$Key"] = []string{t.key}
	}
	for _, p := range t.properties {
		one := map[string]any{"$Type": p.kind}
		if p.collection {
			one["$Collection"] = true
		}
		if p.navigation {
			one["$Kind"], one["$ContainsTarget"] = "NavigationProperty", true
		}
		out[p.name] = one
	}
	return out
}

// rootAnswer lists what can be asked for. OData JSON Format 4.01 §5
type rootAnswer struct {
	Context string     `json:"@odata.context"`
	Value   []rootLink `json:"value"`
}

type rootLink struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	URL  string `json:"url"`
}

func serviceRoot(ctx context.Context, _ authority.Caller, q shape) (rootAnswer, error) {
	if _, err := q.chosen(entity{}); err != nil {
		return rootAnswer{}, err
	}
	out := rootAnswer{Context: strings.TrimSuffix(contextOf(ctx, ""), "#"), Value: []rootLink{{"BaseInfo", "Singleton", "BaseInfo"}}}
	for _, e := range entities() {
		out.Value = append(out.Value, rootLink{e.set, "EntitySet", e.set})
	}
	return out, nil
}
