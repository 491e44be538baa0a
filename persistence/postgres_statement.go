package persistence

import "net/url"

// The commit of a batch is one statement: one round trip, and one transaction by itself. n numbers the changes of the
// batch, from 1. `won` are those whose client's row moved; all other rows are written for them only. It answers with
// the losers. The form (n IN (SELECT …)) IS TRUE is hashed once; a join could turn quadratic.
//
// The quick form writes the rows of trading only: the other kinds cost a batch of one a fifth, even if there is none of them. The
// careful form looks first for orders whose user id is known, and lets their changes lose. It costs a tenth more.
const (
	pgBatch = `unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[],
		$7::bytea[], $8::bytea[]) WITH ORDINALITY AS c(client_id, was, becomes, wake, attended, state, prev, head, n)`
	pgOrders = `unnest($16::bigint[], $17::bigint[], $18::bigint[], $19::text[], $20::boolean[], $21::text[], $22::text[])
		AS o(n, client_id, order_id, user_order_id, open, status, payload)`

	pgCareful = `WITH double AS (SELECT o.n FROM ` + pgOrders + `
		JOIN orders k ON k.client_id = o.client_id AND k.user_order_id = o.user_order_id),
	` + pgMove + ` AND (c.n IN (SELECT n FROM double)) IS NOT TRUE ` + pgRows + pgRareRows + `
	SELECT c.n, (c.n IN (SELECT n FROM double)) IS TRUE AND t.version = c.was AND t.head IS NOT DISTINCT FROM c.prev
		FROM ` + pgBatch + `
		LEFT JOIN client t ON t.client_id = c.client_id
	WHERE (c.n IN (SELECT n FROM won)) IS NOT TRUE`

	pgFenced = `WITH ` + pgMove + pgRows + pgRareRows + pgLosers
	pgQuick  = `WITH ` + pgMove + pgRows + pgLosers
	pgLosers = `
	SELECT n, false FROM generate_series(1, cardinality($1::bigint[])) AS n WHERE (n IN (SELECT n FROM won)) IS NOT TRUE`

	pgMove = `won AS (UPDATE client t SET version = c.becomes, head = c.head, wake = c.wake, attended = c.attended, state = c.state
		FROM ` + pgBatch + ` WHERE t.client_id = c.client_id AND t.version = c.was
		AND t.head IS NOT DISTINCT FROM c.prev`

	pgRows = ` RETURNING c.n),
	told AS (INSERT INTO event (client_id, seq, at, type, data, prev)
		SELECT e.client_id, e.seq, e.at, e.type, e.data, e.prev
		FROM unnest($9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::bytea[])
			AS e(n, client_id, seq, at, type, data, prev)
		WHERE (e.n IN (SELECT n FROM won)) IS TRUE),
	ordered AS (INSERT INTO orders (client_id, order_id, user_order_id, open, status, payload)
		SELECT o.client_id, o.order_id, o.user_order_id, o.open, o.status, o.payload FROM ` + pgOrders + `
		WHERE (o.n IN (SELECT n FROM won)) IS TRUE),
	moved AS (UPDATE orders t SET open = m.open, status = m.status, payload = m.payload
		FROM unnest($23::bigint[], $24::bigint[], $25::bigint[], $26::boolean[], $27::text[], $28::text[])
			AS m(n, client_id, order_id, open, status, payload)
		WHERE t.client_id = m.client_id AND t.order_id = m.order_id AND (m.n IN (SELECT n FROM won)) IS TRUE)`
	pgQuickArguments = 28

	pgRareRows = `,
	posted AS (INSERT INTO outbox (client_id, seq, status, phone, at, expires_at, body)
		SELECT l.client_id, l.seq, 'pending', l.phone, l.at, l.expires_at, l.body
		FROM unnest($29::bigint[], $30::bigint[], $31::bigint[], $32::bytea[], $33::bigint[], $34::bigint[], $35::bytea[])
			AS l(n, client_id, seq, phone, at, expires_at, body)
		WHERE (l.n IN (SELECT n FROM won)) IS TRUE),
	profiled AS (UPDATE profile t SET password_hash = coalesce(p.hash, t.password_hash), phones = coalesce(p.phones, t.phones)
		FROM unnest($36::bigint[], $37::bigint[], $38::text[], $39::text[]) AS p(n, client_id, hash, phones)
		WHERE t.client_id = p.client_id AND (p.n IN (SELECT n FROM won)) IS TRUE),
	filed AS (INSERT INTO document (client_id, document_id, waits, payload)
		SELECT d.client_id, d.document_id, d.waits, d.payload
		FROM unnest($40::bigint[], $41::bigint[], $42::bigint[], $43::boolean[], $44::text[]) AS d(n, client_id, document_id, waits, payload)
		WHERE (d.n IN (SELECT n FROM won)) IS TRUE
		ON CONFLICT (client_id, document_id) DO UPDATE SET waits = excluded.waits, payload = excluded.payload),
	tokened AS (INSERT INTO web_token AS t (client_id, token_id, state, s_pub, attempts_left, lifetime_failures, day_evaluations, created, changed,
			payload)
		SELECT k.client_id, k.token_id, k.state, k.s_pub, k.attempts, k.failures, k.day, k.created, k.changed, k.payload
		FROM unnest($45::bigint[], $46::bigint[], $47::bigint[], $48::text[], $49::bytea[], $50::bigint[], $51::bigint[], $52::bigint[],
				$53::bigint[], $54::bigint[], $55::text[])
			WITH ORDINALITY AS k(n, client_id, token_id, state, s_pub, attempts, failures, day, created, changed, payload, place)
		WHERE (k.n IN (SELECT n FROM won)) IS TRUE
		ORDER BY k.place -- what ends makes room for what begins
		ON CONFLICT (client_id, token_id) DO UPDATE SET state = excluded.state, attempts_left = excluded.attempts_left,
			lifetime_failures = excluded.lifetime_failures, day_evaluations = excluded.day_evaluations, changed = excluded.changed,
			payload = excluded.payload)
	`
)

// The settings of the committers' connections: the plan is made once and its cost does not depend on what the planner
// thinks of arrays.
var pgCommitSettings = url.Values{
	"binary_parameters": {"yes"}, "plan_cache_mode": {"force_generic_plan"},
	"enable_hashjoin": {"off"}, "enable_mergejoin": {"off"}, "enable_seqscan": {"off"},
}
