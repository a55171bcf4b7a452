package demo

import (
	"embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

//go:embed data
var texts embed.FS

// company is what one account's work is made of.
type company struct {
	Name      string   `json:"name"`
	Contract  string   `json:"contract"`
	Number    int64    `json:"number"`
	Zone      string   `json:"zone"` // where it works: hours of the day are counted in it
	Code      string   `json:"code"` // that its telephone numbers begin with
	Areas     []string `json:"areas"`
	Streets   []string `json:"streets"`
	Customers []string `json:"customers"`
	Models    []string `json:"models"`
	Orders    []order  `json:"orders"`

	people people
	file   string // of data
	clock  *time.Location
}

// order is a kind of work order. {model} and {place} stand for what is repaired
// and where.
type order struct {
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Done  string   `json:"done"` // how it ended, when it did
	Talk  []string `json:"talk"`
}

// people are the parts of names.
type people struct {
	Men   naming `json:"men"`
	Women naming `json:"women"`
}

type naming struct {
	Surnames []string `json:"surnames"`
	Names    []string `json:"names"`
	Fathers  []string `json:"fathers"`
}

// companies gives the two of the demo, in the order of the fixture.
func companies() ([]company, error) {
	var folk people
	if err := read("people", &folk); err != nil {
		return nil, err
	}
	var out []company
	for _, file := range []string{"heating", "lifts"} {
		c := company{people: folk, file: file}
		if err := read(file, &c); err != nil {
			return nil, err
		}
		var err error
		if c.clock, err = time.LoadLocation(c.Zone); err != nil {
			return nil, fmt.Errorf("demo: %s: %w", file, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func read(name string, into any) error {
	text, err := texts.ReadFile("data/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("demo: %s: %w", name, err)
	}
	return nil
}

// staff gives n people with different names.
func (p people) staff(r *rand.Rand, n int) []string {
	seen := map[string]bool{}
	var out []string
	for len(out) < n {
		who := p.Men
		if r.IntN(4) == 0 {
			who = p.Women
		}
		surname := pick(r, who.Surnames)
		if seen[surname] {
			continue
		}
		seen[surname] = true
		out = append(out, surname+" "+pick(r, who.Names)+" "+pick(r, who.Fathers))
	}
	return out
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// site is where a work order is and what stands there.
type site struct{ model, place string }

func (c company) site(r *rand.Rand) site {
	place := fmt.Sprintf("%s, %d", pick(r, c.Streets), 1+r.IntN(140))
	switch r.IntN(5) {
	case 0:
		place += fmt.Sprintf(", кв. %d", 1+r.IntN(190))
	case 1:
		place += fmt.Sprintf(", подъезд %d", 1+r.IntN(6))
	}
	return site{pick(r, c.Models), place}
}

func (s site) fill(text string) string {
	return strings.NewReplacer("{model}", s.model, "{place}", s.place).Replace(text)
}

// awake moves t to a time when people work, at most hours away and not before
// since.
func (c company) awake(t, since time.Time) time.Time {
	switch hour := t.In(c.clock).Hour(); {
	case hour < 8:
		t = t.Add(8 * time.Hour)
	case hour >= 20:
		t = t.Add(-8 * time.Hour)
	}
	if t.Before(since) {
		return since
	}
	return t
}
