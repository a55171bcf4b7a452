package keys

// modeMatters is false where access lists, not mode bits, tell who can read a
// file.
const modeMatters = false
