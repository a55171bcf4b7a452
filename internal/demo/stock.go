package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	storecatalog "propusk/internal/store/catalog"
)

const (
	mostProducts = 1500 // of an account
	papers       = 90   // documents of an account
)

// storage is what a company keeps in its warehouses.
type storage struct {
	Warehouses []struct{ ID, Name string } `json:"warehouses"`
	Suppliers  []string                    `json:"suppliers"`
	Goods      []goods                     `json:"goods"`
}

// goods are products of one kind: each maker makes each form in each size. Prices
// go from the first to the second.
type goods struct {
	Code   string     `json:"code"`
	Name   string     `json:"name"`
	Makers []string   `json:"makers"`
	Sizes  []string   `json:"sizes"`
	Forms  []string   `json:"forms"`
	Unit   string     `json:"unit"`
	Box    int        `json:"box"`
	Price  [2]float64 `json:"price"`
}

// keeper fills the warehouse of one account.
type keeper struct {
	*filler
	storage

	company company
	caller  authority.Caller
	r       *rand.Rand
}

// stock fills the account's warehouse: products, then documents about them.
func (f *filler) stock(ctx context.Context, c authority.Caller, of company, seat uint64) error {
	k := keeper{filler: f, company: of, caller: c, r: rand.New(rand.NewPCG(seed, seat))}
	if err := read(of.file+"_stock", &k.storage); err != nil {
		return err
	}
	d := catalog.DefaultDirectory()
	d.Warehouses = nil
	for _, w := range k.Warehouses {
		d.Warehouses = append(d.Warehouses, catalog.Warehouse{ID: w.ID, Name: w.Name})
	}
	if err := f.data.Catalog.PutDirectory(ctx, doing(c, "settings.change"), d); err != nil {
		return err
	}
	all := k.products()
	if err := f.data.Uploads.Begin(ctx, doing(c, "catalog.begin"), catalog.Scheme{}); err != nil {
		return err
	}
	if err := f.data.Uploads.Add(ctx, c, all, nil); err != nil {
		return err
	}
	if _, err := f.data.Uploads.End(ctx, doing(c, "catalog.replace")); err != nil {
		return err
	}
	return k.papers(ctx, d, all)
}

// products makes them kind by kind, until there are enough of all kinds.
func (k *keeper) products() []catalog.Product {
	var out []catalog.Product
	for _, g := range k.Goods {
		n := 0
		for _, form := range g.Forms {
			for at, size := range g.Sizes {
				for _, maker := range g.Makers {
					n++
					out = append(out, k.product(g, n, strings.NewReplacer("{maker}", maker, "{form}", form, "{size}", size).Replace(g.Name), at))
				}
			}
		}
	}
	k.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	out = out[:min(len(out), mostProducts)]
	slices.SortFunc(out, func(a, b catalog.Product) int { return strings.Compare(a.Marking, b.Marking) })
	return out
}

// product makes the one of a size: larger ones cost more.
func (k *keeper) product(g goods, n int, name string, size int) catalog.Product {
	share := (float64(size) + k.r.Float64()) / float64(len(g.Sizes))
	price := float64(int(g.Price[0] + (g.Price[1]-g.Price[0])*share*share))
	if price > 100 {
		price = float64(int(price)/10*10) + 9
	}
	quantity := float64(k.r.IntN(12 * max(g.Box, 3)))
	base := catalog.Packing{
		ID: k.id(), Name: g.Unit, UnitsQuantity: 1, Price: price, Quantity: quantity, Barcode: k.barcode(), UnitID: g.Unit,
	}
	p := catalog.Product{
		ID: k.id(), Name: strings.ReplaceAll(name, "  ", " "), Marking: fmt.Sprintf("%s-%04d", g.Code, n), Barcode: base.Barcode,
		BasePackingID: base.ID, Packings: []catalog.Packing{base}, WithSerialNumber: g.Price[1] > 20_000,
	}
	if g.Box > 1 {
		p.Packings = append(p.Packings, catalog.Packing{
			ID: k.id(), Name: "упак", UnitsQuantity: float64(g.Box), Price: price * float64(g.Box), Quantity: float64(int(quantity) / g.Box),
			Barcode: k.barcode(), UnitID: "упак",
		})
	}
	main := float64(int(quantity) * 3 / 4)
	p.Stocks = []catalog.Stock{{WarehouseID: k.Warehouses[0].ID, Quantity: main}, {WarehouseID: k.Warehouses[1+k.r.IntN(2)].ID, Quantity: quantity - main}}
	return p
}

