// Package server puts Propusk together: it reads the one configuration, wires
// the store, the keys, the authority and the dialects into listeners, starts
// them and stops them. It is the only package that knows all the others; it
// holds no rule of its own about who gets in. Package demo fills a server with
// data, cmd/propusk gives it a command line.
package server
