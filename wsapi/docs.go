package wsapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"vakhta/session"
)

// The page of the API is made once, from the declarations.

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS []byte

var docsPage = template.Must(template.New("docs").Parse(docsHTML))

type described struct {
	Name, Aliases, Doc, Result string
	Needs                      []string
	Params                     []describedParam
	Takes                      string // of a channel that takes a list
}

type describedParam struct{ Name, Aliases, Word, Doc, Needed string }

type describedReason struct {
	Reason session.Reason
	Code   int
}

// renderDocs lists what every door serves.
func (g *Gateway) renderDocs() ([]byte, error) {
	var page bytes.Buffer
	ts := &typeScript{}
	err := docsPage.Execute(&page, map[string]any{
		"Version": g.Version, "Commands": describe(ts, g.commands), "Desk": describe(ts, g.desk.commands), "Events": describeEvents(ts), "Types": describeTypes(ts),
		"Farewells": farewells, "Reasons": describeReasons(),
		"Closed": []session.CloseReason{
			session.Expired, session.CapReached, session.LeftTerminal, session.TerminalAbsent, session.ClosedByClient,
			session.ClosedByOperator, session.Replaced, session.MeansGone, session.TokenRevoked, session.LoginEnded,
		},
	})
	return page.Bytes(), err
}

func (g *Gateway) docs(w http.ResponseWriter, _ *http.Request) {
	page, err := g.docsPage()
	if err != nil {
		g.Log.Error("the page of the API cannot be made", "error", err)
		http.Error(w, "the page of the API cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(page)
}

func (g *Gateway) docsStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(docsCSS)
}

func describe(ts *typeScript, cat *catalogue) (all []described) {
	given := &typeScript{params: true}
	for _, c := range cat.all {
		d := described{
			Name: c.name, Aliases: strings.Join(c.aliases, ", "), Doc: sentence(c.doc), Result: ts.word(c.reply), Needs: needWords(c),
		}
		if c.params.Kind() != reflect.Struct {
			d.Takes = given.word(c.params)
		}
		for _, f := range c.fields {
			p := describedParam{Name: f.name, Aliases: strings.Join(f.aliases, ", "), Word: given.word(f.kind), Doc: f.doc}
			if f.needed {
				p.Needed = "needed"
			}
			d.Params = append(d.Params, p)
		}
		if c.signed {
			for _, f := range fieldsOf(reflect.TypeFor[signedParams]())[:2] { // the order's own id stands among its parameters
				d.Params = append(d.Params, describedParam{Name: f.name, Word: given.word(f.kind), Doc: f.doc})
			}
		}
		all = append(all, d)
	}
	return all
}

func needWords(c *command) (words []string) {
	for _, w := range []struct {
		need need
		word string
	}{
		{needLogin, "a login"},
		{needPost, "POST, when the SID comes by cookie"},
		{needSocket, "the WebSocket"},
		{needOwnPage, "no page of another site"},
		{needOperator, "an operator's login"},
	} {
		if c.has(w.need) {
			words = append(words, w.word)
		}
	}
	return words
}

type describedType struct {
	Name    string
	Doc     string // of one without members
	Members []member
}

// Member is what the page shows of a field.
func (m member) Text() string { return m.name + m.mark + ": " + m.word }

// Doc is its remark.
func (m member) Doc() string { return m.doc }

func describeEvents(ts *typeScript) (all []describedType) {
	for _, e := range allEvents {
		name, data := wireEvent(e, time.Time{}, session.Profile{})
		all = append(all, describedType{Name: name, Members: ts.members(reflect.TypeOf(data))})
	}
	return all
}

func describeTypes(ts *typeScript) (all []describedType) {
	for _, p := range plainTypes {
		all = append(all, describedType{Name: p.name, Doc: "A " + p.is + ". " + p.doc})
	}
	for t := range ts.all() {
		all = append(all, describedType{Name: interfaceName(t), Members: ts.members(t)})
	}
	slices.SortFunc(all, func(a, b describedType) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func describeReasons() (all []describedReason) {
	for reason, code := range codes {
		all = append(all, describedReason{reason, code})
	}
	slices.SortFunc(all, func(a, b describedReason) int { return strings.Compare(string(a.Reason), string(b.Reason)) })
	return all
}
