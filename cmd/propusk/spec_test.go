package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"propusk/internal/server/operation"
)

// Each operation has its command, and each command its operations.
func TestCommandsAreTheOperations(t *testing.T) {
	var got []string
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		got = append(got, strings.Fields(cmd.Annotations[annotation])...)
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
