package main

import (
	"encoding/base32"
	"fmt"
	"image"
	"os"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"golang.org/x/term"
)

// decodeSecret are the bytes that the authenticator and the server share.
func decodeSecret(text string) ([]byte, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the secret of an authenticator: %w", err)
	}
	return secret, nil
}

// showKey shows what an authenticator needs, this one time: as a picture for its camera on a terminal, and as text.
func (o *office) showKey(key *otp.Key) error {
	if file, ok := o.out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		code, err := qr.Encode(key.URL(), qr.L, qr.Auto)
		if err != nil {
			return err
		}
		o.printf("\n%s", blocks(code))
	}
	o.printf("\nGive this to the authenticator of %s, over a way that nobody else sees; it is not shown again:\n  %s\n  secret %s\n",
		key.AccountName(), key.URL(), key.Secret())
	return nil
}

// quiet is the width of the margin that a camera needs around the picture.
const quiet = 4

// blocks draws a picture of black and white points, two lines of it in each line of text. White is drawn and black left
// out, under colours of its own: a camera reads no picture that a dark terminal has turned into its negative.
func blocks(picture image.Image) string {
	var b strings.Builder
	white := func(x, y int) bool {
		if !(image.Point{x, y}).In(picture.Bounds()) {
			return true
		}
		r, _, _, _ := picture.At(x, y).RGBA()
		return r > 0x7fff
	}
	size := picture.Bounds()
	for y := size.Min.Y - quiet; y < size.Max.Y+quiet; y += 2 {
		b.WriteString("\x1b[38;5;231;48;5;16m")
		for x := size.Min.X - quiet; x < size.Max.X+quiet; x++ {
			switch {
			case white(x, y) && white(x, y+1):
				b.WriteRune('█')
			case white(x, y):
				b.WriteRune('▀')
			case white(x, y+1):
				b.WriteRune('▄')
			default:
				b.WriteRune(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
