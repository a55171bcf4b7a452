package operator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/demo"
	"propusk/internal/dialect/operator"
	"propusk/internal/testenv"
)

const (
	historyPath = "/api/v1/request/getcallhistory"
	filePath    = "/api/v1/request/getcallrecordfile?recordFileId="
	resultPath  = "/api/v1/request/getrequestresultbyhash?requestHash="
	noResult    = `{"error":{"errorMessage":"there is no result with this requestHash","errorCode":404},"result":null}`
)

// desk is an account's access to the methods.
type desk struct {
	*world

	account demo.Account
	token   string
}

func newDesk(t *testing.T, w *world, i int) desk {
	t.Helper()
	account := w.Fixture.Accounts[i]
	return desk{w, account, w.pair(t, createPath, account.Operator.AuthorizationToken).AccessToken}
}

func (d desk) get(t *testing.T, path string) testenv.Answer {
	t.Helper()
	return d.Do(t, testenv.Call{Path: path}.With(testenv.Bearer(d.token)...))
}

func (d desk) post(t *testing.T, body string) testenv.Answer {
	t.Helper()
	return d.Do(t, testenv.Call{Method: http.MethodPost, Path: historyPath, Body: body}.With(testenv.Bearer(d.token)...))
}

// answer is what every method gives.
type answer struct {
	Error  struct{ ErrorMessage string }
	Result struct {
		FileName                                                string `json:"file_NAME"`
		APIName, CallTime, RequestHash, FileContent, NextCursor string

		Rowset []row
	}
}

type row struct {
	CallID, CallDate, NumberFrom, NumberTo, Disposition string
	Direction, IsRead                                   int
	Duration, TalkDuration                              int64
	RecordFileID                                        *string
}

// history asks for everything of a year, with members in the place of what they
// name.
func (d desk) history(t *testing.T, members string) (answer, string) {
	t.Helper()
	body := `{"periodStart":"2023-05-21 00:00:00","periodEnd":"2024-05-20 23:59:59"` + members + `}`
	a := d.post(t, body)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", body, a.Status, a.Body)
	}
	var out answer
	a.JSON(t, &out)
	return out, a.Body
}

// draft is a call of a test, which comes before all of the demo.
func draft(i int) calls.Draft {
	begun := time.Date(2023, 6, 1, 9, 0, i, 0, time.UTC)
	return calls.Draft{Call: calls.Call{
		Source: "test", SourceID: fmt.Sprint(i), Direction: calls.Directions()[i%3], Disposition: calls.Answered, Begun: begun,
		From: calls.Party{Number: "+7 (999) 000-00-01"}, To: calls.Party{Number: fmt.Sprint(900 + i%2)},
		Answered: begun, Duration: time.Duration(i%4) * 1500 * time.Millisecond, Read: i%2 == 0,
	}}
}

func (d desk) add(t *testing.T, drafts ...calls.Draft) {
	t.Helper()
	owner := authority.System(d.account.Stand, authority.Account{}, "", "test")
	found, err := d.Server.Data().Admin.AccountByContract(t.Context(), owner, d.account.Contract)
	if err != nil {
		t.Fatal(err)
	}
	for len(drafts) > 0 {
		n := min(len(drafts), calls.MaxBatch)
		if _, err := d.Server.Data().Calls.Add(t.Context(), authority.System(d.account.Stand, found, "", "test"), drafts[:n]); err != nil {
			t.Fatal(err)
		}
		drafts = drafts[n:]
	}
}

