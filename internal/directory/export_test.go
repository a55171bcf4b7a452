package directory

// CheckURL is what AddEvent asks of an address.
func CheckURL(text string) error { return checkURL(text) }
