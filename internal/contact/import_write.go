package contact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// outcome is what a batch writes.
type outcome struct {
	created    []*Record
	updated    []*Record
	moved      []*Record // organizations whose address others may use
	entries    []*Entry
	members    []member
	agreed     []*ConsentEntry
	labels     []holding
	unlabelled []holding // labels of exclusive sets that others take the place of
	references []referenceRow
}

// join puts a contact into groups, with the names before and after in its history.
func (o *outcome) join(r *Record, have, more []*Group, changes Changes) (after []*Group) {
	if len(more) == 0 {
		return have
	}
	have, after = slices.Clone(have), append(slices.Clone(have), more...)
	for _, list := range [][]*Group{have, after} {
		slices.SortFunc(list, byNameKey)
	}
	changes["groups"] = Delta{Before: names(have), After: names(after)}
	for _, g := range more {
		o.members = append(o.members, member{SiteID: r.SiteID, ContactID: r.ID, GroupID: g.ID})
	}
	return after
}

// enter writes a line of a contact's history.
func (o *outcome) enter(by Author, r *Record, action Action, changes Changes, now time.Time) *Entry {
	e := newEntry(by, r, action, changes)
	e.At = now
	o.entries = append(o.entries, e)
	return e
}

// write puts everything into the database.
func (o *outcome) write(ctx context.Context, tx bun.IDB, rows db.Copy) error {
	if err := copyContacts(ctx, rows, o.created); err != nil {
		return err
	}
	if len(o.updated) > 0 {
		slices.SortFunc(o.updated, func(a, b *Record) int { return compareIDs(a.ID, b.ID) })
		if _, err := tx.NewUpdate().Model(&o.updated).Bulk().Exec(ctx); err != nil {
			return db.MapError(err, "update contacts")
		}
	}
	if err := copyMembers(ctx, rows, o.members); err != nil {
		return err
	}
	if len(o.unlabelled) > 0 {
		if _, err := tx.NewDelete().Model(&o.unlabelled).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "take labels")
		}
	}
	if err := copyLabels(ctx, rows, o.labels); err != nil {
		return err
	}
	if err := copyReferences(ctx, rows, o.references); err != nil {
		return err
	}
	return copyHistory(ctx, rows, o.entries)
}

// contactColumns are those that COPY writes, in the order of contactValues.
var contactColumns = []string{
	"site_id", "id", "number", "kind", "title", "first_name", "last_name", "birth_date", "company", "name", "organization_kind", "recognised",
	"email", "email_key", "phone", "mobile", "language", "address_lines", "postcode", "city", "country", "subdivision", "color", "note", "answers", "listed",
	"types", "function_id", "nature_id", "valid_until", "administrative_number", "iban", "ambassador", "preferred_means", "only_preferred_means", "do_not_contact", "fax", "other_emails", "other_phones", "reach",
	"delivery_address", "billing_address", "seats", "source", "n_last", "n_first", "n_city", "n_company", "n_answers", "n_sound", "n_address", "search", "created_at", "updated_at",
}

