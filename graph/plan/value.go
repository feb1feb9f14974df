package plan

import (
	"strconv"
	"time"
)

// The values as the generated executor writes them.

// String is a leaf of a text.
func String[T any](get func(T) string) Write[T] {
	return func(b []byte, _ *Run, v T) []byte { return AppendString(b, get(v)) }
}

// Int is a leaf of a number.
func Int[T any](get func(T) int64) Write[T] {
	return func(b []byte, _ *Run, v T) []byte { return strconv.AppendInt(b, get(v), 10) }
}

// Bool is a leaf of a truth value.
func Bool[T any](get func(T) bool) Write[T] {
	return func(b []byte, _ *Run, v T) []byte { return strconv.AppendBool(b, get(v)) }
}

// Optional is a leaf that may be null.
func Optional[T, V any](get func(T) *V, write func([]byte, V) []byte) Write[T] {
	return func(b []byte, _ *Run, v T) []byte {
		if value := get(v); value != nil {
			return write(b, *value)
		}
		return append(b, "null"...)
	}
}

// Time is a leaf of a moment, RFC 3339; null for none.
func Time[T any](get func(T) *time.Time) Write[T] {
	return func(b []byte, _ *Run, v T) []byte {
		at := get(v)
		if at == nil || at.IsZero() {
			return append(b, "null"...)
		}
		return append(at.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
}

// AppendString appends a text with the escapes of the generated executor.
func AppendString(b []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		from = i + 1
	}
	return append(append(b, s[from:]...), '"')
}
