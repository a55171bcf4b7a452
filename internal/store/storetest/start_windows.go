package storetest

import "errors"

type started struct{ folder, address string }

func start() (*started, error) {
	return nil, errors.New("name a PostgreSQL server in " + variable)
}
