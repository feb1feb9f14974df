package site

import (
	"sync"

	"github.com/google/uuid"
)

// maxCached is of how many sites a process remembers something.
const maxCached = 1000

// Cache remembers one thing of each site under the version that the site then had. A site has a new version with
// whatever changes of it, its custom fields and its groups (migration 0023), and who checks a credential reads
// the version from the database: so what is remembered is never older than the credential's check, in whatever
// process the change was made, and nothing has to be told to anybody.
type Cache[T any] struct {
	mu sync.Mutex
	of map[uuid.UUID]remembered[T] // by site
}

type remembered[T any] struct {
	version uuid.UUID
	what    T
}

// Get gives what is remembered under the version, else reads it. read must look at the database after, or in
// the transaction in which, the version was read. All who ask share what they get and must not change it.
func (c *Cache[T]) Get(siteID, version uuid.UUID, read func() (T, error)) (T, error) {
	c.mu.Lock()
	have, known := c.of[siteID]
	c.mu.Unlock()
	if known && have.version == version {
		return have.what, nil
	}
	what, err := read()
	if err != nil {
		return what, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[uuid.UUID]remembered[T]{}
	}
	if len(c.of) >= maxCached {
		for other := range c.of {
			delete(c.of, other)
			break
		}
	}
	c.of[siteID] = remembered[T]{version, what}
	return what, nil
}
