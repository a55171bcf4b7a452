// Package limit bounds how often something may be done, by key and in bounded
// memory.
//
//	Rate      requests per second of a credential, with bursts
//	Hourly    calls per hour of an account
//	Attempts  refused sign-ins and token requests (rule 18)
//
// It counts and says how much is left, in header fields too. Who is counted under
// which key, and what is refused then, the pipeline decides.
package limit
