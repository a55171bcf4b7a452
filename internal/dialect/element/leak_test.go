package element_test

import (
	"fmt"
	"testing"
	"time"

	"propusk/internal/testenv"
)

// A key that no longer signs, or does not sign yet, may leak too: it ends with
// all that it signed.
func TestLeakedSigningKeys(t *testing.T) {
	w := newWorld(t, testenv.Options{})
	owner := func(method, path, body string) testenv.Answer { // with a token of the key that signs now
		return w.with(w.ours, w.token(w.ours, "owner"), method, path, body)
	}
	byFormer := w.token(w.ours, "developer")
	w.want("the next key is made", owner("POST", "/signing-keys", `{"dialect":"element"}`), 409, 6)
	w.clock.Advance(5 * time.Minute)
	w.want("rotate", owner("POST", "/signing-keys", `{"dialect":"element"}`), 201, 0)
	w.want("another next one is made", owner("POST", "/signing-keys", `{"dialect":"element"}`), 409, 6)
	end := func(dialect, id string) testenv.Answer {
		return owner("POST", "/signing-keys", fmt.Sprintf(`{"dialect":%q,"id":%q}`, dialect, id))
	}
	of := map[string]string{} // "dialect state" → id
	for _, k := range rows(t, owner("GET", "/signing-keys", "")) {
		of[text(k, "dialect")+" "+text(k, "state")] = text(k, "id")
	}
	living := w.token(w.ours, "developer")
	for _, state := range []string{"former", "next"} {
		a := end("element", of["element "+state])
		w.want(state, a, 201, 0)
		if got := made(t, a); got["id"] != of["element active"] {
			t.Errorf("%s: %s signs now, want %s", state, got["id"], of["element active"])
		}
		w.want(state+", again", end("element", of["element "+state]), 201, 0)
	}
	w.want("what the former key signed", w.with(w.ours, byFormer, "GET", "/me", ""), 401, 16)
	w.want("what another signed", w.with(w.ours, living, "GET", "/me", ""), 200, 0)
	for _, k := range rows(t, owner("GET", "/signing-keys", "")) {
		if id := text(k, "id"); (id == of["element former"] || id == of["element next"]) && k["state"] != "revoked" {
			t.Errorf("%v", k)
		}
	}
	w.want("another dialect's", end("element", of["hubex active"]), 404, 5)
	w.want("nobody's", end("element", "x"), 404, 5)
	w.want("no dialect's", end("smoke", of["element active"]), 404, 5)
	w.want("not the owner", w.as(w.ours, "administrator", "POST", "/signing-keys", `{"dialect":"element","id":"x"}`), 403, 7)
	w.want("the one that signs", end("element", of["element active"]), 201, 0)
	w.want("what it signed", w.with(w.ours, living, "GET", "/me", ""), 401, 16)
	w.want("what is signed now", w.with(w.ours, w.token(w.ours, "developer"), "GET", "/me", ""), 200, 0)
}
