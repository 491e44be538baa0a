package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"vakhta/persistence"
)

// sqliteFile is the database's file, if it is one.
func (s *databaseSettings) sqliteFile() (string, bool) {
	file, ok := strings.CutPrefix(s.URL, "sqlite:")
	return strings.TrimPrefix(file, "//"), ok
}

// shown is the URL without what nobody may see.
func (s *databaseSettings) shown() string {
	if _, ok := s.sqliteFile(); ok {
		return s.URL
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return "of --database-url"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	return shown.String()
}

// committers is how many commits may be under way at once: SQLite has one writer.
func (s *databaseSettings) committers() int {
	if _, sqlite := s.sqliteFile(); sqlite {
		return 1
	}
	return 2
}

// keyFile is the file with the master keys: the one that is named, or the one beside an SQLite database.
func (s *databaseSettings) keyFile() (string, error) {
	if s.MasterKeyFile != "" {
		return s.MasterKeyFile, nil
	}
	if database, ok := s.sqliteFile(); ok {
		return database + ".key", nil
	}
	return "", errors.New("the master keys are missing: name their file with --master-key-file; make one with: " +
		"(umask 077; (printf '1:'; openssl rand -base64 32) > master.key)")
}

// keys reads the master keys. A demo makes their file.
func (s *databaseSettings) keys(demo bool, log *slog.Logger) (*persistence.Keyring, error) {
	file, err := s.keyFile()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && demo:
		return persistence.CreateKeyring(file)
	case err == nil && info.Mode().Perm()&0o044 != 0: // right inside a container, wrong elsewhere
		log.Warn("others may read the master keys: outside of a container, chmod 600", "file", file)
	}
	keys, err := persistence.LoadKeyring(file)
	if err != nil {
		return nil, fmt.Errorf("the database %s: %w", s.shown(), err)
	}
	return keys, nil
}

// use opens the database for a command. Most make none: with a mistyped name they would work on an empty one.
func (s *databaseSettings) use(ctx context.Context, io streams, makes bool) (*persistence.Journal, *persistence.Keyring, error) {
	if file, ok := s.sqliteFile(); ok && !makes {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("there is no database %s: name that of the server with --database-url or VAKHTA_DATABASE_URL; "+
				"«vakhta serve» and «vakhta clients import» make a new one", s.URL)
		}
	}
	keys, err := s.keys(false, operatorLog(io))
	if err != nil {
		return nil, nil, err
	}
	journal, err := s.open(ctx, keys)
	return journal, keys, err
}

func (s *databaseSettings) open(ctx context.Context, keys *persistence.Keyring) (*persistence.Journal, error) {
	var password string
	if s.PasswordFile != "" {
		text, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("cannot read the database's password: %w", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	return persistence.Open(ctx, persistence.Config{URL: s.URL, Password: password, Keys: keys, AsItIs: s.AsItIs})
}
