package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/sale"
)

// S-90, P-27: what is sold, was sold and stands in the catalogue is found by the same words, whatever their case and accents.
func TestProductsAreFoundByFoldedWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.ticket(w.event("Pêcheurs à Ålesund 100%", -1), 10_000)
	_, err := w.sales.RecordOrder(w.staff, orderOf("1", w.person("Ada", "Lovelace"), ticket))
	require.NoError(t, err)
	for typed, want := range map[string]int{"": 1, "PECHEURS adult": 1, "ålesund": 1, "alesund": 1, "100%": 1, "1_0": 0, "pecheurs child": 0} {
		sellable, err := w.sales.Sellable(w.staff, typed, 10)
		require.NoError(t, err)
		require.Len(t, sellable, want, "on sale: %s", typed)
		sold, err := w.sales.Sold(w.staff, typed, 10)
		require.NoError(t, err)
		require.Len(t, sold, want, "sold: %s", typed)
		page, err := w.sales.Products(w.staff, sale.ProductQuery{Search: typed, First: 10})
		require.NoError(t, err)
		require.Len(t, page.Rows, want, "catalogue: %s", typed)
	}
}
