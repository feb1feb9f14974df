package campaign

import "carnet/internal/account"

// EraseSteps forget where campaigns went, and what was written to the person alone. Who was meant by a campaign stays as a number; who waits
// for their turn is left out.
var EraseSteps = []account.EraseStep{
	{Table: "campaign", Deletes: true, SQL: `DELETE FROM campaign c USING campaign_recipient r
		WHERE c.single AND c.site_id = ?0 AND r.site_id = ?0 AND r.campaign_id = c.id AND r.contact_id = ANY (?1::uuid[])`},
	{Table: "campaign", Deletes: true, SQL: "DELETE FROM campaign WHERE single AND site_id = ?0 AND target -> 'contactIds' ->> 0 = ANY (?1::text[])"}, // not begun yet
	{Table: "campaign", SQL: `UPDATE campaign SET name = regexp_replace(name, ?4, '…', 'gi'), texts = regexp_replace(texts::text, ?4, '…', 'gi')::jsonb, problem = regexp_replace(problem, ?4, '…', 'gi')
		WHERE site_id = ?0 AND (name ~* ?4 OR texts::text ~* ?4 OR problem ~* ?4)`},
	{Table: "campaign_template", SQL: `UPDATE campaign_template SET texts = regexp_replace(texts::text, ?4, '…', 'gi')::jsonb WHERE site_id = ?0 AND texts::text ~* ?4`},
	{Table: "campaign_pick", Deletes: true, SQL: "DELETE FROM campaign_pick WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "campaign_recipient", SQL: `UPDATE campaign_recipient SET address = '', address_key = '', problem = '', provider_id = '',
			state = CASE state WHEN 'pending' THEN 'left_out' ELSE state END, reason = CASE state WHEN 'pending' THEN 'gone' ELSE reason END,
			settled_at = CASE state WHEN 'pending' THEN now() ELSE settled_at END
		WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[]) AND (state = 'pending' OR address <> '' OR address_key <> '' OR problem <> '' OR provider_id <> '')`},
	{Table: "dead_address", Deletes: true, SQL: "DELETE FROM dead_address WHERE site_id = ?0 AND address_key = ANY (?3::text[])"},
}
