package hubex_test

import (
	"flag"
	"testing"
	"time"

	"propusk/internal/testenv/transcript"
)

var update = flag.Bool("update", false, "write the transcripts as they are answered")

// The lines for the runner:
//
//	# advance 31s           moves the clock
//	# settings JSON         changes the account's settings
//	# revoke USER           ends the service token of a user
func TestTranscripts(t *testing.T) {
	transcript.Run(t, *update, func(t *testing.T) transcript.Stage {
		w := newWorld(t)
		return transcript.Stage{
			Names: w.names,
			Do: func(method, path, body string, headers ...string) transcript.Answer {
				a := w.do(method, path, body, headers...)
				return transcript.Answer{Status: a.status, Header: a.header, Body: a.body}
			},
			Obey: map[string]func(rest string){
				"advance": func(rest string) {
					d, err := time.ParseDuration(rest)
					w.must(err)
					w.clock.Advance(d)
				},
				"settings": w.settings,
				"revoke":   w.revoke,
			},
		}
	})
}
