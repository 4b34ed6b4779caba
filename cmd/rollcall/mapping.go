package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"rollcall/internal/config"
	"rollcall/internal/items"
	"rollcall/mapping"
)

func newMapping() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "mapping",
		Short:   "Try the mapping",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Example: "  rollcall mapping show --item jane.json",
	}
	cmd.AddCommand(newMappingShow())
	return cmd
}

func newMappingShow() *cobra.Command {
	var file, path string
	cmd := &cobra.Command{
		Use:   "show --item FILE",
		Short: "Print the profile that an item becomes, or all for which it would be rejected",
		Long: `Print what Okta would be told about an item: the person's externalId, whether to upsert or to deactivate, and the
profile. The item is plain JSON, DynamoDB JSON, or what aws dynamodb get-item prints. Exit code 1 means that the item
would be rejected.`,
		Example: `  rollcall mapping show --item jane.json
  aws dynamodb get-item --table-name people --key '{"id":{"S":"jane"}}' | rollcall mapping show --item -`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(path)
			if err := errors.Join(err, config.CheckVariables(os.Environ())); err != nil {
				return err
			}
			m, err := cfg.CompileMapping()
			if err != nil {
				return err
			}
			text, err := readInput(cmd, file)
			if err != nil {
				return fmt.Errorf("read item: %w", err)
			}
			item, err := itemOf(text)
			if err != nil {
				return fmt.Errorf("read item: %w", err)
			}
			return showPerson(cmd, m, item)
		},
	}
	cmd.Flags().StringVar(&file, "item", "", "the item, as JSON; - is standard input")
	addConfigFlag(cmd, &path)
	requireFlags(cmd, "item")
	return cmd
}

// showPerson prints what Okta would be told of an item in DynamoDB JSON, or everything for which it would be rejected.
func showPerson(cmd *cobra.Command, m *mapping.Mapping, item []byte) error {
	out, view := cmd.OutOrStdout(), m.NewView()
	if problems := view.Check(item); len(problems) > 0 {
		for _, problem := range problems {
			fmt.Fprintln(cmd.ErrOrStderr(), problem)
		}
		return fmt.Errorf("the item would be rejected: %s", counted(len(problems), "problem", "problems"))
	}
	if matches, err := view.Matches(); err != nil || !matches {
		fmt.Fprintln(out, "not a person: match is false")
		return err
	}
	person, err := view.Person()
	if err != nil {
		return err
	}
	if !person.Active {
		fmt.Fprintf(out, "deactivate %s\n", strconv.Quote(person.ExternalID))
		return nil
	}
	var profile bytes.Buffer
	if err := json.Indent(&profile, person.Profile, "", "  "); err != nil {
		return fmt.Errorf("indent profile: %w", err)
	}
	fmt.Fprintf(out, "upsert %s\n%s\n", strconv.Quote(person.ExternalID), profile.Bytes())
	return nil
}

// itemOf returns an item as DynamoDB JSON, of any of its forms. They are told apart by shape: in DynamoDB JSON each
// attribute is an object, one at least of a type, and get-item puts that into an object as Item.
func itemOf(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var answer struct{ Item json.RawMessage }
	if json.Unmarshal(text, &answer) == nil && isTyped(answer.Item) {
		return answer.Item, nil
	}
	if isTyped(text) {
		return text, nil
	}
	item, err := items.FromJSON(text)
	return item.JSON(), err
}

func isTyped(text []byte) bool {
	var attributes map[string]map[string]json.RawMessage
	if json.Unmarshal(text, &attributes) != nil {
		return false
	}
	typed := false
	for _, value := range attributes {
		if value == nil {
			return false
		}
		for kind := range value {
			typed = typed || len(value) == 1 && slices.Contains([]string{"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}, kind)
		}
	}
	return typed
}
