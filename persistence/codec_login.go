package persistence

import "vakhta/session"

func toPasscodeRow(p session.Passcode) passcodeRow {
	return passcodeRow{
		Login: p.Login, Purpose: p.Purpose, Number: p.Number, Digest: p.Digest, ExpiresAt: toMicros(p.ExpiresAt), TriesLeft: p.TriesLeft,
	}
}

func (r passcodeRow) passcode() session.Passcode {
	return session.Passcode{
		Login: r.Login, Purpose: r.Purpose, Number: r.Number, Digest: sealed(r.Digest), ExpiresAt: r.ExpiresAt.time(), TriesLeft: r.TriesLeft,
	}
}

func toLoginRow(l session.Login) loginRow {
	row := loginRow{
		ID: l.ID, Label: l.Label, Address: l.Address, SID: l.SID, Opened: toMicros(l.Opened), LastSeen: toMicros(l.LastSeen),
		Lifetime: l.Lifetime, Attended: l.Attended, LeaveBy: toMicros(l.LeaveBy),
	}
	if l.Session != nil {
		x := toSessionRow(*l.Session)
		row.Session = &x
	}
	return row
}

func (r loginRow) login() session.Login {
	l := session.Login{
		ID: r.ID, Label: r.Label, Address: r.Address, SID: sealed(r.SID), Opened: r.Opened.time(), LastSeen: r.LastSeen.time(),
		Lifetime: r.Lifetime, Attended: r.Attended, LeaveBy: r.LeaveBy.time(),
	}
	if r.Session != nil {
		x := r.Session.session()
		l.Session = &x
	}
	return l
}

func toSessionRow(x session.Session) sessionRow {
	return sessionRow{
		ID: x.ID, Means: x.Means, OpenedAt: toMicros(x.OpenedAt), ExpiresAt: toMicros(x.ExpiresAt),
		CapAt: toMicros(x.CapAt), WarnAt: toMicros(x.WarnAt), Limited: x.Limited,
	}
}

func (r sessionRow) session() session.Session {
	return session.Session{
		ID: r.ID, Means: r.Means, OpenedAt: r.OpenedAt.time(), ExpiresAt: r.ExpiresAt.time(), CapAt: r.CapAt.time(), WarnAt: r.WarnAt.time(),
		Limited: r.Limited,
	}
}

// sealed is nil for nothing, as Apply has it.
func sealed(digest []byte) session.Sealed {
	if len(digest) == 0 {
		return nil
	}
	return digest
}
