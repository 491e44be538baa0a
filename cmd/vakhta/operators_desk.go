package main

import (
	"vakhta/persistence"
	"vakhta/wsapi"
)

// desk is what the operators' desk needs of the journal.
func (p *program) desk(keys *persistence.Keyring, demo bool) wsapi.Desk {
	d := wsapi.Desk{
		Account: p.journal.OperatorAccount, Operator: p.journal.Operator, Update: p.journal.UpdateOperator,
		Digest: keys.Digest, Matches: keys.Matches,
		FindClients: p.journal.FindClients, FindClient: p.journal.FindClient, VoiceHash: p.journal.VoiceHash,
		NameKey: persistence.NameKey, Proposals: p.journal.Proposals, Note: p.journal.Note,
	}
	if demo {
		d.Demo = demoAuthenticator
	}
	return d
}
