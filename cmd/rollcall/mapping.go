package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

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
		Short: "Print the profile that an item becomes, or why it would be rejected",
		Long: `Print what Okta would be told about an item: the person's externalId, whether to upsert or to deactivate, and the
profile. The item is plain JSON, DynamoDB JSON, or what aws dynamodb get-item prints. Exit code 1 means that the item
would be rejected.`,
		Example: `  rollcall mapping show --item jane.json
  aws dynamodb get-item --table-name people --key '{"id":{"S":"jane"}}' | rollcall mapping show --item -`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(path)
			if err != nil {
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
			return showPerson(cmd.OutOrStdout(), m, item)
		},
	}
	cmd.Flags().StringVar(&file, "item", "", "the item, as JSON; - is standard input")
	addConfigFlag(cmd, &path)
	requireFlags(cmd, "item")
	return cmd
}

// showPerson prints what Okta would be told.
func showPerson(out io.Writer, m *mapping.Mapping, item items.Item) error {
	view := m.NewView()
	if err := view.Load(item.JSON()); err != nil {
		return rejected(err)
	}
	matches, err := view.Matches()
	if err != nil {
		return rejected(err)
	}
	if !matches {
		fmt.Fprintln(out, "not a person: match is false")
		return nil
	}
	person, err := view.Person()
	if err != nil {
		return rejected(err)
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

func rejected(err error) error { return fmt.Errorf("the item would be rejected: %w", err) }

// itemOf reads an item in any of its forms, told apart by shape: in DynamoDB JSON each attribute is an object that holds
// one type, and get-item puts that into an object as Item.
func itemOf(text []byte) (items.Item, error) {
	var answer struct{ Item json.RawMessage }
	if json.Unmarshal(text, &answer) == nil && isTyped(answer.Item) {
		return items.Parse(answer.Item)
	}
	if isTyped(text) {
		return items.Parse(text)
	}
	return items.FromJSON(bytes.TrimPrefix(text, []byte("\ufeff")))
}

func isTyped(text []byte) bool {
	var attributes map[string]json.RawMessage
	if json.Unmarshal(text, &attributes) != nil || len(attributes) == 0 {
		return false
	}
	for _, value := range attributes {
		if !isTypedValue(value) {
			return false
		}
	}
	return true
}

// isTypedValue reports whether a value is {"S":…}, or of another of DynamoDB's types.
func isTypedValue(value []byte) bool {
	var typed map[string]json.RawMessage
	if json.Unmarshal(value, &typed) != nil || len(typed) != 1 {
		return false
	}
	for kind := range typed {
		return slices.Contains([]string{"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}, kind)
	}
	return false
}
