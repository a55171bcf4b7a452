package hubex

import "propusk/internal/authority"

// WireOf gives status and word of a code; false for one that the table lacks.
func WireOf(code authority.Code) (status int, word string, ok bool) {
	w, ok := wireOf(code)
	return w.status, w.word, ok
}

// ParseRange gives the rows that a Range field asks for, and the Content-Range
// of a list of total items; "" when it begins past its end.
func ParseRange(value string, total int64) (fetch, offset int, contentRange string, asked bool, err error) {
	s, asked, err := parseRange(value)
	if err != nil || !asked {
		return 0, 0, "", asked, err
	}
	fetch, offset = s.page()
	if got, ok := s.within(total); ok {
		contentRange = got.contentRange(total)
	}
	return fetch, offset, contentRange, true, nil
}
