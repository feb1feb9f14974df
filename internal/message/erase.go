package message

import "carnet/internal/account"

// EraseSteps forget mails to the person's addresses, but for the one that tells them that they are erased, which goes when it has left.
var EraseSteps = []account.EraseStep{
	{Table: "mail", Deletes: true, SQL: "DELETE FROM mail WHERE site_id = ?0 AND recipient_key = ANY (?3::text[]) AND NOT (kind = '" + account.MailErasureDone + "' AND status = 'queued')"},
}
