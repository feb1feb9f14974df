package graph

import (
	"context"
	"errors"

	"carnet/graph/model"
	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

func (r *queryResolver) WidgetConfig(ctx context.Context, language *string) (out model.WidgetConfig, err error) {
	of, err := r.Sites.Current(ctx)
	if err != nil {
		return out, err
	}
	providers, err := r.Sites.Providers(ctx, of.ID)
	out = model.WidgetConfig{
		SiteName: of.Name, Language: of.Language, AccentColor: of.AccentColor, AccountsEnabled: of.ContactManagement,
		LoginRequired: of.LoginRequired, AsksConsent: of.ConsentPolicy == site.OnConsent, Providers: []*model.WidgetProvider{}, Passkeys: of.ContactManagement && of.Passkeys,
	}
	if language != nil {
		out.Language = site.NearestLanguage(*language, of.Language)
	}
	if out.AsksConsent {
		asked, err := r.Resolver.Contacts.AskedWording(ctx, of, out.Language)
		if err != nil {
			return out, err
		}
		out.ConsentText, out.ConsentWording, out.ConsentLanguage = asked.Text, asked.Version, asked.Language
	}
	if of.ContactManagement {
		for _, p := range providers {
			out.Providers = append(out.Providers, &model.WidgetProvider{Name: p.Name, Label: p.Label})
		}
	}
	return out, err
}

func attempt(in model.AttemptInput) account.Attempt {
	return account.Attempt{ID: in.ID, Challenge: in.Challenge, JKT: in.Jkt}
}

func work(in *model.WorkInput) account.Work {
	if in == nil {
		return account.Work{}
	}
	return account.Work{Challenge: in.Challenge, Number: in.Number}
}

// asked gives the challenge of a refusal that asks for work.
func asked(err error) *string {
	var needed *account.WorkError
	if !errors.As(err, &needed) {
		return nil
	}
	return &needed.Challenge
}

func text(v *string) string {
	if v == nil {
		return ""
	}
	return *v
}

func (r *mutationResolver) SignUp(ctx context.Context, in model.SignUpInput) (out model.SignUpPayload, err error) {
	form := account.SignUp{
		Attempt: attempt(in.Attempt), Email: in.Email, Password: text(in.Password.Value()), FirstName: in.FirstName, LastName: in.LastName,
		Answers: answers(in.Answers), Consent: in.Consent, ConsentLanguage: text(in.ConsentLanguage.Value()), Work: work(in.Work.Value()),
	}
	if version := in.ConsentWording.Value(); version != nil {
		form.ConsentWording = *version
	}
	err = r.Accounts.SignUp(ctx, form)
	out.MailSent, out.Work = err == nil, asked(err)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) SignIn(ctx context.Context, in model.SignInInput) (model.CodePayload, error) {
	got, err := r.Accounts.SignIn(ctx, account.SignIn{Attempt: attempt(in.Attempt), Email: in.Email, Password: in.Password, Work: work(in.Work.Value())})
	return code(ctx, got, err)
}

func (r *mutationResolver) RequestEmailCode(ctx context.Context, in model.RequestEmailCodeInput) (out model.RequestEmailCodePayload, err error) {
	err = r.Accounts.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: attempt(in.Attempt), Email: in.Email, Reset: in.Reset, Work: work(in.Work.Value())})
	out.MailSent, out.Work = err == nil, asked(err)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) ConfirmEmailCode(ctx context.Context, in model.ConfirmEmailCodeInput) (model.CodePayload, error) {
	got, err := r.Accounts.ConfirmEmailCode(ctx, account.ConfirmEmailCode{Attempt: attempt(in.Attempt), Email: in.Email, Code: in.Code, NewPassword: text(in.NewPassword.Value()), Work: work(in.Work.Value())})
	return code(ctx, got, err)
}

func code(ctx context.Context, got string, err error) (out model.CodePayload, _ error) {
	if err == nil {
		out.Code = &got
	}
	out.Work = asked(err)
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) SignOut(ctx context.Context, in model.SignOutInput) (out model.SignOutPayload, err error) {
	err = r.Accounts.SignOut(ctx, in.Everywhere)
	out.SignedOut = err == nil
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) PrepareCheckout(ctx context.Context, in model.PrepareCheckoutInput) (out model.PrepareCheckoutPayload, err error) {
	if site.ActorOf(ctx).Access > site.AccessAccount {
		return out, fault.New(fault.Forbidden, "the checkout is for visitors and end users, not for staff")
	}
	token, err := r.Accounts.PrepareCheckout(ctx, account.PrepareCheckout{
		Order: in.Order, Nonce: in.Nonce, Email: text(in.Email.Value()), FirstName: text(in.FirstName.Value()), LastName: text(in.LastName.Value()),
		Answers: answers(in.Answers),
	})
	if err == nil {
		out.Token = &token
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
