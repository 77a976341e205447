package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// safeBuffer is written by the service and read by the test at once.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestRunServesAndStopsInOrder(t *testing.T) {
	var log safeBuffer
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		getenv := environment(map[string]string{"HOST": "127.0.0.1", "PORT": "0", "CORE_DATA": t.TempDir()})
		ended <- run(ctx, getenv, slog.New(slog.NewJSONHandler(&log, nil)))
	}()
	answer, err := http.Get("http://" + waitForAddress(t, &log) + "/ready")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	closeQuietly(answer.Body)
	cancel()
	if err := <-ended; err != nil {
		t.Fatalf("stopping failed: %v", err)
	}
	if !strings.Contains(log.String(), `"msg":"stopped"`) {
		t.Errorf("the log does not say that it stopped: %s", log.String())
	}
}

func waitForAddress(t *testing.T, log *safeBuffer) string {
	t.Helper()
	for range 500 {
		line, _, _ := strings.Cut(log.String(), "\n")
		var record struct{ Address string }
		if json.Unmarshal([]byte(line), &record) == nil && record.Address != "" {
			return record.Address
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never listened: %s", log.String())
	return ""
}

func TestSettings(t *testing.T) {
	folder := t.TempDir()
	read, err := readSettings(environment(map[string]string{"CORE_DATA": folder}))
	if err != nil || read != (settings{address: ":8080", data: folder}) {
		t.Errorf("read %+v, %v", read, err)
	}
	_, err = readSettings(environment(map[string]string{"CORE_DATA": "/nowhere"}))
	if err == nil || !strings.Contains(err.Error(), "is the volume mounted there?") {
		t.Errorf("a missing volume gave %v", err)
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	err := run(t.Context(), environment(map[string]string{"PORT": "99999"}), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "listen on :99999") {
		t.Fatalf("got %v", err)
	}
}

func TestBuildIsReadFromTheImage(t *testing.T) {
	for image, want := range map[string]Build{
		"":                                    {},
		"registry.fly.io/infra:abc":           {Image: "registry.fly.io/infra:abc"},
		"localhost:5000/infra:abc@sha256:1f":  {Image: "localhost:5000/infra:abc@sha256:1f", Digest: "sha256:1f"},
		"localhost:5000/infra@sha256:1f":      {Image: "localhost:5000/infra@sha256:1f", Digest: "sha256:1f"},
		"registry.fly.io/infra:abc-dirty@s:1": {Image: "registry.fly.io/infra:abc-dirty@s:1", Digest: "s:1", Dirty: true},
	} {
		got := readBuild(environment(map[string]string{"FLY_IMAGE_REF": image}))
		if got.Image != want.Image || got.Digest != want.Digest || got.Dirty != want.Dirty || got.Go == "" {
			t.Errorf("%q gave %+v", image, got)
		}
	}
}
