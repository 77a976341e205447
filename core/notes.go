package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver in pure Go: the image needs no C library
)

// errNoVolume says that this app keeps nothing.
var errNoVolume = errors.New("this app keeps no notes: it has no volume")

// Note is one line that somebody wanted kept.
type Note struct {
	ID      int64     `json:"id"`
	Text    string    `json:"text"`
	Created time.Time `json:"created"`
}

// notes keeps notes in SQLite; without a database every method answers errNoVolume.
type notes struct {
	db *sql.DB
}

// A full sync of each commit costs milliseconds and keeps the last note through a host that dies.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_txlock=immediate"

const schema = `
create table if not exists notes (
	id integer primary key autoincrement,
	text text not null,
	created text not null
) strict`

// openNotes opens, and if needed makes, folder/core.db. An empty folder name gives notes that keep nothing.
func openNotes(ctx context.Context, folder string) (*notes, error) {
	if folder == "" {
		return &notes{}, nil
	}
	// A file URL names no relative path: "file://data/core.db" would be a file on the host "data".
	whole, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", folder, err)
	}
	path := filepath.Join(whole, "core.db")
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: pragmas}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &notes{db: db}, nil
}

// Close checkpoints and closes the database.
func (n *notes) Close() error {
	if n.db == nil {
		return nil
	}
	return n.db.Close()
}

// Ready says whether the database answers; an app without one is always ready.
func (n *notes) Ready(ctx context.Context) error {
	if n.db == nil {
		return nil
	}
	var one int
	if err := n.db.QueryRowContext(ctx, "select 1 from notes union all select 1 limit 1").Scan(&one); err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	return nil
}

// Add keeps a note.
func (n *notes) Add(ctx context.Context, text string, now time.Time) (Note, error) {
	if n.db == nil {
		return Note{}, errNoVolume
	}
	note := Note{Text: text, Created: now.UTC().Truncate(time.Second)}
	result, err := n.db.ExecContext(ctx, "insert into notes (text, created) values (?, ?)", text, note.Created.Format(time.RFC3339))
	if err != nil {
		return Note{}, fmt.Errorf("keep a note: %w", err)
	}
	if note.ID, err = result.LastInsertId(); err != nil {
		return Note{}, fmt.Errorf("keep a note: %w", err)
	}
	return note, nil
}

// List gives at most limit notes, newest first, older than the note `before` when that is above zero.
func (n *notes) List(ctx context.Context, limit, before int64) ([]Note, error) {
	if n.db == nil {
		return nil, errNoVolume
	}
	const query = "select id, text, created from notes where ?1 = 0 or id < ?1 order by id desc limit ?2"
	rows, err := n.db.QueryContext(ctx, query, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the notes: %w", err)
	}
	defer closeQuietly(rows)
	found := []Note{}
	for rows.Next() {
		var note Note
		var created string
		if err := rows.Scan(&note.ID, &note.Text, &created); err != nil {
			return nil, fmt.Errorf("list the notes: %w", err)
		}
		if note.Created, err = time.Parse(time.RFC3339, created); err != nil {
			return nil, fmt.Errorf("note %d: %w", note.ID, err)
		}
		found = append(found, note)
	}
	return found, rows.Err()
}
