package contact

import "time"

// LimitUploads makes files of more than n bytes too large, so that tests need not send 100 MB.
func (s *Service) LimitUploads(n int64) { s.uploadLimit = n }

// BatchImports makes batches of n rows.
func (s *Service) BatchImports(n int) { s.importBatch = n }

// Later moves the service's clock.
func (s *Service) Later(d time.Duration) { s.now = func() time.Time { return time.Now().Add(d) } }
