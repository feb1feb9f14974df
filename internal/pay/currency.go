package pay

import (
	"slices"

	"golang.org/x/text/currency"
)

// Digits gives how many digits of a currency's amounts stand behind the point: minor units are counted in these.
func Digits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale
}

// What Stripe counts otherwise than in hundredths (docs.stripe.com/currencies); ISK and UGX it counts in hundredths, of which there are none.
var (
	stripeWhole      = []string{"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
	stripeThousandth = []string{"BHD", "JOD", "KWD", "OMR", "TND"}
)

func stripeDigits(code string) int {
	switch {
	case slices.Contains(stripeWhole, code):
		return 0
	case slices.Contains(stripeThousandth, code):
		return 3
	}
	return 2
}

// toStripe counts an amount as Stripe does. ok is false for one that it cannot count.
func toStripe(amount int64, code string) (int64, bool) {
	return rescale(amount, Digits(code), stripeDigits(code))
}

// fromStripe is toStripe the other way.
func fromStripe(amount int64, code string) (int64, bool) {
	return rescale(amount, stripeDigits(code), Digits(code))
}

func rescale(amount int64, from, to int) (int64, bool) {
	for ; from < to; from++ {
		amount *= 10
	}
	for ; from > to; from-- {
		if amount%10 != 0 {
			return 0, false
		}
		amount /= 10
	}
	return amount, true
}
