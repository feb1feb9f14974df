package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// CheckoutType is the typ header of checkout tokens.
const CheckoutType = "carnet-checkout+jwt"

// checkout is what a checkout token stands for.
type checkout struct {
	bun.BaseModel `bun:"table:checkout"`

	SiteID         uuid.UUID `bun:",pk"`
	Jti            string    `bun:",pk"`
	AccountID      *uuid.UUID
	ContactID      *uuid.UUID
	Guest          *Person `bun:"type:jsonb"`
	OrderRef       string
	Nonce          string
	Answers        []FrozenAnswer `bun:"type:jsonb"`
	AnswersBefore  *field.Answers `bun:"type:jsonb"` // the contact's to the same questions when these were given, until the redeem; nil: of a guest
	AnswersSha256  string         `bun:"answers_sha256"`
	CreatedAt      time.Time
	ExpiresAt      time.Time
	RedeemedAt     *time.Time
	IdempotencyKey *string
	Redemption     *string
}

// FrozenAnswer is an answer as it was given at the checkout; later changes of the field, or of the
// contact's answer, do not touch it (G-21).
type FrozenAnswer struct {
	FieldID uuid.UUID       `json:"fieldId"`
	Label   string          `json:"label"`
	Type    string          `json:"type"`
	Value   json.RawMessage `json:"value"`
	Display string          `json:"display"`
}

// CheckoutClaims are the claims of a checkout token. It holds no personal data.
type CheckoutClaims struct {
	Issuer        string `json:"iss"`
	Audience      string `json:"aud"`           // the site's public id
	Subject       string `json:"sub,omitempty"` // pairwise; absent for a guest
	ID            string `json:"jti"`
	IssuedAt      int64  `json:"iat"`
	Expires       int64  `json:"exp"`
	Nonce         string `json:"nonce"`
	Order         string `json:"order"`
	EmailVerified bool   `json:"email_verified"`
	AnswersSHA256 string `json:"answers_sha256"` // base64url, over the answers as canonical JSON (RFC 8785)
}

// PrepareCheckout is what the checkout widget sends.
type PrepareCheckout struct {
	Order, Nonce               string // the host's
	Email, FirstName, LastName string // of a guest; ignored when somebody is signed in
	Answers                    []field.Answer
}

// PrepareCheckout checks the answers against the site's checkout fields (T-54, T-56) and signs the
// token that the host's server redeems. A site that sells to accounts only refuses guests with
// LOGIN_REQUIRED (T-20). Nothing enters the book before the redeem.
func (s *Service) PrepareCheckout(ctx context.Context, in PrepareCheckout) (string, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return "", err
	}
	if err := ownerOnly(a); err != nil {
		return "", err
	}
	if err := s.takeClient(ctx, checkoutPerClient, a.SiteID); err != nil {
		return "", err
	}
	of, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return "", err
	}
	signedIn := a.Kind == site.KindAccount
	if !signedIn && of.LoginRequired {
		return "", &fault.Error{Code: fault.Forbidden, Reason: fault.LoginRequired, Message: "buying needs an account here; sign in first"}
	}
	now := s.now()
	row := checkout{SiteID: a.SiteID, Jti: secret.Random(), OrderRef: in.Order, Nonce: in.Nonce, CreatedAt: now, ExpiresAt: now.Add(checkoutLife)}
	claims := CheckoutClaims{
		Issuer: s.publicURL, Audience: of.PublicID, ID: row.Jti, IssuedAt: now.Unix(), Expires: row.ExpiresAt.Unix(), Nonce: in.Nonce, Order: in.Order,
	}
	var stored field.Answers
	if signedIn {
		if stored, err = s.buyer(ctx, a, &row, &claims); err != nil {
			return "", err
		}
	}
	if row.Answers, err = s.checkCheckout(ctx, a, in, stored, !signedIn); err != nil {
		return "", err
	}
	if signedIn {
		row.AnswersBefore = &field.Answers{}
		for _, one := range row.Answers {
			if id := one.FieldID.String(); stored[id] != nil {
				(*row.AnswersBefore)[id] = stored[id]
			}
		}
	} else {
		row.Guest = &Person{Email: strings.TrimSpace(in.Email), FirstName: strings.TrimSpace(in.FirstName), LastName: strings.TrimSpace(in.LastName), Language: a.Language}
	}
	if row.AnswersSha256, err = digest(row.Answers); err != nil {
		return "", fault.Wrap(err, "digest answers")
	}
	claims.AnswersSHA256 = row.AnswersSha256
	token, err := s.sign(ctx, CheckoutType, claims)
	if err != nil {
		return "", err
	}
	_, err = s.db.Bun.NewInsert().Model(&row).Exec(ctx)
	return token, db.MapError(err, "insert checkout")
}

