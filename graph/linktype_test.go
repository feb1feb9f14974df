package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// G-07: the site's own types of link have a place among all, and moving one renumbers the others.
func TestLinkTypesHaveAnOrder(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	names := func() (out []string) {
		var got struct {
			LinkTypes []struct{ ID, Name, Kind string }
		}
		p.Must(t, s.As(site.Viewer), `{ linkTypes { id name kind } }`, nil, &got)
		for _, one := range got.LinkTypes {
			if one.Kind == "CUSTOM" {
				out = append(out, one.Name)
			}
		}
		return out
	}
	var ids []string
	for _, name := range []string{"Coach of", "Sponsor of", "Friend of"} {
		var made struct {
			CreateLinkType struct{ LinkType struct{ ID string } }
		}
		p.Must(t, s.As(site.Manager), `mutation($n: String!) { createLinkType(input: {name: $n, reverseName: $n}) { linkType { id } errors { code message path } } }`, vars{"n": name}, &made)
		ids = append(ids, made.CreateLinkType.LinkType.ID)
	}
	move := func(id string, to int) {
		p.Must(t, s.As(site.Manager), `mutation($i: ID!, $p: Int!) { updateLinkType(input: {id: $i, position: $p}) { errors { code message path } } }`, vars{"i": id, "p": to}, nil)
	}
	require.Equal(t, []string{"Coach of", "Sponsor of", "Friend of"}, names())
	move(ids[2], 5)
	require.Equal(t, []string{"Coach of", "Friend of", "Sponsor of"}, names())
	move(ids[0], 99)
	require.Equal(t, []string{"Friend of", "Sponsor of", "Coach of"}, names())
}
