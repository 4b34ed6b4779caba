package parity

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Place is where a house stands. Both sides are brought to the same one.
type Place struct{ Partition, Region, Account string }

// plan is what is read of `terraform show -json`.
type plan struct {
	ResourceChanges []struct {
		Address string
		Mode    string
		Type    string
		Change  struct {
			After        map[string]any
			AfterUnknown map[string]any `json:"after_unknown"`
		}
	} `json:"resource_changes"`
	PriorState struct {
		Values struct {
			RootModule struct {
				ChildModules []struct {
					Resources []struct {
						Type   string
						Values map[string]any
					}
				} `json:"child_modules"`
			} `json:"root_module"`
		}
	} `json:"prior_state"`
}

// ReadPlan reads a plan of the Terraform module, and where it would stand.
func ReadPlan(path string) (House, Place, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return House{}, Place{}, fmt.Errorf("read plan: %w", err)
	}
	var p plan
	if err := json.Unmarshal(content, &p); err != nil {
		return House{}, Place{}, fmt.Errorf("parse %s: %w", path, err)
	}
	place := p.place()
	if place.Partition == "" || place.Region == "" || place.Account == "" {
		return House{}, Place{}, fmt.Errorf("parse %s: it does not say where the plan would be applied", path)
	}
	house := House{Resources: map[string]Resource{}, Roles: map[string][]Statement{}}
	for _, change := range p.ResourceChanges {
		// terraform_data makes nothing.
		if change.Mode != "managed" || change.Type == "terraform_data" {
			continue
		}
		kind, ok := kinds[change.Type]
		if !ok {
			return House{}, Place{}, fmt.Errorf("parse %s: %s is of a kind that is not compared: add it to kinds.go", path, change.Address)
		}
		settings := Resource{}
		flattenPlan(settings, kind, "", change.Change.After, change.Change.AfterUnknown)
		name, _ := change.Change.After["name"].(string)
		switch change.Type {
		case "aws_iam_role_policy":
			// It has the name of its function, and the role is that function's; CloudFormation has it in the role.
			house.Roles[name] = statements(change.Change.After["policy"])
			continue
		case "aws_iam_policy":
			house.Roles["operator"] = statements(change.Change.After["policy"])
		}
		house.add(kind, settings)
	}
	return house, place, nil
}

func (p plan) place() Place {
	var place Place
	for _, module := range p.PriorState.Values.RootModule.ChildModules {
		for _, source := range module.Resources {
			for member, into := range map[string]*string{
				"aws_partition.partition": &place.Partition, "aws_region.region": &place.Region, "aws_caller_identity.account_id": &place.Account,
			} {
				kind, attribute, _ := strings.Cut(member, ".")
				if s, ok := source.Values[attribute].(string); ok && source.Type == kind {
					*into = s
				}
			}
		}
	}
	return place
}

// flattenPlan adds the attributes under the path to the settings, in CloudFormation's words. A block is a list of one.
func flattenPlan(settings Resource, kind kind, path string, after, unknown any) {
	switch v := after.(type) {
	case map[string]any:
		marks, _ := unknown.(map[string]any)
		for name, member := range v {
			flattenPlan(settings, kind, join(path, name), member, marks[name])
		}
		for name, mark := range marks {
			if _, known := v[name]; !known && mark == true {
				settings.set(kind, join(path, name), Unknown)
			}
		}
	case []any:
		if path == "attribute" { // of a table: name and type
			for _, it := range v {
				settings.set(kind, join(path, text(it, "name")), canonical(text(it, "type")))
			}
			return
		}
		if block, ok := only(v); ok {
			marks, _ := unknown.([]any)
			mark, _ := only(marks)
			flattenPlan(settings, kind, path, block, mark)
			return
		}
		settings.set(kind, path, canonical(v))
	case nil:
	default:
		settings.set(kind, path, canonical(v))
	}
}

// only is the one object of a list that holds nothing else.
func only(list []any) (map[string]any, bool) {
	if len(list) != 1 {
		return nil, false
	}
	object, ok := list[0].(map[string]any)
	return object, ok
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// set enters an attribute under its name in CloudFormation, unless it is one that CloudFormation has no counterpart for.
func (r Resource) set(kind kind, path, value string) {
	if to := kind.rename(path); to != "" {
		r[to] = value
	}
}

// add enters a resource, or the part of one that is a resource of its own in Terraform only.
func (h House) add(kind kind, settings Resource) {
	name := kind.cloudFormation
	if key := strings.Trim(settings[kind.key], `"`); key != "" {
		name += " " + key
	}
	if h.Resources[name] == nil {
		h.Resources[name] = Resource{}
	}
	for setting, value := range settings {
		h.Resources[name][setting] = value
	}
}
