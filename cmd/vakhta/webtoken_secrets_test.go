package main

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vakhta/persistence"
	"vakhta/session"
)

// tokenSeed is what the database has of the OPRF's key: whoever has a dump has it.
func tokenSeed(t testing.TB, w *world, key string) (seed session.Sealed, master string) {
	t.Helper()
	keys, err := persistence.LoadKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	s := databaseSettings{URL: w.base, MasterKeyFile: key, AsItIs: true}
	journal, err := s.open(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	profile, err := journal.FindClient(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	state, err := journal.Load(t.Context(), profile.Client)
	if err != nil || state.Tokens.Active == nil {
		t.Fatalf("no token: %v", err)
	}
	return state.Tokens.Active.Seed, state.Tokens.Active.Master
}

// opens tells whether a PIN opens the device's private key with the evaluation by these keys.
func (v *device) opens(t *testing.T, keys *persistence.Keyring, seed session.Sealed, master, pin string) bool {
	t.Helper()
	b := v.blind(pin)
	e, err := keys.Evaluate(seed, master, v.Token, b.Point)
	if err != nil {
		t.Fatal(err)
	}
	right, err := v.Unlock(b, base64.RawURLEncoding.EncodeToString([]byte(e)))
	return right && err == nil
}

// Somebody has the device's storage, a dump of the database, and all PINs to try.
func TestADumpOfTheDatabaseIsNoOracleWithoutTheMasterKey(t *testing.T) {
	w := newWorld(t, "")
	var stolen *device
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.start()
		defer w.stop()
		h := connected(w, "demo", "demo", 2*time.Minute)
		defer h.x.drop()
		stolen = h.token.copied()
	})
	w.t = t
	seed, master := tokenSeed(t, w, w.key)
	other, err := persistence.CreateKeyring(filepath.Join(w.dir, "other.key"))
	if err != nil {
		t.Fatal(err)
	}
	if stolen.opens(t, other, seed, master, pin) {
		t.Error("another master key opens it")
	}
	right, err := persistence.LoadKeyring(w.key)
	if err != nil {
		t.Fatal(err)
	}
	if !stolen.opens(t, right, seed, master, pin) || stolen.opens(t, right, seed, master, wrongPIN) {
		t.Error("with the master key a PIN can be searched: this is what the test is about, and it does not find it")
	}
}

func TestAWrongMasterKeyUnderTheSameIDIsRefusedAtTheStart(t *testing.T) {
	w := newWorld(t, "")
	w.start()
	w.stop()
	other := make([]byte, 32)
	_, _ = rand.Read(other)
	if err := os.WriteFile(w.key, []byte("1:"+base64.StdEncoding.EncodeToString(other)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := w.run("serve", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(said, "master key") {
		t.Errorf("%d %s", code, said)
	}
}
