package intake

// Holding gives the names that hold a text.
func Holding(names []string, text string) []int { return newStems(names).hold(text, len(names)) }

// Search looks for texts in names.
func Search(names []string) func(text string) []int {
	s := newStems(names)
	return func(text string) []int { return s.hold(text, mostRecordings+1) }
}