func contactValues(r *Record) ([]any, error) {
	var failed error
	asJSON := func(v any) []byte {
		b, err := json.Marshal(v)
		failed = errors.Join(failed, err)
		return b
	}
	unless := func(empty string, n int, v any) []byte { // most contacts have none of it
		if n == 0 {
			return []byte(empty)
		}
		return asJSON(v)
	}
	address := func(a *Address) []byte {
		if a == nil {
			return nil
		}
		return asJSON(a)
	}
	types := make([]string, len(r.Types))
	for i, t := range r.Types {
		types[i] = string(t)
	}
	values := []any{
		pgID(r.SiteID), pgID(r.ID), r.Number, string(r.Kind), r.Title, r.FirstName, r.LastName, r.BirthDate, r.Company, r.Name, (*string)(r.OrganizationKind), r.Recognised,
		r.Email, r.EmailKey, r.Phone, r.Mobile, r.Language, r.AddressLines, r.Postcode, r.City, r.Country, r.Subdivision, r.Color, r.Note, unless("{}", len(r.Answers), r.Answers), r.Listed,
		types, pgIDOrNull(r.FunctionID), pgIDOrNull(r.NatureID), r.ValidUntil, r.AdministrativeNumber, r.IBAN, r.Ambassador, (*string)(r.PreferredMeans), r.OnlyPreferredMeans, r.DoNotContact, r.Fax, unless("[]", len(r.OtherEmails), r.OtherEmails), unless("[]", len(r.OtherPhones), r.OtherPhones), r.Reach,
		address(r.DeliveryAddress), address(r.BillingAddress), unless("[]", len(r.Seats), r.Seats), string(r.Source), r.NLast, r.NFirst, r.NCity, r.NCompany, unless("{}", len(r.NAnswers), r.NAnswers), r.NSound, r.NAddress, r.Search, r.CreatedAt, r.UpdatedAt,
	}
	if failed != nil {
		return nil, fmt.Errorf("values of a contact: %w", failed)
	}
	return values, nil
}

func copyContacts(ctx context.Context, rows db.Copy, records []*Record) error {
	if len(records) == 0 {
		return nil
	}
	err := rows(ctx, "contact", contactColumns, pgx.CopyFromSlice(len(records), func(i int) ([]any, error) { return contactValues(records[i]) }))
	return db.MapError(err, "insert contacts")
}

func copyMembers(ctx context.Context, rows db.Copy, members []member) error {
	if len(members) == 0 {
		return nil
	}
	err := rows(ctx, "contact_group_member", []string{"site_id", "contact_id", "group_id"}, pgx.CopyFromSlice(len(members), func(i int) ([]any, error) {
		return []any{pgID(members[i].SiteID), pgID(members[i].ContactID), pgID(members[i].GroupID)}, nil
	}))
	return db.MapError(err, "join groups")
}

func copyLabels(ctx context.Context, rows db.Copy, labels []holding) error {
	if len(labels) == 0 {
		return nil
	}
	err := rows(ctx, "contact_label", []string{"site_id", "contact_id", "label_id", "set_id", "exclusive"}, pgx.CopyFromSlice(len(labels), func(i int) ([]any, error) {
		l := labels[i]
		return []any{pgID(l.SiteID), pgID(l.ContactID), pgID(l.LabelID), pgID(l.SetID), l.Exclusive}, nil
	}))
	return db.MapError(err, "give labels")
}

func copyReferences(ctx context.Context, rows db.Copy, references []referenceRow) error {
	if len(references) == 0 {
		return nil
	}
	err := rows(ctx, "contact_reference", []string{"site_id", "contact_id", "source", "external_id", "living"}, pgx.CopyFromSlice(len(references), func(i int) ([]any, error) {
		r := references[i]
		return []any{pgID(r.SiteID), pgID(r.ContactID), r.Source, r.ExternalID, r.Living}, nil
	}))
	return db.MapError(err, "give references")
}

func copyHistory(ctx context.Context, rows db.Copy, entries []*Entry) error {
	if len(entries) == 0 {
		return nil
	}
	columns := []string{"site_id", "id", "contact_id", "at", "actor_kind", "actor_id", "actor_name", "surface", "action", "changes", "import_id"}
	err := rows(ctx, "contact_history", columns, pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
		e := entries[i]
		changes, err := json.Marshal(e.Changes)
		if err != nil {
			return nil, fmt.Errorf("changes of a contact: %w", err)
		}
		return []any{pgID(e.SiteID), pgID(e.ID), pgID(e.ContactID), e.At, string(e.ActorKind), pgIDOrNull(e.ActorID), e.ActorName, e.Surface, string(e.Action), changes, pgIDOrNull(e.ImportID)}, nil
	}))
	return db.MapError(err, "insert history")
}

func pgID(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

func pgIDOrNull(id *uuid.UUID) pgtype.UUID {
	if id == nil {
		return pgtype.UUID{}
	}
	return pgID(*id)
}
