package campaign

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"slices"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

//go:embed template
var files embed.FS

// layout frames a message's HTML.
var layout = htmltemplate.Must(htmltemplate.ParseFS(files, "template/layout.html"))

// footer is what stands below every message, in a language.
type footer struct {
	Why   string `json:"why"`   // why one gets it
	Leave string `json:"leave"` // the link to unsubscribe
	Set   string `json:"set"`   // the link to the preferences
	Stop  string `json:"stop"`  // of a text message: what one answers
}

// footerLinks are the addresses below a message; empty ones are left out.
type footerLinks struct{ Leave, Set string }

var footers = readFooters()

func readFooters() map[string]footer {
	out := map[string]footer{}
	for _, language := range site.Languages {
		source, err := files.ReadFile("template/" + language + ".json")
		var f footer
		if err == nil {
			err = json.Unmarshal(source, &f)
		}
		if err != nil {
			panic(fmt.Sprintf("campaign: template/%s.json: %v", language, err))
		}
		out[language] = f
	}
	return out
}

// frame puts a message into its layout, with the footer.
func frame(language string, m Message, of site.Site, links footerLinks) (text, html string, err error) {
	f := footers[site.NearestLanguage(language, "en")]
	text = m.Text + "\n\n-- \n" + of.Name + "\n"
	if links.Leave != "" {
		text += f.Why + "\n" + f.Leave + ": " + links.Leave + "\n" + f.Set + ": " + links.Set + "\n"
	}
	var out bytes.Buffer
	err = layout.Execute(&out, struct {
		Language, Subject, Site string
		Links                   footerLinks
		Body                    htmltemplate.HTML // made by Markdown without raw HTML, values escaped
		Footer                  footer
	}{language, m.Subject, of.Name, links, htmltemplate.HTML(m.HTML), f}) //nolint:gosec // as said at Body
	return text, out.String(), err
}

// pick gives the language of a text for somebody: theirs, the site's, else the first.
func pick(texts map[string]Text, wanted, otherwise string) string {
	for _, language := range []string{wanted, otherwise} {
		if _, has := texts[language]; has {
			return language
		}
	}
	return slices.Min(slices.Collect(maps.Keys(texts)))
}

// Unsaved is what a message is made of that nobody has saved.
type Unsaved struct {
	Channel        Channel // "": e-mail
	Texts          map[string]Text
	Purpose, Offer *uuid.UUID
}

// Preview gives a campaign's message as a contact would get it, or, without one, with what stands for empty values; in a language, or,
// when it is empty, in the contact's. Needs a manager.
func (s *Service) Preview(ctx context.Context, id uuid.UUID, as *uuid.UUID, language string) (m Message, err error) {
	c, err := s.ByID(ctx, id)
	if err != nil {
		return m, err
	}
	return s.show(ctx, Unsaved{c.Channel, c.Texts, c.PurposeID, c.OfferID}, as, language)
}

// PreviewUnsaved is Preview of texts that are being written: what stands against them is told as Save would. Needs a manager.
func (s *Service) PreviewUnsaved(ctx context.Context, in Unsaved, as *uuid.UUID, language string) (m Message, err error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return m, err
	}
	fields, err := field.All(ctx, s.DB.Bun, a.SiteID, false)
	if err != nil {
		return m, err
	}
	var v checker
	checkTexts(&v, s.by(in.Channel), in.Texts, vocabulary{fields, in.Offer != nil})
	if err := s.checkOffer(ctx, a, &v, in.Offer); err != nil {
		return m, err
	}
	if err := v.list.Err(); err != nil {
		return m, err
	}
	return s.show(ctx, in, as, language)
}

// show writes a message as somebody gets it. The caller has the right.
func (s *Service) show(ctx context.Context, c Unsaved, as *uuid.UUID, language string) (m Message, err error) {
	if _, has := c.Texts[language]; language != "" && !has {
		return m, fault.Invalid(fault.Unknown, []string{"language"}, "there is no text in %q", language)
	}
	of, err := site.Of(ctx, s.DB.Bun, site.ActorOf(ctx))
	if err != nil {
		return m, err
	}
	fields, err := field.All(ctx, s.DB.Bun, of.ID, false)
	if err != nil {
		return m, err
	}
	offer, err := s.offerOf(ctx, of, c.Offer)
	if err != nil {
		return m, err
	}
	person := new(contact.Record)
	if as != nil {
		if err := s.DB.Bun.NewSelect().Model(person).Where("site_id = ? AND id = ? AND deleted_at IS NULL", of.ID, *as).Scan(ctx); err != nil {
			return m, db.Missing(err, "contact", "read contact")
		}
		if err := offer.price(ctx, []uuid.UUID{*as}); err != nil {
			return m, err
		}
	}
	if language == "" {
		language = pick(c.Texts, site.NearestLanguage(person.Language, of.Language), of.Language)
	}
	t, err := newTemplate(language, c.Texts[language], s.by(c.Channel).markdown())
	if err != nil {
		return m, err
	}
	said := values(person, of, fields, language)
	offer.tell(said, language, person.ID)
	return s.framed(ctx, c.Channel, of, language, t.fill(said), c.Purpose)
}

// framed makes a filled text the message as it arrives when the caller has it sent.
func (s *Service) framed(ctx context.Context, by Channel, of site.Site, language string, m Message, purpose *uuid.UUID) (Message, error) {
	made, err := s.by(by).frame(ctx, of)
	if err != nil {
		return m, err
	}
	if m.Sender, err = s.by(by).sender(ctx, of, site.ActorOf(ctx).Name); err != nil {
		return m, err
	}
	return made(language, m, s.linksOfNobody(purpose))
}

// linksOfNobody are those of a preview, which unsubscribes no one.
func (s *Service) linksOfNobody(purpose *uuid.UUID) (links footerLinks) {
	if purpose != nil {
		links = footerLinks{s.PublicURL + leavePath, s.PublicURL + contact.PreferencesPath}
	}
	return links
}
