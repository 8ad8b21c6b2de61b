package main

import "context"

func (p plan) curve(ctx context.Context, line *platform, r *report) error { return nil }
