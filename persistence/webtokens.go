package persistence

import (
	"context"
	"fmt"

	"vakhta/session"
)

// LiveTokens are the clients who have a WEB-token, or are about to have one, in the order of their ids. Each half has an index.
func (j *Journal) LiveTokens(ctx context.Context) (clients []session.ClientID, err error) {
	err = j.read.SelectContext(ctx, &clients, `SELECT client_id FROM web_token WHERE state = 'active'
		UNION SELECT client_id FROM web_token WHERE state = 'pending' ORDER BY client_id`)
	if err != nil {
		return nil, fmt.Errorf("find who has a WEB-token: %w", err)
	}
	return clients, nil
}
