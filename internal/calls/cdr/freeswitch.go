package cdr

import (
	"encoding/json"
	"errors"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"propusk/internal/calls"
)

// SourceFreeSWITCH is the source of calls from FreeSWITCH.
const SourceFreeSWITCH = "freeswitch"

// ErrOtherLeg says that a record is of a leg that the exchange itself began: the
// call is told of by the record of the leg that came in.
var ErrOtherLeg = errors.New("is the other leg of a call")

// record is what is read of mod_json_cdr's document.
type record struct {
	Variables map[string]any `json:"variables"`
	Flow      []struct {
		Profile profile `json:"caller_profile"`
		Times   struct {
			Transfer string `json:"transfer_time"`
		} `json:"times"`
	} `json:"callflow"`

	encoded bool // values are percent-encoded
}

type profile struct {
	Name        string          `json:"caller_id_name"`
	Number      string          `json:"caller_id_number"`
	Destination string          `json:"destination_number"`
	Context     string          `json:"context"`
	Originator  json.RawMessage `json:"originator"`
}

// FreeSWITCH reads one record of mod_json_cdr. ErrOtherLeg is no fault.
func FreeSWITCH(document []byte) (Call, error) {
	var r record
	if !utf8.Valid(document) {
		return Call{}, errors.New("is not valid UTF-8")
	}
	if err := json.Unmarshal(document, &r); err != nil || len(r.Variables) == 0 {
		return Call{}, errors.New("is no JSON record of FreeSWITCH")
	}
	// A stamp has a space, or its code: so the document says itself which.
	r.encoded = strings.Contains(text(r.Variables["start_stamp"]), "%20") || strings.Contains(text(r.Variables["end_stamp"]), "%20")
	if r.other() {
		return Call{}, ErrOtherLeg
	}
	return r.call()
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func (r record) value(name string) string { return r.plain(text(r.Variables[name])) }

func (r record) plain(value string) string {
	if r.encoded {
		if plain, err := url.PathUnescape(value); err == nil {
			return plain
		}
	}
	return value
}

// other reports whether the exchange began the leg on behalf of another.
func (r record) other() bool {
	if r.value("originating_leg_uuid") != "" || r.value("originator") != "" {
		return true
	}
	return len(r.Flow) > 0 && len(r.Flow[0].Profile.Originator) > 0
}

func (r record) call() (Call, error) {
	id := r.value("uuid")
	begun, err := r.moment("start")
	if err != nil || id == "" || begun.IsZero() {
		return Call{}, errors.New("has no uuid, or no start_epoch")
	}
	answered, err := r.moment("answer")
	if err != nil {
		return Call{}, err
	}
	ended, err := r.moment("end")
	if err != nil || ended.Before(begun) {
		return Call{}, errors.New("has no end_epoch after its start_epoch")
	}
	out := Call{Call: calls.Call{
		Source: SourceFreeSWITCH, SourceID: id, Begun: begun, Duration: ended.Sub(begun), Disposition: r.disposition(!answered.IsZero()),
	}, Names: []string{id}, Texts: r.texts()}
	if !answered.IsZero() && !answered.Before(begun) && !answered.After(ended) {
		out.Answered, out.Talk = answered, ended.Sub(answered)
	}
	r.parties(&out)
	return out, nil
}

// moment reads a time in microseconds where there is one, else in seconds; zero
// for "0" or none.
func (r record) moment(name string) (time.Time, error) {
	for _, unit := range []struct {
		suffix string
		per    int64
	}{{"_uepoch", 1}, {"_epoch", 1_000_000}} {
		said := r.value(name + unit.suffix)
		if said == "" {
			continue
		}
		n, err := strconv.ParseInt(said, 10, 64)
		if err != nil || n < 0 || n > 253402300799*1_000_000/unit.per {
			return time.Time{}, errors.New("has a time that is no number of seconds")
		}
		if n == 0 {
			return time.Time{}, nil
		}
		return time.UnixMicro(n * unit.per).UTC(), nil
	}
	return time.Time{}, nil
}

// parties reads who called whom. The flow lists the newest step first: whoever
// was dialled first stands last, and after a transfer who took it stands first.
func (r record) parties(out *Call) {
	first := profile{
		Name: text(r.Variables["caller_id_name"]), Number: text(r.Variables["caller_id_number"]),
		Destination: text(r.Variables["destination_number"]), Context: text(r.Variables["context"]),
	}
	dialled := ""
	if !r.encoded {
		first = decoded(first)
	}
	if n := len(r.Flow); n > 0 {
		dialled = r.Flow[0].Profile.Destination
		first = r.Flow[n-1].Profile
	}
	from, to := r.plain(first.Number), r.plain(first.Destination)
	out.From = calls.Party{Number: from, Name: callerName(r.plain(first.Name), from)}
	out.To = calls.Party{Number: to}
	if dialled = r.plain(dialled); !out.Answered.IsZero() && dialled != "" && !special(dialled) {
		out.To.Number = dialled
	}
	switch r.value("call_direction") { // as FusionPBX sets it
	case "inbound":
		out.Direction = calls.Incoming
	case "outbound":
		out.Direction = calls.Outgoing
	case "local":
		out.Direction = calls.Internal
	default:
		out.Direction = direction(from, to, r.plain(first.Context))
	}
}

// decoded undoes encode-values, which codes variables whatever else the document
// has: a number of a telephone holds no % of its own.
func decoded(p profile) profile {
	for _, number := range []*string{&p.Number, &p.Destination} {
		if plain, err := url.PathUnescape(*number); err == nil {
			*number = plain
		}
	}
	return p
}

// disposition reads the hang-up cause, as Q.850 and FreeSWITCH name them.
func (r record) disposition(answered bool) calls.Disposition {
	if answered {
		if strings.EqualFold(r.value("last_app"), "voicemail") || r.value("voicemail_answer_stamp") != "" {
			return calls.Voicemail
		}
		return calls.Answered
	}
	switch r.value("hangup_cause") {
	case "USER_BUSY", "CALL_REJECTED":
		return calls.Busy
	case "ORIGINATOR_CANCEL":
		return calls.Cancelled
	case "NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "NORMAL_CLEARING", "PROGRESS_TIMEOUT":
		return calls.NoAnswer
	}
	return calls.Failed
}

// texts is the names of the recordings that a dialplan has set.
func (r record) texts() (out []string) {
	for _, v := range []string{"record_name", "record_file", "recording_file", "record_path"} {
		if name := path.Base(r.value(v)); r.value(v) != "" && path.Ext(name) != "" {
			out = append(out, strings.TrimSuffix(name, path.Ext(name)))
		}
	}
	return out
}
