package graph

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"carnet/graph/model"
	"carnet/graph/plan"
	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/indicator"
	"carnet/internal/site"
)

// The hot queries: lists of contacts and suggestions, with what lists show. package plan says how they
// run, TestPlansAnswerAsTheExecutor that their bytes are the executor's.

// withPlans gives the schema with plans for the hot queries.
func (r *Resolver) withPlans(exec graphql.ExecutableSchema) graphql.ExecutableSchema {
	generated, is := exec.(*executableSchema)
	if !is {
		return exec // whose arguments we cannot read
	}
	hot := &hot{Resolver: r, exec: generated}
	return plan.New(exec, queryCacheSize, map[string]func(*plan.Compiler, *ast.Field) plan.Root{
		"contacts":           hot.contacts,
		"contactSuggestions": hot.suggestions,
	}, beginPlan)
}

// beginPlan makes a compiler that gathers the access which the selected fields ask for.
func beginPlan() (*plan.Compiler, func(context.Context) bool) {
	var need []site.Access
	allow := func(def *ast.FieldDefinition) bool {
		for _, d := range def.Directives {
			switch d.Name {
			case "auth":
				access, known := accessNamed[d.Arguments.ForName("requires").Value.Raw]
				if !known {
					return false
				}
				need = append(need, access)
			case "cost", "deprecated": // say nothing of who may
			default:
				return false
			}
		}
		return true
	}
	return &plan.Compiler{Allow: allow}, func(ctx context.Context) bool {
		return !slices.ContainsFunc(need, func(access site.Access) bool {
			_, err := site.Require(ctx, access)
			return err != nil
		})
	}
}

var accessNamed = map[string]site.Access{
	"SITE": site.AccessSite, "VIEWER": site.AccessViewer, "SUPPORT": site.AccessSupport, "OPERATOR": site.AccessOperator, "MANAGER": site.AccessManager, "OWNER": site.AccessOwner,
}

type hot struct {
	*Resolver
	exec *executableSchema
}

func (h *hot) contacts(c *plan.Compiler, f *ast.Field) plan.Root {
	write := connectionPlan.Compile(c, f.SelectionSet)
	columns := contact.Columns(c.Reads)
	return func(ctx context.Context, raw map[string]any, run *plan.Run, b []byte) ([]byte, error) {
		args, err := h.arguments(ctx).field_Query_contacts_args(ctx, raw)
		if err != nil {
			return nil, err
		}
		q, err := h.query(ctx, args)
		if err != nil {
			return nil, err
		}
		q.Columns = columns
		page, err := h.Contacts.List(ctx, *q)
		if err != nil {
			return nil, err
		}
		run.Data = h.page(ctx, page.Records)
		return write(b, run, &model.ContactConnection{Page: page}), nil
	}
}

// arguments gives what the generated code reads arguments with.
func (h *hot) arguments(ctx context.Context) *executionContext {
	return newExecutionContext(graphql.GetOperationContext(ctx), h.exec, nil)
}

// query reads the arguments of contacts as its resolver does.
func (h *hot) query(ctx context.Context, args map[string]any) (*contact.Query, error) {
	search, _ := args["search"].(*string)
	filter, _ := args["filter"].(map[string]any)
	segment, _ := args["segmentId"].(*uuid.UUID)
	order, _ := args["orderBy"].(*model.ContactOrder)
	unlisted, _ := args["includeUnlisted"].(bool)
	invalid, _ := args["includeInvalid"].(bool)
	trash, _ := args["trash"].(bool)
	first, _ := args["first"].(*int)
	after, _ := args["after"].(*string)
	last, _ := args["last"].(*int)
	before, _ := args["before"].(*string)
	return h.listed(ctx, search, filter, segment, order, unlisted, invalid, trash, first, after, last, before)
}

func (h *hot) suggestions(c *plan.Compiler, f *ast.Field) plan.Root {
	write := plan.Each(func(_ *plan.Run, rows []*contact.Record) []*contact.Record { return rows }, contactPlan(c, f.SelectionSet))
	columns := contact.Columns(c.Reads)
	return func(ctx context.Context, raw map[string]any, run *plan.Run, b []byte) ([]byte, error) {
		args, err := h.arguments(ctx).field_Query_contactSuggestions_args(ctx, raw)
		if err != nil {
			return nil, err
		}
		text, _ := args["text"].(string)
		first, _ := args["first"].(int)
		rows, err := h.Contacts.Suggest(ctx, text, first, columns)
		if err != nil {
			return nil, err
		}
		run.Data = h.page(ctx, rows)
		return write(b, run, rows), nil
	}
}

// page is what the records of one answer share, read when the first of them asks.
type page struct {
	actor      site.Actor
	fields     func() ([]*field.Definition, error)
	today      func() (time.Time, error)
	sheet      func() (*field.Sheet, error)
	groups     func() (func(record) []*contact.Group, error)
	labels     func() (map[uuid.UUID][]*contact.Label, error)
	statuses   func() (map[uuid.UUID][]contact.Status, error)
	sales      func() (map[uuid.UUID]*contact.Sales, error)
	indicators func() (map[uuid.UUID][]*indicator.Value, error)
	roles      func() (map[uuid.UUID][]contact.Role, error)
}

func (h *hot) page(ctx context.Context, rows []*contact.Record) *page {
	ids := allIDs(rows, func(r *contact.Record) uuid.UUID { return r.ID })
	return &page{
		actor:  site.ActorOf(ctx),
		fields: cached(ctx).fields,
		today: func() (time.Time, error) {
			of, err := cached(ctx).site()
			return time.Now().In(of.Location()), err
		},
		sheet: sync.OnceValues(func() (*field.Sheet, error) {
			defs, err := cached(ctx).fields()
			return field.NewSheet(defs), err
		}),
		groups:     sync.OnceValues(func() (func(record) []*contact.Group, error) { return h.Contacts.GroupsOfPage(ctx, rows) }),
		labels:     sync.OnceValues(func() (map[uuid.UUID][]*contact.Label, error) { return h.Contacts.LabelsOf(ctx, ids) }),
		statuses:   sync.OnceValues(func() (map[uuid.UUID][]contact.Status, error) { return h.Contacts.StatusesOf(ctx, ids) }),
		sales:      sync.OnceValues(func() (map[uuid.UUID]*contact.Sales, error) { return h.Contacts.SalesOf(ctx, ids) }),
		indicators: sync.OnceValues(func() (map[uuid.UUID][]*indicator.Value, error) { return h.Indicators.ValuesOf(ctx, ids) }),
		roles: sync.OnceValues(func() (map[uuid.UUID][]contact.Role, error) {
			all, err := h.Contacts.RolesOf(ctx, rows)
			by := make(map[uuid.UUID][]contact.Role, len(all))
			for i, roles := range all {
				by[rows[i].ID] = roles
			}
			return by, err
		}),
	}
}

func pageOf(run *plan.Run) *page {
	p, _ := run.Data.(*page)
	return p
}

// shared reads a part of the run's page; an error ends the run.
func shared[T any](run *plan.Run, read func() (T, error)) T {
	v, err := read()
	if err != nil {
		run.Fail(err)
	}
	return v
}
