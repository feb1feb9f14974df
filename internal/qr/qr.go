// Package qr draws QR codes as paths of SVG images: they need no style and no script, whatever the page's policy.
package qr

import (
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"

	"carnet/internal/fault"
)

// Code is a QR code: the path of its dark modules in an image of Size by Size modules, without the quiet zone around it.
type Code struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// Draw gives the code of a text. A screen is clean, so fewer, larger squares read best.
func Draw(text string) (Code, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return Code{}, fault.Wrap(err, "draw QR code")
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if v, _, _, _ := code.At(x, y).RGBA(); v == 0 {
				path.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h1v1h-1z")
			}
		}
	}
	return Code{Size: size, Path: path.String()}, nil
}
