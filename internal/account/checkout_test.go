package account_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

const hostNonce = "a nonce of the host"

// open verifies a checkout token as a host would.
func (w *world) open(token string) account.CheckoutClaims {
	w.t.Helper()
	set, err := w.service.Keys(w.t.Context())
	require.NoError(w.t, err)
	published, err := json.Marshal(set)
	require.NoError(w.t, err)
	require.NotContains(w.t, string(published), `"d"`, "no private key")
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	require.NoError(w.t, err)
	header := signed.Signatures[0].Protected
	require.Equal(w.t, account.CheckoutType, header.ExtraHeaders[jose.HeaderType])
	keys := set.Key(header.KeyID)
	require.Len(w.t, keys, 1)
	payload, err := signed.Verify(keys[0])
	require.NoError(w.t, err)
	var c account.CheckoutClaims
	require.NoError(w.t, json.Unmarshal(payload, &c))
	return c
}

type redeemed struct {
	JTI     string  `json:"jti"`
	Order   string  `json:"order"`
	Subject *string `json:"subject"`
	Contact struct {
		ID                         uuid.UUID
		Number                     int64
		Email, FirstName, LastName string
	} `json:"contact"`
	Answers []map[string]any `json:"answers"`
	Groups  []account.Group  `json:"groups"`
}

func (w *world) redeem(jti, key string) (redeemed, json.RawMessage, error) {
	raw, err := w.service.Redeem(w.t.Context(), account.Redeem{Site: "club", Secret: w.secret, JTI: jti, IdempotencyKey: key})
	var out redeemed
	if err == nil {
		require.NoError(w.t, json.Unmarshal(raw, &out))
	}
	return out, raw, err
}

// D-07, G-21: the answers are checked, signed for, frozen, redeemed once, and reach the book by the redeem.
func TestCheckoutOfAGuest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	diet, err := w.fields.Create(w.staff(w.site), field.Definition{
		Type: "dropdown", Label: "Diet", Required: true, OnCheckout: true, Choices: []field.Choice{{Label: "Vegan"}, {Label: "Fish"}},
	})
	require.NoError(t, err)
	note, err := w.fields.Create(w.staff(w.site), field.Definition{Type: "text", Label: "Emergency", OnCheckout: true})
	require.NoError(t, err)
	text := "Call \"Bo\" <1> \\u2028 \u2028 &"
	ctx := w.visitor(shop)

	_, err = w.service.PrepareCheckout(ctx, account.PrepareCheckout{Nonce: "short"})
	require.Equal(t, map[string]string{
		"order": fault.TooShort, "nonce": fault.TooShort, "email": fault.InvalidEmail, "lastName": fault.Required, "answers." + diet.ID.String(): fault.Required,
	}, reasons(err))

	in := account.PrepareCheckout{
		Order: "order-1", Nonce: hostNonce, Email: "guest@b.example", FirstName: "Gu", LastName: "Est",
		Answers: []field.Answer{{FieldID: diet.ID, ChoiceIDs: []uuid.UUID{diet.Choices[1].ID}}, {FieldID: note.ID, Text: &text}},
	}
	token, err := w.service.PrepareCheckout(ctx, in)
	require.NoError(t, err)
	c := w.open(token)
	require.Equal(t, []any{publicURL, "club", "", "order-1", hostNonce, false}, []any{c.Issuer, c.Audience, c.Subject, c.Order, c.Nonce, c.EmailVerified})
	require.EqualValues(t, 300, c.Expires-c.IssuedAt)
	require.Zero(t, w.count("contact"), "a visitor alone writes nothing into the book")
	payload, _ := base64.RawURLEncoding.DecodeString(token)
	require.NotContains(t, string(payload), "guest@b.example", "no personal data in the token")

	renamed := "Food"
	_, err = w.fields.Update(w.staff(w.site), diet.ID, field.Update{Label: &renamed})
	require.NoError(t, err)
	got, raw, err := w.redeem(c.ID, "key-1")
	require.NoError(t, err)
	require.Nil(t, got.Subject)
	require.Equal(t, "guest@b.example", got.Contact.Email)
	require.NotZero(t, got.Contact.Number)
	require.Equal(t, "Diet", got.Answers[0]["label"], "frozen as it was asked")
	require.Equal(t, "Fish", got.Answers[0]["display"])
	require.Equal(t, text, got.Answers[1]["value"])
	require.Equal(t, c.AnswersSHA256, canonicalDigest(t, got.Answers))
	require.JSONEq(t, `["`+diet.Choices[1].ID.String()+`"]`, listed(w.answers()[diet.ID.String()]))

	_, err = w.db.Bun.NewRaw("UPDATE contact SET first_name = 'Changed'").Exec(t.Context())
	require.NoError(t, err)
	w.clock.add(time.Hour)
	_, again, err := w.redeem(c.ID, "key-1")
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again), "the same key gives the same answer")
	_, _, err = w.redeem(c.ID, "key-2")
	require.Equal(t, account.ReasonAlreadyRedeemed, reason(err))
	require.Equal(t, fault.Conflict, fault.CodeOf(err))

	in.Order = "order-2"
	token, err = w.service.PrepareCheckout(ctx, in)
	require.NoError(t, err)
	w.clock.add(5 * time.Minute)
	_, _, err = w.redeem(w.open(token).ID, "key-3")
	require.Equal(t, account.ReasonExpired, reason(err))
	require.Equal(t, 1, w.count("contact"))
}

