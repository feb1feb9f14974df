package site

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is a colour in linear light, red, green and blue from 0 to 1.
type rgb [3]float64

// colorOf reads #rrggbb, which it must be.
func colorOf(hex string) (c rgb) {
	for i := range c {
		v, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if s := float64(v) / 255; s <= 0.04045 {
			c[i] = s / 12.92
		} else {
			c[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return c
}

// hex gives the nearest colour that a screen has, each channel clipped.
func (c rgb) hex() string {
	var out [3]int
	for i, l := range c {
		l = min(max(l, 0), 1)
		if l <= 0.0031308 {
			l *= 12.92
		} else {
			l = 1.055*math.Pow(l, 1/2.4) - 0.055
		}
		out[i] = int(math.Round(l * 255))
	}
	return fmt.Sprintf("#%02x%02x%02x", out[0], out[1], out[2])
}

// contrast is the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance").
func contrast(a, b string) float64 {
	light := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05 }
	one, other := light(colorOf(a)), light(colorOf(b))
	return max(one, other) / min(one, other)
}

// Oklab, as CSS Color 4 section 9.2 has it: lightness, and two axes of hue.
func (c rgb) oklab() [3]float64 {
	l := math.Cbrt(0.4122214708*c[0] + 0.5363325363*c[1] + 0.0514459929*c[2])
	m := math.Cbrt(0.2119034982*c[0] + 0.6806995451*c[1] + 0.1073969566*c[2])
	s := math.Cbrt(0.0883024619*c[0] + 0.2817188376*c[1] + 0.6299787005*c[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func fromOklab(lab [3]float64) rgb {
	cube := func(a, b float64) float64 {
		root := lab[0] + a*lab[1] + b*lab[2]
		return root * root * root
	}
	l, m, s := cube(0.3963377774, 0.2158037573), cube(-0.1055613458, -0.0638541728), cube(-0.0894841775, -1.2914855480)
	return rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

// mixed is CSS's color-mix(in oklab, a share, b).
func mixed(a, b string, share float64) string {
	one, other := colorOf(a).oklab(), colorOf(b).oklab()
	for i := range one {
		one[i] = one[i]*share + other[i]*(1-share)
	}
	return fromOklab(one).hex()
}

// lightened is CSS's oklch(from color lightness c h).
func lightened(color string, lightness float64) string {
	lab := colorOf(color).oklab()
	lab[0] = lightness
	return fromOklab(lab).hex()
}
