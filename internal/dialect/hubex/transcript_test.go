package hubex_test

import (
	"flag"
	"testing"

	"propusk/internal/testenv/transcript"
)

var update = flag.Bool("update", false, "write the transcripts as they are answered")

// The lines for the runner:
//
//	# settings JSON         changes the account's settings
//	# revoke USER           ends the service token of a user
func TestTranscripts(t *testing.T) {
	transcript.Run(t, *update, func(t *testing.T) transcript.Stage {
		w := newWorld(t)
		return transcript.Stage{
			Names: w.names,
			Do: func(method, path, body string, headers ...string) transcript.Answer {
				return w.do(method, path, body, headers...).Answer
			},
			Advance: w.clock.Advance,
			Obey: map[string]func(rest string){
				"settings": w.settings,
				"revoke":   w.revoke,
			},
		}
	})
}
