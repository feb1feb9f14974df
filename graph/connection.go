package graph

import (
	"carnet/graph/model"
	"carnet/internal/sale"
)

// connection is what a connection of the schema holds. gqlgen's types have the same fields, and are converted from it.
type connection[E, T any] struct {
	Edges    []*E
	Nodes    []*T
	PageInfo model.PageInfo
}

// edgeOf is what an edge of the schema holds.
type edgeOf[T any] interface {
	~struct {
		Cursor string `json:"cursor"`
		Node   T      `json:"node"`
	}
}

// historyPage makes a connection of a page of a history; after is what was asked for.
func historyPage[E edgeOf[T], T any](page sale.History[T], after *string) connection[E, T] {
	next := 0
	return connect[E](page.Rows, page.More, after, func(*T) string {
		next++
		return page.Cursors[next-1]
	})
}

// connect makes a connection of rows, each with its cursor, which is asked for in their order; after is what was asked for.
func connect[E edgeOf[T], T any](rows []*T, more bool, after *string, cursor func(*T) string) connection[E, T] {
	out := connection[E, T]{Edges: make([]*E, len(rows)), Nodes: rows, PageInfo: model.PageInfo{HasNextPage: more, HasPreviousPage: after != nil}}
	for i, row := range rows {
		at := cursor(row)
		out.Edges[i] = &E{Cursor: at, Node: *row}
		if i == 0 {
			out.PageInfo.StartCursor = &at
		}
		if i == len(rows)-1 {
			out.PageInfo.EndCursor = &at
		}
	}
	if rows == nil {
		out.Nodes = []*T{}
	}
	return out
}
