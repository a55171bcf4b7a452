package main

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"

	"propusk/internal/server/operation"
)

// Each operation has its command, and each command its operation.
func TestCommandsAreTheOperations(t *testing.T) {
	var got []string
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if name := cmd.Annotations[annotation]; name != "" {
			got = append(got, name)
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(root(func(string) string { return "" }))
	slices.Sort(got)
	if want := operation.Names(); !slices.Equal(got, want) {
		t.Errorf("commands %v\noperations %v", got, want)
	}
}
