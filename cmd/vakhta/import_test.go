package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/encoding/charmap"

	"vakhta/persistence"
)

// aHash is the PHC string of «correct horse», made cheaply.
const aHash = "$argon2id$v=19$m=64,t=1,p=1$rzn+W8BDgvVfmDFWjl6reA$UssMavGGVz8lJYGP9UfuGQ2zv7oLd1LRGRs++YNQSOQ"

// desk is a database without clients, and the operator's command line on it.
type desk struct {
	t   *testing.T
	dir string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir()}
	if _, err := persistence.CreateKeyring(d.file("v.db.key")); err != nil {
		t.Fatal(err)
	}
	made(t, "sqlite:"+d.file("v.db"), d.file("v.db.key"))
	return d
}

// made makes a database, as a first start of the server does.
func made(t testing.TB, database, key string) {
	t.Helper()
	s := databaseSettings{URL: database, MasterKeyFile: key}
	keys, err := persistence.LoadKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := s.open(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) file(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name, text string) string {
	d.t.Helper()
	if err := os.WriteFile(d.file(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return d.file(name)
}

// vakhta runs a command line, in this process, and returns its exit status and all that it said.
func (d *desk) vakhta(args ...string) (code int, said string) {
	d.t.Helper()
	var out bytes.Buffer
	args = append(args, "--database-url", "sqlite:"+d.file("v.db"))
	if args[0] == "clients" {
		args = append(args, thrifty...)
	}
	code = run(context.Background(), args, streams{in: strings.NewReader(""), out: &out, err: &out})
	return code, out.String()
}

func (d *desk) list() string {
	d.t.Helper()
	code, said := d.vakhta("clients", "list")
	if code != 0 {
		d.t.Fatalf("list: %s", said)
	}
	return said
}

func says(t *testing.T, said string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in: %s", want, said)
		}
	}
}

const header = "code,kind,name,login,password,phone,email,language\n"

func TestAFileOfClientsIsImportedWhateverItsForm(t *testing.T) {
	const name = "Иванов Иван"
	semicolons := strings.ReplaceAll(header+"7,person,"+name+",ivan,secret-1,+79031112233,i@example.com,ru\n", ",", ";")
	cp1251, err := charmap.Windows1251.NewEncoder().String(semicolons)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{
		"commas":                   header + "7,person,\"" + name + "\",ivan,secret-1,+79031112233,i@example.com,ru\n",
		"semicolons":               semicolons,
		"UTF-8 with a mark":        "\ufeff" + semicolons,
		"CP1251":                   cp1251,
		"lines of Windows":         strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"an empty line at the end": semicolons + "\n\n",
		"other order, less fields": "login;phone;name;code;kind;password\nivan;+7 903 111-22-33;" + name + ";7;person;secret-1\n",
		"a ready hash":             "code;kind;name;login;password_hash;phone\n7;person;" + name + ";ivan;" + aHash + ";+79031112233\n",
		"JSON":                     `[{"code":"7","kind":"person","name":"` + name + `","login":"ivan","password":"secret-1","phone":"+79031112233"}]`,
		"JSON with a mark":         "\ufeff \n" + `[{"code":"7","kind":"person","name":"` + name + `","login":"ivan","password_hash":"` + aHash + `","phone":"+79031112233"}]`,
	} {
		t.Run(form, func(t *testing.T) {
			d := newDesk(t)
			code, said := d.vakhta("clients", "import", d.write("file", text))
			if code != 0 {
				t.Fatalf("exit %d: %s", code, said)
			}
			says(t, said, "1 clients added, 0 changed, 0 as they were")
			says(t, d.list(), "7", "ivan", name, "+7903•••2233")
		})
	}
}

func TestABrokenFileIsRefusedWithLineAndReasonAndNothingIsImported(t *testing.T) {
	const good = "1,person,Good,good,secret,+79031112233,,\n"
	for name, c := range map[string]struct {
		text string
		says []string
	}{
		"a phone that is none":          {header + good + "2,person,A,a,secret,89031112233,,\n", []string{"line 3", `"89031112233"`, "+79031111111"}},
		"a phone of no country":         {header + good + "2,person,A,a,secret,+99999,,\n", []string{"line 3", "country code"}},
		"words for a phone":             {header + good + "2,person,A,a,secret,none,,\n", []string{"line 3", `"none"`, "+79031111111"}},
		"a landline":                    {header + good + "2,person,A,a,secret,+74951234567,,\n", []string{"line 3", `"+74951234567"`, "no SMS", "give a mobile phone"}},
		"a code twice":                  {header + good + "1,person,A,a,secret,,,\n", []string{"line 3", "code 1", "line 2"}},
		"a login twice, in other case":  {header + good + "2,person,A,GOOD,secret,,,\n", []string{"line 3", "login good", "line 2"}},
		"an unknown kind":               {header + good + "2,firm,A,a,secret,,,\n", []string{"line 3", `"firm"`, "person", "company"}},
		"no name":                       {header + good + "2,person,,a,secret,,,\n", []string{"line 3", "name is empty"}},
		"no login":                      {header + good + "2,person,A,,secret,,,\n", []string{"line 3", "login is empty"}},
		"no code":                       {header + good + ",person,A,a,secret,,,\n", []string{"line 3", "code"}},
		"no password":                   {header + good + "2,person,A,a,,,,\n", []string{"line 3", "password"}},
		"an e-mail that is none":        {header + good + "2,person,A,a,secret,,at,\n", []string{"line 3", `"at"`}},
		"an unknown language":           {header + good + "2,person,A,a,secret,,,de\n", []string{"line 3", `"de"`}},
		"several bad rows, all named":   {header + "9,firm,A,a,x,,,\n" + good + "3,person,C,c,x,12,,\n", []string{"2 bad rows", "line 2", "line 4"}},
		"a row with a field too many":   {header + good + "2,person,A,a,secret,,,,,\n", []string{"line 3", "fields"}},
		"a quote that is not closed":    {header + good + "2,person,\"A,a,secret,,,\n", []string{"line 3"}},
		"an unknown column":             {"code,colour\n1,red\n", []string{"line 1", `"colour"`, "voice_hash"}},
		"a column twice":                {"code,code,kind,name,login,password\n1,2,person,A,a,secret\n", []string{"line 1", "code"}},
		"only a line of names":          {header, []string{"no clients"}},
		"nothing":                       {"", []string{"empty"}},
		"a hash that is none":           {"code,kind,name,login,password_hash\n1,person,A,a,$2a$10$abc\n", []string{"line 2", "argon2id"}},
		"a hash that costs a gigabyte":  {"code;kind;name;login;password_hash\n1;person;A;a;" + strings.Replace(aHash, "m=64", "m=4000000", 1) + "\n", []string{"line 2", "password_hash"}},
		"both password and hash":        {"code;kind;name;login;password;password_hash\n1;person;A;a;secret;" + aHash + "\n", []string{"line 2", "not both"}},
		"JSON that is broken":           {`[{"code":"1",]`, []string{"JSON"}},
		"JSON that is no array":         {`{"code":"1"}`, []string{"JSON array"}},
		"JSON with an unknown field":    {`[{"code":"1","colour":"red"}]`, []string{"colour"}},
		"JSON with a number for a code": {`[{"code":1}]`, []string{"code"}},
		"JSON with a bad second client": {`[{"code":"1","kind":"person","name":"A","login":"a","password":"x"},{"code":"2","kind":"person","name":"B","login":"b"}]`, []string{"line 2", "password"}},
		"a name that is endless":        {header + good + "2,person," + strings.Repeat("A", 1000) + ",a,secret,,,\n", []string{"line 3", "longer"}},
		"a control character":           {header + good + "2,person,A\x00B,a,secret,,,\n", []string{"line 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			code, said := d.vakhta("clients", "import", d.write("file.csv", c.text))
			if code != 1 {
				t.Errorf("exit %d", code)
			}
			says(t, said, append(c.says, "file.csv", "nothing was imported")...)
			if strings.Contains(d.list(), "good") {
				t.Error("half of the file was imported")
			}
			if strings.Contains(said, "secret") {
				t.Errorf("a password was shown: %s", said)
			}
		})
	}
}

func TestADryRunTellsWhatWouldBeDoneAndImportsNothing(t *testing.T) {
	d := newDesk(t)
	file := d.write("file.csv", header+"1,person,Good,good,secret,+79031112233,,\n")
	code, said := d.vakhta("clients", "import", "--dry-run", file)
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	says(t, said, "nothing was imported (--dry-run): 1 clients would be added, 0 changed, 0 are as they were")
	if strings.Contains(d.list(), "good") {
		t.Error("it was imported")
	}
	if code, said := d.vakhta("clients", "import", file); code != 0 {
		t.Fatal(said)
	}
	other := d.write("other.csv", header+"2,person,Other,good,secret,+79031112233,,\n")
	code, said = d.vakhta("clients", "import", "--dry-run", other)
	if code == 0 {
		t.Error("the login name of another client is taken for good")
	}
	says(t, said, "line 2", "good", "client 1")
}

func TestAKnownClientIsChangedOnlyByUpdate(t *testing.T) {
	d := newDesk(t)
	row := "code;kind;name;login;password_hash;phone\n1;person;A;a;" + aHash + ";+79031112233\n"
	if code, said := d.vakhta("clients", "import", d.write("first.csv", row)); code != 0 {
		t.Fatal(said)
	}
	changed := strings.Replace(row, "2233", "4455", 1) + "2;person;B;b;" + aHash + ";\n"
	file := d.write("second.csv", changed)

	code, said := d.vakhta("clients", "import", file)
	if code != 1 {
		t.Errorf("exit %d: %s", code, said)
	}
	says(t, said, "1", "--update", "nothing was imported")
	if strings.Contains(d.list(), "4455") || strings.Contains(d.list(), " b ") {
		t.Errorf("something was imported: %s", d.list())
	}

	code, said = d.vakhta("clients", "import", "--update", file)
	if code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
	says(t, said, "1 clients added, 1 changed, 0 as they were")
	says(t, d.list(), "+7903•••4455")

	_, said = d.vakhta("clients", "import", "--update", file)
	says(t, said, "0 clients added, 0 changed, 2 as they were")
}

func TestAnUpdateNeedsNoPasswordAndKeepsTheOldOne(t *testing.T) {
	d := newDesk(t)
	first := d.write("first.csv", header+"1,person,A,a,secret-1,+79031112233,,\n")
	if code, said := d.vakhta("clients", "import", first); code != 0 {
		t.Fatal(said)
	}
	code, said := d.vakhta("clients", "import", "--update", d.write("second.csv", "code,kind,name,login\n1,person,Renamed,a\n"))
	if code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	says(t, d.list(), "Renamed")
	if _, said = d.vakhta("clients", "import", "--update", d.write("third.csv", "code,kind,name,login\n9,person,New,n\n")); !strings.Contains(said, "password") {
		t.Errorf("a new client came without a password: %s", said)
	}
}

func TestALoginNameOfAnotherClientIsRefused(t *testing.T) {
	d := newDesk(t)
	if code, said := d.vakhta("clients", "import", d.write("first.csv", header+"1,person,A,same,secret,,,\n")); code != 0 {
		t.Fatal(said)
	}
	code, said := d.vakhta("clients", "import", d.write("second.csv", header+"2,person,B,Same,secret,,,\n3,person,C,c,secret,,,\n"))
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	says(t, said, "nothing was imported", "client 1")
	if strings.Contains(d.list(), " C ") {
		t.Error("half of the file was imported")
	}
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	d := newDesk(t)
	code, said := d.vakhta("clients", "import", d.file("absent.csv"))
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	says(t, said, "absent.csv", "no such file")
}

func TestAVoicePasswordIsTheSameHoweverItIsWritten(t *testing.T) {
	d := newDesk(t)
	file := d.write("file.csv", "code,kind,name,login,password,voice_password\n7,person,A,a,secret-1,\"  Чёрная  РОМАШКА! \"\n")
	if code, said := d.vakhta("clients", "import", file); code != 0 {
		t.Fatal(said)
	}
	var hash string
	scan(t, openDatabase(t, "sqlite:"+d.file("v.db")), []any{&hash}, `SELECT voice_hash FROM profile`)
	if same, err := argon2id.ComparePasswordAndHash("черная ромашка", hash); !same || err != nil {
		t.Errorf("%s: %v", hash, err)
	}
	again := d.write("again.csv", "code,kind,name,login,voice_password\n7,person,A,a,чёрная-ромашка\n")
	_, said := d.vakhta("clients", "import", again, "--update")
	says(t, said, "0 changed, 1 as they were")
	code, said := d.vakhta("clients", "import", d.write("none.csv", "code,kind,name,login,voice_password\n8,person,B,b,?!\n"))
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	says(t, said, "voice_password has neither letters nor digits")
}
