package authority_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
)

func TestWithinOnlyNarrows(t *testing.T) {
	all := authority.System(authority.Test, authority.Account{ID: 1}, "test", "test")
	two := all.Within(authority.Areas{IDs: []authority.ID{2, 3}})
	cases := []struct {
		name string
		got  authority.Caller
		want authority.Areas
	}{
		{"all of all", all.Within(authority.Areas{All: true}), authority.Areas{All: true}},
		{"some of all", two, authority.Areas{IDs: []authority.ID{2, 3}}},
		{"all of some", two.Within(authority.Areas{All: true}), authority.Areas{IDs: []authority.ID{2, 3}}},
		{"others of some", two.Within(authority.Areas{IDs: []authority.ID{3, 4}}), authority.Areas{IDs: []authority.ID{3}}},
		{"nothing", all.Within(authority.Areas{}), authority.Areas{IDs: []authority.ID{}}},
		{"no area is no area", all.Within(authority.Areas{IDs: []authority.ID{0}}), authority.Areas{IDs: []authority.ID{}}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, c.got.Areas()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
