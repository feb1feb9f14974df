package campaign

import "carnet/internal/account"

// EraseSteps forget where campaigns went. Who was meant stays as a number; who waits for their turn is left out.
var EraseSteps = []account.EraseStep{
	{Table: "campaign_recipient", SQL: `UPDATE campaign_recipient SET address = '', address_key = '', problem = '',
			state = CASE state WHEN 'pending' THEN 'left_out' ELSE state END, reason = CASE state WHEN 'pending' THEN 'gone' ELSE reason END,
			settled_at = CASE state WHEN 'pending' THEN now() ELSE settled_at END
		WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (state = 'pending' OR address <> '' OR address_key <> '' OR problem <> '')`},
	{Table: "dead_address", Deletes: true, SQL: "DELETE FROM dead_address WHERE site_id = ?0 AND address_key = ANY (?3::text[])"},
}
