package dashboard

import (
	"slices"
	"sort"

	"propusk/internal/admin"
	"propusk/internal/console/page"
)

// The size of a plot in its own units.
const (
	plotWidth  = 400
	plotHeight = 170
	plotLeft   = 40
	plotTop    = 8
	plotBottom = 24
	ticks      = 5
)

// plot is a drawing of bars on one another, with all that a reader needs who
// does not see it.
type plot struct {
	ID     string
	Total  int64
	Series []series
	Bars   []bar
	Lines  []mark
	Ticks  []mark
	Rows   []row
}

// series is one dialect's part.
type series struct {
	Dialect string
	Class   string // s1 … s7: a colour of the theme
	Total   int64
}

// bar is one dialect's part of a step.
type bar struct {
	Class               string
	X, Y, Width, Height float64
	Title               string
}

// mark is a line of the grid with its words, or words alone.
type mark struct {
	X, Y float64
	Text string
}

// row is a step as a line of the table.
type row struct {
	Label  string
	Values []int64
	Total  int64
}

// order gives each dialect its colour, whatever else is there.
func order() []string {
	return []string{"hubex", "smarts", "element", "operator", "ringme", "oauth", page.Dialect}
}

// counter is what one plot counts.
type counter struct {
	id string
	of func(admin.Traffic) int64
}

func refusals(t admin.Traffic) int64 { return t.Refusals }

func plots(v *page.View, s span, steps []bucket, traffic []admin.Traffic) []plot {
	return draw(v, s, steps, traffic,
		counter{"calls", func(t admin.Traffic) int64 { return t.Calls }},
		counter{"issues", func(t admin.Traffic) int64 { return t.Issues }},
		counter{"refusals", refusals})
}

// draw makes a plot of each thing that is counted.
func draw(v *page.View, s span, steps []bucket, traffic []admin.Traffic, counted ...counter) []plot {
	out := make([]plot, 0, len(counted))
	for _, c := range counted {
		p := plot{ID: c.id}
		sums := p.sum(c, steps, traffic)
		for i, b := range steps {
			p.Rows = append(p.Rows, row{s.label(v, b), sums[i], total(sums[i])})
		}
		p.draw(v, s, steps)
		out = append(out, p)
	}
	return out
}

func total(values []int64) (n int64) {
	for _, v := range values {
		n += v
	}
	return n
}

// sum counts by step and dialect; only dialects with something to count are
// there.
func (p *plot) sum(c counter, steps []bucket, traffic []admin.Traffic) [][]int64 {
	by := map[string]int64{}
	for _, t := range traffic {
		by[t.Dialect] += c.of(t)
	}
	known := order()
	for name := range by {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	for i, name := range known {
		if by[name] > 0 {
			p.Series = append(p.Series, series{name, "s" + string(rune('1'+min(i, 6))), by[name]})
			p.Total += by[name]
		}
	}
	sums := make([][]int64, len(steps))
	for i := range sums {
		sums[i] = make([]int64, len(p.Series))
	}
	for _, t := range traffic {
		at := sort.Search(len(steps), func(i int) bool { return steps[i].End.After(t.Hour) })
		if k := slices.IndexFunc(p.Series, func(s series) bool { return s.Dialect == t.Dialect }); k >= 0 && at < len(steps) {
			sums[at][k] += c.of(t)
		}
	}
	return sums
}

// draw places bars, grid and words.
func (p *plot) draw(v *page.View, s span, steps []bucket) {
	top := int64(0)
	for _, r := range p.Rows {
		top = max(top, r.Total)
	}
	top = round(top)
	height := float64(plotHeight - plotTop - plotBottom)
	step := float64(plotWidth-plotLeft) / float64(len(p.Rows))
	for i := range int64(3) {
		value := top * i / 2
		y := plotTop + height*(1-float64(value)/float64(top))
		p.Lines = append(p.Lines, mark{plotLeft, y, v.Count(value)})
	}
	for i, r := range p.Rows {
		x, y := plotLeft+float64(i)*step, plotTop+height
		for k, n := range r.Values {
			if n == 0 {
				continue
			}
			h := height * float64(n) / float64(top)
			y -= h
			title := r.Label + ", " + v.Name("dialect", p.Series[k].Dialect) + ": " + v.Count(n)
			p.Bars = append(p.Bars, bar{p.Series[k].Class, x + step*.14, y, step * .72, h, title})
		}
		if every := (len(p.Rows) + ticks - 1) / ticks; i%every == 0 {
			p.Ticks = append(p.Ticks, mark{x + step/2, plotHeight - 8, s.tick(steps[i])})
		}
	}
}

// round gives the next 2, 4, 6 or 10 of a power of ten, so that the grid and its
// half are round numbers; 2 at least.
func round(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, lead := range []int64{2, 4, 6, 10} {
			if lead*unit >= n {
				return lead * unit
			}
		}
	}
}
