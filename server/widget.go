package server

import (
	"context"
	"fmt"
	"net/http"

	"carnet/internal/fault"
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
	return nil
}

func (s *Server) widgetSite(ctx context.Context, publicID, lang string) (widgets.SiteConfig, error) {
	of, err := s.cfg.Sites.ByPublicID(ctx, publicID)
	if err != nil {
		if fault.CodeOf(err) == fault.NotFound {
			err = fmt.Errorf("%w: %w", widgets.ErrUnknownSite, err)
		}
		return widgets.SiteConfig{}, err
	}
	out := widgets.SiteConfig{
		Name: of.Name, Language: site.NearestLanguage(lang, of.Language), Accent: of.AccentColor, AccountsEnabled: of.ContactManagement,
		LoginRequired: of.LoginRequired,
	}
	if !of.ContactManagement {
		return out, nil
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
