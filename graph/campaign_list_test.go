package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

const campaignList = `query($s: String, $st: [CampaignStatus!], $n: Int, $a: String) { campaigns(search: $s, statuses: $st, first: $n, after: $a) { nodes { name } pageInfo { hasNextPage endCursor } } }`

// found gives the names of the campaigns that a search finds, read in pages of two.
func (w *campaignWorld) found(in vars) []string {
	w.t.Helper()
	names := []string{}
	ask := vars{"n": 2}
	for key, value := range in {
		ask[key] = value
	}
	for {
		var out struct {
			Campaigns struct {
				Nodes    []struct{ Name string }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		w.p.Must(w.t, w.owner, campaignList, ask, &out)
		for _, c := range out.Campaigns.Nodes {
			names = append(names, c.Name)
		}
		if !out.Campaigns.PageInfo.HasNextPage {
			return names
		}
		ask["a"] = out.Campaigns.PageInfo.EndCursor
	}
}

// Campaigns are found by words of their name and subjects, whatever the case and accents, and by how far they are, page by page.
func TestCampaignsAreFound(t *testing.T) { // P-21
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	texts := func(subjects ...string) (out []vars) {
		for i, language := range []string{"en", "fr", "nb"}[:len(subjects)] {
			out = append(out, vars{"language": language, "subject": subjects[i], "body": "Zebra"})
		}
		return out
	}
	draft := func(name string, subjects ...string) {
		w.draftOf(vars{"name": name, "texts": texts(subjects...), "target": vars{"contactIds": []string{anna}}})
	}
	draft("Spring news", "Hello", "Bienvenue à l’été")
	draft("Été 2026", "A summer of music")
	draft("100% brass", "Ærlig talt", "Rien", "Sommer på Ås")
	w.sent(vars{"name": "Summer, sent", "purposeId": w.purpose(), "texts": texts("Goodbye"), "target": vars{"contactIds": []string{anna}}})
	w.p.Must(t, w.owner, `mutation($i: MessageInput!) { sendMessage(input: $i) { campaignId errors { code message path } } }`,
		vars{"i": vars{"contactId": anna, "channel": "EMAIL", "subject": "Summer, to you alone", "body": "Hello"}}, nil)

	all := []string{"Summer, sent", "100% brass", "Été 2026", "Spring news"}
	require.Equal(t, all, w.found(nil))
	require.Equal(t, all, w.found(vars{"s": "  ", "st": []string{}}))
	require.Equal(t, []string{"Été 2026", "Spring news"}, w.found(vars{"s": "ete"}), "the name of one, a French subject of the other")
	require.Equal(t, []string{"Summer, sent", "Été 2026"}, w.found(vars{"s": "SUMMER"}), "not what was written to one contact")
	require.Equal(t, []string{"Été 2026"}, w.found(vars{"s": "music été"}), "all words, in any order")
	require.Equal(t, []string{"100% brass"}, w.found(vars{"s": "aerlig as"}))
	require.Equal(t, []string{"100% brass"}, w.found(vars{"s": "100%"}), "a sign of patterns is one that was typed")
	require.Empty(t, w.found(vars{"s": "_"}))
	require.Empty(t, w.found(vars{"s": "zebra"}), "the text is not searched")
	require.Empty(t, w.found(vars{"s": "subject"}), "nor what the texts are kept in")

	require.Equal(t, []string{"Summer, sent"}, w.found(vars{"st": []string{"DONE", "PAUSED"}}))
	require.Equal(t, []string{"100% brass", "Été 2026", "Spring news"}, w.found(vars{"st": []string{"DRAFT"}}))
	require.Equal(t, []string{"Été 2026"}, w.found(vars{"s": "summer", "st": []string{"DRAFT"}}))

	other := w.p.NewSite(t, "venue")
	var none struct {
		Campaigns struct{ Nodes []struct{ Name string } }
	}
	w.p.Must(t, other.As(site.Manager), campaignList, vars{"s": "summer"}, &none)
	require.Empty(t, none.Campaigns.Nodes)
	w.p.Refused(t, w.owner, "BAD_INPUT", campaignList, vars{"s": strings.Repeat("é", 101)})
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", campaignList, nil)
}
