package index

import (
	"strconv"

	"github.com/google/uuid"

	"carnet/internal/live"
)

const indicatorNumber = "indicator "

// Indicator names the values that are stored of an indicator of the site's own; those above 0 only.
func Indicator(of uuid.UUID) string { return indicatorNumber + of.String() }

// indicator is a row of contact_indicator: its contact's and its indicator's for good.
func (x *Index) indicator(c *live.Change) {
	o, known := x.numberOf[key(c, "contact_id")]
	switch {
	case !known:
	case c.Op == live.Delete:
		x.writeIndicator(o, key(c, "indicator_id"), nothing{})
	default:
		x.writeIndicator(o, parse(c, "indicator_id"), c)
	}
}

// writeIndicator brings a value in.
func (x *Index) writeIndicator(o uint32, of uuid.UUID, r row) {
	if v, known := text(r, "value"); known {
		n, err := strconv.ParseInt(v, 10, 64)
		x.setNumber(x.number(Indicator(of)), o, n, err == nil)
	}
}
