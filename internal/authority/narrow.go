package authority

// Within gives c with its sight narrowed to those of its areas that also lie in
// areas. It never widens.
func (c Caller) Within(areas Areas) Caller {
	if c.state == nil || areas.All {
		return c
	}
	state := *c.state
	seen := []ID{}
	for _, id := range areas.IDs {
		if id != 0 && state.principal.Areas.Allow(id) {
			seen = append(seen, id)
		}
	}
	state.principal.Areas = Areas{IDs: seen}
	c.state = &state
	return c
}
