package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/okta/oktasim"
)

// patience is how long scripts wait for what a house does by itself.
const patience = 20 * time.Second

// houseCommands are what scripts use beside a rollcall local that runs in the background:
//
//	house DIR                     waits for the house of that folder, and sets HOUSE_URL
//	item METHOD PATH [JSON]       sends a request to the house, with the org's token
//	called OP                     fails unless the org was called for that operation
//	code N ARGS…                  runs rollcall with ARGS, which must end with that exit code
//	okta ID STATUS                waits till the org has the person in that status
//	whoever FILE                  sets PERSON to the first person of a JSON document
//	eventually PATTERN ARGS…      runs rollcall with ARGS till its output matches
//	key FILE                      makes a private key for a service app
var houseCommands = map[string]func(*testscript.TestScript, bool, []string){
	"items-api":  serveItems,
	"house":      awaitHouse,
	"item":       sendItem,
	"okta":       awaitStatus,
	"called":     wasCalled,
	"code":       exitsWith,
	"whoever":    firstPerson,
	"eventually": eventually,
	"key":        makeKey,
}

// within tries until done, for patience at most.
func within(ts *testscript.TestScript, what string, done func() bool) {
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("waited in vain for %s", what)
		}
	}
}

func awaitHouse(ts *testscript.TestScript, _ bool, args []string) {
	file := filepath.Join(ts.MkAbs(args[0]), "house.json")
	within(ts, "the house", func() bool {
		var house struct{ URL string }
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, &house) != nil {
			return false
		}
		resp, err := http.Get(house.URL + "/sim/sessions")
		if err != nil {
			return false
		}
		ts.Setenv("HOUSE_URL", house.URL)
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
}

func sendItem(ts *testscript.TestScript, neg bool, args []string) {
	req, err := http.NewRequest(args[0], ts.Getenv("HOUSE_URL")+args[1], strings.NewReader(strings.Join(args[2:], " ")))
	ts.Check(err)
	req.Header.Set("Authorization", "SSWS "+oktasim.DefaultConfig().Token)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if ok := resp.StatusCode < 300; ok == neg {
		ts.Fatalf("%s %s: %s %s", args[0], args[1], resp.Status, body)
	}
}

func awaitStatus(ts *testscript.TestScript, _ bool, args []string) {
	within(ts, args[0]+" to be "+args[1], func() bool {
		resp, err := http.Get(ts.Getenv("HOUSE_URL") + "/sim/users/" + args[0])
		ts.Check(err)
		defer resp.Body.Close()
		var user struct{ Status string }
		return json.NewDecoder(resp.Body).Decode(&user) == nil && user.Status == args[1]
	})
}

func wasCalled(ts *testscript.TestScript, _ bool, args []string) {
	resp, err := http.Get(ts.Getenv("HOUSE_URL") + "/sim/calls")
	ts.Check(err)
	defer resp.Body.Close()
	var seen struct{ Calls map[string]int }
	ts.Check(json.NewDecoder(resp.Body).Decode(&seen))
	if seen.Calls[args[0]] == 0 {
		ts.Fatalf("calls: %v", seen.Calls)
	}
}

func exitsWith(ts *testscript.TestScript, _ bool, args []string) {
	code := exitDone
	if exit, ok := errors.AsType[*exec.ExitError](ts.Exec("rollcall", args[1:]...)); ok {
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func firstPerson(ts *testscript.TestScript, _ bool, args []string) {
	person := regexp.MustCompile(`"person": "([^"]+)"`).FindStringSubmatch(ts.ReadFile(args[0]))
	if person == nil {
		ts.Fatalf("%s names nobody", args[0])
	}
	ts.Setenv("PERSON", person[1])
}

func eventually(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[0])
	within(ts, strings.Join(args, " "), func() bool {
		_ = ts.Exec("rollcall", args[1:]...) // an exit code is part of what is waited for
		return pattern.MatchString(ts.ReadFile("stdout"))
	})
}
