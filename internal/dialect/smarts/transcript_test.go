package smarts_test

import (
	"flag"
	"strings"
	"testing"

	"propusk/internal/testenv/transcript"
)

var update = flag.Bool("update", false, "write the transcripts as they are answered")

// The lines for the runner:
//
//	# guests on|off         switches our account's authorization off or on
//	# group USER GROUP      puts one of our users into another group
func TestTranscripts(t *testing.T) {
	transcript.Run(t, *update, func(t *testing.T) transcript.Stage {
		w := newWorld(t)
		return transcript.Stage{
			Names: w.names,
			Do:    w.do, Advance: w.clock.Advance,
			Obey: map[string]func(rest string){
				"guests": func(rest string) { w.guests(rest == "on") },
				"group": func(rest string) {
					login, group, _ := strings.Cut(rest, " ")
					w.regroup(login, group)
				},
			},
		}
	})
}
