package app

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"carnet/internal/contact"
)

// demoConsents has two of three of the first people agree to be written to, a month ago: a demo whose campaigns reach nobody shows little.
func (a *App) demoConsents(ctx context.Context) error {
	most, asked := contact.MaxPage, time.Now().AddDate(0, -1, 0)
	people, err := a.Contacts.List(ctx, contact.Query{Kind: contact.KindPerson, Among: contact.Among{Unlisted: true}, First: &most})
	if err != nil {
		return fmt.Errorf("demo consents: %w", err)
	}
	for _, channel := range []contact.ConsentChannel{contact.ChannelEmail, contact.ChannelSMS} {
		var who []uuid.UUID
		for i, p := range people.Records {
			if channel == contact.ChannelEmail && p.Email != "" && i%3 != 2 || channel == contact.ChannelSMS && p.Mobile != "" && i%5 == 0 {
				who = append(who, p.ID)
			}
		}
		if _, err := a.Contacts.RecordConsents(ctx, contact.NewConsent{Contacts: who, Channel: channel, State: contact.ConsentGiven, At: &asked}); err != nil {
			return fmt.Errorf("demo consents: %w", err)
		}
	}
	return nil
}
