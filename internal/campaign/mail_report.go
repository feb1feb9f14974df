package campaign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"

	"carnet/internal/fault"
	mail "carnet/internal/message"
)

// MaxReport is how large a mail that came back may be: most quote the message whole.
const MaxReport = 5 << 20

// report is what a mail that came back says.
type report struct {
	complaint bool
	lasting   bool
	problem   string
	said      []string // header fields that may bear a mark
}

// readReport reads a multipart/report (RFC 6522) of a kind that we know. BadInput for all else.
func readReport(raw []byte) (*report, error) {
	none := fault.New(fault.BadInput, "this is neither a delivery status notification (RFC 3464) nor an abuse report (RFC 5965): send the mail whole, as it came")
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, none
	}
	parts := entity.MultipartReader()
	kind, _, err := entity.Header.ContentType()
	if parts == nil || err != nil || !strings.EqualFold(kind, "multipart/report") {
		return nil, none
	}
	r := &report{said: bearers(&entity.Header.Header)}
	known := false
	for range 10 { // a report has three parts
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return nil, none
		}
		kind, _, _ := part.Header.ContentType() // none: not one of those below
		switch strings.ToLower(kind) {
		case "message/delivery-status", "message/global-delivery-status":
			known = r.readStatus(part.Body) || known
		case "message/feedback-report":
			known = r.readFeedback(part.Body) || known
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			if quoted, err := textproto.ReadHeader(bufio.NewReader(io.LimitReader(part.Body, MaxReport))); err == nil {
				r.said = append(r.said, bearers(&quoted)...)
			}
		}
	}
	if !known {
		return nil, none
	}
	return r, nil
}

// status is an enhanced status code (RFC 3463).
var status = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})`)

// readStatus reads the fields of the message, then those of each recipient: ours has one. Tells whether it says that something failed.
func (r *report) readStatus(body io.Reader) (known bool) {
	lines := bufio.NewReader(io.LimitReader(body, MaxReport))
	for range 10 {
		fields, err := textproto.ReadHeader(lines)
		if err != nil {
			return known
		}
		action := strings.ToLower(strings.TrimSpace(fields.Get("Action")))
		if action != "failed" && action != "delayed" {
			continue
		}
		known = true
		code := status.FindStringSubmatch(strings.TrimSpace(fields.Get("Status")))
		// A full mailbox empties, and a policy speaks of the message, or of us: neither says that nobody is there.
		r.lasting = action == "failed" && code != nil && code[1] == "5" && code[2] != "7" && code[0] != "5.2.2"
		_, said, found := strings.Cut(fields.Get("Diagnostic-Code"), ";")
		if !found {
			said = fields.Get("Status")
		}
		r.problem = mail.Short(fmt.Errorf("came back: %s", said)) //nolint:err113 // made short as what servers answer
	}
	return known
}

// readFeedback reads an abuse report.
func (r *report) readFeedback(body io.Reader) (known bool) {
	fields, err := textproto.ReadHeader(bufio.NewReader(io.LimitReader(body, MaxReport)))
	if err != nil {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(fields.Get("Feedback-Type"))) {
	case "abuse", "fraud", "opt-out", "opt-out-list", "other":
		r.complaint = true
	}
	r.said = append(r.said, fields.Values("Original-Mail-From")...)
	return r.complaint
}

// bearers are the header fields that may bear a mark: where a report was sent to is where the message came from.
func bearers(h *textproto.Header) (out []string) {
	for _, name := range []string{"To", "Delivered-To", "X-Original-To", "Envelope-To", "Return-Path", "Message-Id"} {
		out = append(out, h.Values(name)...)
	}
	return out
}

var likeMark = regexp.MustCompile(fmt.Sprintf(`(?i)[a-z2-7]{%d}`, markSize))

// marks gives what may be marks, of the address a report was delivered to first.
func (r *report) marks(to string) []string {
	return likeMark.FindAllString(strings.Join(append([]string{to}, r.said...), " "), 20)
}
