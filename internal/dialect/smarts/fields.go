package smarts

// The types below document bodies that are read by hand. docs/dialects/smarts.md
// §3

// docFields documents docBody.
type docFields struct {
	Type string `path:"type" about:"A name of a type of documents, as DocTypes gives it"`
	docMembers
}

// changeFields documents docChange.
type changeFields struct {
	Type string `path:"type"     about:"A name of a type of documents, as DocTypes gives it"`
	Key  string `path:"document" about:"An id in single quotes, as the list gives it"`
	docMembers
}

// docMembers are the usual properties of a document; others are fields of the
// account's own.
type docMembers struct {
	Name        string       `json:"name"          example:"Receipt 15"`
	Description string       `json:"description"   example:"From the explorer"`
	Barcode     string       `json:"barcode"`
	WarehouseID string       `json:"warehouseId"`
	UserID      string       `json:"userId"`
	Priority    int          `json:"priority"`
	Finished    bool         `json:"finished"`
	InProcess   bool         `json:"inProcess"`
	Declared    []itemFields `json:"declaredItems"`
	Current     []itemFields `json:"currentItems"  about:"Written like declaredItems"`
}

type itemFields struct {
	ProductID string  `json:"productId"`
	PackingID string  `json:"packingId"`
	Declared  float64 `json:"declaredQuantity"`
	Current   float64 `json:"currentQuantity"`
	Price     float64 `json:"price"`
}

// productsFields documents addRequest. Rows of text after lschema (flds), or an
// array of objects alone, are taken too.
type productsFields struct {
	Products []productFields `json:"products" required:"true"`
}

type productFields struct {
	ID       string  `json:"id"       required:"true"         example:"900001"`
	Name     string  `json:"name"     example:"Tea, 100 g"`
	Barcode  string  `json:"barcode"  example:"4600000000015"`
	Marking  string  `json:"marking"  example:"T-100"`
	Price    float64 `json:"price"    example:"120.5"`
	Quantity float64 `json:"quantity" example:"10"`
}
