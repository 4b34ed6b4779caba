package parity

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// template is what is read of a CloudFormation template.
type template struct {
	Resources map[string]struct {
		Type                                string
		Properties                          map[string]any
		DeletionPolicy, UpdateReplacePolicy string
	}
}

// ReadTemplate reads a template of the CDK app as if it were deployed at the place.
func ReadTemplate(path string, place Place) (House, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return House{}, fmt.Errorf("read template: %w", err)
	}
	var t template
	if err := json.Unmarshal(content, &t); err != nil {
		return House{}, fmt.Errorf("parse %s: %w", path, err)
	}
	house := House{Resources: map[string]Resource{}, Roles: map[string][]Statement{}}
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		it := t.Resources[id]
		kind, ok := templateKinds[it.Type]
		if !ok {
			return House{}, fmt.Errorf("parse %s: %s is of a kind that is not compared: %s", path, id, it.Type)
		}
		properties := place.resolve(it.Properties).(map[string]any)
		switch it.Type {
		case "AWS::IAM::Role":
			policies, _ := properties["Policies"].([]any)
			for _, policy := range policies {
				member, _ := policy.(map[string]any)
				house.Roles[text(policy, "PolicyName")] = statements(member["PolicyDocument"])
			}
			delete(properties, "Policies")
		case "AWS::IAM::ManagedPolicy":
			house.Roles["operator"] = statements(properties["PolicyDocument"])
		}
		settings := Resource{}
		flattenTemplate(settings, "", properties)
		for setting, policy := range map[string]string{"DeletionPolicy": it.DeletionPolicy, "UpdateReplacePolicy": it.UpdateReplacePolicy} {
			if policy != "" {
				settings[setting] = canonical(policy)
			}
		}
		house.add(kind, settings)
	}
	return house, nil
}

// reference stands for a reference to another resource while a template is resolved.
type reference struct{}

// resolve fills in what CloudFormation would, and Unknown where that is known only after another resource was made.
func (p Place) resolve(v any) any {
	switch v := p.fill(v).(type) {
	case reference:
		return Unknown
	case map[string]any:
		for key, member := range v {
			v[key] = p.resolve(member)
		}
		return v
	case []any:
		for i, member := range v {
			v[i] = p.resolve(member)
		}
		return v
	default:
		return v
	}
}

// fill evaluates one function of CloudFormation.
func (p Place) fill(v any) any {
	object, ok := v.(map[string]any)
	if !ok || len(object) != 1 {
		return v
	}
	if name, ok := object["Ref"].(string); ok {
		known := map[string]string{"AWS::Partition": p.Partition, "AWS::Region": p.Region, "AWS::AccountId": p.Account}
		if s, ok := known[name]; ok {
			return s
		}
		return reference{}
	}
	if _, ok := object["Fn::GetAtt"]; ok {
		return reference{}
	}
	if arguments, ok := object["Fn::Join"].([]any); ok {
		separator, _ := arguments[0].(string)
		parts, _ := arguments[1].([]any)
		var joined []string
		for _, part := range parts {
			s, ok := p.fill(part).(string)
			if !ok {
				return reference{}
			}
			joined = append(joined, s)
		}
		return strings.Join(joined, separator)
	}
	return v
}

// flattenTemplate adds the properties under the path to the settings. Lists of objects that are told apart by a name become
// members by that name.
func flattenTemplate(settings Resource, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if isDocument(path) {
			settings[path] = canonical(v)
			return
		}
		for name, member := range v {
			flattenTemplate(settings, join(path, name), member)
		}
	case []any:
		if block, ok := only(v); ok && !named(block) {
			flattenTemplate(settings, path, block)
			return
		}
		for _, member := range v {
			object, ok := member.(map[string]any)
			if !ok || !named(object) {
				settings[path] = canonical(v)
				return
			}
			for _, pair := range names {
				if name := text(object, pair.name); name != "" {
					settings[join(path, name)] = canonical(object[pair.value])
				}
			}
		}
	case string:
		if v == Unknown {
			settings[path] = Unknown
			return
		}
		settings[path] = canonical(v)
	default:
		settings[path] = canonical(v)
	}
}

// names are the members that name an object of a list, with the members that are its value.
var names = []struct{ name, value string }{
	{"Key", "Value"}, {"Name", "Value"}, {"AttributeName", "AttributeType"}, {"KeyType", "AttributeName"},
}

func named(object map[string]any) bool {
	for _, pair := range names {
		if text(object, pair.name) != "" && object[pair.value] != nil {
			return true
		}
	}
	return false
}

// isDocument says whether the property is a policy, which is compared as one.
func isDocument(path string) bool {
	return strings.HasSuffix(path, "PolicyDocument")
}