// listed gives a dropdown's answer as a list, whether it holds one or several.
func listed(v field.Value) string {
	if len(v) > 0 && v[0] == '"' {
		return "[" + string(v) + "]"
	}
	return string(v)
}

// canonicalDigest is RFC 8785 written anew, for text and lists only.
func canonicalDigest(t *testing.T, answers []map[string]any) string {
	t.Helper()
	out := "["
	for i, a := range answers {
		if i > 0 {
			out += ","
		}
		out += "{"
		for j, key := range []string{"display", "fieldId", "label", "type", "value"} {
			if j > 0 {
				out += ","
			}
			out += quote(key) + ":"
			if list, ok := a[key].([]any); ok {
				out += "["
				for k, one := range list {
					if k > 0 {
						out += ","
					}
					out += quote(one.(string))
				}
				out += "]"
			} else {
				out += quote(a[key].(string))
			}
		}
		out += "}"
	}
	sum := sha256.Sum256([]byte(out + "]"))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func quote(text string) string {
	out := `"`
	for _, r := range text {
		switch r {
		case '"', '\\':
			out += `\` + string(r)
		default:
			out += string(r)
		}
	}
	return out + `"`
}

// T-20: where buying needs an account, a guest gets no token; an account does.
func TestCheckoutNeedsAnAccountWhereTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := account.PrepareCheckout{Order: "o", Nonce: hostNonce, Email: "guest@b.example", LastName: "Est"}
	_, err := w.service.PrepareCheckout(w.visitor(shop), in)
	require.NoError(t, err, "off: a guest buys")
	on := true
	_, err = w.sites.Update(w.staff(w.site), site.Update{LoginRequired: &on})
	require.NoError(t, err)
	_, err = w.service.PrepareCheckout(w.visitor(shop), in)
	require.Equal(t, fault.LoginRequired, reason(err))

	b := w.browser()
	signedIn := b.as(b.session("ada@b.example", ""))
	token, err := w.service.PrepareCheckout(signedIn, account.PrepareCheckout{Order: "o", Nonce: hostNonce, Email: "somebody@else.example"})
	require.NoError(t, err)
	c := w.open(token)
	me, err := w.service.Me(signedIn)
	require.NoError(t, err)
	require.Equal(t, me.Subject, c.Subject)
	require.True(t, c.EmailVerified)
	got, _, err := w.redeem(c.ID, "k")
	require.NoError(t, err)
	require.Equal(t, "ada@b.example", got.Contact.Email, "who is signed in, not who is typed")
	require.Equal(t, me.ContactID, got.Contact.ID)
	require.Equal(t, me.Subject, *got.Subject)
}

// What a member answered before counts; a guest's address does not open somebody's account.
func TestCheckoutKnowsEarlierAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone, err := w.fields.Create(w.staff(w.site), field.Definition{Type: "text", Label: "Emergency", Required: true, OnCheckout: true})
	require.NoError(t, err)
	hidden, err := w.fields.Create(w.staff(w.site), field.Definition{Type: "text", Label: "Staff only"})
	require.NoError(t, err)
	b := w.browser()
	signedIn := b.as(b.session("ada@b.example", ""))
	in := account.PrepareCheckout{Order: "o", Nonce: hostNonce}
	_, err = w.service.PrepareCheckout(signedIn, in)
	require.Equal(t, fault.Required, reason(err))
	_, err = w.db.Bun.NewRaw(`UPDATE contact SET answers = jsonb_build_object(?, 'Bo', ?, 'secret')`, phone.ID.String(), hidden.ID.String()).Exec(t.Context())
	require.NoError(t, err)
	token, err := w.service.PrepareCheckout(signedIn, in)
	require.NoError(t, err)
	got, _, err := w.redeem(w.open(token).ID, "k")
	require.NoError(t, err)
	require.Len(t, got.Answers, 1, "an internal field never leaves")
	require.Equal(t, "Bo", got.Answers[0]["value"])

	text := "Eve"
	token, err = w.service.PrepareCheckout(w.visitor(shop), account.PrepareCheckout{
		Order: "o", Nonce: hostNonce, Email: "ada@b.example", LastName: "Eve", Answers: []field.Answer{{FieldID: phone.ID, Text: &text}},
	})
	require.NoError(t, err)
	guest, _, err := w.redeem(w.open(token).ID, "k")
	require.NoError(t, err)
	require.NotEqual(t, got.Contact.ID, guest.Contact.ID, "a guest who types a member's address changes nothing of the member")
}

// Many redeems at once: one wins, the others are told.
func TestRedeemOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, err := w.service.PrepareCheckout(w.visitor(shop), account.PrepareCheckout{Order: "o", Nonce: hostNonce, Email: "guest@b.example", LastName: "Est"})
	require.NoError(t, err)
	jti := w.open(token).ID
	var mu sync.Mutex
	outcomes := map[string]int{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			_, err := w.service.Redeem(t.Context(), account.Redeem{Site: "club", Secret: w.secret, JTI: jti, IdempotencyKey: secret.Random()})
			mu.Lock()
			outcomes[reason(err)]++
			mu.Unlock()
		})
	}
	group.Wait()
	require.Equal(t, map[string]int{"": 1, account.ReasonAlreadyRedeemed: 7}, outcomes)
	require.Equal(t, 1, w.count("contact"))
}

func TestRedeemRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	otherSecret, err := w.sites.RotateSecret(w.staff(w.other), 0)
	require.NoError(t, err)
	token, err := w.service.PrepareCheckout(w.visitor(shop), account.PrepareCheckout{Order: "o", Nonce: hostNonce, Email: "guest@b.example", LastName: "Est"})
	require.NoError(t, err)
	jti := w.open(token).ID
	for name, c := range map[string]struct {
		in   account.Redeem
		want fault.Code
	}{
		"wrong secret":        {account.Redeem{Site: "club", Secret: "x", JTI: jti, IdempotencyKey: "k"}, fault.Unauthenticated},
		"other site's secret": {account.Redeem{Site: "club", Secret: otherSecret, JTI: jti, IdempotencyKey: "k"}, fault.Unauthenticated},
		"unknown site":        {account.Redeem{Site: "nope", Secret: w.secret, JTI: jti, IdempotencyKey: "k"}, fault.Unauthenticated},
		"other site":          {account.Redeem{Site: "venue", Secret: otherSecret, JTI: jti, IdempotencyKey: "k"}, fault.NotFound},
		"unknown":             {account.Redeem{Site: "club", Secret: w.secret, JTI: secret.Random(), IdempotencyKey: "k"}, fault.NotFound},
		"rubbish":             {account.Redeem{Site: "club", Secret: w.secret, JTI: "\x00", IdempotencyKey: "k"}, fault.NotFound},
		"no key":              {account.Redeem{Site: "club", Secret: w.secret, JTI: jti}, fault.BadInput},
	} {
		_, err := w.service.Redeem(t.Context(), c.in)
		require.Equal(t, c.want, fault.CodeOf(err), name)
	}
	_, _, err = w.redeem(jti, "k")
	require.NoError(t, err, "none of these used it up")
}

// Processes that start together agree on one key.
func TestSigningKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() { _, _ = w.service.Keys(t.Context()) })
	}
	group.Wait()
	require.Equal(t, 1, w.count("signing_key"))
}