func TestHistoryFilters(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	var drafts []calls.Draft
	for i := range 12 {
		drafts = append(drafts, draft(i))
	}
	d.add(t, drafts...)
	const mine = `,"numbers":["89990000001"]`
	for _, test := range []struct {
		members string
		want    int
	}{
		{mine, 12},
		{`,"numbers":"8-999-000-00-01, 555"`, 12},
		{`,"numbers":[79990000001]`, 12},
		{`,"numbers":["900"]`, 6},
		{`,"numbers":["900","901","79990000001"]`, 12},
		{`,"numbers":["12345"]`, 0},
		{mine + `,"direction":0`, 12},
		{mine + `,"direction":null`, 12},
		{mine + `,"direction":""`, 12},
		{mine + `,"direction":1`, 8},
		{mine + `,"direction":2`, 4},
		{mine + `,"direction":"2"`, 4},
		{mine + `,"durationFrom":0,"durationTo":null`, 12},
		{mine + `,"durationFrom":"","durationTo":""`, 12},
		{mine + `,"durationTo":0`, 3},
		{mine + `,"durationFrom":1,"durationTo":1`, 3}, // 1.5 s is shown as 1
		{mine + `,"durationFrom":4`, 3},
		{mine + `,"durationFrom":99999999999`, 0},
		{mine + `,"isCallRecord":0`, 12},
		{mine + `,"isCallRecord":""`, 12},
		{mine + `,"isCallRecord":1`, 0},
		{mine + `,"isRead":null`, 12},
		{mine + `,"isRead":0`, 6},
		{mine + `,"isRead":1`, 6},
		{mine + `,"unknown":{"a":1}`, 12},
	} {
		if got, _ := d.history(t, test.members); len(got.Result.Rowset) != test.want {
			t.Errorf("%s: %d rows, want %d", test.members, len(got.Result.Rowset), test.want)
		}
	}
	for _, members := range []string{`,"Numbers":["12345"]`, `,"iscallrecord":1`, `,"Cursor":""`} {
		a := d.post(t, `{"periodStart":"2023-05-21 00:00:00","periodEnd":"2024-05-20 23:59:59"`+members+`}`)
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "in this case") {
			t.Errorf("%s: %d %s", members, a.Status, a.Body)
		}
	}
	all, _ := d.history(t, "")
	for _, everything := range []string{`,"numbers":[]`, `,"numbers":null`, `,"numbers":""`, `,"numbers":[" "]`} {
		if got, _ := d.history(t, everything); len(got.Result.Rowset) != len(all.Result.Rowset) {
			t.Errorf("%s: %d rows of %d", everything, len(got.Result.Rowset), len(all.Result.Rowset))
		}
	}
	last := all.Result.Rowset[0]
	for _, r := range all.Result.Rowset {
		if r.CallDate > last.CallDate {
			t.Errorf("%s after %s", r.CallDate, last.CallDate)
		}
		last = r
	}
	if last.CallDate != "2023-06-01 12:00:00" || last.NumberFrom != "+7 (999) 000-00-01" || last.NumberTo != "900" || last.Disposition != "ANSWERED" {
		t.Errorf("%+v", last)
	}
}

// Both ends are in the period, and blanks around them do not matter.
func TestHistoryPeriod(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	d.add(t, draft(0), draft(1), draft(2))
	for body, want := range map[string]int{
		`{"periodStart":" 2023-06-01 12:00:00 ","periodEnd":"\t2023-06-01 12:00:02"}`: 3,
		`{"periodStart":"2023-06-01 12:00:01","periodEnd":"2023-06-01 12:00:01"}`:     1,
	} {
		var out answer
		if d.post(t, body).JSON(t, &out); len(out.Result.Rowset) != want {
			t.Errorf("%s: %d rows", body, len(out.Result.Rowset))
		}
	}
}

