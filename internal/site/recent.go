package site

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"carnet/internal/db"
)

// recently is how long an actor is taken for what it was when its key was last looked at. What this process has
// written since counts at once, so it is for other processes' changes only that a key may be a little late.
const recently = 50 * time.Millisecond

// recentKeys remembers the actors of keys that ask often: such a program's requests differ in nothing but what they
// ask for, and the look at the key is a good part of what a small one costs.
type recentKeys struct {
	mu sync.Mutex
	of map[recentKey]recentActor
}

type recentKey struct {
	site uuid.UUID
	hash string
}

type recentActor struct {
	actor  Actor
	writes uint64 // of the process, before the key was looked at
	at     time.Time
}

// get gives the actor of a key that was looked at just now, else looks. Refusals are not remembered.
func (r *recentKeys) get(d *db.DB, site uuid.UUID, hash string, look func() (Actor, error)) (Actor, error) {
	key, now, writes := recentKey{site, hash}, time.Now(), d.Writes()
	r.mu.Lock()
	have, known := r.of[key]
	r.mu.Unlock()
	if known && have.writes == writes && now.Sub(have.at) < recently && (have.actor.ExpiresAt.IsZero() || now.Before(have.actor.ExpiresAt)) {
		return have.actor, nil
	}
	a, err := look()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		delete(r.of, key)
		return a, err
	}
	if r.of == nil || len(r.of) >= maxCached {
		r.of = map[recentKey]recentActor{}
	}
	r.of[key] = recentActor{a, writes, now}
	return a, nil
}
