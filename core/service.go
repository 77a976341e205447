package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const (
	maxBody   = 64 << 10 // bytes of a request
	maxText   = 10_000   // characters of a note
	listLimit = 100      // notes in one answer
)

// service answers HTTP requests.
type service struct {
	notes    *notes
	build    Build
	log      *slog.Logger
	now      func() time.Time
	stopping atomic.Bool
}

func newService(notes *notes, build Build, log *slog.Logger) *service {
	return &service{notes: notes, build: build, log: log, now: time.Now}
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", s.status)
	mux.HandleFunc("GET /ready", s.ready)
	mux.HandleFunc("GET /version", s.version)
	mux.HandleFunc("GET /notes", s.list)
	mux.HandleFunc("POST /notes", s.add)
	return s.logged(mux)
}

// status says that the process runs: it asks nothing of anything else, so a full disk does not restart the machine.
func (s *service) status(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether requests can be served now: the database answers, and no stop was asked for.
func (s *service) ready(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		s.answer(w, r, http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
		return
	}
	if err := s.notes.Ready(r.Context()); err != nil {
		s.log.ErrorContext(r.Context(), "not ready", "error", err.Error())
		s.answer(w, r, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
		return
	}
	s.answer(w, r, http.StatusOK, map[string]string{"status": "ready"})
}

func (s *service) version(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, http.StatusOK, s.build)
}

func (s *service) list(w http.ResponseWriter, r *http.Request) {
	before, err := number(r.URL.Query().Get("before"))
	if err != nil {
		s.refuse(w, r, http.StatusBadRequest, "before must be a note's id, a whole number")
		return
	}
	found, err := s.notes.List(r.Context(), listLimit, before)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, http.StatusOK, map[string][]Note{"notes": found})
}

func (s *service) add(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text string `json:"text"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			s.refuse(w, r, http.StatusRequestEntityTooLarge, "the request is larger than "+strconv.Itoa(maxBody)+" bytes")
			return
		}
		s.refuse(w, r, http.StatusBadRequest, `send JSON: {"text": "…"}`)
		return
	}
	text := strings.TrimSpace(body.Text)
	if text == "" || utf8.RuneCountInString(text) > maxText {
		s.refuse(w, r, http.StatusUnprocessableEntity, "text must have 1 to "+strconv.Itoa(maxText)+" characters")
		return
	}
	note, err := s.notes.Add(r.Context(), text, s.now())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, http.StatusCreated, note)
}

// number reads a whole number that is not negative; nothing is 0.
func number(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	value, err := strconv.ParseUint(text, 10, 63)
	return int64(value), err
}

func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNoVolume) {
		s.refuse(w, r, http.StatusNotFound, err.Error())
		return
	}
	s.log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err.Error())
	s.refuse(w, r, http.StatusInternalServerError, "the notes cannot be reached; the log says why")
}

func (s *service) refuse(w http.ResponseWriter, r *http.Request, code int, why string) {
	s.answer(w, r, code, map[string]string{"error": why})
}

func (s *service) answer(w http.ResponseWriter, r *http.Request, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		s.log.WarnContext(r.Context(), "answer not sent", "path", r.URL.Path, "error", err.Error())
	}
}

// recorder remembers the code that a handler answered with.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the real writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logged writes one line a request. Checks come every few seconds for ever: theirs are logged only when they fail.
func (s *service) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.now()
		seen := &recorder{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(seen, r)
		isCheck := r.URL.Path == "/status" || r.URL.Path == "/ready"
		if isCheck && seen.code < http.StatusBadRequest {
			return
		}
		s.log.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "code", seen.code,
			"ms", s.now().Sub(started).Milliseconds())
	})
}
