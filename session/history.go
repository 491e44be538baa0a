package session

// Query is a command that nothing has to be decided for: the actor answers it from the journal's rows.
//
//sumtype:decl
type Query interface {
	Command
	query()
}

type (
	// ReadEvents asks for the client's events after Since. Result: Events.
	ReadEvents struct{ Since int64 }

	// ReadHistory asks for the client's events that concern security, the newest first, before that number; 0: from the
	// newest. Result: History.
	ReadHistory struct{ Before int64 }
)

// Events are those after the number asked for; none and Gap when there were too many or they are not kept any more.
type Events struct {
	Events []Numbered
	Gap    bool
}

// History is a page of events, the newest first.
type History struct{ Events []Numbered }

func (ReadEvents) command()  {}
func (ReadEvents) query()    {}
func (ReadHistory) command() {}
func (ReadHistory) query()   {}
func (Events) result()       {}
func (History) result()      {}
