package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const prepareCheckout = `mutation($i: PrepareCheckoutInput!) { prepareCheckout(input: $i) { token errors { code message path } } }`

// checkout prepares a checkout and gives its id; what is refused instead.
func checkout(t *testing.T, s *apptest.Site, h apptest.Header, in vars) (jti string, refused []string) {
	t.Helper()
	in["order"], in["nonce"] = "basket", "sixteen letters!"
	var out struct {
		PrepareCheckout struct{ Token *string }
	}
	if refused = s.Program.Payload(t, h, prepareCheckout, vars{"i": in}, &out); len(refused) > 0 {
		return "", refused
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*out.PrepareCheckout.Token, ".")[1])
	require.NoError(t, err)
	var claims struct{ JTI string }
	require.NoError(t, json.Unmarshal(payload, &claims))
	return claims.JTI, nil
}

// redeem is what the host's server asks, and the reason of a refusal.
func redeem(t *testing.T, s *apptest.Site, jti string) (status int, reason string) {
	t.Helper()
	h := apptest.Header{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(s.PublicID+":"+s.Secret))}
	status, body := s.Program.HTTP(t, http.MethodPost, "/v1/checkout/"+jti+"/redeem", h, "application/json", strings.NewReader(`{"idempotencyKey": "`+jti+`"}`))
	var out struct{ Error struct{ Reason string } }
	require.NoError(t, json.Unmarshal([]byte(body), &out))
	return status, out.Error.Reason
}

// T-19, T-20, T-21, T-22, T-24: on the way in, at the redeem and on the order. A member signs in before registering, whatever the
// site's setting, and is known as one only then; the setting rules those who are no members, and them alone.
func TestLoginRules(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	ada := newBrowser(t, s)
	ada.register("ada@example.no", "Ada", "Lovelace", "a long password")
	adaID, perID := idOf(t, s, "ada@example.no"), personWith(t, s, "Per", "Paper", vars{"email": "per@example.no"})
	faust := show(t, s, "Faust", 7)
	adult, plan := ticketFor(t, s, faust, 20_000), planOf(t, s, "Gold", 50_000)
	reserved := row(t, s, "INSERT INTO product (site_id, id, kind, name, event_id, price, reserved) VALUES ($1, $2, 'ticket', 'Front row', $3, 30000, true)", faust)
	row(t, s, "INSERT INTO product_price (site_id, id, product_id, plan_id, amount) VALUES ($1, $2, $3, $4, 15000)", adult, plan)

	key := s.As(site.Operator) // a shop's: it speaks for somebody signed in by their checkout alone
	order := func(in vars, product string) (total int, refused []string) {
		t.Helper()
		in["idempotencyKey"], in["lines"] = uuid.NewString(), []vars{{"productId": product}}
		var out struct {
			RecordOrder struct{ Order struct{ Total int } }
		}
		refused = p.Payload(t, key, orderCall, vars{"i": in}, &out)
		return out.RecordOrder.Order.Total, refused
	}
	guest := func(email, first, last string) vars {
		return vars{"email": email, "firstName": first, "lastName": last}
	}
	typed := func(email, first, last string) vars { return vars{"buyer": vars{"person": guest(email, first, last)}} }
	loginRequired := func(on bool) {
		t.Helper()
		_, err := p.Sites.Update(s.AsOwner(t.Context()), site.Update{LoginRequired: &on})
		require.NoError(t, err)
	}

	// T-20: guests buy while the setting is off, and not while it is on.
	jti, refused := checkout(t, s, s.Visitor(), guest("gu@example.no", "Gu", "Est"))
	require.Empty(t, refused)
	status, _ := redeem(t, s, jti)
	require.Equal(t, http.StatusOK, status)
	total, refused := order(vars{"checkout": jti}, adult)
	require.Empty(t, refused)
	require.Equal(t, 20_000, total)
	loginRequired(true)
	_, refused = checkout(t, s, s.Visitor(), guest("gu@example.no", "Gu", "Est"))
	require.Equal(t, []string{"LOGIN_REQUIRED "}, refused)
	_, refused = order(typed("gu@example.no", "Gu", "Est"), adult)
	require.Equal(t, []string{"LOGIN_REQUIRED lines.0.productId"}, refused)
	loginRequired(false)

	// T-21: who is a member signs in, with an account or without one yet. Nobody but the host's server learns that they are one.
	recorded(t, s, vars{"buyer": of(adaID), "lines": []vars{{"productId": plan}}})
	recorded(t, s, vars{"buyer": of(perID), "lines": []vars{{"productId": plan}}})
	for _, who := range []vars{guest("Ada@example.no", "Ada", "Lovelace"), guest("per@example.no", "Per", "Paper")} {
		jti, refused = checkout(t, s, s.Visitor(), who)
		require.Empty(t, refused, "whoever types addresses is told nothing")
		status, reason := redeem(t, s, jti)
		require.Equal(t, http.StatusForbidden, status)
		require.Equal(t, "LOGIN_REQUIRED", reason)
		_, refused = order(vars{"checkout": jti}, adult)
		require.Equal(t, []string{"UNKNOWN checkout"}, refused)
		_, refused = order(typed(who["email"].(string), who["firstName"].(string), who["lastName"].(string)), adult)
		require.Equal(t, []string{"LOGIN_REQUIRED lines.0.productId"}, refused)
	}
	for _, id := range []string{adaID, perID} {
		_, refused = order(vars{"buyer": of(id)}, adult)
		require.Equal(t, []string{"LOGIN_REQUIRED lines.0.productId"}, refused)
	}
	jti, refused = checkout(t, s, s.Visitor(), guest("ada@example.no", "Bo", "Lovelace-Nilsen"))
	require.Empty(t, refused)
	status, _ = redeem(t, s, jti)
	require.Equal(t, http.StatusOK, status, "somebody else who shares the mailbox is no member")

	// T-22: the same programme; what is reserved, and the member's price, are for the member who is signed in.
	_, refused = order(typed("gu@example.no", "Gu", "Est"), reserved)
	require.Equal(t, []string{"RESERVED lines.0.productId"}, refused)
	for product, price := range map[string]int{adult: 15_000, reserved: 30_000} {
		jti, refused = checkout(t, s, ada.header("/graphql"), vars{})
		require.Empty(t, refused)
		status, _ = redeem(t, s, jti)
		require.Equal(t, http.StatusOK, status)
		total, refused = order(vars{"checkout": jti}, product)
		require.Empty(t, refused)
		require.Equal(t, price, total)
	}

	// T-24: no setting says anything else, and the API knows of none.
	for _, setting := range []string{"loginRequiredForMembers", "loginRequiredForOrganizers", "membersLogin"} {
		r := p.Do(t, s.As(site.Manager), `mutation { updateSite(input: {`+setting+`: false}) { errors { code } } }`, nil)
		require.NotEmpty(t, r.Errors)
		require.Contains(t, r.Errors[0].Message, setting)
	}
	// Once the membership is over they are guests as any.
	_, err := p.DB.Pool.Exec(t.Context(), "UPDATE membership SET starts_on = '2020-01-01', ends_on = '2020-12-31' WHERE contact_id = $1", perID)
	require.NoError(t, err)
	jti, refused = checkout(t, s, s.Visitor(), guest("per@example.no", "Per", "Paper"))
	require.Empty(t, refused)
	status, _ = redeem(t, s, jti)
	require.Equal(t, http.StatusOK, status)
}
