package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
	"carnet/widgets"
)

const updateTheme = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { theme { name value dark } } errors { code message path } } }`

// A theme is kept, refused as a whole where it cannot be read, and reaches the widgets. Every property that the widgets have a rule for may be set.
func TestThemeIsKeptAndServed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	set := func(theme ...vars) []string {
		return p.Payload(t, s.As(site.Manager), updateTheme, vars{"i": vars{"theme": theme}}, nil)
	}
	require.Empty(t, set(vars{"name": "surface", "value": "#fdf6e3"}, vars{"name": "font", "value": "Source Sans 3, serif"}))
	require.Equal(t, []string{"LOW_CONTRAST theme.0.dark"}, set(vars{"name": "muted", "dark": "#333333"}))
	require.Equal(t, []string{"INVALID theme.0.value"}, set(vars{"name": "font", "value": "x;} *{background:url(//x.example)}"}))
	require.Equal(t, []string{"UNKNOWN theme.0.name"}, set(vars{"name": "shadow", "value": "0"}))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", updateTheme, vars{"i": vars{"theme": []vars{}}})

	status, answer := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club", nil, "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, answer, `:host{--surface:var(--carnet-surface,light-dark(#fdf6e3,#181a1f))}:host{font-family:var(--carnet-font,\"Source Sans 3\",serif)}`)

	// A darker colour of the site's may make a theme unreadable, too.
	require.Empty(t, set(vars{"name": "surface", "value": "#ececec"}))
	require.Equal(t, []string{"LOW_CONTRAST theme.0.value"}, p.Payload(t, s.As(site.Manager), updateTheme, vars{"i": vars{"accentColor": "#3b6bdb"}}, nil))

	values := map[string]string{"font": "Georgia, serif", "heading-weight": "600", "button-weight": "600", "max-width": "30em"}
	all := []vars{}
	for _, name := range widgets.Themeable() {
		value := values[name]
		if value == "" && !isColor(name) {
			value = "24px"
		}
		all = append(all, vars{"name": name, "value": value})
	}
	require.Empty(t, set(all...))
}

func isColor(name string) bool {
	switch name {
	case "accent", "on-accent", "link", "surface", "text", "muted", "border", "error", "field-background", "field-border", "field-text":
		return true
	}
	return false
}

// The constraint holds whatever writes: no value of a theme can leave its declaration.
func TestThemeIsCheckedByTheDatabase(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	p.NewSite(t, "club")
	for _, theme := range []string{`[{"name":"font","value":"a;b"}]`, `[{"name":"font","value":"url(x)"}]`, `[{"name":"font","value":"a\"b"}]`, `{}`} {
		_, err := p.DB.Bun.NewRaw("UPDATE site SET theme = ?::jsonb WHERE public_id = 'club'", theme).Exec(t.Context())
		require.ErrorContains(t, err, "site_theme_check", theme)
	}
}

// Keys and limits are the owner's; managers look at the limits.
func TestEmbedKeysByTheAPI(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	owner := s.SignIn(t, site.Owner)
	var made struct {
		RotateSiteSecret struct {
			Secret string
			Site   struct {
				Secrets []struct {
					ID, Hint string
					EndsAt   *string
				}
			}
		}
	}
	p.Must(t, owner, `mutation { rotateSiteSecret(input: {}) { secret site { secrets { id hint endsAt } } errors { code } } }`, nil, &made)
	secrets := made.RotateSiteSecret.Site.Secrets
	require.Len(t, secrets, 2)
	require.Nil(t, secrets[0].EndsAt)
	require.Regexp(t, secrets[0].Hint+"$", made.RotateSiteSecret.Secret)
	p.Must(t, owner, `mutation($i: DeleteInput!) { revokeSiteSecret(input: $i) { site { secrets { id } } errors { code } } }`, vars{"i": vars{"id": secrets[1].ID}}, nil)
	for _, hours := range []int{200, -1, 5124096, -5124095, 1<<31 - 1} { // some of which are a few minutes where nanoseconds overflow
		require.Equal(t, []string{"INVALID overlapHours"}, p.Payload(t, owner, `mutation($i: RotateSiteSecretInput!) { rotateSiteSecret(input: $i) { errors { code message path } } }`,
			vars{"i": vars{"overlapHours": hours}}, nil), hours)
	}

	var events struct {
		EmbedEvents []struct{ Kind, ActorName string }
	}
	p.Must(t, owner, `{ embedEvents { kind what actorName at } }`, nil, &events)
	require.Equal(t, "SECRET_REVOKED", events.EmbedEvents[0].Kind)
	require.NotEmpty(t, events.EmbedEvents[0].ActorName)

	p.Must(t, owner, `{ signingKeys { kid createdAt signsAt retiredAt publishedUntil } }`, nil, nil)
	p.Must(t, s.As(site.Manager), `{ throttles { id limit who count most full until } }`, nil, nil)
	p.Refused(t, owner, "NOT_FOUND", `mutation { releaseThrottle(input: {id: "mail/address/x"}) { releasedId errors { code } } }`, nil)
	for _, query := range []string{
		`{ site { secrets { id } } }`, `{ signingKeys { kid } }`, `{ embedEvents { id } }`, `mutation { rotateSigningKey { errors { code } } }`,
		`mutation { rotateSiteSecret(input: {}) { errors { code } } }`, `mutation { releaseThrottle(input: {id: "x"}) { errors { code } } }`,
	} {
		p.Refused(t, s.As(site.Manager), "FORBIDDEN", query, nil)
		p.Refused(t, s.Visitor(), "UNAUTHENTICATED", query, nil)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", `{ throttles { id } }`, nil)
}

// A site words some texts itself, in each language; they travel with the others.
func TestWidgetTextsAreKeptAndServed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	const update = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { widgetTexts { language name text } } errors { code message path } } }`
	set := func(texts ...vars) []string {
		return p.Payload(t, s.As(site.Manager), update, vars{"i": vars{"widgetTexts": texts}}, nil)
	}
	served := func(lang string) string {
		status, answer := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club?lang="+lang, nil, "", nil)
		require.Equal(t, http.StatusOK, status)
		return answer
	}
	require.Contains(t, served("fr"), `"login.title":"Connexion"`)
	require.Empty(t, set(vars{"language": "fr", "name": "login.title", "text": " Entrez "}, vars{"language": "fr", "name": "login.intro", "text": ""}))
	require.Contains(t, served("fr"), `"login.title":"Entrez"`)
	require.Contains(t, served("fr"), `"login.intro":"{site}"`, "an empty one is the widgets' own")
	require.Contains(t, served("nb"), `"login.title":"Logg inn"`)
	require.Equal(t, []string{"UNKNOWN widgetTexts.0.name"}, set(vars{"language": "fr", "name": "error.NETWORK", "text": "x"}))
	require.Equal(t, []string{"INVALID widgetTexts.0.language"}, set(vars{"language": "de", "name": "login.title", "text": "x"}))
	require.Equal(t, []string{"TOO_LONG widgetTexts.0.text"}, set(vars{"language": "fr", "name": "login.submit", "text": strings.Repeat("é", 41)}))
	require.Equal(t, []string{"INVALID_TEXT widgetTexts.0.text"}, set(vars{"language": "fr", "name": "login.intro", "text": "a\nb"}))
	require.Equal(t, []string{"DUPLICATE widgetTexts.1.name"}, set(vars{"language": "fr", "name": "login.title", "text": "a"}, vars{"language": "fr", "name": "login.title", "text": "b"}))
	require.Contains(t, served("fr"), `"login.title":"Entrez"`, "a refused change left something behind")
}

// P-03: what people should know before they agree stands beside the consent, as links in their language; an address may change without the wording.
func TestLegalLinksAreKeptAndServed(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	const update = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { legalLinks { language label url } } errors { code message path } } }`
	set := func(links ...vars) []string {
		return p.Payload(t, s.As(site.Manager), update, vars{"i": vars{"legalLinks": links}}, nil)
	}
	link := func(language, label, url string) vars { return vars{"language": language, "label": label, "url": url} }
	served := func(lang string) string {
		status, answer := p.HTTP(t, http.MethodGet, "/widgets/v1/sites/club?lang="+lang, nil, "", nil)
		require.Equal(t, http.StatusOK, status)
		return answer
	}
	require.NotContains(t, served("en"), `"links"`)
	require.Empty(t, set(link("en", " Privacy policy ", "https://club.example/privacy"), link("en", "Terms", "https://club.example/terms?v=2#all"), link("fr", "Confidentialité", "https://club.example/fr"), link("nb", "", " ")))
	require.Contains(t, served("en"), `"links":[{"label":"Privacy policy","url":"https://club.example/privacy"},{"label":"Terms","url":"https://club.example/terms?v=2#all"}]`)
	require.Contains(t, served("fr"), `"links":[{"label":"Confidentialité","url":"https://club.example/fr"}]`)
	require.Contains(t, served("nb"), `"label":"Privacy policy"`, "the site's own language where there are none")
	for _, url := range []string{"http://club.example/privacy", "javascript:alert(1)", "club.example/privacy", "https://", "https://me:secret@club.example/", "https://club.example/" + strings.Repeat("a", 500)} {
		require.Equal(t, []string{"INVALID_URL legalLinks.0.url"}, set(link("en", "Privacy", url)), url)
	}
	require.Equal(t, []string{"REQUIRED legalLinks.0.label", "REQUIRED legalLinks.1.url"}, set(link("en", "", "https://club.example/"), link("en", "Terms", "")))
	require.Equal(t, []string{"INVALID legalLinks.0.language"}, set(link("de", "Datenschutz", "https://club.example/")))
	require.Equal(t, []string{"TOO_LONG legalLinks.0.label"}, set(link("fr", strings.Repeat("é", 61), "https://club.example/")))
	require.Equal(t, []string{"INVALID_TEXT legalLinks.0.label"}, set(link("fr", "a\nb", "https://club.example/")))
	one := link("en", "Terms", "https://club.example/")
	require.Equal(t, []string{"TOO_LONG legalLinks.4.label"}, set(one, one, one, one, one))
	require.Contains(t, served("en"), `"label":"Privacy policy"`, "a refused change left something behind")
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", update, vars{"i": vars{"legalLinks": []vars{}}})
	_, err := p.DB.Bun.NewRaw(`UPDATE site SET legal_links = '[{"language":"en","label":"x","url":"javascript:alert(1)"}]' WHERE public_id = 'club'`).Exec(t.Context())
	require.ErrorContains(t, err, "site_legal_links_check")
	require.Empty(t, set())
	require.NotContains(t, served("en"), `"links"`)
}
