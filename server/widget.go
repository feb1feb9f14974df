package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
	"carnet/widgets"
)

// widgetRoutes serves the plugins. What they may know of a site is public.
func (s *Server) widgetRoutes(mux *http.ServeMux) error {
	h, err := widgets.New(widgets.Config{ServerURL: s.cfg.PublicURL, Site: s.widgetSite})
	if err != nil {
		return fmt.Errorf("widgets: %w", err)
	}
	mux.Handle("/widgets/", h)
	mux.Handle("GET /widgets/v1/sites/{publicId}", s.endUser.OwnManifest(h))
	mux.Handle("POST "+widgets.PreviewPath+"/graphql", s.cors(s.authenticate(s.readDeadline(s.readOnly(s.graphql)))))
	return nil
}

func (s *Server) widgetSite(ctx context.Context, publicID, lang string, asks []widgets.Place) (widgets.SiteConfig, error) {
	of, err := s.cfg.Sites.ByPublicID(ctx, publicID)
	if err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			err = fmt.Errorf("%w: %w", widgets.ErrUnknownSite, err)
		}
		return widgets.SiteConfig{}, err
	}
	out := widgets.SiteConfig{
		Name: of.Name, Language: site.NearestLanguage(lang, of.Language), Accent: of.AccentColor, Theme: themeOf(of), AccountsEnabled: of.ContactManagement,
		LoginRequired: of.LoginRequired, Passkeys: of.ContactManagement && of.Passkeys,
	}
	out.Texts = of.TextsIn(out.Language)
	others, err := s.cfg.Sites.ThirdParties(ctx, of.ID)
	if err != nil {
		return out, err
	}
	out.ThirdParties = thirdParties(others)
	if at, is := loginDomainOf(ctx); is {
		out.LoginURL = at.LoginURL()
	}
	if !of.ContactManagement {
		return out, nil
	}
	if out.Questions, err = s.questions(ctx, of, out.Language, asks); err != nil {
		return out, err
	}
	for _, one := range of.LegalLinksIn(out.Language) {
		out.Links = append(out.Links, widgets.Link{Label: one.Label, URL: one.URL})
	}
	if of.ConsentPolicy == site.OnConsent {
		asked, err := s.cfg.Contacts.AskedWording(ctx, of, out.Language)
		if err != nil {
			return out, err
		}
		out.Consent = &widgets.Consent{Text: asked.Text, Version: asked.Version, Language: asked.Language}
	}
	providers, err := s.cfg.Sites.Providers(ctx, of.ID)
	for _, p := range providers {
		out.Providers = append(out.Providers, widgets.Provider{Name: p.Name, Label: p.Label})
	}
	return out, err
}

// questions gives what places of a site ask, with texts in a language. A page whose origin is not registered gets none: its widgets then ask, and hear why.
func (s *Server) questions(ctx context.Context, of site.Site, language string, asks []widgets.Place) (map[widgets.Place][]widgets.Question, error) {
	out := map[widgets.Place][]widgets.Question{}
	if page := pageOf(ctx); page != "" && len(asks) > 0 {
		_, err := s.cfg.Sites.OriginOf(ctx, of.ID, page)
		if fault.CodeOf(err) == fault.Forbidden {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
	for _, place := range asks {
		defs, err := s.cfg.Fields.Public(ctx, of, field.Surface(strings.ToLower(string(place))))
		if err != nil {
			return nil, err
		}
		out[place] = make([]widgets.Question, len(defs))
		for i, d := range defs {
			out[place][i] = questionOf(d.In(language))
		}
	}
	return out, nil
}

// questionOf tells a question as graph's surfaceFields does; TestQuestionsTravelWithTheManifest compares the two.
func questionOf(d *field.Definition) widgets.Question {
	out := widgets.Question{
		ID: d.ID.String(), Type: strings.ToUpper(d.Type), Label: d.Label, Help: d.Help, Required: d.Required, MinChoices: d.MinChoices, MaxChoices: d.MaxChoices,
		Choices: make([]widgets.QuestionChoice, len(d.Choices)), ShowIf: make([]widgets.QuestionShowIf, len(d.ShowIf)),
	}
	if d.Multiple != nil {
		mode := strings.ToUpper(string(*d.Multiple))
		out.Multiple = &mode
	}
	for i, c := range d.Choices {
		out.Choices[i] = widgets.QuestionChoice{ID: c.ID.String(), Label: c.Label}
	}
	for i, c := range d.ShowIf {
		out.ShowIf[i] = widgets.QuestionShowIf{FieldID: c.FieldID.String(), Op: strings.ToUpper(string(c.Op)), Values: c.Values}
	}
	return out
}

func themeOf(of site.Site) []widgets.ThemeValue {
	values := of.ThemeValues()
	out := make([]widgets.ThemeValue, len(values))
	for i, v := range values {
		out[i] = widgets.ThemeValue{Name: v.Name, Light: v.Value, Dark: v.Dark}
	}
	return out
}

func thirdParties(list []site.ThirdParty) []widgets.ThirdParty {
	out := make([]widgets.ThirdParty, len(list))
	for i, w := range list {
		out[i] = widgets.ThirdParty{Tag: w.Tag, Name: w.Name, Page: w.Page, Grants: make([]string, len(w.Grants))}
		for j, g := range w.Grants {
			out[i].Grants[j] = string(g)
		}
	}
	return out
}
