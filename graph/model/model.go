// Package model holds the API's types that have no domain type of their own.
package model

import (
	"carnet/internal/contact"
	"carnet/internal/segment"
)

// Node is anything that `node` finds. It is told by its Go type.
type Node interface{}

// ContactConnection is a page of contacts. The total is counted only when it is asked for.
type ContactConnection struct{ Page contact.Page }

// Nodes gives the contacts.
func (c *ContactConnection) Nodes() []contact.Contact { return contact.All(c.Page.Records) }

// Edges gives the contacts with their cursors.
func (c *ContactConnection) Edges() []*ContactEdge {
	out := make([]*ContactEdge, len(c.Page.Records))
	for i, r := range c.Page.Records {
		out[i] = &ContactEdge{Cursor: c.Page.Cursor(r), Node: contact.Of(r)}
	}
	return out
}

// PageInfo says where the page stands.
func (c *ContactConnection) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.Page.Next, HasPreviousPage: c.Page.Previous}
	if n := len(c.Page.Records); n > 0 {
		first, last := c.Page.Cursor(c.Page.Records[0]), c.Page.Cursor(c.Page.Records[n-1])
		info.StartCursor, info.EndCursor = &first, &last
	}
	return info
}

// HandMemberConnection is a page of a segment's members by hand. The total is counted only when it is asked for.
type HandMemberConnection struct {
	Edges    []*HandMemberEdge
	PageInfo PageInfo
	Query    segment.HandQuery
}

// Nodes gives the members.
func (c *HandMemberConnection) Nodes() []*HandMember {
	out := make([]*HandMember, len(c.Edges))
	for i, e := range c.Edges {
		out[i] = &e.Node
	}
	return out
}

// DuplicateConnection is a page of pairs. The total is counted only when it is asked for.
type DuplicateConnection struct{ Page *contact.PairPage }

// Nodes gives the pairs.
func (c *DuplicateConnection) Nodes() []*contact.Pair { return c.Page.Pairs }

// Edges gives the pairs with their cursors.
func (c *DuplicateConnection) Edges() []*DuplicateEdge {
	out := make([]*DuplicateEdge, len(c.Page.Pairs))
	for i, p := range c.Page.Pairs {
		out[i] = &DuplicateEdge{Cursor: p.Cursor(), Node: *p}
	}
	return out
}

// PageInfo says where the page stands.
func (c *DuplicateConnection) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.Page.More, HasPreviousPage: c.Page.After()}
	if n := len(c.Page.Pairs); n > 0 {
		first, last := c.Page.Pairs[0].Cursor(), c.Page.Pairs[n-1].Cursor()
		info.StartCursor, info.EndCursor = &first, &last
	}
	return info
}

// SegmentPreview is a rule tried without being stored.
type SegmentPreview struct {
	Cost  segment.Cost
	Rule  segment.Rule
	Count int
}
