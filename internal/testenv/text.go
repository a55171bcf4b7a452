package testenv

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
)

// Quote writes text as a JSON string.
func Quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}

// Basic is the header field that shows a pair.
func Basic(id, secret string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))}
}

// Escape writes text as a value of a form.
func Escape(text string) string { return url.QueryEscape(text) }
