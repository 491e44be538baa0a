package persistence

import "vakhta/session"

// The rows of the events of logins, terminals, passcodes and means. A row whose fields are those of its event, names
// and types alike, is converted: a field that is added to the event and not to its row does not compile.
type (
	passwordAttempted struct {
		Tries        int    `json:"t"`
		Left         int    `json:"n"`
		BlockedUntil micros `json:"b,omitempty"`
	}
	loginOpened struct {
		Login  loginRow `json:"l"`
		Failed int      `json:"n,omitempty"`
	}
	loginRenewed struct {
		Login loginRow `json:"l"`
	}
	loginSeen struct {
		Login session.LoginID `json:"l,omitempty"`
		At    micros          `json:"a"`
	}
	loginClosed struct {
		Login  session.LoginID  `json:"l"`
		Reason session.LoginEnd `json:"r"`
	}
	terminalAttached struct {
		Login session.LoginID `json:"l"`
	}
	terminalGone struct {
		Login    session.LoginID `json:"l"`
		At       micros          `json:"a"`
		ClosesAt micros          `json:"x,omitempty"`
	}
	passcodeSent struct {
		Login     session.LoginID `json:"l"`
		Purpose   session.Purpose `json:"p"`
		Number    int             `json:"n"`
		Phone     string          `json:"ph"`
		At        micros          `json:"a"`
		RepeatAt  micros          `json:"r,omitempty"`
		ExpiresAt micros          `json:"x"`
		Tries     int             `json:"t"`
	}
	passcodeFailed struct {
		Login   session.LoginID     `json:"l"`
		Purpose session.Purpose     `json:"p"`
		Reason  session.TextFailure `json:"r"`
	}
	attemptFailed struct {
		Means   session.Means   `json:"m"`
		Login   session.LoginID `json:"l,omitempty"`
		Purpose session.Purpose `json:"p,omitempty"`
		Left    int             `json:"n"`
	}
	meansBlocked struct {
		Means session.Means `json:"m"`
		Until micros        `json:"u,omitempty"`
	}
	meansUnblocked struct {
		Means session.Means `json:"m"`
	}
)

func toPasswordAttempted(e session.PasswordAttempted) passwordAttempted {
	return passwordAttempted{Tries: e.Tries, Left: e.Left, BlockedUntil: toMicros(e.BlockedUntil)}
}

func (r passwordAttempted) event() session.PasswordAttempted {
	return session.PasswordAttempted{Tries: r.Tries, Left: r.Left, BlockedUntil: r.BlockedUntil.time()}
}

// told is a login as an event has it: without the digest of its SID.
func told(l session.Login) loginRow {
	l.SID = nil
	return toLoginRow(l)
}

func toLoginOpened(e session.LoginOpened) loginOpened {
	return loginOpened{Login: told(e.Login), Failed: e.Failed}
}

func (r loginOpened) event() session.LoginOpened {
	return session.LoginOpened{Login: r.Login.login(), Failed: r.Failed}
}

func toLoginRenewed(e session.LoginRenewed) loginRenewed { return loginRenewed{Login: told(e.Login)} }

func (r loginRenewed) event() session.LoginRenewed {
	return session.LoginRenewed{Login: r.Login.login()}
}

func toLoginSeen(e session.LoginSeen) loginSeen { return loginSeen{Login: e.Login, At: toMicros(e.At)} }

func (r loginSeen) event() session.LoginSeen {
	return session.LoginSeen{Login: r.Login, At: r.At.time()}
}

func toLoginClosed(e session.LoginClosed) loginClosed { return loginClosed(e) }
func (r loginClosed) event() session.LoginClosed      { return session.LoginClosed(r) }

func toTerminalAttached(e session.TerminalAttached) terminalAttached { return terminalAttached(e) }
func (r terminalAttached) event() session.TerminalAttached           { return session.TerminalAttached(r) }

func toTerminalGone(e session.TerminalGone) terminalGone {
	return terminalGone{Login: e.Login, At: toMicros(e.At), ClosesAt: toMicros(e.ClosesAt)}
}

func (r terminalGone) event() session.TerminalGone {
	return session.TerminalGone{Login: r.Login, At: r.At.time(), ClosesAt: r.ClosesAt.time()}
}

func toPasscodeSent(e session.PasscodeSent) passcodeSent {
	return passcodeSent{
		Login: e.Login, Purpose: e.Purpose, Number: e.Number, Phone: e.Phone, At: toMicros(e.At), RepeatAt: toMicros(e.RepeatAt),
		ExpiresAt: toMicros(e.ExpiresAt), Tries: e.Tries,
	}
}

func (r passcodeSent) event() session.PasscodeSent {
	return session.PasscodeSent{
		Login: r.Login, Purpose: r.Purpose, Number: r.Number, Phone: r.Phone, At: r.At.time(), RepeatAt: r.RepeatAt.time(),
		ExpiresAt: r.ExpiresAt.time(), Tries: r.Tries,
	}
}

func toPasscodeFailed(e session.PasscodeFailed) passcodeFailed { return passcodeFailed(e) }
func (r passcodeFailed) event() session.PasscodeFailed         { return session.PasscodeFailed(r) }

func toAttemptFailed(e session.AttemptFailed) attemptFailed { return attemptFailed(e) }
func (r attemptFailed) event() session.AttemptFailed        { return session.AttemptFailed(r) }

func toMeansBlocked(e session.MeansBlocked) meansBlocked {
	return meansBlocked{Means: e.Means, Until: toMicros(e.Until)}
}

func (r meansBlocked) event() session.MeansBlocked {
	return session.MeansBlocked{Means: r.Means, Until: r.Until.time()}
}

func toMeansUnblocked(e session.MeansUnblocked) meansUnblocked { return meansUnblocked(e) }
func (r meansUnblocked) event() session.MeansUnblocked         { return session.MeansUnblocked(r) }
