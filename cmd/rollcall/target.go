package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	sdkaws "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/aws"
	"rollcall/internal/config"
	"rollcall/internal/dynamo"
	"rollcall/internal/local"
	"rollcall/internal/scan"
	"rollcall/mapping"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// targetFlags say where a command works.
type targetFlags struct {
	file, dir string
	// scopes are further OAuth scopes that the command can make use of.
	scopes []string
	// tellsUnknown is set where the command itself tells of variables that look like settings and are none.
	tellsUnknown bool
}

func (f *targetFlags) register(cmd *cobra.Command) {
	addConfigFlag(cmd, &f.file)
	cmd.Flags().StringVar(&f.dir, "data", "", "folder of a house of rollcall local to work on, instead of AWS")
}

// countedQueue is a queue whose length can be asked for.
type countedQueue interface {
	batcher.Queue
	// Depth returns how many messages can be received now and how many cannot yet, and the age of the oldest, negative
	// where that is not known.
	Depth(ctx context.Context) (visible, hidden int64, oldest time.Duration, err error)
}

// target is what a command works on: the same parts on AWS and in a folder.
type target struct {
	Config  config.Config
	Mapping *mapping.Mapping
	Table   batcher.Table
	Queue   countedQueue
	Store   batcher.Store
	Control *batcher.Control
	Okta    *okta.Client
	Flusher *batcher.Flusher
	// Name is what may be shown of an externalId.
	Name func(externalID string) string
	// Where tells this target from others: the intents queue and the region, or the folder.
	Where string
	// AWS is nil for a folder, House nil on AWS. SDK is the configuration of AWS's clients.
	AWS   *aws.Parts
	SDK   sdkaws.Config
	House *local.House

	close func() error
}

// open makes the parts. The caller closes the target.
func (f *targetFlags) open(cmd *cobra.Command) (*target, error) {
	if f.dir != "" {
		return f.openFolder(cmd.Context(), cmd.ErrOrStderr())
	}
	return f.openAWS(cmd.Context(), cmd.ErrOrStderr())
}

// Close ends the use of the parts.
func (t *target) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// load is loadConfig, with what to do about a missing setting. A variable that looks like a setting and is none is a
// mistake, as it is to the functions.
func (f *targetFlags) load(required ...string) (config.Config, error) {
	settings, err := loadConfig(f.file, required...)
	if err != nil && len(required) > 0 {
		hint := "what is missing can also come from the functions' variables; --data works on a folder of rollcall local"
		if f.file == "" && presentConfig() == "" {
			hint = "there is no ./rollcall.yaml: name one with --config, set the functions' variables, or work on a folder of rollcall local with --data"
		}
		err = fmt.Errorf("%w\n%s", err, hint)
	}
	if f.tellsUnknown {
		return settings, err
	}
	return settings, errors.Join(config.CheckVariables(os.Environ()), err)
}

func (f *targetFlags) openFolder(ctx context.Context, logs io.Writer) (*target, error) {
	settings, err := f.load()
	if err != nil {
		return nil, err
	}
	org := oktasim.DefaultConfig()
	if token := os.Getenv("OKTASIM_TOKEN"); token != "" {
		org.Token = token
	}
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	house, err := local.Attach(ctx, local.Options{
		Dir: f.dir, Config: settings, Org: org, Timing: local.Timing(settings.Gather, org), Log: newLog(logs, settings.Log.Level),
	})
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return &target{
		Config: settings, Mapping: house.Mapping, Table: house.Table, Queue: house.Queue,
		Store: house.Store, Control: house.Control, Okta: house.Okta, Flusher: house.Flusher, Name: house.Name,
		Where: "folder " + dir, House: house, close: house.Close,
	}, nil
}

func (f *targetFlags) openAWS(ctx context.Context, logs io.Writer) (*target, error) {
	settings, err := f.load(aws.Required()...)
	if err != nil {
		return nil, err
	}
	sdk, err := loadAWS(ctx)
	if err != nil {
		return nil, err
	}
	parts, err := aws.New(sdk, settings, aws.Options{Log: newLog(logs, settings.Log.Level), Scopes: f.scopes})
	if err != nil {
		return nil, err
	}
	return &target{
		Config: settings, Mapping: parts.Mapping, Table: parts.Table, Queue: parts.Intents,
		Store: parts.Store, Control: parts.Control, Okta: parts.Okta, Flusher: parts.Flusher, Name: parts.Name,
		Where: "queue " + settings.Queue.Intents + " in " + sdk.Region, AWS: parts, SDK: sdk,
	}, nil
}

// attributes are the mapped attributes of Okta's profile.
func (t *target) attributes() []string { return slices.Sorted(maps.Keys(t.Config.Mapping.Profile)) }

// pages is the target's table, read at a rate of its own.
func (t *target) pages(readRate float64) scan.Pages {
	if t.House != nil {
		return t.House.Table
	}
	return dynamo.NewTable(dynamodb.NewFromConfig(t.SDK), dynamo.TableOptions{
		Name: t.Config.Table, Attributes: t.Mapping.Attributes(), ReadRate: readRate,
	})
}
