package testenv_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/demo"
	"propusk/internal/testenv"
)

func smartsSubject() testenv.Subject {
	secrets := func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
		made := c.Do(tb, smartsForm(a, "/api/session", a.Smarts.External.Password))
		return map[string]string{
			smartsPassword: a.Smarts.External.Password,
			smartsAccess:   made.Field(tb, "Access_token"), smartsRefresh: made.Field(tb, "Refresh_token"),
		}
	}
	return testenv.Subject{
		Dialect: "smarts", Access: smartsAccess, Secrets: secrets, Good: smartsGood(), Shape: smartsShape,
		Once: func(tb testing.TB, c *testenv.Client, a demo.Account) map[string]string {
			return map[string]string{smartsRefresh: secrets(tb, c, a)[smartsRefresh]}
		},
		IDs: func(tb testing.TB, c *testenv.Client, a demo.Account, access string) map[string]string {
			list := c.Do(tb, testenv.Call{Stand: a.Stand, Path: "/api/v1/Users?$top=1"}.With(testenv.Bearer(access)...))
			var users struct{ Value []struct{ ID string } }
			list.JSON(tb, &users)
			return map[string]string{
				"key": users.Value[0].ID, "contract": a.Contract, "login": testenv.Escape(a.Smarts.External.Username),
				"product": smartsProduct(tb, c, a, access), "document": smartsDoc(tb, c, a, access),
			}
		},
		Doors: []testenv.Door{
			{Name: "form", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsForm(a, "/api/session", secret)
			}},
			{Name: "shared path", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsForm(a, "/oauth/token", secret)
			}},
			{Name: "address", Takes: smartsPassword, Bound: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return testenv.Call{
					Stand: a.Stand, Path: "/api/v1/session?username=" + testenv.Escape(a.Smarts.External.Username) + "&password=" + testenv.Escape(secret),
				}
			}},
			{Name: "Basic", Takes: smartsPassword, Bound: true, Opens: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsUsers(a, testenv.Basic(a.Smarts.External.Username, secret)...)
			}},
			{Name: "raw Basic", Takes: smartsPassword, Bound: true, Opens: true, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return smartsUsers(a, "Authorization", "Basic "+a.Smarts.External.Username+":"+oneLine(secret))
			}},
			{Name: "refresh", Takes: smartsRefresh, Call: func(_ *testenv.Client, a demo.Account, secret string) testenv.Call {
				return testenv.Call{
					Stand: a.Stand, Path: "/api/session", Type: testenv.Form,
					Body: "grant_type=refresh_token&refresh_token=" + testenv.Escape(secret),
				}
			}},
		},
	}
}

// smartsUsers is a call that takes a pair as well as a bearer.
func smartsUsers(a demo.Account, header ...string) testenv.Call {
	return testenv.Call{Stand: a.Stand, Path: "/api/v1/Users?$top=1", Header: header}
}

func smartsForm(a demo.Account, path, password string) testenv.Call {
	return testenv.Call{
		Stand: a.Stand, Path: path, Type: testenv.Form,
		Body: "grant_type=password&username=" + testenv.Escape(a.Smarts.External.Username) + "&password=" + testenv.Escape(password),
	}
}

// smartsGood has a call for each route below each prefix.
func smartsGood() map[string]testenv.Call {
	const pair = "username={login}&password={smarts password}"
	good := map[string]testenv.Call{}
	for _, prefix := range []string{"", "/MobileSMARTS", "/{contract}"} {
		for _, path := range []string{"/api/session", "/api/v1/session", "/api/session/oauth/token", "/oauth/token"} {
			good["GET "+prefix+path] = testenv.Call{Path: prefix + path + "?" + pair}
			good["POST "+prefix+path] = testenv.Call{Path: prefix + path, Type: testenv.Form, Body: "grant_type=password&" + pair}
		}
		for _, path := range []string{"BaseInfo", "Users", "UserGroups"} {
			good["GET "+prefix+"/api/v1/"+path] = testenv.Call{Path: prefix + "/api/v1/" + path}
		}
		smartsCatalog(good, prefix)
		good["GET "+prefix+"/api/v1/Users({key})"] = testenv.Call{Path: prefix + "/api/v1/Users('{key}')"}
		good["GET "+prefix+"/api/v1/UserGroups({key})"] = testenv.Call{Path: prefix + "/api/v1/UserGroups('mobile_user')"}
	}
	delete(good, "POST /oauth/token") // shared: its last claimant answers for it
	return good
}

