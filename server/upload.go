package server

import (
	"net/http"

	"carnet/internal/fault"
)

// maxUpload is how large a file may be, in bytes.
const maxUpload = 100 << 20

// upload answers POST /v1/uploads: the body is the file, streamed to an id that importContacts takes.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	if name == "" || len(name) > 255 {
		s.fail(w, r, fault.New(fault.BadInput, "name the file in the address: /v1/uploads?name=contacts.csv"))
		return
	}
	if r.ContentLength > maxUpload { // said at once, not after it has been sent
		s.fail(w, r, fault.Invalid(fault.TooLong, []string{"file"}, "a file has at most %d MB; split it and import the parts one after the other", maxUpload>>20))
		return
	}
	file, err := s.cfg.Contacts.SaveUpload(r.Context(), name, http.MaxBytesReader(w, r.Body, maxUpload+1))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusCreated, map[string]any{"id": file.ID, "name": file.Name, "size": file.Size})
}
