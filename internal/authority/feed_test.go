package authority_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
)

func entry(position authority.Position, target authority.Target) authority.FeedEntry {
	return authority.FeedEntry{
		Position: position, Stand: authority.Production, Kind: authority.FeedRevoke, Target: target,
		Until: time.Unix(1000, 0),
	}
}

func TestFeedRefusesWhatWasIssuedBefore(t *testing.T) {
	f := authority.NewFeed(0)
	f.Apply([]authority.FeedEntry{entry(1, authority.Target{Scope: authority.ScopeGrant, ID: 7})})
	for _, tt := range []struct {
		name  string
		token authority.TokenIDs
		want  bool
	}{
		{"issued before", authority.TokenIDs{Stand: authority.Production, Grant: 7, Position: 0}, true},
		{"issued at the entry", authority.TokenIDs{Stand: authority.Production, Grant: 7, Position: 1}, false},
		{"other grant", authority.TokenIDs{Stand: authority.Production, Grant: 8, Position: 0}, false},
		{"other stand", authority.TokenIDs{Stand: authority.Test, Grant: 7, Position: 0}, false},
	} {
		if _, got := f.Refuses(tt.token); got != tt.want {
			t.Errorf("%s: refused %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A commit that was reported failed and yet is on disk leaves a gap: the entry
// comes late, and must count all the same.
func TestFeedTakesALateEntryIn(t *testing.T) {
	f := authority.NewFeed(0)
	late := entry(2, authority.Target{Scope: authority.ScopePrincipal, ID: 5})
	f.Apply([]authority.FeedEntry{entry(1, authority.Target{Scope: authority.ScopeGrant, ID: 7})})
	f.Apply([]authority.FeedEntry{entry(3, authority.Target{Scope: authority.ScopeGrant, ID: 9})})
	if f.Solid() != 1 || f.Position() != 3 {
		t.Fatalf("solid %d, position %d; want 1 and 3", f.Solid(), f.Position())
	}
	before := f.Version()
	f.CatchUp(3, []authority.FeedEntry{late})
	if f.Solid() != 3 || f.Version() == before {
		t.Errorf("solid %d, version moved %v; want 3 and true", f.Solid(), f.Version() != before)
	}
	if _, refused := f.Refuses(authority.TokenIDs{Stand: authority.Production, Principal: 5}); !refused {
		t.Error("the late entry refuses nothing")
	}
}

func TestFeedNeverForgetsALiveRevocation(t *testing.T) {
	f := authority.NewFeed(0)
	f.Apply([]authority.FeedEntry{entry(1, authority.Target{Scope: authority.ScopeGrant, ID: 7})})
	f.Forget(time.Unix(1000, 0))
	if f.Len() != 1 {
		t.Error("forgotten at its last moment")
	}
	f.Forget(time.Unix(1001, 0))
	if f.Len() != 0 {
		t.Error("kept past its end")
	}
}