// buyer fills in who is signed in and gives what the contact has answered before.
func (s *Service) buyer(ctx context.Context, a site.Actor, row *checkout, claims *CheckoutClaims) (field.Answers, error) {
	of, err := byID(ctx, s.db.Bun, a.SiteID, a.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.book.Read(ctx, s.db.Bun, a.SiteID, of.ContactID)
	if err != nil {
		return nil, err
	}
	row.AccountID, row.ContactID = &of.ID, &of.ContactID
	claims.Subject, claims.EmailVerified = of.Subject, of.ProvenAt != nil
	return p.Answers, nil
}

// checkCheckout gathers everything that the buyer can mend, and freezes the answers. What the contact
// answered before counts as answered.
func (s *Service) checkCheckout(ctx context.Context, a site.Actor, in PrepareCheckout, stored field.Answers, guest bool) ([]FrozenAnswer, error) {
	var list fault.List
	collect := func(err error) {
		if more, ok := fault.Mendable(err); ok {
			list = append(list, more...)
		}
	}
	collect(checkText(in.Order, "order", 1, 200))
	collect(checkText(in.Nonce, "nonce", 16, 200))
	if guest {
		collect(site.CheckEmail(strings.TrimSpace(in.Email), "email"))
		collect(checkName(strings.TrimSpace(in.FirstName), "firstName"))
		collect(checkName(strings.TrimSpace(in.LastName), "lastName"))
		if strings.TrimSpace(in.FirstName+in.LastName) == "" {
			collect(fault.Invalid(fault.Required, []string{"lastName"}, "give a name"))
		}
	}
	defs, err := field.ForSurface(ctx, s.db.Bun, a.SiteID, field.Checkout)
	if err != nil {
		return nil, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	answers, err := field.ApplyOn(field.Checkout, defs, stored, in.Answers, of.Country)
	collect(err)
	if err := list.Err(); err != nil {
		return nil, err
	}
	frozen := []FrozenAnswer{}
	for _, shown := range field.Show(defs, answers, a.Language) {
		d := shown.Field
		frozen = append(frozen, FrozenAnswer{FieldID: d.ID, Label: d.LabelIn(a.Language), Type: d.Type, Value: answers[d.ID.String()], Display: shown.Display})
	}
	return frozen, nil
}

func checkText(text, path string, least, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return fault.Invalid(fault.InvalidText, []string{path}, "this is not valid text")
	case n < least:
		return fault.Invalid(fault.TooShort, []string{path}, "give at least %d characters", least)
	case n > most:
		return fault.Invalid(fault.TooLong, []string{path}, "give at most %d characters", most)
	}
	return nil
}

// digest is the SHA-256 of the answers as canonical JSON (RFC 8785), base64url. Hosts compute it over
// the answers that the redeem gave.
func digest(answers []FrozenAnswer) (string, error) {
	plain, err := json.Marshal(answers)
	if err != nil {
		return "", err
	}
	var value any
	if err := json.Unmarshal(plain, &value); err != nil {
		return "", err
	}
	// encoding/json sorts the keys, and writes numbers of the range that fields keep as RFC 8785 does.
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	text := plainSeparators.Replace(strings.TrimSuffix(out.String(), "\n"))
	sum := sha256.Sum256([]byte(text))
	return b64.EncodeToString(sum[:]), nil
}

// plainSeparators undoes the escapes that encoding/json adds to what RFC 8785 leaves; an escaped
// backslash is passed over, so that it does not begin one.
var plainSeparators = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

// Redeem is what the host's server sends.
type Redeem struct {
	Site, Secret   string
	JTI            string
	IdempotencyKey string // 1 to 200 characters
}

// redemption is what the host's server learns.
type redemption struct {
	JTI     string         `json:"jti"`
	Order   string         `json:"order"`
	Subject *string        `json:"subject"` // null for a guest
	Contact redeemed       `json:"contact"`
	Answers []FrozenAnswer `json:"answers"`
	Groups  []Group        `json:"groups"`
}

type redeemed struct {
	ID        uuid.UUID `json:"id"`
	Number    int64     `json:"number"`
	Email     string    `json:"email"`
	FirstName string    `json:"firstName"`
	LastName  string    `json:"lastName"`
}

// Redeem gives the host's server what a checkout token stands for, once, and writes the answers to
// the contact, but over none that was given since; a guest becomes one now. The same idempotency key gives the same answer again, byte for
// byte, also after the token's end; another key is ALREADY_REDEEMED. NotFound for a token of another
// site, EXPIRED for one older than five minutes or whose buyer has closed the account, LOGIN_REQUIRED for a guest who is a member
// of the site's: that is told to the host's server alone, so that no visitor learns whose address is a member's (T-21).
func (s *Service) Redeem(ctx context.Context, in Redeem) (json.RawMessage, error) {
	of, err := s.sites.CheckSecret(ctx, in.Site, in.Secret)
	if err != nil {
		return nil, err
	}
	if err := open(of); err != nil {
		return nil, err
	}
	if err := s.take(ctx, redeemPerSite, of.ID, "", ""); err != nil {
		return nil, err
	}
	if err := checkText(in.IdempotencyKey, "idempotencyKey", 1, 200); err != nil {
		return nil, err
	}
	if !base64url43.MatchString(in.JTI) {
		return nil, errNoCheckout
	}
	var out json.RawMessage
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row checkout
		err := tx.NewSelect().Model(&row).Where("site_id = ? AND jti = ?", of.ID, in.JTI).For("UPDATE").Scan(ctx)
		switch {
		case db.NoRows(err):
			return errNoCheckout
		case err != nil:
			return db.MapError(err, "read checkout")
		case row.RedeemedAt != nil && *row.IdempotencyKey == in.IdempotencyKey:
			out = json.RawMessage(*row.Redemption)
			return nil
		case row.RedeemedAt != nil:
			return &fault.Error{Code: fault.Conflict, Reason: ReasonAlreadyRedeemed, Message: "this checkout token was redeemed before, under another idempotency key"}
		case row.Guest == nil && row.AccountID == nil:
			return &fault.Error{Code: fault.NotFound, Reason: ReasonExpired, Message: "the buyer has closed the account meanwhile; let them check out again"}
		case !s.now().Before(row.ExpiresAt):
			return &fault.Error{Code: fault.NotFound, Reason: ReasonExpired, Message: "this checkout token is older than five minutes; let the buyer check out again"}
		}
		out, err = s.redeem(ctx, tx, &row, in.IdempotencyKey)
		return err
	})
	return out, err
}

