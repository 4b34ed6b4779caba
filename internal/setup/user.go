package setup

// baseUser are the attributes that the Okta user's profile has in each org.
var baseUser = set(
	"login", "email", "secondEmail", "firstName", "lastName", "middleName", "honorificPrefix", "honorificSuffix", "title",
	"displayName", "nickName", "profileUrl", "primaryPhone", "mobilePhone", "streetAddress", "city", "state", "zipCode",
	"countryCode", "postalAddress", "preferredLanguage", "locale", "timezone", "userType", "employeeNumber", "costCenter",
	"organization", "division", "department", "managerId", "manager",
)

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range names {
		all[name] = true
	}
	return all
}

// elsewhere are the attributes that each app of an identity source has and whose name in the Okta user is another; an
// empty one is in no org.
var elsewhere = map[string]string{"userName": "login", "homeAddress": ""}

// target is the attribute of the Okta user that an attribute of the app goes to.
func target(name string, named map[string]string) string {
	if to, is := named[name]; is {
		return to
	}
	if to, is := elsewhere[name]; is {
		return to
	}
	return name
}
