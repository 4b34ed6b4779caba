// Command pack builds the zips of the functions, with a manifest beside them, and prints their sizes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"

	"rollcall/internal/dist"
)

func main() {
	var o dist.Options
	flag.StringVar(&o.Module, "module", ".", "folder of go.mod")
	flag.StringVar(&o.Out, "out", "dist", "folder for the zips")
	flag.StringVar(&o.Version, "version", "devel", "what the functions call themselves")
	flag.StringVar(&o.Config, "config", "rollcall.yaml", "the configuration to pack")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := packAll(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func packAll(ctx context.Context, o dist.Options) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "zip\tbinary MB\tzip MB\t")
	var zips []dist.Zip
	for _, architecture := range dist.Architectures() {
		for _, function := range dist.Functions() {
			z, err := dist.Pack(ctx, o, function, architecture)
			if err != nil {
				return err
			}
			zips = append(zips, z)
			fmt.Fprintf(table, "%s\t%.2f\t%.2f\t\n", z.Path, float64(z.BinaryBytes)/1e6, float64(z.ZipBytes)/1e6)
		}
	}
	if err := dist.WriteManifest(o, zips); err != nil {
		return err
	}
	return table.Flush()
}
