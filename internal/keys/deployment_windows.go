package keys

// modeMatters is false where access lists, not mode bits, tell who can read a
// file.
const modeMatters = false

// syncFolder does nothing: names are journalled with the file here.
func syncFolder(string) error { return nil }
