package graph_test

import (
	"encoding/base64"
	"encoding/json"

	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// answersOf gives what the book holds of a contact's answers, as texts by field.
func answersOf(t *testing.T, s *apptest.Site, contact string) map[string]string {
	t.Helper()
	var out struct {
		Contact struct {
			Answers []struct {
				Field   struct{ ID string }
				Display string
			}
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { answers { field { id } display } } }`, vars{"i": contact}, &out)
	all := map[string]string{}
	for _, one := range out.Contact.Answers {
		all[one.Field.ID] = one.Display
	}
	return all
}

func (b *browser) saveProfile(in vars) []string {
	b.t.Helper()
	return b.s.Program.Payload(b.t, b.header("/graphql"), `mutation($i: UpdateMyProfileInput!) { updateMyProfile(input: $i) { errors { code message path } } }`, vars{"i": in}, nil)
}

// T-59: the profile takes away what its owner takes away. An answer to a question that it does not ask, be it of another place or since its condition
// does not hold, stays: staff have written it. What a change of theirs makes pointless goes with it.
func TestProfileKeepsWhatItDoesNotAsk(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	member := newField(t, s, vars{"type": "YES_NO", "label": "Member?", "onProfile": true})
	number := newField(t, s, merged(vars{"type": "TEXT", "label": "Number", "onProfile": true}, showIf(member.ID, "EQUALS", "true")))
	bought := newField(t, s, vars{"type": "TEXT", "label": "Meal", "onCheckout": true})
	internal := newField(t, s, vars{"type": "TEXT", "label": "Internal"})
	b := newBrowser(t, s)
	b.register("ada@example.com", "Ada", "Byron", "a long password")
	id := idOf(t, s, "ada@example.com")
	for of, text := range map[string]string{number.ID: "A-1", bought.ID: "fish", internal.ID: "nice"} {
		at, _ := answer(t, s, id, vars{"fieldId": of, "text": text})
		require.Empty(t, at)
	}

	require.Empty(t, b.saveProfile(vars{"mobile": "+4741234567"}))
	require.Equal(t, map[string]string{number.ID: "A-1", bought.ID: "fish", internal.ID: "nice"}, answersOf(t, s, id))
	require.Empty(t, b.saveProfile(vars{"answers": []vars{{"fieldId": member.ID, "yesNo": true}}}))
	require.Equal(t, "A-1", answersOf(t, s, id)[number.ID], "asked now, with what was there")
	require.Empty(t, b.saveProfile(vars{"answers": []vars{{"fieldId": member.ID, "yesNo": false}}}))
	left := answersOf(t, s, id)
	require.NotContains(t, left, number.ID, "it goes with the answer that asked for it")
	require.Len(t, left, 3)
	require.Empty(t, b.saveProfile(vars{"answers": []vars{{"fieldId": member.ID}}}))
	require.Equal(t, map[string]string{bought.ID: "fish", internal.ID: "nice"}, answersOf(t, s, id))
}

// G-21: the order keeps what was answered at the checkout; the contact what was said last, be that in the profile meanwhile.
func TestRedeemWritesOverNothingNewer(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	places := vars{"type": "TEXT", "onProfile": true, "onCheckout": true}
	phone, meal, drink := newField(t, s, merged(places, vars{"label": "Emergency"})), newField(t, s, merged(places, vars{"label": "Meal"})), newField(t, s, merged(places, vars{"label": "Drink"}))
	said := func(of fieldAnswer, text string) vars { return vars{"fieldId": of.ID, "text": text} }
	b := newBrowser(t, s)
	b.register("ada@example.com", "Ada", "Byron", "a long password")
	id := idOf(t, s, "ada@example.com")
	require.Empty(t, b.saveProfile(vars{"answers": []vars{said(phone, "Bo")}}))

	prepare := func(answers ...vars) string {
		var out struct{ PrepareCheckout struct{ Token string } }
		require.Empty(t, p.Payload(t, b.header("/graphql"), `mutation($i: PrepareCheckoutInput!) { prepareCheckout(input: $i) { token errors { code message path } } }`,
			vars{"i": vars{"order": "A-1", "nonce": "0123456789abcdef", "answers": answers}}, &out))
		return claimsOf(t, out.PrepareCheckout.Token).ID
	}
	redeem := func(jti string) map[string]string {
		raw, err := p.Accounts.Redeem(t.Context(), account.Redeem{Site: "club", Secret: s.Secret, JTI: jti, IdempotencyKey: jti})
		require.NoError(t, err)
		var out struct {
			Answers []struct{ FieldID, Display string }
		}
		require.NoError(t, json.Unmarshal(raw, &out))
		all := map[string]string{}
		for _, one := range out.Answers {
			all[one.FieldID] = one.Display
		}
		return all
	}
	first := prepare(said(meal, "fish"), said(drink, "tea"))
	require.Empty(t, b.saveProfile(vars{"answers": []vars{said(phone, "Cy"), said(meal, "soup")}}))
	require.Equal(t, map[string]string{phone.ID: "Bo", meal.ID: "fish", drink.ID: "tea"}, redeem(first), "the order's copy is as it was given")
	require.Equal(t, map[string]string{phone.ID: "Cy", meal.ID: "soup", drink.ID: "tea"}, answersOf(t, s, id))

	var kept int
	require.NoError(t, p.DB.Bun.NewRaw("SELECT count(*) FROM checkout WHERE answers_before IS NOT NULL").Scan(t.Context(), &kept))
	require.Zero(t, kept, "no longer than it is needed")

	redeem(prepare(said(meal, "fish")))
	require.Equal(t, "fish", answersOf(t, s, id)[meal.ID], "said after the profile")
}

// claimsOf reads a checkout token.
func claimsOf(t *testing.T, token string) (c account.CheckoutClaims) {
	t.Helper()
	require.Len(t, strings.Split(token, "."), 3)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(payload, &c))
	return c
}
