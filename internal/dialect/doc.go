// Package dialect holds the contract that every documented API is written to,
// and the pipeline that lets its requests in.
//
// A dialect translates: it names the presented credential, mounts its routes
// and writes errors in its own shape. It does not compare secrets, choose
// lifetimes, filter permissions or log credentials. The pipeline decides, in
// this order: body limit → authenticate (account and principal alive) → limits
// → Admit → permission → lease → repeat (Idempotency-Key) → handler; what part
// of an account a caller sees is asked by the domain slices
// (authority.Caller.Areas).
//
// Paths that several dialects claim are shared here (TokenClaim).
package dialect
