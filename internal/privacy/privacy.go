// Package privacy holds what a person may ask of a site about their own data: to get all of it (Export, GDPR art. 15 and 20) and to have it erased
// (Request, art. 17), which staff answer within a month.
//
// An export is read in one snapshot and written as it is read. A request erases nothing by itself: staff do, with the means that the book has, and then
// say so; the person is told by mail either way.
//
// Failure. Errors are faults. An export that fails after its first byte has been announced to its owner all the same.
package privacy

import (
	"time"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
)

// Service answers for persons' rights.
type Service struct {
	db       *db.DB
	sites    *site.Service
	accounts *account.Service
	erasing  Erasing
	now      func() time.Time
}

// New makes the service.
func New(d *db.DB, sites *site.Service, accounts *account.Service) *Service {
	return &Service{db: d, sites: sites, accounts: accounts, now: time.Now}
}

// Movers are the tables whose rows a merge of contacts moves.
var Movers = []contact.Mover{{Name: "privacy requests", Table: "privacy_request", Column: "contact_id"}}
