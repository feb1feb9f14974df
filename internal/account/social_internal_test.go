package account

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// A sign-in with a provider that fails for good says what to do; "try again" is for the others.
func TestReasonsOfProvidersHaveTexts(t *testing.T) {
	t.Parallel()
	for _, lang := range site.Languages {
		source, err := os.ReadFile("../../widgets/locale/" + lang + ".json")
		require.NoError(t, err)
		texts := map[string]string{}
		require.NoError(t, json.Unmarshal(source, &texts))
		for _, reason := range []string{SocialNoEmail, SocialDisabled, SocialTooMany} {
			require.NotEmpty(t, texts["error."+reason], "%s %s", lang, reason)
		}
		require.Equal(t, texts["error.RATE_LIMITED"], texts["error."+SocialTooMany], "there is no code to ask for")
	}
}
