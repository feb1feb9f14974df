package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/facebook"
	"github.com/markbates/goth/providers/github"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"

	"carnet/internal/site"
)

func endpointsOf(kind site.ProviderKind) oauth2.Endpoint {
	if kind == site.ProviderGitHub {
		return endpoints.GitHub
	}
	return endpoints.Facebook
}

// The numbers that GitHub and Facebook give people; goth makes 0 of a missing one.
var userNumber = regexp.MustCompile(`^[1-9][0-9]{0,29}$`)

func (w *way) visitorOf(user goth.User) (visitor, error) {
	if !userNumber.MatchString(user.UserID) {
		return visitor{}, fmt.Errorf("%q is no number of a user", short(user.UserID, 40))
	}
	first, last := user.FirstName, user.LastName
	if first == "" && last == "" {
		first, last, _ = strings.Cut(strings.TrimSpace(user.Name), " ")
	}
	if last == "" {
		first, last = "", first
	}
	return visitor{Issuer: w.issuer, Subject: user.UserID, Email: strings.TrimSpace(user.Email), FirstName: name(first), LastName: name(last)}, nil
}

// askGitHub asks who has an access token. The address of the profile may be any that its owner shows, so
// that of the list counts: the primary one, if it is verified.
func (w *way) askGitHub(ctx context.Context, access string) (v visitor, err error) {
	provider := github.New(w.oauth.ClientID, "", "") // without scopes goth does not look for the address
	provider.HTTPClient = w.client
	user, err := provider.FetchUser(&github.Session{AccessToken: access})
	if err != nil {
		return v, err
	}
	if v, err = w.visitorOf(user); err != nil {
		return v, err
	}
	var list []struct {
		Email             string
		Primary, Verified bool
	}
	if err := w.get(ctx, github.EmailURL, access, &list); err != nil {
		return v, err
	}
	v.Email = ""
	for _, one := range list {
		if one.Primary && one.Verified {
			v.Email, v.EmailVerified = strings.TrimSpace(one.Email), w.vouches
		}
	}
	return v, nil
}

// askFacebook asks who has an access token; goth sends the appsecret_proof along.
func (w *way) askFacebook(access string) (visitor, error) {
	provider := facebook.New(w.oauth.ClientID, w.oauth.ClientSecret, "").SetCustomFields([]string{"id", "first_name", "last_name", "email"})
	provider.HTTPClient = w.client
	user, err := provider.FetchUser(&facebook.Session{AccessToken: access})
	if err != nil {
		return visitor{}, err
	}
	return w.visitorOf(user)
}

func (w *way) get(ctx context.Context, address, access string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if access != "" {
		req.Header.Set("Authorization", "Bearer "+access)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", req.URL.Host, resp.StatusCode)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
