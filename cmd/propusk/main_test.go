package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this binary as the command propusk.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"propusk": func() { os.Exit(run()) }})
}

// TestScripts runs testdata/script: one file per command, errors included.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
