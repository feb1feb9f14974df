package sale

import (
	"strconv"
	"strings"

	"carnet/internal/pay"
)

// amountText writes an amount of minor units as the history keeps it: "120.00 NOK".
func amountText(amount int64, code string) string {
	scale := pay.Digits(code)
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	digits := strconv.FormatInt(amount, 10)
	if scale > 0 {
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	return sign + digits + " " + code
}
