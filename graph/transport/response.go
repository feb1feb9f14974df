package transport

import (
	"encoding/json"
	"net/http"

	"carnet/internal/fault"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxErrors bounds the errors told of one document: a thousand misspelt fields need no thousand
// messages.
const maxErrors = 20

// envelope gives what stands before and after a response's data, which gqlgen has already
// serialised: marshalling it a second time would cost ten times as much. A response without data
// (not: with null data) has no `data` entry, as the specification asks of request errors.
func envelope(r *graphql.Response) (head, tail []byte) {
	head = append(make([]byte, 0, 64), '{')
	if len(r.Errors) > 0 {
		head = append(append(head, `"errors":`...), marshal(r.Errors)...)
	}
	if len(r.Extensions) > 0 {
		if len(head) > 1 {
			head = append(head, ',')
		}
		head = append(append(head, `"extensions":`...), marshal(r.Extensions)...)
	}
	if len(r.Data) == 0 && len(r.Errors) > 0 {
		return append(head, '}'), nil
	}
	if len(head) > 1 {
		head = append(head, ',')
	}
	head = append(head, `"data":`...)
	if len(r.Data) == 0 {
		head = append(head, "null"...)
	}
	return head, []byte{'}'}
}

// encode gives a response as one JSON object.
func encode(r *graphql.Response) []byte {
	head, tail := envelope(r)
	b := make([]byte, 0, len(head)+len(r.Data)+len(tail))
	b = append(b, head...)
	if tail != nil {
		b = append(append(b, r.Data...), tail...)
	}
	return b
}

// marshal serialises errors and extensions. One that holds a value JSON cannot express is a
// mistake of ours, told as such rather than sent half.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err == nil {
		return b
	}
	if _, ok := v.(gqlerror.List); ok {
		return []byte(`[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]`)
	}
	return []byte(`{}`)
}

// graphError gives a fault as a GraphQL error; the fault stays inside for the error presenter.
func graphError(f *fault.Error) *gqlerror.Error {
	return &gqlerror.Error{Err: f, Message: f.Message, Extensions: map[string]any{"code": string(f.Code)}}
}

// withCodes gives the errors of a refused operation codes of package fault: gqlgen's own names for
// documents that do not parse or validate, and errors that tell nothing else, mean BAD_INPUT. Such
// an error holds a fault from then on, so that an error presenter need not know gqlgen's names.
func withCodes(errs gqlerror.List) gqlerror.List {
	if len(errs) > maxErrors {
		errs = errs[:maxErrors]
	}
	for _, e := range errs {
		switch code := e.Extensions["code"]; {
		case code == nil && fault.Known(e.Err):
			errcode.Set(e, string(fault.CodeOf(e.Err)))
		case code == nil, code == errcode.ParseFailed, code == errcode.ValidationFailed:
			e.Err = fault.New(fault.BadInput, "%s", e.Message)
			errcode.Set(e, string(fault.BadInput))
		}
	}
	return errs
}

// status gives the HTTP status of a response in application/graphql-response+json: 200 once there
// is data, else that of the first error's code.
func status(r *graphql.Response) int {
	if len(r.Data) > 0 || len(r.Errors) == 0 {
		return http.StatusOK
	}
	word, _ := r.Errors[0].Extensions["code"].(string)
	switch fault.Code(word) {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Internal:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}
