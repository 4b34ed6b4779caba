package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"
)

// syncMaxAgeSeconds are six hours, the most that Lambda keeps an asynchronous invocation. A sync has to find a moment between
// two flushes, since the flusher runs once at a time; through an alias of its own it may wait longer than a flush's minute.
const syncMaxAgeSeconds = 21600

func (d *Deployment) addSchedules() {
	group := awsscheduler.NewCfnScheduleGroup(d.Construct, jsii.String("Schedules"), &awsscheduler.CfnScheduleGroupProps{Name: &d.props.Name})
	role := d.addRole("SchedulerRole", d.props.Name+"-scheduler", "EventBridge Scheduler, to start "+d.names.function[flusher],
		"scheduler.amazonaws.com", map[string]any{"StringEquals": map[string]any{
			"aws:SourceAccount": *d.stack.Account(),
			"aws:SourceArn":     "arn:" + *d.stack.Partition() + ":scheduler:" + *d.stack.Region() + ":" + *d.stack.Account() + ":schedule-group/" + d.props.Name,
		}}, "scheduler")
	after := []awscdk.CfnResource{group, d.child("Flusher"), d.child("FlusherStarts")}
	d.addSchedule("Flush", "flush", "Flush what is in the queue", "rate(1 minute)", d.arns.function[flusher], "{}", role, after)
	if d.props.SyncSchedule == "" {
		return
	}
	alias := awslambda.NewCfnAlias(d.Construct, jsii.String("SyncAlias"), &awslambda.CfnAliasProps{
		Name:            jsii.String("sync"),
		Description:     jsii.String("The scheduled sync's way in"),
		FunctionName:    jsii.String(d.names.function[flusher]),
		FunctionVersion: jsii.String("$LATEST"),
	})
	alias.AddDependency(d.child("Flusher"))
	limits := d.limitStarts("SyncStarts", "sync", syncMaxAgeSeconds)
	limits.AddDependency(alias)
	d.addSchedule("Sync", "sync", "Enqueue everybody who is active in the table", d.props.SyncSchedule, d.arns.function[flusher]+":sync",
		`{"command":"sync"}`, role, append(after, alias, limits))
}

// scheduleTargets are what the schedules start.
func (d *Deployment) scheduleTargets() []string {
	targets := []string{d.arns.function[flusher]}
	if d.props.SyncSchedule != "" {
		targets = append(targets, d.arns.function[flusher]+":sync")
	}
	return targets
}

func (d *Deployment) addSchedule(id, name, description, expression, target, input string, role *string, after []awscdk.CfnResource) {
	state := map[bool]string{true: "ENABLED", false: "DISABLED"}[*d.props.ScheduleEnabled]
	schedule := awsscheduler.NewCfnSchedule(d.Construct, &id, &awsscheduler.CfnScheduleProps{
		Name:               &name,
		GroupName:          &d.props.Name,
		Description:        &description,
		ScheduleExpression: &expression,
		State:              &state,
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: &target, RoleArn: role, Input: &input,
			// Who misses a minute waits for the next.
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumRetryAttempts: jsii.Number(0), MaximumEventAgeInSeconds: jsii.Number(60),
			},
		},
	})
	for _, resource := range after {
		schedule.AddDependency(resource)
	}
}
