package webhook

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// EraseSteps forget what other programs answered where that repeats who it was about; what they were told is ids and names of attributes.
var EraseSteps = []account.EraseStep{
	{Table: "webhook_delivery", SQL: `UPDATE webhook_delivery SET problem = '', data = regexp_replace(data::text, ?4, '…', 'gi')::jsonb
		WHERE site_id = ?0 AND contact_ids && ?1::uuid[] AND (status <> 'queued' AND problem <> '' OR data::text ~* ?4)`},
}

// TellErased writes in the transaction that makes a contact anonymous what webhooks are told of it: the same as of one that is deleted for good, for other
// programs have to forget it too (GDPR art. 19).
func (s *Service) TellErased(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) error {
	_, err := tx.NewRaw(`INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids, next_at, created_at)
		SELECT site_id, gen_random_uuid(), id, 'contact.deleted', jsonb_build_object('changes', jsonb_build_array(jsonb_build_object('contactId', ?1::uuid, 'forGood', true))), ARRAY[?1::uuid], now(), now()
		FROM webhook WHERE site_id = ?0 AND disabled_at IS NULL AND 'contact.deleted' = ANY (events)`, siteID, contactID).Exec(ctx)
	s.Wake()
	return db.MapError(err, "tell who was erased")
}
