package model

import "carnet/internal/field"

// gqlgen's generated functions have parameters called field, which would hide the package of that
// name; these aliases keep its types reachable.
type (
	// CustomField is a question of the site's own.
	CustomField = field.Definition
	// Choice is an item of a dropdown.
	Choice = field.Choice
	// Answer is a stored answer made ready to show.
	Answer = field.Shown
	// FieldCondition is what another field's answer must be.
	FieldCondition = field.Condition
)
