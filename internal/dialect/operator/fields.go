package operator

// The types below document requests and answers that are read and written by
// hand. docs/dialects/operator.md §4

// historyFields documents historyRequest.
type historyFields struct {
	Numbers      []string `json:"numbers"      example:"[]"                  about:"Empty = all of the contract. One text with commas is taken too"`
	PeriodStart  string   `json:"periodStart"  example:"2026-01-01 00:00:00" required:"true"                                                       about:"yyyy-mm-dd hh:mm:ss in the time zone of the account"`
	PeriodEnd    string   `json:"periodEnd"    example:"2026-12-31 23:59:59" required:"true"                                                       about:"366 days after the start at most"`
	Direction    *int     `json:"direction"    example:"0"                   enum:"0,1,2"                                                          about:"0 all, 1 outgoing, 2 incoming"`
	DurationFrom *int     `json:"durationFrom" example:"null"                min:"0"                                                               about:"Seconds; null = no limit"`
	DurationTo   *int     `json:"durationTo"   example:"null"                min:"0"                                                               about:"Seconds; null = no limit"`
	IsCallRecord *int     `json:"isCallRecord" example:"0"                   enum:"0,1"                                                            about:"1 = only calls with a recording"`
	IsRead       *int     `json:"isRead"       example:"null"                enum:"0,1"                                                            about:"0 unread, 1 read, null both"`
	Cursor       string   `json:"cursor"       about:"nextCursor of an answer that has more rows"`
}

// noFault is the error of an answer that went well.
type noFault struct {
	ErrorMessage string `json:"errorMessage"`
	ErrorCode    int    `json:"errorCode"`
}

// told is what every answer tells of itself.
type told struct {
	APIName          string `json:"apiName"`
	APIVersion       int    `json:"apiVersion"`
	CallTime         string `json:"callTime"         about:"yyyy-mm-dd hh:mm:ss"`
	ResponseDuration string `json:"responseDuration" about:"Seconds"`
	Code             int    `json:"code"`
	RequestHash      string `json:"requestHash"      about:"Asks for this very answer again, for 7 days"`
}

// historyBody documents historyAnswer.
type historyBody struct {
	Error  noFault       `json:"error"`
	Result historyResult `json:"result"`
}

type historyResult struct {
	told

	Rows       []callRow `json:"rowset"`
	NextCursor string    `json:"nextCursor,omitempty" about:"There are more rows than the 10,000 of one answer"`
}

// fileBody documents fileAnswer.
type fileBody struct {
	Error  noFault    `json:"error"`
	Result fileResult `json:"result"`
}

type fileResult struct {
	Name string `json:"file_NAME"`
	told

	Content string `json:"fileContent" about:"The mp3 in base64"`
}

// resultBody documents an answer that is given again: what it holds depends on
// what was asked.
type resultBody struct {
	Error  noFault      `json:"error"`
	Result repeatResult `json:"result"`
}

type repeatResult struct {
	told

	Rows    []callRow `json:"rowset,omitempty"`
	Name    string    `json:"file_NAME,omitempty"`
	Content string    `json:"fileContent,omitempty" about:"The mp3 in base64"`
}