var errNoCheckout = fault.New(fault.NotFound, "this site has no such checkout token")

// redeem writes the buyer into the book and the answer into the checkout.
func (s *Service) redeem(ctx context.Context, tx bun.IDB, row *checkout, key string) (json.RawMessage, error) {
	answer := redemption{JTI: row.Jti, Order: row.OrderRef, Answers: row.Answers, Groups: []Group{}}
	p := Person{Answers: field.Answers{}, Before: row.AnswersBefore}
	var contactID uuid.UUID
	if row.Guest != nil {
		p.Email, p.FirstName, p.LastName, p.Language = row.Guest.Email, row.Guest.FirstName, row.Guest.LastName, row.Guest.Language
		emailKey := site.EmailKey(p.Email)
		if err := LockAddress(ctx, tx, row.SiteID, emailKey); err != nil {
			return nil, err
		}
		if err := s.refuseMember(ctx, tx, row.SiteID, p); err != nil {
			return nil, err
		}
		var err error
		if contactID, err = s.book.Match(ctx, tx, row.SiteID, p); err != nil {
			return nil, err
		}
		ctx = asVisitor(ctx, row.SiteID, p.Email)
	} else {
		of, err := byID(ctx, tx, row.SiteID, *row.AccountID)
		if err != nil {
			return nil, err
		}
		contactID, answer.Subject = of.ContactID, &of.Subject
		ctx = site.WithActor(ctx, site.Actor{
			Kind: site.KindAccount, Access: site.AccessAccount, SiteID: row.SiteID, ID: of.ID, ContactID: of.ContactID, Name: of.Email, Book: true,
		})
	}
	for _, a := range row.Answers {
		p.Answers[a.FieldID.String()] = field.Value(a.Value)
	}
	contactID, err := s.book.Enter(ctx, tx, row.SiteID, contactID, p, "checkout")
	if err != nil {
		return nil, err
	}
	now, err := s.describe(ctx, tx, row.SiteID, contactID)
	if err != nil {
		return nil, err
	}
	answer.Contact = redeemed{ID: contactID, Number: now.Number, Email: now.Email, FirstName: now.FirstName, LastName: now.LastName}
	answer.Groups = append(answer.Groups, now.Groups...)
	return s.settle(ctx, tx, row, contactID, key, answer)
}

// refuseMember refuses a guest who is a member of the site's (T-21). No setting changes that (T-24).
func (s *Service) refuseMember(ctx context.Context, tx bun.IDB, siteID uuid.UUID, p Person) error {
	if s.Member == nil {
		return nil
	}
	member, err := s.Member(ctx, tx, siteID, p)
	if err == nil && member {
		err = &fault.Error{Code: fault.Forbidden, Reason: fault.LoginRequired, Message: "this buyer is a member and has to sign in first; let them check out again, signed in"}
	}
	return err
}

func (s *Service) describe(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (Person, error) {
	if contactID == uuid.Nil {
		return Person{}, fault.Wrap(errors.New("the book gave no contact"), "enter buyer")
	}
	return s.book.Read(ctx, tx, siteID, contactID)
}

// settle keeps the answer, so that the same key gives it again.
func (s *Service) settle(ctx context.Context, tx bun.IDB, row *checkout, contactID uuid.UUID, key string, answer redemption) (json.RawMessage, error) {
	plain, err := json.Marshal(answer)
	if err != nil {
		return nil, fault.Wrap(err, "encode redemption")
	}
	text, now := string(plain), s.now()
	row.ContactID, row.RedeemedAt, row.IdempotencyKey, row.Redemption, row.AnswersBefore = &contactID, &now, &key, &text, nil
	_, err = tx.NewUpdate().Model(row).Column("answers_before", "contact_id", "redeemed_at", "idempotency_key", "redemption").WherePK().Exec(ctx)
	return plain, db.MapError(err, "redeem checkout")
}
