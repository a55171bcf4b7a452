package operator

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// historyRequest is what a history is asked with. Members are read by hand: the
// documented ones are numbers, null or empty text as clients please.
// docs/dialects/operator.md §4
type historyRequest struct {
	Numbers      json.RawMessage `json:"numbers"`
	PeriodStart  json.RawMessage `json:"periodStart"`
	PeriodEnd    json.RawMessage `json:"periodEnd"`
	Direction    json.RawMessage `json:"direction"`
	DurationFrom json.RawMessage `json:"durationFrom"`
	DurationTo   json.RawMessage `json:"durationTo"`
	IsCallRecord json.RawMessage `json:"isCallRecord"`
	IsRead       json.RawMessage `json:"isRead"`
	Cursor       json.RawMessage `json:"cursor"`
}

const (
	longestPeriod   = 366     // days
	longestDuration = 1 << 30 // seconds; more is as good as no limit
)

func wrong(field, message string) *authority.Error {
	return authority.E(authority.InvalidValue, field+" "+message).With("field", field)
}

// query gives the request in the words of calls, without its page.
func (r historyRequest) query(c authority.Caller) (q calls.Query, err error) {
	if q.Numbers, err = numbersOf(r.Numbers); err != nil {
		return q, err
	}
	if q.Period, err = periodOf(r.PeriodStart, r.PeriodEnd, zoneOf(c.Account())); err != nil {
		return q, err
	}
	direction, err := choice("direction", r.Direction, 2)
	if err != nil {
		return q, err
	}
	q.Directions = directionsOf(direction)
	if err := r.durations(&q); err != nil {
		return q, err
	}
	recorded, err := choice("isCallRecord", r.IsCallRecord, 1)
	if err != nil {
		return q, err
	}
	if recorded == 1 {
		yes := true
		q.Recorded = &yes
	}
	read, err := optional("isRead", r.IsRead, 1)
	if err == nil && read != nil {
		is := *read == 1
		q.Read = &is
	}
	return q, err
}

// directionsOf gives what a documented direction means. A call between two
// extensions went out of one of them.
func directionsOf(direction int64) []calls.Direction {
	switch direction {
	case 1:
		return []calls.Direction{calls.Outgoing, calls.Internal}
	case 2:
		return []calls.Direction{calls.Incoming}
	}
	return nil
}

// durations reads both limits. Answers tell whole seconds, so a limit means all
// of its second.
func (r historyRequest) durations(q *calls.Query) error {
	from, err := optional("durationFrom", r.DurationFrom, longestDuration)
	if err != nil {
		return err
	}
	to, err := optional("durationTo", r.DurationTo, longestDuration)
	if err != nil {
		return err
	}
	if from != nil && to != nil && *to < *from {
		return wrong("durationTo", "is less than durationFrom")
	}
	if from != nil {
		q.MinDuration = time.Duration(*from) * time.Second
	}
	if to != nil {
		most := time.Duration(*to)*time.Second + time.Second - time.Millisecond
		q.MaxDuration = &most
	}
	return nil
}

// absent reports whether nothing was said: nothing at all, or null.
func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// optional reads a whole number from 0 to most; nil for nothing, null and "".
func optional(field string, raw json.RawMessage, most int64) (*int64, error) {
	if absent(raw) {
		return nil, nil
	}
	text := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, wrong(field, "must be a number")
		}
		if text = strings.TrimSpace(text); text == "" {
			return nil, nil
		}
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || most < longestDuration && n > uint64(most) {
		return nil, wrong(field, "must be null or a whole number"+upTo(most))
	}
	limited := int64(min(n, uint64(most)))
	return &limited, nil
}

func upTo(most int64) string {
	if most >= longestDuration {
		return ", 0 or more"
	}
	return " from 0 to " + strconv.FormatInt(most, 10)
}

// choice is optional where nothing means 0.
func choice(field string, raw json.RawMessage, most int64) (int64, error) {
	n, err := optional(field, raw, most)
	if n == nil {
		return 0, err
	}
	return *n, err
}

// numbersOf reads an array, or one text with commas. Blank ones are none. What no
// call can have is named by its place.
func numbersOf(raw json.RawMessage) (out []string, err error) {
	if absent(raw) {
		return nil, nil
	}
	list, err := listOf(raw)
	if err != nil {
		return nil, err
	}
	for i, number := range list {
		number = strings.TrimSpace(number)
		switch {
		case number == "":
		case !calls.IsNumber(number):
			return nil, wrong(numberAt(i), "is no telephone number")
		default:
			out = append(out, number)
		}
	}
	return out, nil
}

