package oktasim

import (
	"embed"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

var pageTypes = map[string]string{
	"index.html": "text/html; charset=utf-8",
	"page.css":   "text/css; charset=utf-8",
	"page.js":    "text/javascript; charset=utf-8",
	"icon.svg":   "image/svg+xml",
}

// pageFile serves a file of the page. Nothing of it comes from elsewhere and nothing inline runs.
func pageFile(name string) func(*Server, *call) *answer {
	body, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic("oktasim: read page: " + err.Error())
	}
	return func(*Server, *call) *answer {
		return &answer{status: http.StatusOK, body: body, header: http.Header{
			"Content-Type":            {pageTypes[name]},
			"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
		}}
	}
}
