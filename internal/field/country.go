package field

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"carnet/internal/fault"
)

// country is one of ISO 3166-1, kept as its alpha-2 code.
type country struct{ textual }

var _ Type = country{}

func (country) Name() string { return "country" }

// countryCodes are the officially assigned codes of ISO 3166-1; widgets/kit/field/country.ts has them too.
const countryCodes = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

var countries = func() map[string]bool {
	all := map[string]bool{}
	for _, code := range strings.Fields(countryCodes) {
		all[code] = true
	}
	return all
}()

func (t country) parse(_ *Definition, in Answer, _ string) (Value, error) {
	s, err := t.read(in, MaxText)
	if err != nil || s == "" {
		return nil, err
	}
	if s = strings.ToUpper(s); !countries[s] {
		return nil, fault.Invalid(fault.InvalidValue, []string{"text"}, "give a country by its code of two letters (ISO 3166-1 alpha-2)")
	}
	return t.stored(s, nil)
}

// display gives the country's name, in the site's first language where none is asked for.
func (country) display(_ *Definition, v Value, in string) string {
	code := *textOf(v)
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	tag, err := language.Parse(in)
	if err != nil {
		return code // lists are read in no language: the code means the same in all
	}
	if name := display.Regions(tag).Name(region); name != "" {
		return name
	}
	return code
}
