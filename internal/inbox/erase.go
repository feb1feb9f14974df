package inbox

import "carnet/internal/account"

// EraseSteps take the person's threads, and their name out of what was written to others.
var EraseSteps = []account.EraseStep{
	{Table: "inbox_message", Deletes: true, SQL: `DELETE FROM inbox_message m USING inbox_thread t
		WHERE m.site_id = ?0 AND t.site_id = ?0 AND t.id = m.thread_id AND t.contact_id = ANY (?1::uuid[])`},
	{Table: "inbox_thread", Deletes: true, SQL: "DELETE FROM inbox_thread WHERE site_id = ?0 AND contact_id = ANY (?1::uuid[])"},
	{Table: "inbox_message", SQL: "UPDATE inbox_message SET body = regexp_replace(body, ?4, '…', 'gi') WHERE site_id = ?0 AND body ~* ?4"},
	{Table: "inbox_thread", SQL: "UPDATE inbox_thread SET subject = regexp_replace(subject, ?4, '…', 'gi') WHERE site_id = ?0 AND subject ~* ?4"},
}
