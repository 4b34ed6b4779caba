// Package items serves the items of a table over HTTP, with the routes of AWS's tutorial "Build a CRUD HTTP API with
// Lambda and DynamoDB": PUT /items, GET /items, GET /items/{id} and DELETE /items/{id}.
//
// It also holds what every table here needs to know of DynamoDB's JSON: Parse checks an item and brings it into one
// form, Schema makes the key of it, FromJSON and ToJSON turn plain JSON into it and back. Those are pure.
package items
