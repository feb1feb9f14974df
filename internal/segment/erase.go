package segment

import accounts "carnet/internal/account" // account is a word of rules here

// EraseSteps take the person out of what was said of segments by hand, and out of rules and views that name them.
var EraseSteps = []accounts.EraseStep{
	{Table: "segment_member", Deletes: true, SQL: "DELETE FROM segment_member WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "segment", SQL: "UPDATE segment SET rule = regexp_replace(rule::text, ?4, '…', 'gi')::jsonb WHERE site_id = ?0 AND rule::text ~* ?4"},
	{Table: "saved_view", SQL: `UPDATE saved_view SET search = regexp_replace(search, ?4, '…', 'gi'), filter = regexp_replace(filter::text, ?4, '…', 'gi')::jsonb
		WHERE site_id = ?0 AND (search ~* ?4 OR filter::text ~* ?4)`},
}
