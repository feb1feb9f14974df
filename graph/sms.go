package graph

import (
	"context"

	"carnet/graph/model"
	"carnet/internal/site"
	"carnet/internal/sms"
)

// How a site sends text messages.

func (r *queryResolver) SmsAccount(ctx context.Context) (*sms.Account, error) {
	return r.Texts.AccountOf(ctx)
}

func (r *queryResolver) SmsConfigured(ctx context.Context) (bool, error) {
	return r.Texts.Ready(ctx, site.ActorOf(ctx).SiteID)
}

func (r *mutationResolver) SaveSmsAccount(ctx context.Context, in model.SaveSmsAccountInput) (model.SmsAccountPayload, error) {
	headers := make([]sms.Header, len(in.Headers))
	for i, h := range in.Headers {
		headers[i] = sms.Header{Name: h.Name, Value: h.Value}
	}
	return r.smsAccount(ctx, r.Texts.Save(ctx, sms.AccountChange{
		Provider: in.Provider, Sender: in.Sender, Account: in.AccountSid, Secret: given(in.Secret),
		Request: sms.Request{URL: in.URL, Method: in.Method, Headers: headers, Body: in.Body, Taken: in.Taken},
	}))
}

func (r *mutationResolver) RemoveSmsAccount(ctx context.Context) (model.SmsAccountPayload, error) {
	return r.smsAccount(ctx, r.Texts.Remove(ctx))
}

func (r *mutationResolver) TrySms(ctx context.Context, in model.TrySmsInput) (model.SmsAccountPayload, error) {
	return r.smsAccount(ctx, r.Texts.Try(ctx, in.To, in.Text))
}

// smsAccount answers with the account as it is, unless what was asked was refused.
func (r *Resolver) smsAccount(ctx context.Context, err error) (out model.SmsAccountPayload, _ error) {
	if err == nil {
		out.Account, err = r.Texts.AccountOf(ctx)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
