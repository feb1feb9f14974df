package site

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"carnet/internal/fault"
)

// ThemeProperty is a site's value of a --carnet-* property of docs/widgets.md, named without that beginning.
type ThemeProperty struct {
	Name string `json:"name"`
	// Value holds in the light, and of what is no colour at all times. Empty: the widgets' own.
	Value string `json:"value"`
	// Dark is a colour's value in the dark. Empty: the widgets' own.
	Dark string `json:"dark"`
}

// Theme is how a site's widgets look. What a page sets wins over it.
type Theme []ThemeProperty

// themeColor is a colour of a theme, with the widgets' own values (widgets/kit/styles.css), of which some depend on others.
type themeColor struct {
	name        string
	light, dark func(of func(name string) string) string
}

func fixed(hex string) func(func(string) string) string {
	return func(func(string) string) string { return hex }
}

func same(name string) func(func(string) string) string {
	return func(of func(string) string) string { return of(name) }
}

var themeColors = []themeColor{
	{"accent", nil, nil}, // the site's colour
	{"on-accent", fixed("#ffffff"), fixed("#ffffff")},
	{"link", same("accent"), func(of func(string) string) string { return lightened(of("accent"), 0.8) }},
	{"surface", fixed("#ffffff"), fixed("#181a1f")},
	{"text", fixed("#16181d"), fixed("#eceef2")},
	{"muted", fixed("#5a606c"), fixed("#a3a9b5")},
	{"border", fixed("#e3e6eb"), fixed("#2e323a")},
	{"error", fixed("#b3261e"), fixed("#ffb4ab")},
	{"field-background", fixed("#ffffff"), fixed("#101216")},
	{"field-border", fixed("#868d9a"), fixed("#6d7480")},
	{"field-text", same("text"), same("text")},
}

// themeSizes are the properties that are lengths or weights: the unit in which the limits are, and a value's form.
var themeSizes = map[string]struct{ px, em [2]float64 }{
	"field-radius":   {px: [2]float64{0, 40}, em: [2]float64{0, 3}},
	"button-radius":  {px: [2]float64{0, 40}, em: [2]float64{0, 3}},
	"radius":         {px: [2]float64{0, 60}, em: [2]float64{0, 4}},
	"font-size":      {px: [2]float64{12, 24}},
	"heading-size":   {px: [2]float64{14, 60}, em: [2]float64{1, 3}},
	"control-height": {px: [2]float64{24, 80}, em: [2]float64{1.5, 5}},
	"gap":            {px: [2]float64{4, 48}, em: [2]float64{0.25, 3}},
	"padding":        {px: [2]float64{0, 80}, em: [2]float64{0, 5}},
	"max-width":      {px: [2]float64{240, 1200}, em: [2]float64{15, 75}},
}

