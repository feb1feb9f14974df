package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-112, first half: a person takes the structure's address, follows it, and may not edit it meanwhile.
func TestUseTheStructuresAddress(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	club := newOrganization(t, s, "Fjord IL", vars{"address": vars{"lines": []string{"Storgata 1"}, "postcode": "3970", "city": "Langesund", "country": "NO"}})
	const create = `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`
	var made struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), create, vars{"i": vars{"lastName": "Nordmann", "addressOf": club}}, &made))
	kari := made.CreatePerson.Person.ID
	type address struct {
		Address struct {
			Lines                   []string
			Postcode, City, Country string
		}
		AddressOf *struct {
			DisplayName string
			DeletedAt   *string
		}
	}
	read := func() address {
		var out struct{ Contact address }
		p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { address { lines postcode city country } ... on Person { addressOf { displayName deletedAt } } } }`, vars{"i": kari}, &out)
		return out.Contact
	}
	require.Equal(t, "Langesund", read().Address.City)
	require.Equal(t, []string{"Storgata 1"}, read().Address.Lines)
	require.Equal(t, "Fjord IL", read().AddressOf.DisplayName)

	// It follows, with history, and search finds the new city.
	update(t, s, vars{"id": club, "address": vars{"city": "Ålesund", "postcode": "6003"}})
	require.Equal(t, "Ålesund", read().Address.City)
	require.ElementsMatch(t, []string{kari, club}, matching(t, s, vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "alesund"}}))
	require.Contains(t, historyOf(t, s, kari, "")[0].Changes, "address.city")

	const change = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`
	try := func(input vars) []string {
		input["id"] = kari
		return p.Payload(t, s.As(site.Operator), change, vars{"i": input}, nil)
	}
	require.Equal(t, []string{"FOLLOWS_ADDRESS address"}, try(vars{"address": vars{"city": "Oslo"}}))
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"firstName": "Kari", "address": vars{"city": "Ålesund"}}), "the same address is no change")

	// The trash clears nothing, and is said. To stop keeps the last address, which is one's own then.
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	require.NotNil(t, read().AddressOf.DeletedAt)
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"addressOf": nil}))
	require.Nil(t, read().AddressOf)
	require.Equal(t, "Ålesund", read().Address.City)
	require.Empty(t, try(vars{"address": vars{"city": "Oslo"}}))
	require.Equal(t, []string{"INVALID addressOf"}, try(vars{"addressOf": club}))
	require.Equal(t, []string{"WRONG_TYPE addressOf"}, try(vars{"addressOf": s.NewPerson(t, "Not", "Organization")}))
	require.Equal(t, []string{"UNKNOWN addressOf"}, try(vars{"addressOf": newOrganization(t, p.NewSite(t, "theirs"), "Theirs", nil)}))
}