const docType = "PodborZakaza"

// smartsCatalog adds the calls about products and documents.
func smartsCatalog(good map[string]testenv.Call, prefix string) {
	root := prefix + "/api/v1"
	for route, call := range map[string]testenv.Call{
		"GET ": {}, "GET /$metadata": {Path: "/$metadata?$format=application/json"},
		"GET /Warehouses": {Path: "/Warehouses"}, "GET /DocTypes": {Path: "/DocTypes"},
		"GET /Warehouses({key})": {Path: "/Warehouses('1')"}, "GET /DocTypes({key})": {Path: "/DocTypes('" + docType + "')"},
		"GET /Products":                      {Path: "/Products?$top=5&$count=true&$filter=price%20gt%200&$orderby=name"},
		"GET /Products({product})":           {Path: "/Products('{product}')"},
		"GET /Docs":                          {Path: "/Docs?$top=5&$expand=declaredItems"},
		"GET /Docs/{type}":                   {Path: "/Docs/" + docType + "?$top=5"},
		"GET /Docs/{type}({document})":       {Path: "/Docs/" + docType + "('{document}')?$expand=*"},
		"POST /Docs/{type}":                  {Path: "/Docs/" + docType, Body: `{"name":"Заказ","warehouseId":"1","declaredItems":[{"productId":"1","declaredQuantity":2}]}`},
		"PATCH /Docs/{type}({document})":     {Path: "/Docs/" + docType + "('{document}')", Body: `{"finished":true,"Ворота":"7"}`},
		"DELETE /Docs/{type}({document})":    {Path: "/Docs/" + docType + "('{document}')"},
		"POST /Products/BeginUploadProducts": {Path: "/Products/BeginUploadProducts", Body: `{"lschema":["Product.Id","Product.Name"],"rewriteProductsBook":false}`},
		"POST /Products/AddProductsToUpload": {Path: "/Products/AddProductsToUpload", Body: `{"products":[{"id":"1","name":"Кран","price":9.5}]}`},
		"POST /Products/EndUploadProducts":   {Path: "/Products/EndUploadProducts"},
		"POST /Products/ResetUploadProducts": {Path: "/Products/ResetUploadProducts"},
	} {
		method, path, _ := strings.Cut(route, " ")
		call.Path = root + call.Path
		good[method+" "+root+path] = call
	}
}

// smartsProduct begins an upload that keeps the catalogue, and gives one of its
// products.
func smartsProduct(tb testing.TB, c *testenv.Client, a demo.Account, access string) string {
	tb.Helper()
	begin := testenv.Call{Stand: a.Stand, Method: http.MethodPost, Path: "/api/v1/Products/BeginUploadProducts", Body: `{"rewriteProductsBook":false}`}
	if made := c.Do(tb, begin.With(testenv.Bearer(access)...)); made.Status != http.StatusNoContent {
		tb.Fatalf("begin: %d %s", made.Status, made.Body)
	}
	var products struct{ Value []struct{ ID string } }
	c.Do(tb, testenv.Call{Stand: a.Stand, Path: "/api/v1/Products?$top=1"}.With(testenv.Bearer(access)...)).JSON(tb, &products)
	return products.Value[0].ID
}

func smartsDoc(tb testing.TB, c *testenv.Client, a demo.Account, access string) string {
	tb.Helper()
	add := testenv.Call{Stand: a.Stand, Method: http.MethodPost, Path: "/api/v1/Docs/" + docType, Body: `{"id":"` + strconv.FormatInt(rand.Int64(), 10) + `","name":"Проверка"}`}
	return c.Do(tb, add.With(testenv.Bearer(access)...)).Field(tb, "id")
}

func smartsShape(a testenv.Answer) error {
	var e struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		return err
	}
	var word string
	var set struct{ Code, Message string }
	if json.Unmarshal(e.Error, &word) == nil && word != "" && e.Description != "" {
		return contentType(a, "application/json; charset=utf-8")
	}
	if json.Unmarshal(e.Error, &set) != nil || set.Code == "" || set.Message == "" {
		return errors.New("neither an error of the session paths nor of the sets")
	}
	return contentType(a, "application/json; charset=utf-8")
}
