package catalog

import "reflect"

// Same reports whether p and q, as the catalogue keeps them, say the same.
func (p Product) Same(q Product) bool { return reflect.DeepEqual(p.plain(), q.plain()) }

// plain makes lists and fields that are empty, and those that are not there,
// alike.
func (p Product) plain() Product {
	packings := make([]Packing, len(p.Packings))
	for i, k := range p.Packings {
		k.Barcodes = append([]string{}, k.Barcodes...)
		if len(k.Extra) == 0 {
			k.Extra = nil
		}
		packings[i] = k
	}
	p.Packings, p.Stocks = packings, append([]Stock{}, p.Stocks...)
	if len(p.Extra) == 0 {
		p.Extra = nil
	}
	return p
}