func numberAt(i int) string { return "numbers[" + strconv.Itoa(i) + "]" }

// listOf reads the texts of an array, or those between commas.
func listOf(raw json.RawMessage) ([]string, error) {
	var text string
	switch {
	case raw[0] == '[':
		return arrayOf(raw)
	case raw[0] == '"' && json.Unmarshal(raw, &text) == nil:
		return strings.Split(text, ","), nil
	}
	return nil, wrong("numbers", "must be an array of numbers or one text with commas")
}

// arrayOf reads numbers that are texts, or numbers of JSON.
func arrayOf(raw json.RawMessage) ([]string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, wrong("numbers", "must be an array of numbers or one text with commas")
	}
	out := make([]string, len(items))
	for i, item := range items {
		if _, err := strconv.ParseUint(string(item), 10, 63); err == nil {
			out[i] = string(item)
			continue
		}
		if item[0] != '"' || json.Unmarshal(item, &out[i]) != nil {
			return nil, wrong(numberAt(i), "must be a text or a whole number")
		}
	}
	return out, nil
}

// periodOf reads both ends, each a second that is in the period.
func periodOf(start, end json.RawMessage, zone *time.Location) (calls.Range, error) {
	from, err := dateOf("periodStart", start, zone)
	if err != nil {
		return calls.Range{}, err
	}
	till, err := dateOf("periodEnd", end, zone)
	if err != nil {
		return calls.Range{}, err
	}
	if till.Before(from) {
		return calls.Range{}, wrong("periodEnd", "lies before periodStart")
	}
	if from.AddDate(0, 0, longestPeriod).Before(till) {
		return calls.Range{}, wrong("periodEnd", "lies more than 366 days behind periodStart")
	}
	return calls.Range{From: from, Till: till.Add(time.Second)}, nil
}

func dateOf(field string, raw json.RawMessage, zone *time.Location) (time.Time, error) {
	bad := wrong(field, "must be a date as yyyy-mm-dd hh:mm:ss")
	if absent(raw) {
		return time.Time{}, wrong(field, "is missing")
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return time.Time{}, bad
	}
	text = strings.TrimSpace(text)
	at, err := time.ParseInLocation(time.DateTime, text, zone)
	if err != nil || len(text) != len(time.DateTime) || at.Year() < 1 {
		return time.Time{}, bad
	}
	return at, nil
}

// callRow is one call as the documentation has it.
type callRow struct {
	CallID       string  `json:"callId"`
	CallDate     string  `json:"callDate"`
	Direction    int     `json:"direction"`
	NumberFrom   string  `json:"numberFrom"`
	NumberTo     string  `json:"numberTo"`
	Duration     int64   `json:"duration"`     // seconds
	TalkDuration int64   `json:"talkDuration"` // seconds
	Disposition  string  `json:"disposition"`
	RecordFileID *string `json:"recordFileId"`
	IsRead       int     `json:"isRead"`
}

func rowOf(c calls.Call, zone *time.Location) callRow {
	row := callRow{
		CallID: calls.FormatID(c.ID), CallDate: c.Begun.In(zone).Format(time.DateTime), Direction: 1,
		NumberFrom: cmp.Or(c.From.Number, c.From.Name), NumberTo: cmp.Or(c.To.Number, c.To.Name),
		Duration: int64(c.Duration / time.Second), TalkDuration: int64(c.Talk / time.Second), Disposition: c.Disposition.String(),
	}
	if c.Direction == calls.Incoming {
		row.Direction = 2
	}
	if c.Read {
		row.IsRead = 1
	}
	if len(c.Recordings) > 0 {
		id := calls.FormatID(c.Recordings[0].ID)
		row.RecordFileID = &id
	}
	return row
}

// history reads the first page; the rest is read while the answer is written.
func (d *Dialect) history(ctx context.Context, c authority.Caller, r historyRequest) (*historyAnswer, error) {
	began := d.Now()
	q, err := r.query(c)
	if err != nil {
		return nil, err
	}
	bound := cursorBound(c, q)
	if q.After, err = readCursor(r.Cursor, bound); err != nil {
		return nil, err
	}
	q.Limit = firstPage
	page, err := d.Calls.Calls(ctx, c, q)
	if err != nil {
		return nil, err
	}
	return &historyAnswer{d: d, ctx: ctx, caller: c, query: q, bound: bound, page: page, began: began}, nil
}
