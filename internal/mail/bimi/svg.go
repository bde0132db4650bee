package bimi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/taglist"
)

// MaximumImage is how many octets an image should have at most.
const MaximumImage = 32 << 10

// JudgeSVG reports what keeps an image from being SVG Portable/Secure
// (draft-svg-tiny-ps-abrotman): Problems, or nil.
func JudgeSVG(image []byte) error {
	var problems Problems
	switch {
	case bytes.HasPrefix(image, []byte{0x1f, 0x8b}):
		problems.Add("serve it as plain SVG", "the image is compressed (.svgz)")
		return problems
	case len(image) > MaximumImage:
		problems.Add("simplify the paths", "the image is larger than 32 kB")
	}
	decoder := xml.NewDecoder(bytes.NewReader(image))
	decoder.Entity = nil
	depth, title := 0, false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems.Add("export the image again", "the image is not well-formed XML")
			return problems
		}
		switch token := token.(type) {
		case xml.Directive:
			if bytes.Contains(bytes.ToUpper(token), []byte("ENTITY")) {
				problems.Add("remove the DTD", "the image declares XML entities")
			}
		case xml.StartElement:
			if depth == 0 {
				judgeRoot(token, &problems)
			} else if depth == 1 && token.Name.Local == "title" {
				title = true
			}
			judgeElement(token, &problems)
			depth++
		case xml.EndElement:
			depth--
		}
	}
	if !title {
		problems.Add("add <title> with the brand's name as the root's child", "the image has no title")
	}
	return problems.AsError()
}

func judgeRoot(root xml.StartElement, problems *Problems) {
	if root.Name.Local != "svg" {
		problems.Add("serve an SVG image", "the root element is <%s>, not <svg>", taglist.Clip(root.Name.Local))
		return
	}
	get := func(name string) (string, bool) {
		i := slices.IndexFunc(root.Attr, func(a xml.Attr) bool { return a.Name.Space == "" && a.Name.Local == name })
		if i < 0 {
			return "", false
		}
		return root.Attr[i].Value, true
	}
	if v, _ := get("baseProfile"); v != "tiny-ps" {
		problems.Add(`write baseProfile="tiny-ps" on the root`, "the profile is %q", taglist.Clip(v))
	}
	if v, _ := get("version"); v != "1.2" {
		problems.Add(`write version="1.2" on the root`, "the version is %q", taglist.Clip(v))
	}
	for _, name := range []string{"x", "y"} {
		if _, ok := get(name); ok {
			problems.Add("remove it", "the root has the attribute %s", name)
		}
	}
	if box, ok := get("viewBox"); ok && !square(strings.FieldsFunc(box, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })) {
		problems.Add("give the viewBox equal sides", "the image is not square: viewBox %q", taglist.Clip(box))
	}
}

func square(box []string) bool {
	if len(box) != 4 {
		return false
	}
	width, errW := strconv.ParseFloat(box[2], 64)
	height, errH := strconv.ParseFloat(box[3], 64)
	return errW == nil && errH == nil && width > 0 && math.Abs(width-height) < 0.01*width
}

// judgeElement finds what the profile forbids: programs, motion, and whatever
// is loaded from elsewhere.
func judgeElement(e xml.StartElement, problems *Problems) {
	forbidden := []string{"script", "animate", "animateColor", "animateMotion", "animateTransform", "set", "discard", "foreignObject", "image", "video", "audio", "a", "handler", "listener"}
	if slices.Contains(forbidden, e.Name.Local) {
		problems.Add("remove it", "the image holds <%s>", e.Name.Local)
	}
	for _, a := range e.Attr {
		switch {
		case strings.HasPrefix(strings.ToLower(a.Name.Local), "on") && a.Name.Space == "" && len(a.Name.Local) > 3:
			problems.Add("remove it", "the image has an event handler, %s", taglist.Clip(a.Name.Local))
		case a.Name.Local == "href" && a.Value != "" && !strings.HasPrefix(a.Value, "#"):
			problems.Add("draw it within the image", "the image refers to something outside: %q", taglist.Clip(a.Value))
		}
	}
}
