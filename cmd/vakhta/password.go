package main

import (
	"github.com/alexedwards/argon2id"

	"vakhta/session"
)

// hashPassword makes the PHC string of a password, by the policy's argon2id.
func hashPassword(password string, p session.Policy) (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{
		Memory: p.PasswordMemory, Iterations: p.PasswordPasses, Parallelism: 1, SaltLength: 16, KeyLength: 32,
	})
}

// rehash keeps the hash that is known if it is one of the same password.
func rehash(password, known string, p session.Policy) (string, error) {
	if same, err := argon2id.ComparePasswordAndHash(password, known); known != "" && err == nil && same {
		return known, nil
	}
	return hashPassword(password, p)
}
