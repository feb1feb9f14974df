package widgets

import (
	"slices"
	"strings"
)

// ThemeValue is a site's value of a --carnet-* property: for the light and the dark the same, but of colours.
type ThemeValue struct {
	// Name is the property's, without --carnet-.
	Name string
	// Light and Dark are values that have been checked: they are written into a style sheet as they are.
	Light, Dark string
}

// themeRules are where the styles read each property that a theme may hold. $ stands for its value, which what the page sets wins over.
var themeRules = map[string]string{
	"accent":           ":host{--accent:$}",
	"on-accent":        ":host{--on-accent:$}",
	"link":             ":host{--strong:$}",
	"surface":          ":host{--surface:$}",
	"text":             ":host{color:$}",
	"muted":            ":host{--muted:$}",
	"border":           ":host{--border:$}",
	"error":            ":host{--error:$}",
	"field-background": ":host{--field:$}",
	"field-border":     ":host{--line:$}",
	"field-text":       ".input,.select{color:$}",
	"font":             ":host{font-family:$}",
	"font-size":        ":host{font-size:$}",
	"heading-size":     "h2{font-size:$}",
	"heading-weight":   "h2{font-weight:$}",
	"button-weight":    ".button,.secondary{font-weight:$}",
	"button-radius":    ".button,.secondary{border-radius:$}",
	"field-radius":     ":host{--field-radius:$}",
	"radius":           ".card{border-radius:$}",
	"control-height":   ".input,.select,.button,.secondary{min-block-size:$}",
	"gap":              ".card,.card form{gap:$}",
	"padding":          ".card{padding:$}",
	"max-width":        ":host{max-inline-size:$}",
}

// Themeable lists the properties that a theme may hold, in order.
func Themeable() []string {
	out := make([]string, 0, len(themeRules))
	for name := range themeRules {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// style is what widgets adopt after their own styles: the site's colour and theme.
func (s SiteConfig) style() string {
	var out strings.Builder
	out.WriteString(":host{--site:" + s.Accent + "}")
	for _, v := range s.Theme {
		value := v.Light
		if v.Light != v.Dark {
			value = "light-dark(" + v.Light + "," + v.Dark + ")"
		}
		out.WriteString(strings.ReplaceAll(themeRules[v.Name], "$", "var(--carnet-"+v.Name+","+value+")"))
	}
	return out.String()
}
