package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// newTestService has a fixed clock, a log that the test can read, and notes in folder ("" for none).
func newTestService(t *testing.T, folder string) (*service, *bytes.Buffer) {
	t.Helper()
	kept, err := openNotes(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	var log bytes.Buffer
	tested := newService(kept, Build{Commit: "c0ffee"}, slog.New(slog.NewJSONHandler(&log, nil)))
	tested.now = func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
	return tested, &log
}

func ask(t *testing.T, tested *service, method, target, body string) (int, map[string]any) {
	t.Helper()
	answer := httptest.NewRecorder()
	tested.handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body)))
	var value map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil && answer.Code < 404 {
		t.Fatalf("%s %s: %v in %q", method, target, err, answer.Body)
	}
	return answer.Code, value
}

func TestStatusAndReadyAnswer(t *testing.T) {
	for _, folder := range []string{"", t.TempDir()} {
		tested, log := newTestService(t, folder)
		for target, word := range map[string]string{"/status": "ok", "/ready": "ready"} {
			code, body := ask(t, tested, "GET", target, "")
			if code != http.StatusOK || body["status"] != word {
				t.Errorf("folder %q: %s gave %d %v", folder, target, code, body)
			}
		}
		if log.Len() != 0 {
			t.Errorf("checks that pass fill the log: %s", log)
		}
	}
}

func TestReadyFailsWhileStoppingAndStatusDoesNot(t *testing.T) {
	tested, log := newTestService(t, "")
	tested.stopping.Store(true)
	if code, body := ask(t, tested, "GET", "/ready", ""); code != http.StatusServiceUnavailable || body["status"] != "stopping" {
		t.Errorf("/ready gave %d %v", code, body)
	}
	if code, _ := ask(t, tested, "GET", "/status", ""); code != http.StatusOK {
		t.Errorf("/status gave %d", code)
	}
	if !strings.Contains(log.String(), `"path":"/ready","code":503`) {
		t.Errorf("a check that fails is not in the log: %s", log)
	}
}

func TestReadyFailsWithoutItsDatabase(t *testing.T) {
	tested, _ := newTestService(t, t.TempDir())
	if err := tested.notes.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _ := ask(t, tested, "GET", "/ready", ""); code != http.StatusServiceUnavailable {
		t.Errorf("/ready gave %d", code)
	}
	if code, body := ask(t, tested, "GET", "/notes", ""); code != http.StatusInternalServerError {
		t.Errorf("/notes gave %d %v", code, body)
	}
}

func TestNotesAreKeptAndListedNewestFirst(t *testing.T) {
	tested, _ := newTestService(t, t.TempDir())
	for _, text := range []string{"first", " second\n"} {
		if code, body := ask(t, tested, "POST", "/notes", `{"text": `+quoted(text)+`}`); code != http.StatusCreated {
			t.Fatalf("POST gave %d %v", code, body)
		}
	}
	code, body := ask(t, tested, "GET", "/notes", "")
	listed, _ := body["notes"].([]any)
	if code != http.StatusOK || len(listed) != 2 {
		t.Fatalf("GET gave %d %v", code, body)
	}
	newest, _ := listed[0].(map[string]any)
	if newest["text"] != "second" || newest["created"] != "2026-11-24T12:00:00Z" {
		t.Errorf("newest is %v", newest)
	}
	if _, older := ask(t, tested, "GET", "/notes?before=2", ""); len(older["notes"].([]any)) != 1 {
		t.Errorf("before=2 gave %v", older)
	}
}

func TestNotesWithoutAVolumeSayWhy(t *testing.T) {
	tested, _ := newTestService(t, "")
	for _, method := range []string{"GET", "POST"} {
		code, body := ask(t, tested, method, "/notes", `{"text": "lost"}`)
		if code != http.StatusNotFound || body["error"] != errNoVolume.Error() {
			t.Errorf("%s gave %d %v", method, code, body)
		}
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	tested, log := newTestService(t, t.TempDir())
	cases := map[string]struct {
		method, target, body string
		code                 int
	}{
		"not JSON":           {"POST", "/notes", "text=hello", http.StatusBadRequest},
		"another type":       {"POST", "/notes", `{"text": 7}`, http.StatusBadRequest},
		"nothing":            {"POST", "/notes", "", http.StatusBadRequest},
		"only spaces":        {"POST", "/notes", `{"text": "  \n"}`, http.StatusUnprocessableEntity},
		"too long a text":    {"POST", "/notes", `{"text": "` + strings.Repeat("ü", maxText+1) + `"}`, http.StatusUnprocessableEntity},
		"too large a body":   {"POST", "/notes", `{"text": "` + strings.Repeat("x", maxBody) + `"}`, http.StatusRequestEntityTooLarge},
		"a bad position":     {"GET", "/notes?before=-1", "", http.StatusBadRequest},
		"an unknown path":    {"GET", "/nothing", "", http.StatusNotFound},
		"the wrong method":   {"DELETE", "/notes", "", http.StatusMethodNotAllowed},
		"a too large number": {"GET", "/notes?before=9223372036854775808", "", http.StatusBadRequest},
	}
	for name, c := range cases {
		if code, body := ask(t, tested, c.method, c.target, c.body); code != c.code {
			t.Errorf("%s gave %d, not %d: %v", name, code, c.code, body)
		}
	}
	if strings.Contains(log.String(), "xxxx") {
		t.Error("the log repeats what was sent")
	}
}

func quoted(text string) string {
	encoded, _ := json.Marshal(text)
	return string(encoded)
}
