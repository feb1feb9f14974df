package message

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"

	"carnet/internal/account"
	"carnet/internal/site"
)

// Invitation is the kind of mail that invites a person to the staff.
const Invitation = "invitation"

// SecondStepRemoved is the kind of mail that tells staff that an owner took their second step away.
const SecondStepRemoved = "second_step_removed"

// Trial is the kind of a campaign's message that staff send to themselves. It comes written.
const Trial = "trial"

// Kinds are all kinds of mail that have a text of ours, in every language.
var Kinds = []string{account.MailSignUp, account.MailSignIn, account.MailLink, account.MailNoAccount, account.MailInvited, Invitation, SecondStepRemoved,
	account.MailReset, account.MailPassword, account.MailChange, account.MailChangeTaken, account.MailChangeAsked, account.MailChanged, account.MailClosed,
	account.MailResetAsked, account.MailPasswordStaff, account.MailClosedStaff,
	account.MailPasskeyAdded, account.MailPasskeyRemoved,
	account.MailDataExported, account.MailErasureAsked, account.MailErasureDone, account.MailErasureRefused, account.MailConsent, account.MailInbox,
}

//go:embed template
var files embed.FS

// texts are the parsed texts by "<language>/<kind>". A missing or broken one shows at start.
var texts = parseTexts()

var layout = htmltemplate.Must(htmltemplate.ParseFS(files, "template/layout.html"))

func parseTexts() map[string]*texttemplate.Template {
	out := map[string]*texttemplate.Template{}
	for _, language := range site.Languages {
		for _, kind := range Kinds {
			name := language + "/" + kind
			source, err := fs.ReadFile(files, "template/"+name+".txt")
			if err != nil {
				panic(fmt.Sprintf("message: %v", err))
			}
			out[name] = texttemplate.Must(texttemplate.New(name).Option("missingkey=error").Parse(string(source)))
		}
	}
	return out
}

// rendered is a mail ready to store.
type rendered struct{ Subject, Text, HTML string }

// block is a paragraph of the HTML form.
type block struct{ Kind, Text string }

// render fills a kind's text. Its first line is the subject; a paragraph that is just the code or
// just the link is set off in the HTML form, which follows from the text and needs no second source.
func render(kind, language string, data map[string]string) (rendered, error) {
	text, ok := texts[language+"/"+kind]
	if !ok {
		return rendered{}, fmt.Errorf("there is no mail of kind %q in %q", kind, language)
	}
	var out bytes.Buffer
	if err := text.Execute(&out, data); err != nil {
		return rendered{}, err
	}
	subject, body, _ := strings.Cut(out.String(), "\n")
	r := rendered{Subject: strings.Join(strings.Fields(subject), " "), Text: strings.TrimSpace(body) + "\n"}
	page := struct {
		Language, Subject string
		Blocks            []block
	}{language, r.Subject, nil}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		b := block{Text: strings.TrimSpace(paragraph)}
		switch b.Text {
		case "":
			continue
		case data["code"]:
			b.Kind = "code"
		case data["link"]:
			b.Kind = "link"
		}
		page.Blocks = append(page.Blocks, b)
	}
	out.Reset()
	err := layout.Execute(&out, page)
	r.HTML = out.String()
	return r, err
}
