package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNotesOutliveTheProcess(t *testing.T) {
	folder := t.TempDir()
	first, err := openNotes(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := first.Add(t.Context(), "keep me", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := openNotes(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer closeQuietly(second)
	found, err := second.List(t.Context(), 10, 0)
	if err != nil || len(found) != 1 || found[0] != kept {
		t.Fatalf("found %v, %v; kept %v", found, err, kept)
	}
}

func TestAFolderMayBeRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("data", 0o700); err != nil {
		t.Fatal(err)
	}
	kept, err := openNotes(t.Context(), "data")
	if err != nil {
		t.Fatal(err)
	}
	closeQuietly(kept)
	if _, err := os.Stat(filepath.Join("data", "core.db")); err != nil {
		t.Fatal(err)
	}
}

func TestManyWritersAtOnceLoseNothing(t *testing.T) {
	kept, err := openNotes(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer closeQuietly(kept)
	var group sync.WaitGroup
	for writer := range 8 {
		group.Go(func() {
			for note := range 10 {
				if _, err := kept.Add(t.Context(), fmt.Sprintf("%d/%d", writer, note), time.Now()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if found, err := kept.List(t.Context(), 1000, 0); err != nil || len(found) != 80 {
		t.Fatalf("found %d notes, %v", len(found), err)
	}
}

func TestADatabaseThatCannotBeOpenedIsNamed(t *testing.T) {
	_, err := openNotes(t.Context(), "/nowhere/at/all")
	if err == nil || !strings.Contains(err.Error(), "/nowhere/at/all/core.db") {
		t.Fatalf("got %v", err)
	}
}
