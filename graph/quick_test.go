package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const setQuick = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { quickFormRequired } errors { code message path } } }`

// S-109, S-30, S-41, G-33: the quick form's six fields (both names; country, postcode and city, but no address line) are
// mandatory there and nowhere else, and a site may switch each.
func TestQuickFormAsksForWhatTheSiteWants(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	operator := s.As(site.Operator)
	require.Equal(t, []string{"REQUIRED title", "REQUIRED lastName", "REQUIRED firstName", "REQUIRED address.country", "REQUIRED address.postcode", "REQUIRED address.city", "INVALID_PHONE mobile"},
		p.Payload(t, operator, createPerson, vars{"i": vars{"quickForm": true, "email": "kari@example.no", "mobile": "12", "title": " "}}, nil), "all at once")
	require.Empty(t, find(t, s, nil).names(), "nothing half")
	require.Empty(t, p.Payload(t, operator, createPerson, vars{"i": vars{"email": "lead@example.no"}}, nil), "elsewhere a lead is as welcome as ever")
	whole := func(without string) vars {
		address := vars{"country": "NO", "postcode": "0150", "city": "Oslo", "subdivision": "NO-03"}
		form := vars{"quickForm": true, "title": "Ms", "lastName": "Nordmann", "firstName": "Kari", "address": address}
		delete(form, without)
		delete(address, without)
		return vars{"i": form}
	}
	for _, field := range []string{"title", "lastName", "firstName"} {
		require.Equal(t, []string{"REQUIRED " + field}, p.Payload(t, operator, createPerson, whole(field), nil))
	}
	for _, field := range []string{"country", "postcode", "city"} {
		require.Contains(t, p.Payload(t, operator, createPerson, whole(field), nil), "REQUIRED address."+field)
	}
	require.Len(t, find(t, s, nil).names(), 1, "the lead alone")
	require.Empty(t, p.Payload(t, operator, createPerson, whole(""), nil))

	var out struct {
		UpdateSite struct {
			Site struct{ QuickFormRequired []string }
		}
	}
	require.Empty(t, p.Payload(t, s.As(site.Manager), setQuick, vars{"i": vars{"quickFormRequired": []string{"CITY", "EMAIL", "LAST_NAME", "CITY"}}}, &out))
	require.Equal(t, []string{"LAST_NAME", "EMAIL", "CITY"}, out.UpdateSite.Site.QuickFormRequired)
	require.Equal(t, []string{"REQUIRED lastName", "REQUIRED email", "REQUIRED address.city"},
		p.Payload(t, operator, createPerson, vars{"i": vars{"quickForm": true, "firstName": "Ola"}}, nil))
	p.Refused(t, operator, "FORBIDDEN", setQuick, vars{"i": vars{"quickFormRequired": []string{}}})
}

// S-111, S-112: a person becomes a member of a structure and takes its address, of which none is asked then.
func TestQuickFormTakesTheStructure(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, theirs := p.NewSite(t, "club"), p.NewSite(t, "theirs")
	operator := s.As(site.Operator)
	school := newOrganization(t, s, "École", vars{"address": vars{"city": "Paris", "postcode": "75011", "country": "FR", "subdivision": "FR-75"}})
	const create = `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { roles address { city subdivision } addressOf { id } } errors { code message path } } }`
	var out struct {
		CreatePerson struct {
			Person struct {
				Roles     []string
				Address   struct{ City, Subdivision string }
				AddressOf struct{ ID string }
			}
		}
	}
	person := func(more vars) vars {
		v := vars{"quickForm": true, "title": "Mme", "lastName": "Petit", "firstName": "Anne"}
		for k, x := range more {
			v[k] = x
		}
		return vars{"i": v}
	}
	require.Empty(t, p.Payload(t, operator, create, person(vars{"organizationId": school, "useAddress": true}), &out))
	require.Equal(t, []string{"MEMBER"}, out.CreatePerson.Person.Roles)
	require.Equal(t, "Paris", out.CreatePerson.Person.Address.City)
	require.Equal(t, "FR-75", out.CreatePerson.Person.Address.Subdivision)
	require.Equal(t, school, out.CreatePerson.Person.AddressOf.ID)
	p.Must(t, operator, updateContact, vars{"i": vars{"id": school, "address": vars{"city": "Lyon", "subdivision": "FR-69"}}}, nil)

	require.Equal(t, []string{"REQUIRED address.country", "REQUIRED address.postcode", "REQUIRED address.city"}, p.Payload(t, operator, create, person(vars{"organizationId": school}), nil))
	foreign := newOrganization(t, theirs, "Theirs", nil)
	require.Equal(t, []string{"UNKNOWN organizationId"}, p.Payload(t, operator, create, person(vars{"organizationId": foreign, "useAddress": true}), nil))
	require.Len(t, find(t, s, nil).names(), 2, "the school and one person")
}

// S-110: with an account, which needs an e-mail address of its own; the mail says how to get in.
func TestQuickFormMakesAnAccount(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	operator := s.As(site.Operator)
	input := func(email string) vars {
		return vars{"i": vars{"lastName": "Petit", "account": true, "email": email, "language": "fr"}}
	}
	require.Equal(t, []string{"REQUIRED email"}, p.Payload(t, operator, createPerson, input(""), nil))
	require.Empty(t, p.Payload(t, operator, createPerson, input("anne@example.fr"), nil))
	require.Equal(t, []string{"TAKEN email"}, p.Payload(t, operator, createPerson, input("Anne@Example.fr"), nil))
	require.Equal(t, []string{"PETIT"}, namesBy(t, s, vars{"f": vars{"status": "USER"}}), "one contact, with its account")
	require.Len(t, find(t, s, nil).names(), 1, "refused is not created")
	var mails struct {
		Mails struct {
			Nodes []struct{ Recipient, Subject string }
		}
	}
	p.Must(t, s.As(site.Manager), `{ mails { nodes { recipient subject } } }`, nil, &mails)
	require.Len(t, mails.Mails.Nodes, 1)
	require.Equal(t, "anne@example.fr", mails.Mails.Nodes[0].Recipient)
	require.Contains(t, mails.Mails.Nodes[0].Subject, "Vous avez un compte")
}

// S-109: departments and regions come from a list, and lie in the country of the address.
func TestSubdivisions(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	var list struct {
		Subdivisions []struct{ Code, Kind, Name, Parent string }
	}
	p.Must(t, s.As(site.Viewer), `{ subdivisions(country: "FR") { code kind name parent } }`, nil, &list)
	require.Contains(t, list.Subdivisions, struct{ Code, Kind, Name, Parent string }{"FR-75", "DEPARTMENT", "Paris", "FR-IDF"})
	require.Contains(t, list.Subdivisions, struct{ Code, Kind, Name, Parent string }{"FR-IDF", "REGION", "Île-de-France", ""})
	p.Must(t, s.As(site.Viewer), `{ subdivisions(country: "AQ") { code kind name parent } }`, nil, &list)
	require.Empty(t, list.Subdivisions)

	operator := s.As(site.Operator)
	id := s.NewPerson(t, "Anne", "Petit")
	address := func(a vars) []string {
		return p.Payload(t, operator, updateContact, vars{"i": vars{"id": id, "address": a}}, nil)
	}
	require.Empty(t, address(vars{"country": "FR", "subdivision": "FR-13"}))
	require.Equal(t, []string{"INVALID address.subdivision"}, address(vars{"subdivision": "NO-03"}))
	require.Equal(t, []string{"UNKNOWN address.subdivision"}, address(vars{"subdivision": "FR-99"}))
	require.Empty(t, address(vars{"country": "NO"}))
	var read struct {
		Contact struct{ Address struct{ Subdivision string } }
	}
	p.Must(t, operator, `query($i: ID!) { contact(id: $i) { address { subdivision } } }`, vars{"i": id}, &read)
	require.Empty(t, read.Contact.Address.Subdivision, "it went with the country")
}
