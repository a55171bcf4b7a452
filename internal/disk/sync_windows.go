package disk

// SyncFolder does nothing: Windows does not let a folder be flushed and keeps
// names in its own journal.
func SyncFolder(string) error { return nil }
