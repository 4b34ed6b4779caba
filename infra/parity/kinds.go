package parity

import "strings"

// kind says how a Terraform resource's attributes are called in CloudFormation.
type kind struct {
	// cloudFormation is the kind there. Several of Terraform's may be parts of one.
	cloudFormation string
	// key is the setting that tells resources of the kind apart, in CloudFormation's words; none where there is one only.
	key string
	// names are the attributes that are called something else than in camel case, "" those without a counterpart. A name
	// that ends with a dot is a prefix.
	names map[string]string
}

// nowhere are attributes that no resource of CloudFormation has: what the provider computes, and where it works.
var nowhere = []string{"id", "arn", "region", "tags_all", "name_prefix"}

// rename returns the setting's path in CloudFormation's words, or "" if it has no counterpart.
func (k kind) rename(path string) string {
	if to, ok := k.names[path]; ok {
		return to
	}
	for prefix, to := range k.names {
		if strings.HasSuffix(prefix, ".") && strings.HasPrefix(path, prefix) {
			if to == "" {
				return ""
			}
			return to + strings.TrimPrefix(path, prefix)
		}
	}
	for _, name := range nowhere {
		if path == name {
			return ""
		}
	}
	if rest, ok := strings.CutPrefix(path, "tags."); ok {
		return "Tags." + rest
	}
	var camel strings.Builder
	up := true
	for _, r := range path {
		switch {
		case r == '_':
			up = true
		case up:
			camel.WriteString(strings.ToUpper(string(r)))
			up = false
		default:
			camel.WriteRune(r)
			up = r == '.'
		}
	}
	return camel.String()
}

// templateKinds are the kinds by CloudFormation's names.
var templateKinds = func() map[string]kind {
	byName := map[string]kind{}
	for _, k := range kinds {
		if at, ok := byName[k.cloudFormation]; !ok || at.key == "" {
			byName[k.cloudFormation] = k
		}
	}
	return byName
}()

// computed are attributes that AWS makes up.
func computed(attributes ...string) map[string]string {
	names := map[string]string{}
	for _, attribute := range attributes {
		names[attribute] = ""
	}
	return names
}
