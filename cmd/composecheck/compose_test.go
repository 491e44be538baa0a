package composecheck

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../../"

// load reads docker-compose.yml as `docker compose --profile …` would, on a machine whose environment sets nothing.
func load(t *testing.T, profiles ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{root + "docker-compose.yml"}, cli.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatalf("docker-compose.yml: %v", err)
	}
	return project
}

func TestPlainUpStartsTheServerAndItsDatabaseOnly(t *testing.T) {
	if got := sorted(load(t).ServiceNames()); !slices.Equal(got, []string{"db", "vakhta"}) {
		t.Errorf("docker compose up starts %v", got)
	}
}

func TestTheObserveProfileAddsPrometheusWhichReadsTheMetricsOfTheServer(t *testing.T) {
	project := load(t, "observe")
	if got := sorted(project.ServiceNames()); !slices.Equal(got, []string{"db", "prometheus", "vakhta"}) {
		t.Fatalf("docker compose --profile observe up starts %v", got)
	}
	_, port, ok := strings.Cut(env(project.Services["vakhta"], "VAKHTA_ADMIN_LISTEN"), ":")
	if !ok {
		t.Fatal("the server has no VAKHTA_ADMIN_LISTEN, where its metrics are")
	}
	prometheus := project.Services["prometheus"]
	if len(prometheus.Configs) != 1 {
		t.Fatalf("prometheus has %d configs instead of one", len(prometheus.Configs))
	}
	config := project.Configs[prometheus.Configs[0].Source].Content
	if want := "vakhta:" + port; !strings.Contains(config, want) {
		t.Errorf("the configuration of prometheus does not scrape %s:\n%s", want, config)
	}
	for _, published := range project.Services["vakhta"].Ports {
		if published.Published == port {
			t.Error("the metrics are published to the outside")
		}
	}
}

func TestEveryServiceHasAHealthCheckAndComesBack(t *testing.T) {
	for name, service := range load(t, "observe").Services {
		if service.HealthCheck == nil || service.HealthCheck.Disable || len(service.HealthCheck.Test) < 2 {
			t.Errorf("%s has no health check", name)
		}
		if service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("%s has the restart policy %q", name, service.Restart)
		}
	}
}

func TestTheServerWaitsForAHealthyDatabase(t *testing.T) {
	if got := load(t).Services["vakhta"].DependsOn["db"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("it waits for db with the condition %q", got)
	}
}

func TestTheServerAsksItselfWhetherItIsReady(t *testing.T) {
	server := load(t).Services["vakhta"]
	want := []string{"CMD", "vakhta", "health", "--url", "http://127.0.0.1:8080/readyz"}
	if got := []string(server.HealthCheck.Test); !slices.Equal(got, want) {
		t.Errorf("the compose file asks %q", got)
	}
	if got := env(server, "VAKHTA_LISTEN"); got != "0.0.0.0:8080" {
		t.Errorf("the server listens on %q, not where the check asks", got)
	}
}

func TestSecretsComeFromFilesAndStandNowhereInPlainText(t *testing.T) {
	project := load(t, "observe")
	files := map[string]string{
		"postgres_password": "secrets/postgres_password.txt",
		"master_key":        "secrets/master.key",
	}
	for name, file := range files {
		if got := project.Secrets[name].File; !strings.HasSuffix(got, file) {
			t.Errorf("the secret %s comes from %q, not from %s", name, got, file)
		}
	}
	server, db := project.Services["vakhta"], project.Services["db"]
	given(t, server, "VAKHTA_MASTER_KEY_FILE", "master_key")
	given(t, server, "VAKHTA_DATABASE_PASSWORD_FILE", "postgres_password")
	given(t, db, "POSTGRES_PASSWORD_FILE", "postgres_password")

	for name, service := range project.Services {
		for variable, value := range service.Environment {
			secret := strings.Contains(variable, "PASSWORD") || strings.Contains(variable, "KEY")
			if secret && !strings.HasSuffix(variable, "_FILE") {
				t.Errorf("%s has the secret %s in its environment", name, variable)
			}
			if value != nil && strings.Contains(*value, "://") && userinfoHasPassword(*value) {
				t.Errorf("%s has a password in %s", name, variable)
			}
		}
	}
}

func TestTheServerAndTheDatabaseAgreeOnUserAndDatabase(t *testing.T) {
	project := load(t)
	db := project.Services["db"]
	want := "postgres://" + env(db, "POSTGRES_USER") + "@db/" + env(db, "POSTGRES_DB") + "?sslmode=disable"
	if got := env(project.Services["vakhta"], "VAKHTA_DATABASE_URL"); got != want {
		t.Errorf("the server connects to %q, the database offers %q", got, want)
	}
}

func TestDataLivesInNamedVolumes(t *testing.T) {
	project := load(t, "observe")
	for name, path := range map[string]string{
		"vakhta": "/data", "db": "/var/lib/postgresql/data", "prometheus": "/prometheus",
	} {
		volumes := project.Services[name].Volumes
		found := slices.IndexFunc(volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == path })
		if found < 0 || volumes[found].Type != types.VolumeTypeVolume || volumes[found].Source == "" {
			t.Errorf("%s keeps %s in no named volume", name, path)
			continue
		}
		if _, declared := project.Volumes[volumes[found].Source]; !declared {
			t.Errorf("the volume %s is not declared", volumes[found].Source)
		}
	}
}

