package graph

import (
	"context"
	"encoding/json"
	"strings"

	"carnet/graph/model"
	"carnet/graph/scalar"
	"carnet/internal/field"
)

func (r *queryResolver) CustomFields(ctx context.Context, includeArchived bool) ([]*model.CustomField, error) {
	return r.Fields.List(ctx, includeArchived)
}

func (r *queryResolver) SurfaceFields(ctx context.Context, surface model.Surface, language *string) ([]*model.CustomField, error) {
	defs, err := r.Fields.OnSurface(ctx, field.Surface(strings.ToLower(string(surface))))
	if err != nil || language == nil {
		return defs, err
	}
	for i, d := range defs {
		defs[i] = d.In(*language)
	}
	return defs, nil
}

func (r *mutationResolver) CreateCustomField(ctx context.Context, in model.CreateCustomFieldInput) (out model.CustomFieldPayload, err error) {
	def := field.Definition{
		Type: strings.ToLower(string(in.Type)), Label: in.Label, Required: in.Required, OnRegistration: in.OnRegistration, OnCheckout: in.OnCheckout,
		OnProfile: in.OnProfile, Multiple: mode(in.Multiple.Value()), MinChoices: in.MinChoices.Value(), MaxChoices: in.MaxChoices.Value(),
	}
	def.ShowIf = conditions(in.ShowIf.Value())
	if help := cleared(in.Help); help != nil {
		def.Help = *help
	}
	items, err := choices(in.Choices)
	if err == nil && items != nil {
		def.Choices = *items
	}
	texts, errT := translations(in.Translations)
	if errT == nil && texts != nil {
		def.Translations = *texts
	}
	if err == nil {
		err = errT
	}
	if err == nil {
		out.CustomField, err = r.Fields.Create(ctx, def)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) UpdateCustomField(ctx context.Context, in model.UpdateCustomFieldInput) (out model.CustomFieldPayload, err error) {
	up := field.Update{
		Label: in.Label.Value(), Help: cleared(in.Help), Required: in.Required.Value(), OnRegistration: in.OnRegistration.Value(),
		OnCheckout: in.OnCheckout.Value(), OnProfile: in.OnProfile.Value(), MinChoices: nullable(in.MinChoices), MaxChoices: nullable(in.MaxChoices),
		Position: in.Position.Value(), Archived: in.Archived.Value(),
	}
	if v, set := in.Multiple.ValueOK(); set {
		m := mode(v)
		up.Multiple = &m
	}
	if given, set := in.ShowIf.ValueOK(); set {
		list := conditions(given)
		up.ShowIf = &list
	}
	up.Choices, err = choices(in.Choices)
	if err == nil {
		up.Translations, err = translations(in.Translations)
	}
	if err == nil {
		out.CustomField, err = r.Fields.Update(ctx, in.ID, up)
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func conditions(given []*model.FieldConditionInput) []field.Condition {
	out := make([]field.Condition, len(given))
	for i, c := range given {
		out[i] = field.Condition{FieldID: c.FieldID, Op: field.ConditionOp(strings.ToLower(string(c.Op))), Values: c.Values.Value()}
	}
	return out
}

func (r *fieldConditionResolver) Op(_ context.Context, obj *model.FieldCondition) (model.FieldConditionOp, error) {
	return model.FieldConditionOp(strings.ToUpper(string(obj.Op))), nil
}

func mode(m *model.MultipleMode) *field.Mode {
	if m == nil {
		return nil
	}
	v := field.Mode(strings.ToLower(string(*m)))
	return &v
}

func (r *customFieldResolver) Type(_ context.Context, obj *model.CustomField) (model.CustomFieldType, error) {
	return model.CustomFieldType(strings.ToUpper(obj.Type)), nil
}

func (r *customFieldResolver) Internal(_ context.Context, obj *model.CustomField) (bool, error) {
	return obj.Internal(), nil
}

func (r *customFieldResolver) Multiple(_ context.Context, obj *model.CustomField) (*model.MultipleMode, error) {
	if obj.Multiple == nil {
		return nil, nil //nolint:nilnil // GraphQL null: one choice is the answer
	}
	m := model.MultipleMode(strings.ToUpper(string(*obj.Multiple)))
	return &m, nil
}

func (r *customFieldResolver) Choices(_ context.Context, obj *model.CustomField) ([]*model.Choice, error) {
	return pointers(obj.Choices), nil
}

func (r *customFieldResolver) ShowIf(_ context.Context, obj *model.CustomField) ([]*model.FieldCondition, error) {
	return pointers(obj.ShowIf), nil
}

func (r *customFieldResolver) Translations(_ context.Context, obj *model.CustomField) (json.RawMessage, error) {
	return textsJSON(obj.Translations)
}

func (r *choiceResolver) Translations(_ context.Context, obj *model.Choice) (json.RawMessage, error) {
	return textsJSON(obj.Translations)
}

func textsJSON(t field.Translations) (json.RawMessage, error) {
	if t == nil {
		t = field.Translations{}
	}
	return json.Marshal(t)
}

func (r *answerResolver) Field(_ context.Context, obj *model.Answer) (model.CustomField, error) {
	return *obj.Field, nil
}

func (r *answerResolver) YesNo(_ context.Context, obj *model.Answer) (*bool, error) {
	return obj.YesNo(), nil
}

func (r *answerResolver) Checked(_ context.Context, obj *model.Answer) (*bool, error) {
	return obj.Checked(), nil
}

func (r *answerResolver) Text(_ context.Context, obj *model.Answer) (*string, error) {
	return obj.Text(), nil
}

func (r *answerResolver) Number(_ context.Context, obj *model.Answer) (*float64, error) {
	return obj.Number(), nil
}

func (r *answerResolver) Date(_ context.Context, obj *model.Answer) (*scalar.Day, error) {
	return (*scalar.Day)(obj.Date()), nil
}

func (r *answerResolver) Choices(_ context.Context, obj *model.Answer) ([]*model.Choice, error) {
	picked := obj.Choices()
	if picked == nil {
		return nil, nil
	}
	return pointers(picked), nil
}
