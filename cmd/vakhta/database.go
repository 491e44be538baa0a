package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"vakhta/persistence"
)

// sqliteFile is the database's file, if it is one.
func (s *databaseSettings) sqliteFile() (string, bool) { return strings.CutPrefix(s.URL, "sqlite:") }

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
	return persistence.LoadKeyring(file)
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
	return persistence.Open(ctx, persistence.Config{URL: s.URL, Password: password, Keys: keys})
}