func TestPortsArePublishedOnLoopbackOnly(t *testing.T) {
	for name, service := range load(t, "observe").Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q: a proxy with TLS belongs before it", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestTheDatabaseIsReachedByTheServerAlone(t *testing.T) {
	project := load(t, "observe")
	db := project.Services["db"]
	if len(db.Ports) > 0 {
		t.Error("the database publishes a port")
	}
	for network := range db.Networks {
		if !project.Networks[network].Internal {
			t.Errorf("the database is on the network %s, which is not internal", network)
		}
		if _, shared := project.Services["prometheus"].Networks[network]; shared {
			t.Errorf("prometheus is on the network %s of the database", network)
		}
	}
}

func TestTheServerCanDoNoMoreThanItMust(t *testing.T) {
	server := load(t).Services["vakhta"]
	if server.Privileged || !server.ReadOnly || !slices.Equal(server.CapDrop, []string{"ALL"}) ||
		!slices.Contains(server.SecurityOpt, "no-new-privileges:true") {
		t.Errorf("privileged %v, read only %v, capabilities dropped %v, %v",
			server.Privileged, server.ReadOnly, server.CapDrop, server.SecurityOpt)
	}
	if server.Build == nil {
		t.Fatal("the server is not built from this tree")
	}
	if server.User != "" {
		t.Errorf("the compose file overrides the user of the Dockerfile by %q", server.User)
	}
}

func TestTheDockerfileEndsAsAUserThatIsNotRootAndChecksItsHealth(t *testing.T) {
	final := lastStage(t)
	user, _, _ := strings.Cut(final["USER"], ":")
	if user == "" || user == "root" || strings.Trim(user, "0") == "" {
		t.Errorf("the server runs as %q", final["USER"])
	}
	for instruction, want := range map[string]string{
		"HEALTHCHECK": `CMD ["vakhta", "health", "--url", "http://127.0.0.1:8080/readyz"]`,
		"ENTRYPOINT":  `["vakhta"]`,
		"CMD":         `["serve"]`,
		"EXPOSE":      "8080",
		"VOLUME":      "/data",
	} {
		if got := final[instruction]; !strings.HasSuffix(got, want) {
			t.Errorf("%s is %q, not %q", instruction, got, want)
		}
	}
}

func TestTheDockerfileBuildsWithTheVersionsOfTheProject(t *testing.T) {
	stages := map[string]bool{}
	for _, line := range dockerfile(t) {
		if rest, ok := strings.CutPrefix(line, "FROM "); ok {
			image, _, _ := strings.Cut(rest, " ")
			stages[image] = true
		}
	}
	for _, prefix := range []string{"node:20", "golang:" + goVersion(t)} {
		found := false
		for image := range stages {
			found = found || strings.HasPrefix(image, prefix)
		}
		if !found {
			t.Errorf("no stage is built from %s…: %v", prefix, stages)
		}
	}
}

// lastStage returns the instructions that make the image, each with its last arguments.
func lastStage(t *testing.T) map[string]string {
	t.Helper()
	var stage map[string]string
	for _, line := range dockerfile(t) {
		instruction, arguments, _ := strings.Cut(line, " ")
		if instruction == "FROM" {
			stage = map[string]string{}
		}
		if stage != nil {
			stage[instruction] = strings.Join(strings.Fields(arguments), " ")
		}
	}
	return stage
}

// dockerfile returns the instructions, comments dropped and continued lines joined.
func dockerfile(t *testing.T) (lines []string) {
	t.Helper()
	joined := ""
	for _, line := range readLines(t, "Dockerfile") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part, continued := strings.CutSuffix(line, `\`)
		joined += part
		if !continued {
			lines, joined = append(lines, joined), ""
		}
	}
	return lines
}

// goVersion is the 1.26 of go.mod.
func goVersion(t *testing.T) string {
	t.Helper()
	for _, line := range readLines(t, "go.mod") {
		if version, ok := strings.CutPrefix(line, "go "); ok {
			return strings.Join(strings.Split(version, ".")[:2], ".")
		}
	}
	t.Fatal("go.mod names no Go version")
	return ""
}

func readLines(t *testing.T, name string) (lines []string) {
	t.Helper()
	file, err := os.Open(root + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// given asserts that the variable names the file under which the service really gets the secret.
func given(t *testing.T, service types.ServiceConfig, variable, secret string) {
	t.Helper()
	if got := env(service, variable); got != "/run/secrets/"+secret {
		t.Errorf("%s: %s is %q", service.Name, variable, got)
	}
	if !slices.ContainsFunc(service.Secrets, func(s types.ServiceSecretConfig) bool { return s.Source == secret }) {
		t.Errorf("%s does not get the secret %s", service.Name, secret)
	}
}

// userinfoHasPassword tells postgres://user:password@host from postgres://user@host.
func userinfoHasPassword(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	userinfo, _, found := strings.Cut(rest, "@")
	return found && strings.Contains(userinfo, ":")
}

func env(service types.ServiceConfig, variable string) string {
	if value := service.Environment[variable]; value != nil {
		return *value
	}
	return ""
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