// id makes a UUID of decimal digits, which paths in any case spell alike.
func (k *keeper) id() string {
	return fmt.Sprintf("%08d-%04d-4%03d-8%03d-%012d", k.r.IntN(1e8), k.r.IntN(1e4), k.r.IntN(1e3), k.r.IntN(1e3), k.r.Int64N(1e12))
}

// barcode makes an EAN-13 with its check digit. GS1 General Specifications §7.9
func (k *keeper) barcode() string {
	text := fmt.Sprintf("460%09d", k.r.IntN(1_000_000_000))
	sum := 0
	for i, digit := range text {
		sum += int(digit-'0') * (1 + 2*(i%2))
	}
	return fmt.Sprintf("%s%d", text, (10-sum%10)%10)
}

// papers writes documents of each type, newest last.
func (k *keeper) papers(ctx context.Context, d catalog.Directory, all []catalog.Product) error {
	store := storecatalog.New(k.data.DB)
	account := k.caller.Account().ID
	var jobs []func() error
	for i := range papers {
		doc := k.doc(i, d.DocTypes[k.r.IntN(len(d.DocTypes))], all)
		jobs = append(jobs, func() error {
			return store.AddDoc(ctx, account, doc, k.entry(k.caller, "doc.create", "doc/"+doc.ID))
		})
	}
	return together(jobs)
}

// doc writes one. Those of the last days are still being worked on.
func (k *keeper) doc(i int, kind catalog.DocType, all []catalog.Product) catalog.Doc {
	age := time.Duration(papers-i)*7*time.Hour - time.Duration(k.r.IntN(300))*time.Minute
	at := k.company.awake(k.now.Add(-max(age, 9*time.Hour)), time.Time{}).Truncate(time.Minute)
	d := catalog.Doc{
		ID: k.id(), Type: kind.Name, Created: at, Changed: at, WarehouseID: k.Warehouses[k.r.IntN(len(k.Warehouses))].ID,
		Name: fmt.Sprintf("%s № %05d от %s", kind.DisplayName, 4200+i, at.In(k.company.clock).Format("02.01.2006")), Barcode: k.barcode(),
		Appointment: authority.GroupMobileUser, Extra: catalog.Extra{},
	}
	switch kind.Name {
	case "PrihodNaSklad":
		d.Extra["Поставщик"] = pick(k.r, k.Suppliers)
	case "PodborZakaza":
		d.Extra["Заказчик"], d.Priority = pick(k.r, k.company.Customers), float64(k.r.IntN(3))
	case "Peremeshenie":
		d.Extra["Куда"] = k.Warehouses[(i+1)%len(k.Warehouses)].Name
	}
	for range 3 + k.r.IntN(10) {
		d.Declared = append(d.Declared, k.line(all, len(d.Declared)))
	}
	k.progress(&d, i)
	return d
}

func (k *keeper) line(all []catalog.Product, n int) catalog.Item {
	p := pick(k.r, all)
	return catalog.Item{
		UID: fmt.Sprint(n + 1), ProductID: p.ID, ProductName: p.Name, PackingID: p.BasePackingID,
		Declared: float64(1 + k.r.IntN(24)), Price: p.Packings[0].Price,
	}
}

// progress takes d as far as it has come by now.
func (k *keeper) progress(d *catalog.Doc, i int) {
	done := len(d.Declared)
	switch {
	case i >= papers-8:
		return
	case i >= papers-16:
		d.InProcess, done = true, k.r.IntN(done)
	default:
		d.Finished = true
	}
	d.Modified = true
	d.Changed = d.Created.Add(time.Duration(10+k.r.IntN(200)) * time.Minute)
	for _, line := range d.Declared[:done] {
		line.Current = line.Declared
		if k.r.IntN(15) == 0 { // a piece was missing
			line.Current--
		}
		d.Current = append(d.Current, line)
	}
}
