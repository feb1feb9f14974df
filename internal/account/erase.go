package account

import (
	"context"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// Erased is who is erased, as the packages that keep something about them find it.
type Erased struct {
	SiteID   uuid.UUID
	Contacts []uuid.UUID // the contact, and the records that became part of it
	Accounts []uuid.UUID
	Emails   []string // every address there is or was, in small letters
	Marks    []string // what names the person wherever it stands: addresses and numbers that nobody else has
}

// EraseStep takes what one table holds of the person. Steps run in their order in one transaction; done again, each finds nothing to do. In SQL, ?0 is the
// site, ?1 the contacts, ?2 the accounts, ?3 the addresses and ?4 a regular expression of the marks, to be used with case ignored.
type EraseStep struct {
	Table   string
	Deletes bool // rows go; else they stay, emptied
	SQL     string
}

// EraseDeed is how many rows of a table were deleted, or emptied of what is personal.
type EraseDeed struct {
	Table   string `json:"table"`
	Deleted int    `json:"deleted,omitempty"`
	Emptied int    `json:"emptied,omitempty"`
}

// Erase runs steps and gives the deeds that were done. The caller has the right, and holds the contacts.
func Erase(ctx context.Context, tx bun.IDB, of Erased, steps []EraseStep) ([]EraseDeed, error) {
	var out []EraseDeed
	for _, step := range steps {
		res, err := tx.NewRaw(step.SQL, of.SiteID, db.IDs(of.Contacts), db.IDs(of.Accounts), db.Texts(of.Emails), of.Pattern()).Exec(ctx)
		if err != nil {
			return nil, db.MapError(err, "erase from "+step.Table)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return nil, err
		}
		deed := EraseDeed{Table: step.Table, Emptied: int(n)}
		if step.Deletes {
			deed = EraseDeed{Table: step.Table, Deleted: int(n)}
		}
		if n > 0 {
			out = append(out, deed)
		}
	}
	return out, nil
}

// Pattern is what PostgreSQL finds a mark by, where it is not a part of a longer one.
func (e Erased) Pattern() string {
	quoted := make([]string, len(e.Marks))
	for i, m := range e.Marks {
		quoted[i] = regexp.QuoteMeta(m)
	}
	if len(quoted) == 0 {
		return "(?!)" // finds nothing
	}
	return `(?<![a-z0-9._%+-])(?:` + strings.Join(quoted, "|") + `)(?![a-z0-9-])`
}

// EraseSteps are those of accounts. What signs in, and whatever was on its way, goes; a row of tries is shown with the beginning of an address.
var EraseSteps = []EraseStep{
	{"checkout", true, "DELETE FROM checkout WHERE site_id = ?0 AND (contact_id = ANY (?1::uuid[]) OR account_id = ANY (?2::uuid[]) OR lower(guest ->> 'email') = ANY (?3::text[]))"},
	{"email_challenge", true, "DELETE FROM email_challenge WHERE site_id = ?0 AND (account_id = ANY (?2::uuid[]) OR email_key = ANY (?3::text[]))"},
	{"account_recovery", true, "DELETE FROM account_recovery WHERE site_id = ?0 AND (account_id = ANY (?2::uuid[]) OR lower(email) = ANY (?3::text[]) OR lower(new_email) = ANY (?3::text[]))"},
	{"account_identity", true, "DELETE FROM account_identity WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"passkey", true, "DELETE FROM passkey WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"passkey_ceremony", true, "DELETE FROM passkey_ceremony WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"calendar_feed", true, "DELETE FROM calendar_feed WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"auth_code", true, "DELETE FROM auth_code WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"support_code", true, "DELETE FROM support_code WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"token_session", true, "DELETE FROM token_session WHERE site_id = ?0 AND account_id = ANY (?2::uuid[])"},
	{"account", true, "DELETE FROM account WHERE site_id = ?0 AND id = ANY (?2::uuid[])"},
	{"rate_bucket", true, "DELETE FROM rate_bucket WHERE site_id = ?0 AND shown IN (SELECT left(e, 1) || '***' || substring(e FROM '@[^@]*$') FROM unnest(?3::text[]) AS e)"},
}

// NameErased adds to of the accounts of its contacts, their addresses, and how they are called at providers and hosts. It holds the accounts.
func NameErased(ctx context.Context, tx bun.IDB, of *Erased) error {
	var rows []*Account
	if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?)", of.SiteID, bun.List(of.Contacts)).Order("id").For("UPDATE").Scan(ctx); err != nil {
		return db.MapError(err, "lock accounts")
	}
	for _, row := range rows {
		of.Accounts, of.Emails, of.Marks = append(of.Accounts, row.ID), append(of.Emails, row.EmailKey), append(of.Marks, row.Subject)
	}
	if len(rows) == 0 {
		return nil
	}
	var subjects []string
	err := tx.NewRaw(`SELECT subject FROM account_identity WHERE site_id = ?0 AND account_id = ANY (?1::uuid[]) AND length(subject) >= 6`, of.SiteID, db.IDs(of.Accounts)).Scan(ctx, &subjects)
	if err != nil && !db.NoRows(err) {
		return db.MapError(err, "read logins")
	}
	of.Marks = append(of.Marks, subjects...)
	return nil
}
