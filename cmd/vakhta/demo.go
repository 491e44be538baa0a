package main

import (
	"context"

	"vakhta/persistence"
	"vakhta/session"
)

// importDemoClients makes the two clients of --demo, if the database does not have them yet.
func importDemoClients(ctx context.Context, journal *persistence.Journal, policy session.Policy) error {
	if known, err := journal.Credential(ctx, "second"); err == nil {
		if voice, err := journal.VoiceHash(ctx, known.Client); voice != "" || err != nil { // older demos have none
			return err
		}
	}
	rows := []row{
		{ //nolint:gosec // published in the README
			Code: "100001", Kind: "person", Name: "Демидов Пётр Ильич", Login: "demo", Password: "demo", Phone: "+79031111111",
			Email: "demo@example.com", Language: "ru", VoicePassword: "ромашка",
		},
		{ //nolint:gosec // published in the README
			Code: "100002", Kind: "company", Name: "ООО «Второй клиент»", Login: "second", Password: "second", Phone: "+79032222222",
			Email: "second@example.com", Language: "ru", VoicePassword: "василёк",
		},
	}
	all := make([]persistence.Client, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = r.client(policy, persistence.Client{}); err != nil {
			return err
		}
	}
	_, err := journal.Import(ctx, all, true)
	return err
}
