package graph

import (
	"context"

	"carnet/graph/scalar"
	"carnet/internal/dashboard"
	"carnet/internal/segment"
)

func (r *queryResolver) Dashboard(ctx context.Context, from, to scalar.Day) (dashboard.Dashboard, error) {
	return found(r.Counts.Of(ctx, from.Time(), to.Time()))
}

func (r *dashboardResolver) History(ctx context.Context, obj *dashboard.Dashboard) (dashboard.History, error) {
	return found(r.Counts.History(ctx, obj))
}

func (r *dashboardResolver) Standing(ctx context.Context, _ *dashboard.Dashboard) (dashboard.Standing, error) {
	return found(r.Counts.Standing(ctx))
}

func (r *dashboardResolver) Segments(ctx context.Context, obj *dashboard.Dashboard) (segment.Busiest, error) {
	return found(r.Counts.Segments(ctx, obj))
}
