// Command core is the team's small service: it says that it is alive, ready and what it was built from, and keeps
// notes in a SQLite database when it has a volume.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Fly sends the manifest's kill_signal and, its kill_timeout of five seconds later, SIGKILL: requests in flight get
// four of them. https://fly.io/docs/reference/configuration/#runtime-options
const stopTimeout = 4 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	if err := run(ctx, os.Getenv, log); err != nil {
		log.Error("core failed", "error", err.Error())
		os.Exit(1)
	}
}

// run serves until ctx ends, then finishes the requests in flight and closes the database.
func run(ctx context.Context, getenv func(string) string, log *slog.Logger) (err error) {
	settings, err := readSettings(getenv)
	if err != nil {
		return err
	}
	notes, err := openNotes(ctx, settings.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, notes.Close()) }()

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", settings.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", settings.address, err)
	}
	build := readBuild(getenv)
	service := newService(notes, build, log)
	server := &http.Server{
		Handler:           service.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       60 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	log.Info("listening", "address", listener.Addr().String(), "data", settings.data, "commit", build.Commit, "digest", build.Digest)
	return serve(ctx, server, service, listener, log)
}

func serve(ctx context.Context, server *http.Server, service *service, listener net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping", "timeout", stopTimeout.String())
	service.stopping.Store(true)
	// The context that ended is the order to stop; the time to do it in is another.
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		return errors.Join(fmt.Errorf("stop within %s: %w", stopTimeout, err), server.Close())
	}
	log.Info("stopped")
	return nil
}

// settings is what the environment decides.
type settings struct {
	address string
	data    string // folder of the database; "" when this app has no volume
}

// defaultData is where fly.toml mounts the volume.
const defaultData = "/data"

// readSettings reads PORT (8080), HOST (all interfaces) and CORE_DATA. CORE_DATA, when it is set, must be a folder:
// notes kept beside a volume that failed to mount would be lost at the next deploy. Unset, /data is used if it is there.
func readSettings(getenv func(string) string) (settings, error) {
	port := getenv("PORT")
	if port == "" {
		port = "8080"
	}
	read := settings{address: net.JoinHostPort(getenv("HOST"), port), data: getenv("CORE_DATA")}
	if read.data == "" {
		if isFolder(defaultData) {
			read.data = defaultData
		}
		return read, nil
	}
	if !isFolder(read.data) {
		return settings{}, fmt.Errorf("CORE_DATA is %q, which is no folder: is the volume mounted there?", read.data)
	}
	return read, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// closeQuietly closes what was only read from: its error says nothing about the data.
func closeQuietly(closer io.Closer) { _ = closer.Close() }
