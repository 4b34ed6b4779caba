package parity

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// alarm is an alarm of CloudWatch.
type alarm struct {
	// metric has its namespace with it, "AWS/Lambda Errors", and its dimensions as key writes them.
	metric, statistic string
	above             bool // of the threshold, else below it
	threshold         float64
	// period is in minutes; needed of so many must be beyond the threshold.
	period, periods, needed int
	missingIsBeyond         bool
}

// point is what CloudWatch was told of a metric: the minute that it is of, and the one in which it was told.
type point struct {
	at, told int
	value    float64
}

// readAlarm reads an alarm from its settings, in CloudFormation's words.
func readAlarm(t *testing.T, name string, settings Resource) alarm {
	t.Helper()
	number := func(setting string) int {
		var n int
		if v, ok := settings[setting]; ok {
			if err := json.Unmarshal([]byte(v), &n); err != nil {
				t.Fatalf("%s: %s is %s", name, setting, v)
			}
		}
		return n
	}
	word := func(setting string) string { return strings.Trim(settings[setting], `"`) }
	dimensions := map[string]string{}
	for setting := range settings {
		if dimension, ok := strings.CutPrefix(setting, "Dimensions."); ok {
			dimensions[dimension] = word(setting)
		}
	}
	a := alarm{
		metric: key(word("Namespace")+" "+word("MetricName"), dimensions), statistic: word("Statistic") + word("ExtendedStatistic"),
		above: word("ComparisonOperator") == "GreaterThanThreshold", threshold: float64(number("Threshold")),
		period: number("Period") / 60, periods: number("EvaluationPeriods"), needed: number("DatapointsToAlarm"),
		missingIsBeyond: word("TreatMissingData") == "breaching",
	}
	if a.needed == 0 {
		a.needed = a.periods
	}
	if !a.above && word("ComparisonOperator") != "LessThanThreshold" {
		t.Fatalf("%s compares in another way: %s", name, word("ComparisonOperator"))
	}
	if a.period == 0 || a.periods == 0 {
		t.Fatalf("%s has no period, or none is looked at", name)
	}
	return a
}

// on says whether the alarm is on in the minute, by what CloudWatch was told until then. The periods slide: the last one ends
// with the minute.
func (a alarm) on(told records, minute int) bool {
	beyond := 0
	for n := range a.periods {
		value, known := told.statistic(a, minute, minute-(n+1)*a.period, minute-n*a.period)
		if !known && a.missingIsBeyond || known && (a.above && value > a.threshold || !a.above && value < a.threshold) {
			beyond++
		}
	}
	return beyond >= a.needed
}

// records are what CloudWatch was told, by metrics as key names them.
type records map[string][]point

// key names a metric with its dimensions. A value that is known only after something was made is Unknown.
func key(metric string, dimensions map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		metric += " " + name + "=" + dimensions[name]
	}
	return metric
}

// statistic is that of what is of the minutes after from, up to and with to, and was told by the minute.
func (r records) statistic(a alarm, minute, from, to int) (float64, bool) {
	var values []float64
	for _, p := range r[a.metric] {
		if p.told <= minute && p.at > from && p.at <= to {
			values = append(values, p.value)
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch a.statistic {
	case "Sum":
		return sum, true
	case "Maximum":
		return values[len(values)-1], true
	case "p99":
		return values[len(values)*99/100], true
	}
	panic("statistic " + a.statistic + " is not known here")
}
