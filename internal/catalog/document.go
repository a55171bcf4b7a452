package catalog

import (
	"time"

	"propusk/internal/catalog/query"
)

// Doc is a document that is worked off in a warehouse. Ids are the client's own
// and belong to one document of the account; times are UTC, in milliseconds.
type Doc struct {
	ID           string
	Name         string
	Type         string // DocType.Name
	Appointment  string // id of the user or name of the group that is to do it
	UserID       string // who does it
	WarehouseID  string
	Barcode      string
	Description  string
	Priority     float64
	Finished     bool
	InProcess    bool
	Modified     bool // somebody has worked on it
	AutoAppoint  bool
	ServerHosted bool
	Created      time.Time
	Changed      time.Time
	Declared     []Item // what is to be done
	Current      []Item // what has been done
	Extra        Extra
}

// Item is a line of a document.
type Item struct {
	UID         string  `json:"uid"`
	ProductID   string  `json:"productId"`
	ProductName string  `json:"productName"`
	PackingID   string  `json:"packingId"`
	Declared    float64 `json:"declaredQuantity"`
	Current     float64 `json:"currentQuantity"`
	Price       float64 `json:"price"`
	Extra       Extra   `json:"extra,omitempty"`
}

// DocSchema lists what of a document can be asked for.
func DocSchema() query.Schema {
	return query.Schema{
		{Name: "id", Kind: query.StringKind},
		{Name: "name", Kind: query.StringKind},
		{Name: "documentTypeName", Kind: query.StringKind},
		{Name: "appointment", Kind: query.StringKind},
		{Name: "userId", Kind: query.StringKind},
		{Name: "warehouseId", Kind: query.StringKind},
		{Name: "barcode", Kind: query.StringKind},
		{Name: "description", Kind: query.StringKind},
		{Name: "priority", Kind: query.NumberKind},
		{Name: "finished", Kind: query.BoolKind},
		{Name: "inProcess", Kind: query.BoolKind},
		{Name: "modified", Kind: query.BoolKind},
		{Name: "autoAppointed", Kind: query.BoolKind},
		{Name: "serverHosted", Kind: query.BoolKind},
		{Name: "createDate", Kind: query.TimeKind},
		{Name: "lastChangeDate", Kind: query.TimeKind},
	}
}

// Field implements query.Row.
func (d Doc) Field(name string) query.Value {
	switch name {
	case "id":
		return query.Text(d.ID)
	case "name":
		return query.Text(d.Name)
	case "documentTypeName":
		return query.Text(d.Type)
	case "appointment":
		return query.Text(d.Appointment)
	case "userId":
		return query.Text(d.UserID)
	case "warehouseId":
		return query.Text(d.WarehouseID)
	case "barcode":
		return query.Text(d.Barcode)
	case "description":
		return query.Text(d.Description)
	}
	return d.state(name)
}

func (d Doc) state(name string) query.Value {
	switch name {
	case "priority":
		return query.Number(d.Priority)
	case "finished":
		return query.Flag(d.Finished)
	case "inProcess":
		return query.Flag(d.InProcess)
	case "modified":
		return query.Flag(d.Modified)
	case "autoAppointed":
		return query.Flag(d.AutoAppoint)
	case "serverHosted":
		return query.Flag(d.ServerHosted)
	case "createDate":
		return query.Moment(d.Created)
	case "lastChangeDate":
		return query.Moment(d.Changed)
	}
	return query.Value{}
}
