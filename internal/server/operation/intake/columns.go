package intake

// Credentials are the columns of secrets that another system gave out.
func Credentials() []Column {
	return []Column{
		{"account", Text},
		{"kind", Text},
		{"name", Text},
		{"login", Text},
		{"group", Text},
		{"roles", List},
		{"areas", List},
		{"all_areas", Flag},
		{"password_hash", Text},
		{"client_id", Text},
		{"secret", Text},
		{"dialect", Text},
		{"type", Text},
		{"access", Text},
		{"redirect_uris", List},
		{"owner", Text},
		{"expires", Text},
		{"allow", List},
		{"description", Text},
	}
}

// Tasks are the columns of work orders.
func Tasks() []Column {
	return []Column{
		{"id", Text},
		{"title", Text},
		{"description", Text},
		{"stage", Text},
		{"area", Text},
		{"assignee", Text},
		{"company", Text},
		{"deadline", Text},
		{"created", Text},
		{"modified", Text},
	}
}

// Products lists the columns of products.
func Products() []Column {
	return []Column{
		{"id", Text},
		{"name", Text},
		{"marking", Text},
		{"barcode", Text},
		{"unit", Text},
		{"price", Text},
		{"quantity", Text},
		{"warehouse", Text},
		{"with_series", Flag},
		{"with_serial_numbers", Flag},
		{"with_attributes", Flag},
	}
}
