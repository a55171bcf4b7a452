package directory

// CheckURL is what AddEvent asks of an address.
func CheckURL(text string) error { return checkURL(text, true) }

// CheckSecureURL is what it asks where plain HTTP is not taken.
func CheckSecureURL(text string) error { return checkURL(text, false) }
