package oktasim

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Operations, as faults name them and Calls counts them.
const (
	OpList        = "list"
	OpCreate      = "create"
	OpGet         = "get"
	OpCancel      = "cancel"
	OpBulkUpsert  = "bulk-upsert"
	OpBulkDelete  = "bulk-delete"
	OpStartImport = "start-import"
	OpUserCreate  = "user-create"
	OpUserGet     = "user-get"
	OpUserReplace = "user-replace"
	OpUserUpdate  = "user-update"
	OpUserDelete  = "user-delete"

	OpToken         = "token"
	OpApp           = "app-get"
	OpAppUsers      = "app-users"
	OpLogs          = "logs"
	OpSchemaGet     = "schema-get"
	OpSchemaUpdate  = "schema-update"
	OpMappingList   = "mapping-list"
	OpMappingGet    = "mapping-get"
	OpMappingUpdate = "mapping-update"
	// OpUnknown is a call to no endpoint that the org has.
	OpUnknown = "unknown"
	// OpImport is no call: it is the import of a triggered session.
	OpImport = "import"
)

// The APIs whose calls Okta counts apart.
const (
	apiIdentitySources = "identity-sources"
	apiUploads         = "uploads"
	apiApps            = "apps"
	apiLogs            = "logs"
	apiSchemas         = "schemas"
	apiMappings        = "mappings"
	apiToken           = "token"
)

// call is one request.
type call struct {
	now    time.Time
	method string
	// path is escaped, as it came; host and scheme are those that the caller used.
	path, host, scheme string
	query              url.Values
	header             http.Header
	body               []byte
	route              *route
	vars               map[string]string
}

// route is an endpoint. A segment of its path in braces is a variable. Scope is what an access token must have been
// granted, none at the token endpoint; one to manage may read too.
type route struct {
	method, path, op, api, scope string
	handle                       func(*Server, *call) (*answer, *refusal)
}

const (
	readSources    = "okta.identitySources.read"
	manageSources  = "okta.identitySources.manage"
	readApps       = "okta.apps.read"
	readLogs       = "okta.logs.read"
	readSchemas    = "okta.schemas.read"
	manageSchemas  = "okta.schemas.manage"
	readMappings   = "okta.profileMappings.read"
	manageMappings = "okta.profileMappings.manage"
)

const sourcePath = "/api/v1/identity-sources/{source}"

var routes = []route{
	{"POST", "/oauth2/v1/token", OpToken, apiToken, "", (*Server).issueToken},
	{"GET", sourcePath + "/sessions", OpList, apiIdentitySources, readSources, (*Server).listSessions},
	{"POST", sourcePath + "/sessions", OpCreate, apiIdentitySources, manageSources, (*Server).createSession},
	{"GET", sourcePath + "/sessions/{session}", OpGet, apiIdentitySources, readSources, (*Server).getSession},
	{"DELETE", sourcePath + "/sessions/{session}", OpCancel, apiIdentitySources, manageSources, (*Server).cancelSession},
	{"POST", sourcePath + "/sessions/{session}/bulk-upsert", OpBulkUpsert, apiIdentitySources, manageSources, (*Server).bulkUpsert},
	{"POST", sourcePath + "/sessions/{session}/bulk-delete", OpBulkDelete, apiIdentitySources, manageSources, (*Server).bulkDelete},
	{"POST", sourcePath + "/sessions/{session}/start-import", OpStartImport, apiIdentitySources, manageSources, (*Server).startImport},
	{"POST", sourcePath + "/users", OpUserCreate, apiIdentitySources, manageSources, (*Server).createUser},
	{"GET", sourcePath + "/users/{user}", OpUserGet, apiIdentitySources, readSources, (*Server).getUser},
	{"PUT", sourcePath + "/users/{user}", OpUserReplace, apiIdentitySources, manageSources, (*Server).replaceUser},
	{"PATCH", sourcePath + "/users/{user}", OpUserUpdate, apiIdentitySources, manageSources, (*Server).updateUser},
	{"DELETE", sourcePath + "/users/{user}", OpUserDelete, apiIdentitySources, manageSources, (*Server).deleteUser},
	{"GET", "/api/v1/apps/{app}", OpApp, apiApps, readApps, (*Server).getApp},
	{"GET", "/api/v1/apps/{app}/users", OpAppUsers, apiApps, readApps, (*Server).listAppUsers},
	{"GET", "/api/v1/logs", OpLogs, apiLogs, readLogs, (*Server).listLogs},
	{"GET", "/api/v1/meta/schemas/apps/{app}/default", OpSchemaGet, apiSchemas, readSchemas, (*Server).getSchema},
	{"POST", "/api/v1/meta/schemas/apps/{app}/default", OpSchemaUpdate, apiSchemas, manageSchemas, (*Server).updateSchema},
	{"GET", "/api/v1/mappings", OpMappingList, apiMappings, readMappings, (*Server).listMappings},
	{"GET", "/api/v1/mappings/{mapping}", OpMappingGet, apiMappings, readMappings, (*Server).getMapping},
	{"POST", "/api/v1/mappings/{mapping}", OpMappingUpdate, apiMappings, manageMappings, (*Server).updateMapping},
}

// operations are all that a fault can name.
var operations = func() []string {
	ops := []string{OpImport, OpUnknown}
	for _, r := range routes {
		ops = append(ops, r.op)
	}
	return ops
}()

func (c *call) op() string {
	if c.route == nil {
		return OpUnknown
	}
	return c.route.op
}

// find sets the call's route and variables, and says why there is none.
func (c *call) find() *refusal {
	refused := noEndpoint()
	for i := range routes {
		vars, ok := match(routes[i].path, c.path)
		if !ok {
			continue
		}
		if routes[i].method == c.method {
			c.route, c.vars = &routes[i], vars
			return nil
		}
		refused = wrongMethod()
	}
	return refused
}

// match compares a path segment by segment, so that an id may hold any character, escaped.
func match(pattern, path string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := map[string]string{}
	for i, segment := range want {
		value, err := url.PathUnescape(have[i])
		switch {
		case err != nil:
			return nil, false
		case strings.HasPrefix(segment, "{"):
			if value == "" {
				return nil, false
			}
			vars[strings.Trim(segment, "{}")] = value
		case segment != value:
			return nil, false
		}
	}
	return vars, true
}
