package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// readRules makes rules over the groups and the choices that the book has.
func (s *server) readRules(ctx context.Context) error {
	b, err := s.ask(ctx, `{ groups { id } customFields { id type choices { id } } }`, nil)
	if err != nil {
		return err
	}
	var out struct {
		Data struct {
			Groups       []struct{ ID string }
			CustomFields []struct {
				ID, Type string
				Choices  []struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return err
	}
	type answer struct{ field, choice string }
	var answers []answer
	for _, f := range out.Data.CustomFields {
		for _, c := range f.Choices {
			answers = append(answers, answer{f.ID, c.ID})
		}
	}
	if len(out.Data.Groups) == 0 || len(answers) == 0 {
		return errors.New("the book has no groups or no choices")
	}
	for _, g := range out.Data.Groups {
		s.groups = append(s.groups, g.ID)
	}
	for i := range 200 {
		group, picked := s.groups[i%len(s.groups)], answers[(i*7)%len(answers)]
		from := 1940 + i%60
		s.rules = append(s.rules, countedRule{
			filter: map[string]any{"all": []map[string]any{
				{"group": group},
				{"field": map[string]any{"id": picked.field, "anyOf": []string{picked.choice}}},
				{"date": map[string]any{"column": "BIRTH_DATE", "from": fmt.Sprintf("%d-01-01", from), "to": fmt.Sprintf("%d-12-31", from+15)}},
				{"not": map[string]any{"text": map[string]any{"column": "COUNTRY", "op": "EQUALS", "value": "FR"}}},
			}},
			sql: strings.NewReplacer("$site", s.site, "$group", group, "$field", picked.field, "$choice", picked.choice, "$from", fmt.Sprint(from), "$to", fmt.Sprint(from+16)).Replace(
				`SELECT count(*) FROM contact c WHERE site_id = '$site' AND deleted_at IS NULL AND listed AND (valid_until IS NULL OR valid_until >= current_date)
				AND EXISTS (SELECT 1 FROM contact_group_member m WHERE m.site_id = c.site_id AND m.contact_id = c.id AND m.group_id = '$group')
				AND (answers @> '{"$field":"$choice"}' OR answers @> '{"$field":["$choice"]}')
				AND birth_date >= '$from-01-01' AND birth_date < '$to-01-01' AND NOT (country = 'FR');`),
		})
	}
	return nil
}

// readIndex asks for a count until the index in memory answers it, with nobody else asking.
func (s *server) readIndex(ctx context.Context) (row, error) {
	began := time.Now()
	before := s.memory()
	for {
		asked := time.Now()
		if _, err := s.ask(ctx, `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`, map[string]any{"f": s.rules[0].filter}); err != nil {
			return row{}, err
		}
		read, err := s.metric(ctx, "carnet_segment_index_contacts")
		if err != nil {
			return row{}, err
		}
		if read > 0 && time.Since(asked) < 50*time.Millisecond {
			bytes, err := s.metric(ctx, "carnet_segment_index_bytes")
			return row{work: "the index is read", ours: fmt.Sprintf("%.1f s", time.Since(began).Seconds()),
				detail: fmt.Sprintf("%.0f bytes a contact, memory grew by %d MB", bytes/read, s.memory()-before)}, err
		}
		select {
		case <-ctx.Done():
			return row{}, ctx.Err()
		case <-time.After(50 * time.Millisecond): // between two questions
		}
	}
}
