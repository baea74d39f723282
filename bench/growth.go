package main

import (
	"context"
	"io"
)

func measureGrowth(ctx context.Context, h *house, o options, out io.Writer) error    { return nil }
func measureStartUp(ctx context.Context, h *house, out io.Writer) error              { return nil }
func checkBounds(ctx context.Context, h *house, o options, progress io.Writer) error { return nil }
func drawPlot(results []measured) []byte                                             { return nil }
