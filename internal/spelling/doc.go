// Package spelling gives text the one spelling in which Propusk keeps and
// compares it, so that both engines, every API and every alphabet agree (rule 19).
//
// It answers for normal form, white space, length and case folding, and for how
// people write numbers and lengths of time. What a field
// may hold beyond that is its owner's rule, and so are the words of a refusal.
package spelling