func TestHistoryThatCannotBe(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	const period = `"periodStart":"2024-01-01 00:00:00","periodEnd":"2024-02-01 00:00:00"`
	bodies := []string{
		`{}`, `{"periodStart":"2024-01-01 00:00:00"}`, `{"periodEnd":"2024-01-01 00:00:00"}`,
		`{"periodStart":"2024-02-01 00:00:00","periodEnd":"2024-01-01 00:00:00"}`,
		`{"periodStart":"2023-01-01 00:00:00","periodEnd":"2024-01-02 00:00:01"}`,
		`{"periodStart":20240101,"periodEnd":"2024-01-01 00:00:00"}`,
		`{"periodStart":"2024-02-30 00:00:00","periodEnd":"2024-03-01 00:00:00"}`,
		`{"periodStart":"2024-01-01","periodEnd":"2024-03-01 00:00:00"}`,
		`{"periodStart":"","periodEnd":""}`,
	}
	for _, members := range []string{
		`"direction":3`, `"direction":-1`, `"direction":"out"`, `"direction":true`, `"direction":1.5`, `"direction":{}`, `"direction":[1]`,
		`"durationFrom":-1`, `"durationTo":"long"`, `"durationTo":1.5`, `"durationTo":false`, `"isCallRecord":2`, `"isCallRecord":true`,
		`"isRead":2`, `"isRead":"yes"`, `"numbers":7495`, `"numbers":{}`, `"numbers":[{}]`, `"numbers":[null]`, `"numbers":["---"]`,
		`"numbers":true`, `"cursor":"x"`, `"cursor":1`, `"cursor":{}`,
	} {
		bodies = append(bodies, `{`+period+`,`+members+`}`)
	}
	for _, body := range bodies {
		a := d.post(t, body)
		var e struct {
			Error struct {
				ErrorMessage string
				ErrorCode    int
			}
			Result *int
		}
		if a.JSON(t, &e); a.Status != http.StatusBadRequest || e.Error.ErrorCode != http.StatusBadRequest || e.Error.ErrorMessage == "" || e.Result != nil {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
}

// What cannot be is told by its name, and by its place in a list.
func TestHistoryNamesWhatIsWrong(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	const period = `"periodStart":"2024-01-01 00:00:00","periodEnd":"2024-02-01 00:00:00"`
	for members, want := range map[string]string{
		`"durationFrom":100,"durationTo":50`:             "durationTo is less than durationFrom",
		`"numbers":["900","---"]`:                        "numbers[1] is no telephone number",
		`"numbers":"900, ,-"`:                            "numbers[2] is no telephone number",
		`"numbers":["` + strings.Repeat("7", 100) + `"]`: "numbers[0] is no telephone number",
		`"numbers":["900",{}]`:                           "numbers[1] must be a text or a whole number",
		`"numbers":[1.5]`:                                "numbers[0] must be a text or a whole number",
		`"numbers":7495`:                                 "numbers must be an array of numbers or one text with commas",
	} {
		if a := d.post(t, `{`+period+`,`+members+`}`); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"errorMessage":"`+want+`"`) {
			t.Errorf("%s: %d %s, want %s", members, a.Status, a.Body, want)
		}
	}
	form := testenv.Call{Method: http.MethodPost, Path: historyPath, Type: "application/x-www-form-urlencoded", Body: "numbers=900"}
	if a := d.Do(t, form.With(testenv.Bearer(d.token)...)); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "send JSON") {
		t.Errorf("a form: %d %s", a.Status, a.Body)
	}
	for _, fine := range []string{`"durationFrom":0,"durationTo":0`, `"durationFrom":60,"durationTo":60`, `"numbers":["Anonymous","*98","+7 (495) 123-45-67"]`} {
		if a := d.post(t, `{`+period+`,`+fine+`}`); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", fine, a.Status, a.Body)
		}
	}
}

// A history of more than 10,000 rows comes in parts, none of them cut silently.
func TestHistoryIsNeverCutSilently(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	drafts := make([]calls.Draft, 10_400)
	for i := range drafts {
		drafts[i] = draft(i)
	}
	d.add(t, drafts...)
	const mine = `,"numbers":["79990000001"]`
	first, _ := d.history(t, mine)
	if len(first.Result.Rowset) != 10_000 || first.Result.NextCursor == "" {
		t.Fatal(len(first.Result.Rowset), first.Result.NextCursor)
	}
	cursor := first.Result.NextCursor
	rest, _ := d.history(t, mine+`,"cursor":"`+cursor+`"`)
	if len(rest.Result.Rowset) != 400 || rest.Result.NextCursor != "" {
		t.Fatal(len(rest.Result.Rowset), rest.Result.NextCursor)
	}
	seen := map[string]bool{}
	for _, r := range append(first.Result.Rowset, rest.Result.Rowset...) {
		seen[r.CallID] = true
	}
	if len(seen) != len(drafts) {
		t.Errorf("%d different calls", len(seen))
	}
	// Another filter, another account, a flipped bit: the cursor is of none of them.
	other := newDesk(t, d.world, 1)
	flipped := cursor[:5] + string(rune(cursor[5]^1)) + cursor[6:]
	for name, a := range map[string]testenv.Answer{
		"filter":  d.post(t, `{"periodStart":"2023-05-21 00:00:00","periodEnd":"2024-05-20 23:59:59","cursor":"`+cursor+`"}`),
		"account": other.post(t, `{"periodStart":"2023-05-21 00:00:00","periodEnd":"2024-05-20 23:59:59"`+mine+`,"cursor":"`+cursor+`"}`),
		"bit":     d.post(t, `{"periodStart":"2023-05-21 00:00:00","periodEnd":"2024-05-20 23:59:59"`+mine+`,"cursor":"`+flipped+`"}`),
	} {
		if a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", name, a.Status, a.Body)
		}
	}
}

// B51: an answer can be had again, byte for byte and in any spelling of its hash, by
// its account alone, for 7 days, while the rights are there.
func TestAnswersAgain(t *testing.T) {
	w := newWorld(t)
	d, other := newDesk(t, w, 0), newDesk(t, w, 1)
	history, text := d.history(t, "")
	file := d.get(t, filePath+d.account.Operator.RecordFileID)
	var sound answer
	file.JSON(t, &sound)
	content, err := base64.StdEncoding.DecodeString(sound.Result.FileContent)
	if err != nil || len(content) < 1000 || sound.Result.FileName != d.account.Operator.RecordFileID+".mp3" {
		t.Fatal(len(content), err, sound.Result.FileName)
	}
	d.add(t, draft(1)) // what came later is not in what was answered before
	for want, hash := range map[string]string{text: history.Result.RequestHash, file.Body: sound.Result.RequestHash} {
		for _, spelling := range []string{
			hash, testenv.Escape(hash), strings.ReplaceAll(testenv.Escape(hash), "%2B", "+"), testenv.Escape(testenv.Escape(hash)),
		} {
			if a := d.get(t, resultPath+spelling); a.Status != http.StatusOK || a.Body != want {
				t.Errorf("%s: %d %.300s", spelling, a.Status, a.Body)
			}
		}
		for _, wrong := range []string{
			hash[:24], hash[24:], hash[:67], strings.ToLower(hash), hash + "=", "x", strings.Repeat("A", 68), testenv.Escape("' OR 1=1 --"),
		} {
			if a := d.get(t, resultPath+wrong); a.Status != http.StatusNotFound || a.Body != noResult {
				t.Errorf("%s: %d %s", wrong, a.Status, a.Body)
			}
		}
		if a := other.get(t, resultPath+testenv.Escape(hash)); a.Status != http.StatusNotFound || a.Body != noResult {
			t.Errorf("another account: %d %s", a.Status, a.Body)
		}
	}
	w.clock.Advance(calls.ResultLife + time.Second)
	d = newDesk(t, w, 0)
	if a := d.get(t, resultPath+testenv.Escape(history.Result.RequestHash)); a.Status != http.StatusNotFound || a.Body != noResult {
		t.Errorf("after 7 days: %d %s", a.Status, a.Body)
	}
}

func TestRecordingsOfOthers(t *testing.T) {
	w := newWorld(t)
	d, other := newDesk(t, w, 0), newDesk(t, w, 1)
	want := d.get(t, filePath+"bec3e80f-2197-4f2e-87d8-44ae05e60eb7")
	if want.Status != http.StatusNotFound {
		t.Fatal(want.Status, want.Body)
	}
	for _, id := range []string{other.account.Operator.RecordFileID, "../../etc/passwd", "%00", "", calls.FormatID(1)} {
		a := d.get(t, filePath+testenv.Escape(id))
		if a.Status != want.Status || a.Body != want.Body {
			t.Errorf("%q: %d %s", id, a.Status, a.Body)
		}
	}
}

// B51: guessing hashes meets a limit, and finds nothing before.
func TestGuessingHashes(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	for i := range operator.Guesses + 5 {
		hash, _ := operator.NewHash()
		want := http.StatusNotFound
		if i >= operator.Guesses {
			want = http.StatusTooManyRequests
		}
		if a := d.get(t, resultPath+testenv.Escape(hash)); a.Status != want {
			t.Fatalf("guess %d: %d %s", i, a.Status, a.Body)
		}
	}
}

// B51: a hash has 128 random bits, in the documented form.
func TestHashesAreTheDocumentedOnes(t *testing.T) {
	// The sample of the documentation.
	if _, err := operator.ReadHash("twbfdoEhUI6kPSgOpPXT7Q==QUY5OUZCMDJGNDA4MDBEQ0UwNTBBOEMwQ0I1MDI4NTU="); err != nil {
		t.Error(err)
	}
	seen := map[string]bool{}
	for range 10_000 {
		hash, key := operator.NewHash()
		again, err := operator.ReadHash(hash)
		if seen[hash] = true; err != nil || again != key || len(hash) != 68 {
			t.Fatal(hash, err)
		}
	}
	if len(seen) != 10_000 {
		t.Error(len(seen))
	}
}

func FuzzReadHash(f *testing.F) {
	f.Add("twbfdoEhUI6kPSgOpPXT7Q==QUY5OUZCMDJGNDA4MDBEQ0UwNTBBOEMwQ0I1MDI4NTU=")
	f.Add("%")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := operator.ReadHash(text); err != nil && authority.CodeOf(err) != authority.NotFound {
			t.Fatal(err)
		}
	})
}

// FuzzQuery: whatever the members are, the request is read or refused as wrong.
func FuzzQuery(f *testing.F) {
	f.Add(`["7495"]`, `"2024-01-01 00:00:00"`, `0`, `""`)
	f.Add(`"7495,8495"`, `" 2024-01-01 00:00:00 "`, `null`, `"x"`)
	f.Fuzz(func(t *testing.T, numbers, start, number, cursor string) {
		for _, text := range []string{numbers, start, number, cursor} {
			if !json.Valid([]byte(text)) {
				return // the decoder refuses it first
			}
		}
		if err := operator.ReadQuery(numbers, start, number, cursor); err != nil && authority.CodeOf(err) != authority.InvalidValue {
			t.Fatal(err)
		}
	})
}

// B51: what was answered is refused again to who has lost the right to ask.
func TestRightsAreAskedAgain(t *testing.T) {
	d := newDesk(t, newWorld(t), 0)
	history, _ := d.history(t, "")
	service := d.Server.Data().Admin
	owner := authority.System(d.account.Stand, authority.Account{}, "", "test")
	found, err := service.AccountByContract(t.Context(), owner, d.account.Contract)
	if err != nil {
		t.Fatal(err)
	}
	inside := authority.System(d.account.Stand, found, "", "test")
	roles, err := service.Roles(t.Context(), inside, admin.Page{})
	if err != nil {
		t.Fatal(err)
	}
	only := []authority.Permission{calls.RecordRead}
	for _, r := range roles.Items {
		if r.Name == admin.IntegrationName {
			if _, err := service.ChangeRole(t.Context(), inside, admin.RoleEdit{ID: r.ID, Permissions: &only}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range []testenv.Answer{
		d.get(t, resultPath+testenv.Escape(history.Result.RequestHash)),
		d.post(t, `{"periodStart":"2024-01-01 00:00:00","periodEnd":"2024-02-01 00:00:00"}`),
	} {
		if a.Status != http.StatusForbidden {
			t.Errorf("%d %.200s", a.Status, a.Body)
		}
	}
	if a := d.get(t, filePath+d.account.Operator.RecordFileID); a.Status != http.StatusOK {
		t.Errorf("%d %.200s", a.Status, a.Body)
	}
}