var (
	themeWeights  = []string{"heading-weight", "button-weight"}
	lengthPattern = regexp.MustCompile(`^([0-9]{1,4}(?:\.[0-9]{1,3})?)(px|em)$`)
	weightPattern = regexp.MustCompile(`^[1-9]00$`)
	familyPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*( [A-Za-z0-9-]+)*$`)
)

// themePair is two colours that meet, and the contrast they need (WCAG 2.2, 1.4.3 and 1.4.11). on gives the second.
type themePair struct {
	of, on string
	least  float64
	ground func(of func(name string) string) string
}

var themePairs = []themePair{
	{"text", "surface", 4.5, same("surface")},
	{"muted", "surface", 4.5, same("surface")},
	{"link", "surface", 4.5, same("surface")},
	{"error", "surface", 4.5, same("surface")},
	{"on-accent", "accent", 4.5, same("accent")},
	{"field-text", "field-background", 4.5, same("field-background")},
	{"link", "field-background", 4.5, same("field-background")}, // the button that shows a password
	{"field-border", "field-background", 3, same("field-background")},
	{"error", "alert", 4.5, func(of func(string) string) string { return mixed(of("error"), of("surface"), 0.09) }},
	{"text", "notice", 4.5, func(of func(string) string) string { return mixed(of("link"), of("surface"), 0.12) }},
}

// Find gives a property; the zero one when the theme does not have it.
func (t Theme) Find(name string) ThemeProperty {
	for _, p := range t {
		if p.Name == name {
			return p
		}
	}
	return ThemeProperty{Name: name}
}

// Color gives the colour that a property has, set or not, in the light or the dark, as #rrggbb.
func (t Theme) Color(name, accent string, dark bool) string {
	p := t.Find(name)
	if given := p.Value; !dark && given != "" {
		return given
	}
	if dark && p.Dark != "" {
		return p.Dark
	}
	if name == "accent" {
		if p.Value != "" {
			return p.Value // the light's serves in the dark, too
		}
		return accent
	}
	of := func(name string) string { return t.Color(name, accent, dark) }
	i := slices.IndexFunc(themeColors, func(c themeColor) bool { return c.name == name })
	if dark {
		return themeColors[i].dark(of)
	}
	return themeColors[i].light(of)
}

// ThemeValues gives the properties that the site's theme sets as style sheets take them, each whole: a colour with a value for the
// light and one for the dark, others with the same twice.
func (s Site) ThemeValues() (out []ThemeProperty) {
	for _, p := range s.Theme {
		switch {
		case p.Value == "" && p.Dark == "":
			continue
		case isColor(p.Name):
			p.Value, p.Dark = s.Theme.Color(p.Name, s.AccentColor, false), s.Theme.Color(p.Name, s.AccentColor, true)
		case p.Name == "font":
			p.Value = quoted(p.Value)
			p.Dark = p.Value
		default:
			p.Dark = p.Value
		}
		out = append(out, p)
	}
	return out
}

// quoted gives families as CSS takes them: all quoted but the generic ones, which are keywords.
func quoted(families string) string {
	names := strings.Split(families, ", ")
	for i, name := range names {
		if !slices.Contains([]string{"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"}, name) {
			names[i] = `"` + name + `"`
		}
	}
	return strings.Join(names, ",")
}

// isColor tells whether a property has a value for the light and one for the dark.
func isColor(name string) bool {
	return slices.ContainsFunc(themeColors, func(c themeColor) bool { return c.name == name })
}

// check refuses what is no theme, and one that cannot be read: with the pair, and its contrast. accent is the site's colour.
func (t Theme) check(accent string) fault.List {
	var list fault.List
	seen := map[string]bool{}
	for i, p := range t {
		at := func(part string) []string { return []string{"theme", strconv.Itoa(i), part} }
		if seen[p.Name] {
			list = append(list, fault.Invalid(fault.Duplicate, at("name"), "%s is there twice", p.Name))
		}
		seen[p.Name] = true
		list = append(list, p.check(at)...)
	}
	if len(list) > 0 {
		return list
	}
	return t.checkContrast(accent)
}

func (p ThemeProperty) check(at func(part string) []string) (list fault.List) {
	value := func(ok bool, message string, args ...any) {
		if !ok && p.Value != "" {
			list = append(list, fault.Invalid(fault.InvalidValue, at("value"), message, args...))
		}
	}
	size, isSize := themeSizes[p.Name]
	switch {
	case isColor(p.Name):
		for part, given := range map[string]string{"value": p.Value, "dark": p.Dark} {
			if given != "" && !colorPattern.MatchString(given) {
				list = append(list, fault.Invalid(fault.InvalidColor, at(part), "give a colour as #rrggbb in small letters"))
			}
		}
		return list
	case isSize:
		limits := map[string][2]float64{"px": size.px, "em": size.em}
		m := lengthPattern.FindStringSubmatch(p.Value)
		ok := m != nil
		if ok {
			n, err := strconv.ParseFloat(m[1], 64)
			ok = err == nil && limits[m[2]][1] > 0 && n >= limits[m[2]][0] && n <= limits[m[2]][1]
		}
		text := fmt.Sprintf("%gpx to %gpx", size.px[0], size.px[1])
		if size.em[1] > 0 {
			text += fmt.Sprintf(" or %gem to %gem", size.em[0], size.em[1])
		}
		value(ok, "%s is %s, for example %gpx", p.Name, text, size.px[1]/2)
	case slices.Contains(themeWeights, p.Name):
		value(weightPattern.MatchString(p.Value), "a weight is 100, 200 and so on to 900")
	case p.Name == "font":
		families := strings.Split(p.Value, ", ")
		ok := len(p.Value) <= 200 && len(families) <= 8
		for _, family := range families {
			ok = ok && familyPattern.MatchString(family)
		}
		value(ok, "name up to eight font families with a comma and a space between, without quotes, for example Georgia, serif")
	default:
		return fault.List{fault.Invalid(fault.Unknown, at("name"), "a theme has no property %q; docs/widgets.md lists them", p.Name)}
	}
	if p.Dark != "" {
		list = append(list, fault.Invalid(fault.InvalidValue, at("dark"), "%s is the same in the light and the dark: leave this empty", p.Name))
	}
	return list
}

// low is a pair of colours that cannot be read.
type low struct {
	pair  themePair
	dark  bool
	ratio float64
}

func (l low) scheme() string {
	if l.dark {
		return "dark"
	}
	return "light"
}

// ratioShown is rounded down: 4.49 is not to be told as 4.5.
func (l low) ratioShown() float64 { return math.Floor(l.ratio*100) / 100 }

func (l low) String() string {
	return fmt.Sprintf("%s %s/%s %g", l.scheme(), l.pair.of, l.pair.on, l.ratioShown())
}

func (t Theme) lows(accent string) (out []low) {
	for _, dark := range []bool{false, true} {
		of := func(name string) string { return t.Color(name, accent, dark) }
		for _, pair := range themePairs {
			if ratio := contrast(of(pair.of), pair.ground(of)); ratio < pair.least {
				out = append(out, low{pair, dark, ratio})
			}
		}
	}
	return out
}

// checkContrast names each pair that cannot be read, at the colour of the two that the theme sets.
func (t Theme) checkContrast(accent string) (list fault.List) {
	for _, l := range t.lows(accent) {
		part := map[bool]string{false: "value", true: "dark"}[l.dark]
		path := []string{"accentColor"}
		for _, name := range []string{"accent", "link", "surface", l.pair.on, l.pair.of} {
			if i := slices.IndexFunc(t, func(p ThemeProperty) bool { return p.Name == name }); i >= 0 {
				path = []string{"theme", strconv.Itoa(i), part}
			}
		}
		of := func(name string) string { return t.Color(name, accent, l.dark) }
		list = append(list, fault.Invalid(fault.LowContrast, path, "%s %s on %s %s has a contrast of %g:1 in the %s theme; at least %g:1 is needed",
			l.pair.of, of(l.pair.of), l.pair.on, l.pair.ground(of), l.ratioShown(), l.scheme(), l.pair.least))
	}
	return list
}
