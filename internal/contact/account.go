package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// What the book knows of its contacts' accounts.

// Tell writes a change of a contact's account into the contact's history, as of the context's actor (S-38, S-39). Whoever follows the contact hears
// of it.
func (b Book) Tell(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, e account.Event) error {
	by := author(site.ActorOf(ctx))
	if e.Surface != "" {
		by.Surface = e.Surface
	}
	_, err := tx.NewUpdate().Model((*Record)(nil)).Set("updated_at = ?", b.contacts.now()).Where("site_id = ? AND id = ?", siteID, contactID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "touch contact")
	}
	changes := Changes{}
	if attribute := eventAttributes[e.Kind]; attribute != "" {
		changes[attribute] = Delta{Before: e.Before, After: e.After}
	}
	entry := newEntry(by, &Record{SiteID: siteID, ID: contactID}, accountAction+Action(e.Kind), changes)
	entry.AccountID = &e.AccountID
	_, err = tx.NewInsert().Model(entry).Exec(ctx)
	return db.MapError(err, "insert history")
}

// eventAttributes name what an event has a before or an after of.
var eventAttributes = map[account.EventKind]string{
	account.EventEmail: "account.email", account.EventLinked: "account.provider", account.EventUnlinked: "account.provider", account.EventSupport: "account.supportUntil",
	account.EventPasskeyAdded: "account.passkey", account.EventPasskeyRemoved: "account.passkey", account.EventPasskeyCopied: "account.passkey",
}

// Hold locks a person for a change of their account.
func (b Book) Hold(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID, trashToo bool) (account.Person, error) {
	var found []*Record
	err := selectLocked(tx, siteID, contactID).Scan(ctx, &found)
	r, err := changeable(found, err)
	if err != nil && trashToo && len(found) > 0 && found[0].MergedInto == nil {
		r, err = found[0], nil
	}
	if err != nil {
		return account.Person{}, err
	}
	if r.Kind != KindPerson {
		return account.Person{}, fault.Invalid(fault.WrongKind, []string{"contactId"}, "an account is a person's")
	}
	return account.Person{ID: r.ID, Number: r.Number, Email: r.Email, FirstName: r.FirstName, LastName: r.LastName, DisplayName: r.DisplayName(), Language: r.Language}, nil
}

// AccountChanges gives the newest change of each of these accounts (S-38, S-39); none of those older than the history of accounts, and none
// that changes nothing (account.Remarks). Needs a viewer.
func (s *Service) AccountChanges(ctx context.Context, accounts []uuid.UUID) (map[uuid.UUID]*Entry, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(accounts) == 0 {
		return nil, err
	}
	remarks := make([]Action, len(account.Remarks))
	for i, kind := range account.Remarks {
		remarks[i] = accountAction + Action(kind)
	}
	var rows []*Entry
	err = s.db.Bun.NewSelect().Model(&rows).DistinctOn("account_id").
		Where("site_id = ? AND account_id IN (?)", a.SiteID, bun.List(accounts)).
		Where("action NOT IN (?)", bun.List(remarks)).
		Order("account_id", "id DESC").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "read changes of accounts")
	}
	out := make(map[uuid.UUID]*Entry, len(rows))
	for _, row := range rows {
		out[*row.AccountID] = row
	}
	return out, nil
}
