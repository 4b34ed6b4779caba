// Command app synthesises the stacks of a stacks file: stacks.json, or the one that ROLLCALL_STACKS names.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	if err := synth(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func synth() error {
	path := os.Getenv("ROLLCALL_STACKS")
	if path == "" {
		path = "stacks.json"
	}
	stacks, err := readStacks(path)
	if err != nil {
		return err
	}
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		addStack(app, name, stacks[name])
	}
	app.Synth(nil)
	return nil
}
