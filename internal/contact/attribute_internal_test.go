package contact

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// beside are the columns of a contact that are no attributes of their own, each with the reason.
var beside = map[string]string{
	"SiteID": "never changes", "ID": "never changes", "Number": "never changes", "Kind": "never changes", "Source": "never changes",
	"CreatedAt": "never changes", "UpdatedAt": "moves with every change", "DeletedAt": "has actions of its own", "MergedInto": "has actions of its own",
	"EmailKey": "folded from email", "NLast": "folded", "NFirst": "folded", "NSound": "folded", "NAddress": "folded", "NCity": "folded", "NCompany": "folded", "NAnswers": "folded", "Search": "folded",
	"Reach": "folded from e-mails and phones", "Answers": "told one by one", "GroupIDs": "no column", "SalesKey": "no column", "Stored": "no column",
}

// sample gives a value of a column's type that is not its zero value.
func sample(t *testing.T, of reflect.Type) reflect.Value {
	t.Helper()
	v := reflect.New(of).Elem()
	switch x := v.Addr().Interface().(type) {
	case **time.Time:
		*x = ptr(time.Date(1987, 4, 30, 0, 0, 0, 0, time.UTC))
	case **uuid.UUID:
		*x = ptr(uuid.New())
	default:
		switch of.Kind() {
		case reflect.String:
			v.SetString("some sample text")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Pointer:
			v.Set(reflect.New(of.Elem()))
			v.Elem().Set(sample(t, of.Elem()))
		case reflect.Slice:
			v.Set(reflect.Append(v, sample(t, of.Elem())))
		case reflect.Struct:
			v.Field(0).Set(sample(t, of.Field(0).Type))
		default:
			t.Fatalf("no sample for a column of type %s", of)
		}
	}
	return v
}

// Every change is shown and can be reverted: each column of a contact is read and written by an
// attribute, or stands in the list of exceptions.
func TestEveryColumnIsAnAttribute(t *testing.T) {
	t.Parallel()
	claimed := map[string]bool{}
	record := reflect.TypeFor[Record]()
	for i := range record.NumField() {
		column := record.Field(i)
		if column.Anonymous || beside[column.Name] != "" {
			continue
		}
		r := new(Record)
		reflect.ValueOf(r).Elem().Field(i).Set(sample(t, column.Type))
		changes := diff(new(Record), r)
		require.Len(t, changes, 1, "column %s is neither an attribute nor an exception", column.Name)
		name := slices.Collect(maps.Keys(changes))[0]
		claimed[name] = true
		a, known := attributeNamed(name)
		require.True(t, known)
		require.False(t, empty(a.read(r)), name)
		require.True(t, empty(a.read(new(Record))), name)
		for _, v := range []any{changes[name].After, changes[name].Before} {
			raw, err := json.Marshal(v)
			require.NoError(t, err)
			var c Change
			known, err = c.put(name, raw)
			require.NoError(t, err, name)
			require.True(t, known)
			require.NotEqual(t, Change{}, c, "%s writes nothing", name)
		}
	}
	for _, a := range attributes {
		require.True(t, claimed[a.name], "%s is of no column", a.name)
	}
	for name := range beside {
		_, is := record.FieldByName(name)
		require.True(t, is, "%s is no column any more", name)
	}
}
