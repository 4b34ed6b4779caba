package rollcall

// Props are the settings of a deployment. They mirror the Terraform module's variables (infra/terraform/variables.tf), which
// describe each; in a stacks file they have the names given by the tags. Zero values take the module's defaults.
type Props struct {
	Name                string            `json:"name"`
	TableName           string            `json:"tableName"`
	ExistingTable       *ExistingTable    `json:"existingTable"`
	ExternalIDIndex     string            `json:"externalIdIndex"`
	ExternalIDAttribute string            `json:"externalIdAttribute"`
	Okta                Okta              `json:"okta"`
	Secret              *Secret           `json:"secret"`
	Packages            Packages          `json:"packages"`
	Architecture        string            `json:"architecture"`
	Settings            map[string]string `json:"settings"`
	UrgentLane          bool              `json:"urgentLane"`
	// ScheduleEnabled is true where it is nil.
	ScheduleEnabled *bool           `json:"scheduleEnabled"`
	SyncSchedule    string          `json:"syncSchedule"`
	HTTPAPI         *HTTPAPI        `json:"httpApi"`
	AlarmTopic      *Resource       `json:"alarmTopic"`
	AlarmEmails     []string        `json:"alarmEmails"`
	AlarmThresholds AlarmThresholds `json:"alarmThresholds"`

	KMSKeyARN              string `json:"kmsKeyArn"`
	PermissionsBoundaryARN string `json:"permissionsBoundaryArn"`
	LogRetentionDays       int    `json:"logRetentionDays"`
	FailedRecordsDays      int    `json:"failedRecordsDays"`
	// DeletionProtection is true where it is nil.
	DeletionProtection *bool             `json:"deletionProtection"`
	Tags               map[string]string `json:"tags"`
}

// ExistingTable is a table that the deployment does not create. A synth cannot look at it: rollcall doctor checks its view
// type and its keys.
type ExistingTable struct {
	StreamARN string `json:"streamArn"`
	KMSKeyARN string `json:"kmsKeyArn"`
}

// Okta names the org and the identity source (the app instance's ID, 0oa…).
type Okta struct {
	OrgURL           string `json:"orgUrl"`
	IdentitySourceID string `json:"identitySourceId"`
}

// Secret is one that exists already, with the customer managed key that it may have.
type Secret struct {
	ARN       string `json:"arn"`
	KMSKeyARN string `json:"kmsKeyArn"`
}

// Resource is something that exists already, by its ARN.
type Resource struct {
	ARN string `json:"arn"`
}

// Packages says where the functions' zips are, as make dist names them: in a directory, or in a bucket under a prefix that
// is another for every release.
type Packages struct {
	Directory string `json:"directory"`
	Bucket    string `json:"bucket"`
	Prefix    string `json:"prefix"`
}

// HTTPAPI serves /items. Authorizer is IAM or JWT; JWT goes with the latter only.
type HTTPAPI struct {
	Authorizer string `json:"authorizer"`
	JWT        *JWT   `json:"jwt"`
}

// JWT says whose tokens the HTTP API takes.
type JWT struct {
	Issuer   string   `json:"issuer"`
	Audience []string `json:"audience"`
	Scopes   []string `json:"scopes"`
}

// AlarmThresholds are the thresholds that depend on how the deployment is used.
type AlarmThresholds struct {
	OldestIntentSeconds int `json:"oldestIntentSeconds"`
	DeactivationsADay   int `json:"deactivationsADay"`
}

// withDefaults returns a copy in which what is not set has its default.
func (p Props) withDefaults() Props {
	orString := func(value *string, otherwise string) {
		if *value == "" {
			*value = otherwise
		}
	}
	orInt := func(value *int, otherwise int) {
		if *value == 0 {
			*value = otherwise
		}
	}
	orTrue := func(value **bool) {
		if *value == nil {
			yes := true
			*value = &yes
		}
	}
	orString(&p.Name, "rollcall")
	orString(&p.Architecture, "arm64")
	orInt(&p.LogRetentionDays, 30)
	orInt(&p.FailedRecordsDays, 30)
	orInt(&p.AlarmThresholds.OldestIntentSeconds, 1800)
	orInt(&p.AlarmThresholds.DeactivationsADay, 100)
	orTrue(&p.ScheduleEnabled)
	orTrue(&p.DeletionProtection)
	return p
}

// tableKeyARN is the customer managed key of the people's table, empty where it has none.
func (p Props) tableKeyARN() string {
	if p.ExistingTable != nil {
		return p.ExistingTable.KMSKeyARN
	}
	return p.KMSKeyARN
}

// secretKeyARN is the customer managed key of the secret, empty where it has none.
func (p Props) secretKeyARN() string {
	if p.Secret != nil {
		return p.Secret.KMSKeyARN
	}
	return p.KMSKeyARN
}

// functions are the functions that are deployed, in a fixed order.
func (p Props) functions() []string {
	if p.HTTPAPI == nil {
		return []string{streamHandler, flusher}
	}
	return []string{streamHandler, flusher, itemsAPI}
}
