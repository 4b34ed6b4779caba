package okta_test

import (
	"context"
	"fmt"
	"log"

	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// newExample returns a client of a simulated org without limits.
func newExample() *okta.Client {
	config := oktasim.DefaultConfig()
	config.Token, config.RateLimit, config.ImportTime = "sim-token", 0, 0
	org, err := oktasim.New(config)
	if err != nil {
		log.Fatal(err)
	}
	client, err := okta.New(okta.Config{
		OrgURL:           "https://example.okta.com",
		IdentitySourceID: config.IdentitySourceID,
		Authorizer:       okta.SSWS("sim-token"),
		Transport:        org.Transport(),
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// A session is created, loaded and started. That it was imported shows when its status is read later.
func Example() {
	ctx, client := context.Background(), newExample()
	session, err := client.CreateSession(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Status)
	err = client.BulkUpsert(ctx, session.ID, []okta.Person{
		{ExternalID: "jane", Profile: []byte(`{"userName":"jane@example.com","email":"jane@example.com"}`)},
	})
	if err != nil {
		log.Fatal(err)
	}
	if session, err = client.StartImport(ctx, session.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.Status)
	// Output:
	// CREATED
	// TRIGGERED
}

// Classify says what to do about an error; no text is compared.
func ExampleClassify() {
	ctx, client := context.Background(), newExample()
	if _, err := client.CreateSession(ctx); err != nil {
		log.Fatal(err)
	}
	_, err := client.CreateSession(ctx) // while the first is open
	fmt.Println(okta.Classify(err), okta.Ambiguous(err))
	_, err = client.GetSession(ctx, "unknown")
	fmt.Println(okta.Classify(err), okta.IsNotFound(err))
	// Output:
	// refused false
	// misconfigured true
}
